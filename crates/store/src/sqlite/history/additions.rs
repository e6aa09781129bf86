//! Adds what a tick brings, and refuses beforehand what could not be read back.

use crate::history::{Additions, AttributeChange, Heard, HistoryError, Sample, Series, TransitionTo};
use crate::time::to_us;
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// The longest name of an attribute, and the longest value, in bytes.
const MAX_TEXT_BYTES: usize = 1024;
/// Ids of this many series are remembered; beyond, all are forgotten and looked up again.
const REMEMBERED_MAX: usize = 1_000_000;

/// Refuses additions that could not be read back as they are.
pub(crate) fn check(additions: &Additions) -> Result<(), HistoryError> {
    for (series, sample) in &additions.samples {
        if let Some(what) = fault(sample) {
            return Err(HistoryError::BadSample { series: series.key.to_string(), at: sample.at, what });
        }
    }
    for change in &additions.attributes {
        let refuse = |what| HistoryError::BadAttribute {
            device: change.device.clone(),
            attribute: change.attribute.chars().take(64).collect(),
            what,
        };
        if change.attribute.is_empty() || change.attribute.len() > MAX_TEXT_BYTES {
            return Err(refuse("its name must be 1 to 1024 bytes"));
        }
        if change.value.as_ref().is_some_and(|value| value.len() > MAX_TEXT_BYTES) {
            return Err(refuse("its value must be at most 1024 bytes"));
        }
    }
    Ok(())
}

fn fault(sample: &Sample) -> Option<&'static str> {
    if !sample.expected.is_finite() || !sample.observed.is_finite() {
        return Some("counts must be finite");
    }
    match sample.heard {
        Heard::Share(share) if !(0.0..=1.0).contains(&share) => Some("the share heard must be 0 to 1"),
        Heard::Share(_) | Heard::Unknown => None,
    }
}

/// Adds rows, remembering the ids of series.
#[derive(Default)]
pub(crate) struct Adder {
    ids: HashMap<Series, i64>,
}

impl Adder {
    pub(crate) fn add(&mut self, tx: &Connection, additions: &Additions) -> rusqlite::Result<()> {
        let mut insert = tx.prepare_cached(
            "INSERT OR IGNORE INTO tail (series, at_us, known_us, interval_s, expected, observed,
                                         expected_value_minor, observed_value_minor, heard)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        for (series, sample) in &additions.samples {
            let heard = match sample.heard {
                Heard::Unknown => None,
                Heard::Share(share) => Some(f64::from(share)),
            };
            insert.execute(params![
                self.id(tx, series)?,
                to_us(sample.at),
                to_us(sample.known_at),
                sample.interval_s,
                sample.expected,
                sample.observed,
                sample.expected_value_minor,
                sample.observed_value_minor,
                heard,
            ])?;
        }
        add_transitions(tx, additions)?;
        additions.attributes.iter().try_for_each(|change| add_attribute(tx, change))
    }

    fn id(&mut self, tx: &Connection, series: &Series) -> rusqlite::Result<i64> {
        if let Some(id) = self.ids.get(series) {
            return Ok(*id);
        }
        let (scope, key) = (series.scope.as_column(), series.key.as_str());
        tx.prepare_cached("INSERT OR IGNORE INTO series (scope, key) VALUES (?1, ?2)")?.execute([scope, key])?;
        let id = tx
            .prepare_cached("SELECT id FROM series WHERE scope = ?1 AND key = ?2")?
            .query_row([scope, key], |row| row.get(0))?;
        if self.ids.len() >= REMEMBERED_MAX {
            self.ids.clear();
        }
        self.ids.insert(series.clone(), id);
        Ok(id)
    }
}

fn add_transitions(tx: &Connection, additions: &Additions) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT OR IGNORE INTO transition (scope, device, at_us, known_us, became) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for transition in &additions.transitions {
        insert.execute(params![
            transition.scope.as_column(),
            transition.device.as_str(),
            to_us(transition.at),
            to_us(transition.known_at),
            number_of(transition.to),
        ])?;
    }
    Ok(())
}

fn add_attribute(tx: &Connection, change: &AttributeChange) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO attribute (scope, device, attribute, at_us, known_us, value)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        change.scope.as_column(),
        change.device.as_str(),
        change.attribute,
        to_us(change.at),
        to_us(change.known_at),
        change.value,
    ])
    .map(drop)
}

/// The number that stands for a transition in its row. 1 and 2 are about being heard, 3 and 4 about the link.
pub(crate) fn number_of(to: TransitionTo) -> i64 {
    match to {
        TransitionTo::Heard => 1,
        TransitionTo::Unheard => 2,
        TransitionTo::Up => 3,
        TransitionTo::Down => 4,
    }
}

/// The other way.
pub(crate) fn transition_of(number: i64) -> Option<TransitionTo> {
    [TransitionTo::Heard, TransitionTo::Unheard, TransitionTo::Up, TransitionTo::Down]
        .into_iter()
        .find(|to| number_of(*to) == number)
}
