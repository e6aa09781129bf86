//! Reads samples: the packed days and the tail together, one day at a time, each as it was known.

use crate::history::{Heard, HistoryError, Sample, Series, Span, chunk};
use crate::ids::SeriesKey;
use crate::sqlite::file::FileError;
use crate::time::{day_of, from_us, to_us};
use domain::{RowScope, Scope};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The columns that [`sample`] reads.
pub(crate) const COLUMNS: &str =
    "at_us, known_us, interval_s, expected, observed, expected_value_minor, observed_value_minor, heard";

/// Gives each sample of a span in order of time, as it was known, until `each` has had enough.
pub(crate) fn each(
    conn: &Connection,
    path: &Path,
    of: &Series,
    span: Span,
    each: &mut dyn FnMut(&Sample) -> bool,
) -> Result<(), HistoryError> {
    // One view of the file, so that packing cannot move samples between the two places meanwhile.
    let view = conn.unchecked_transaction().map_err(FileError::sqlite(path))?;
    let Some(series) = id_of(&view, of).map_err(FileError::sqlite(path))? else { return Ok(()) };
    let mut tail = tail_by_day(&view, series, span).map_err(FileError::sqlite(path))?;
    let mut days: BTreeSet<i64> = tail.keys().copied().collect();
    days.extend(packed_days(&view, series, span).map_err(FileError::sqlite(path))?);
    for day in days {
        let mut samples = match packed(&view, series, day).map_err(FileError::sqlite(path))? {
            Some(Ok(samples)) => samples,
            Some(Err(what)) => return Err(HistoryError::Damaged { series: of.key.to_string(), day, what }),
            None => Vec::new(),
        };
        samples.extend(tail.remove(&day).unwrap_or_default());
        for sample in known(samples, span) {
            if !each(&sample) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The last known sample of each time in the span.
fn known(mut samples: Vec<Sample>, span: Span) -> Vec<Sample> {
    let (from, to) = (to_us(span.from), to_us(span.to));
    samples.retain(|sample| {
        let at = to_us(sample.at);
        from < at && at <= to && span.as_of.is_none_or(|as_of| sample.known_at <= as_of)
    });
    samples.sort_by_key(|sample| (sample.at, sample.known_at));
    // `dedup_by` drops the later of two neighbours: with the order turned round that is the one known earlier.
    samples.reverse();
    samples.dedup_by(|earlier, later| earlier.at == later.at);
    samples.reverse();
    samples
}

fn id_of(conn: &Connection, of: &Series) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("SELECT id FROM series WHERE scope = ?1 AND key = ?2")?
        .query_row([of.scope.as_column(), of.key.as_str()], |row| row.get(0))
        .optional()
}

fn tail_by_day(conn: &Connection, series: i64, span: Span) -> rusqlite::Result<BTreeMap<i64, Vec<Sample>>> {
    let sql = format!("SELECT {COLUMNS} FROM tail WHERE series = ?1 AND at_us > ?2 AND at_us <= ?3");
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(params![series, to_us(span.from), to_us(span.to)], sample)?;
    let mut days: BTreeMap<i64, Vec<Sample>> = BTreeMap::new();
    for sample in rows {
        let sample = sample?;
        days.entry(day_of(to_us(sample.at))).or_default().push(sample);
    }
    Ok(days)
}

fn packed_days(conn: &Connection, series: i64, span: Span) -> rusqlite::Result<Vec<i64>> {
    conn.prepare_cached("SELECT day FROM chunk WHERE series = ?1 AND day BETWEEN ?2 AND ?3")?
        .query_map(params![series, day_of(to_us(span.from)), day_of(to_us(span.to))], |row| row.get(0))?
        .collect()
}

/// The packed samples of a day; the inner error says what is wrong with them.
pub(crate) fn packed(
    conn: &Connection,
    series: i64,
    day: i64,
) -> rusqlite::Result<Option<Result<Vec<Sample>, &'static str>>> {
    conn.prepare_cached("SELECT body FROM chunk WHERE series = ?1 AND day = ?2")?
        .query_row([series, day], |row| Ok(row.get_ref(0)?.as_blob().map_or(Err("it is no blob"), chunk::decode)))
        .optional()
}

/// Reads a row of the tail.
pub(crate) fn sample(row: &Row<'_>) -> rusqlite::Result<Sample> {
    let time = |column| {
        let us = row.get(column)?;
        from_us(us).map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, Box::new(error)))
    };
    Ok(Sample {
        at: time(0)?,
        known_at: time(1)?,
        interval_s: row.get(2)?,
        expected: row.get(3)?,
        observed: row.get(4)?,
        expected_value_minor: row.get(5)?,
        observed_value_minor: row.get(6)?,
        // It was an f32 when it was written, so nothing is lost.
        heard: row.get::<_, Option<f64>>(7)?.map_or(Heard::Unknown, |share| Heard::Share(share as f32)),
    })
}

/// The series that `scope` may see, in order of scope and key.
pub(crate) fn series(
    conn: &Connection,
    scope: &Scope,
    prefix: &str,
    after: Option<&Series>,
    limit: usize,
) -> rusqlite::Result<Vec<Series>> {
    let mut statement = conn.prepare_cached(
        "SELECT scope, key FROM series
         WHERE (scope, key) > (?1, ?2) AND substr(key, 1, length(?3)) = ?3 ORDER BY scope, key",
    )?;
    let after = after.map_or(("", ""), |after| (after.scope.as_column(), after.key.as_str()));
    let mut rows = statement.query(params![after.0, after.1, prefix])?;
    let mut found = Vec::new();
    while found.len() < limit {
        let Some(row) = rows.next()? else { break };
        let key = SeriesKey::new(row.get::<_, String>(1)?);
        let (Ok(of), Ok(key)) = (RowScope::from_column(row.get_ref(0)?.as_str()?), key) else { continue };
        if scope.sees(&of) {
            found.push(Series { scope: of, key });
        }
    }
    Ok(found)
}
