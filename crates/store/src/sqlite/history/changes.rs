//! Reads transitions of devices and changes of their observed attributes.

use super::additions::transition_of;
use crate::history::{AttributeChange, Span, Transition, TransitionTo};
use crate::time::{from_us, to_us};
use domain::{DeviceCode, RowScope};
use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;
use std::error::Error;

/// The values that [`page`] wants.
macro_rules! bounds {
    ($of:ident, $device:ident, $span:ident, $limit:ident) => {
        params![
            $of.as_column(),
            $device.map(DeviceCode::as_str),
            to_us($span.from),
            to_us($span.to),
            $span.as_of.map_or(i64::MAX, to_us),
            i64::try_from($limit).unwrap_or(i64::MAX),
        ]
    };
}

pub(crate) fn transitions(
    conn: &Connection,
    of: &RowScope,
    device: Option<&DeviceCode>,
    span: Span,
    limit: usize,
) -> rusqlite::Result<Vec<Transition>> {
    let sql = page("SELECT device, at_us, known_us, became FROM transition", device);
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(bounds!(of, device, span, limit), |row| {
        Ok(Transition {
            scope: of.clone(),
            device: device_at(row, 0)?,
            at: time_at(row, 1)?,
            known_at: time_at(row, 2)?,
            to: became_at(row, 3)?,
        })
    })?;
    rows.collect()
}

pub(crate) fn attribute_changes(
    conn: &Connection,
    of: &RowScope,
    device: Option<&DeviceCode>,
    span: Span,
    limit: usize,
) -> rusqlite::Result<Vec<AttributeChange>> {
    let sql = page("SELECT device, at_us, known_us, attribute, value FROM attribute", device);
    let mut statement = conn.prepare_cached(&sql)?;
    statement.query_map(bounds!(of, device, span, limit), |row| change(row, of))?.collect()
}

pub(crate) fn attributes_at(
    conn: &Connection,
    of: &RowScope,
    device: &DeviceCode,
    at: Timestamp,
    as_of: Option<Timestamp>,
) -> rusqlite::Result<BTreeMap<String, AttributeChange>> {
    let mut statement = conn.prepare_cached(
        "SELECT device, at_us, known_us, attribute, value FROM attribute
         WHERE scope = ?1 AND device = ?2 AND at_us <= ?3 AND known_us <= ?4 ORDER BY at_us, known_us",
    )?;
    let as_of = as_of.map_or(i64::MAX, to_us);
    let rows =
        statement.query_map(params![of.as_column(), device.as_str(), to_us(at), as_of], |row| change(row, of))?;
    // Later rows take the place of earlier ones.
    rows.map(|change| change.map(|change| (change.attribute.clone(), change))).collect()
}

/// The rest of a statement that reads a page of changes, of one device or of all.
fn page(select: &str, device: Option<&DeviceCode>) -> String {
    let of_device = if device.is_some() { "device = ?2" } else { "?2 IS NULL" };
    format!(
        "{select} WHERE scope = ?1 AND {of_device} AND at_us > ?3 AND at_us <= ?4 AND known_us <= ?5
         ORDER BY at_us, device, known_us LIMIT ?6"
    )
}

fn change(row: &Row<'_>, of: &RowScope) -> rusqlite::Result<AttributeChange> {
    Ok(AttributeChange {
        scope: of.clone(),
        device: device_at(row, 0)?,
        at: time_at(row, 1)?,
        known_at: time_at(row, 2)?,
        attribute: row.get(3)?,
        value: row.get(4)?,
    })
}

fn unreadable(column: usize, is: Type, error: impl Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, is, Box::new(error))
}

fn device_at(row: &Row<'_>, column: usize) -> rusqlite::Result<DeviceCode> {
    DeviceCode::new(row.get::<_, String>(column)?).map_err(|error| unreadable(column, Type::Text, error))
}

fn time_at(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    from_us(row.get(column)?).map_err(|error| unreadable(column, Type::Integer, error))
}

fn became_at(row: &Row<'_>, column: usize) -> rusqlite::Result<TransitionTo> {
    let number = row.get(column)?;
    transition_of(number).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, number))
}
