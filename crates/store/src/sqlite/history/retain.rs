//! Drops whole days, oldest first. What was last known of a device stays, for it is still so.

use crate::history::{Dropped, Retention};
use crate::time::{DAY_US, day_of, to_us};
use rusqlite::Connection;

pub(crate) fn drop_days(tx: &Connection, retention: Retention) -> rusqlite::Result<Dropped> {
    let mut dropped = Dropped::default();
    drop_before(tx, day_of(to_us(retention.keep_from)), &mut dropped)?;
    dropped.used_bytes = used_bytes(tx)?;
    while dropped.used_bytes > retention.max_bytes {
        let Some((oldest, newest)) = days(tx)? else { break };
        if oldest >= newest {
            break;
        }
        drop_before(tx, oldest + 1, &mut dropped)?;
        dropped.used_bytes = used_bytes(tx)?;
    }
    let unused =
        "NOT EXISTS (SELECT 1 FROM chunk WHERE series = id) AND NOT EXISTS (SELECT 1 FROM tail WHERE series = id)";
    tx.execute(&format!("DELETE FROM series WHERE {unused}"), [])?;
    Ok(dropped)
}

fn drop_before(tx: &Connection, day: i64, dropped: &mut Dropped) -> rusqlite::Result<()> {
    let count = |sql: &str, bound: i64| tx.execute(sql, [bound]).map(|rows| u64::try_from(rows).unwrap_or(u64::MAX));
    let begin_us = day.saturating_mul(DAY_US);
    dropped.chunks += count("DELETE FROM chunk WHERE day < ?1", day)?;
    dropped.samples += count("DELETE FROM tail WHERE at_us < ?1", begin_us)?;
    // Numbers 1 and 2 are about being heard, 3 and 4 about the link: of each, the last one says what still holds.
    dropped.changes += count(
        "DELETE FROM transition AS old WHERE at_us < ?1 AND EXISTS (
             SELECT 1 FROM transition AS new WHERE new.scope = old.scope AND new.device = old.device
             AND new.at_us > old.at_us AND new.at_us < ?1 AND (new.became <= 2) = (old.became <= 2))",
        begin_us,
    )?;
    dropped.changes += count(
        "DELETE FROM attribute AS old WHERE at_us < ?1 AND EXISTS (
             SELECT 1 FROM attribute AS new WHERE new.scope = old.scope AND new.device = old.device
             AND new.attribute = old.attribute AND new.at_us > old.at_us AND new.at_us < ?1)",
        begin_us,
    )?;
    Ok(())
}

/// The oldest and the newest day that have samples.
fn days(tx: &Connection) -> rusqlite::Result<Option<(i64, i64)>> {
    let ends =
        |sql: &str| tx.query_row(sql, [], |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?)));
    let packed = ends("SELECT min(day), max(day) FROM chunk")?;
    let tail = ends("SELECT min(at_us), max(at_us) FROM tail")?;
    let oldest = [packed.0, tail.0.map(day_of)].into_iter().flatten().min();
    let newest = [packed.1, tail.1.map(day_of)].into_iter().flatten().max();
    Ok(oldest.zip(newest))
}

/// What the file holds, without the pages that are free.
fn used_bytes(tx: &Connection) -> rusqlite::Result<u64> {
    let number = |name| tx.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
    Ok(pages.saturating_mul(number("page_size")?).cast_unsigned())
}
