//! Packs the tail: the samples of a series and day become one chunk. Corrections that come later join it the same way.

use super::samples::{COLUMNS, packed, sample};
use crate::history::{Compaction, Sample, chunk};
use crate::time::{DAY_US, day_of, to_us};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;

/// How many series are packed before others get their turn.
const SERIES_PER_SLICE: usize = 64;

/// What one slice of the work did, and the series after which the next goes on.
pub(crate) struct Slice {
    pub(crate) done: Compaction,
    pub(crate) next: Option<i64>,
}

pub(crate) fn slice(tx: &Connection, before: Timestamp, after_series: i64) -> rusqlite::Result<Slice> {
    let end_us = day_of(to_us(before)).saturating_mul(DAY_US);
    let mut done = Compaction::default();
    let mut series = after_series;
    for _ in 0..SERIES_PER_SLICE {
        let next = tx
            .prepare_cached("SELECT series FROM tail WHERE series > ?1 ORDER BY series LIMIT 1")?
            .query_row([series], |row| row.get(0))
            .optional()?;
        let Some(next) = next else { return Ok(Slice { done, next: None }) };
        series = next;
        for (day, samples) in days_before(tx, series, end_us)? {
            pack_day(tx, series, day, samples, &mut done)?;
        }
    }
    Ok(Slice { done, next: Some(series) })
}

fn days_before(tx: &Connection, series: i64, end_us: i64) -> rusqlite::Result<BTreeMap<i64, Vec<Sample>>> {
    let sql = format!("SELECT {COLUMNS} FROM tail WHERE series = ?1 AND at_us < ?2");
    let mut statement = tx.prepare_cached(&sql)?;
    let mut days: BTreeMap<i64, Vec<Sample>> = BTreeMap::new();
    for sample in statement.query_map([series, end_us], sample)? {
        let sample = sample?;
        days.entry(day_of(to_us(sample.at))).or_default().push(sample);
    }
    Ok(days)
}

fn pack_day(
    tx: &Connection,
    series: i64,
    day: i64,
    mut samples: Vec<Sample>,
    done: &mut Compaction,
) -> rusqlite::Result<()> {
    let moved = u64::try_from(samples.len()).unwrap_or(u64::MAX);
    match packed(tx, series, day)? {
        Some(Ok(earlier)) => samples.extend(earlier),
        Some(Err(_)) => {
            done.damaged += 1;
            return Ok(());
        }
        None => {}
    }
    samples.sort_by_key(|sample| (sample.at, sample.known_at));
    samples.dedup_by_key(|sample| (sample.at, sample.known_at));
    // A day with too many samples for one chunk stays in the tail, where it is read just the same.
    let Some(body) = chunk::encode(&samples) else { return Ok(()) };
    tx.prepare_cached("INSERT OR REPLACE INTO chunk (series, day, body) VALUES (?1, ?2, ?3)")?
        .execute(params![series, day, body])?;
    let begin_us = day.saturating_mul(DAY_US);
    tx.prepare_cached("DELETE FROM tail WHERE series = ?1 AND at_us >= ?2 AND at_us < ?3")?.execute([
        series,
        begin_us,
        begin_us.saturating_add(DAY_US),
    ])?;
    done.chunks += 1;
    done.samples += moved;
    Ok(())
}
