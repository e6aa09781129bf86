//! One event as a row, and back.

use crate::ids::{Hash, Position, Seq, StreamId, StreamVersion};
use crate::journal::{Cause, Event, Head, JournalError, genesis};
use crate::time::from_us;
use domain::RowScope;
use rusqlite::{Connection, OptionalExtension, Row};

/// The `cause` column: `source/position/ordinal`.
pub(crate) fn cause_column(cause: &Cause) -> String {
    format!("{}/{}/{}", cause.source, cause.position, cause.ordinal)
}

/// The cause in a `cause` column.
pub(crate) fn parse_cause(column: &str) -> Option<Cause> {
    let mut parts = column.rsplitn(3, '/');
    let ordinal = parts.next()?.parse().ok()?;
    let position = Position(parts.next()?.parse().ok()?);
    let cause = Cause { source: parts.next()?.to_owned(), position, ordinal };
    (cause_column(&cause) == column).then_some(cause)
}

/// Reads a row of `SELECT *`.
pub(crate) fn event(row: &Row<'_>) -> Result<Event, JournalError> {
    let seq = Seq(row.get::<_, i64>("seq").unwrap_or_default().cast_unsigned());
    parts(row, seq).map_err(|what| JournalError::Damaged { seq, what })
}

fn parts(row: &Row<'_>, seq: Seq) -> Result<Event, &'static str> {
    const COLUMN: &str = "a column is missing or of another type";
    let text = |name| row.get::<_, String>(name).map_err(|_| COLUMN);
    let hash = |name| {
        let column = row.get_ref(name).map_err(|_| COLUMN)?;
        column.as_blob().ok().and_then(Hash::from_slice).ok_or("a hash has not 32 bytes")
    };
    let cause: Option<String> = row.get("cause").map_err(|_| COLUMN)?;
    Ok(Event {
        seq,
        stream: StreamId::new(text("stream")?).map_err(|_| "its stream is no id")?,
        version: StreamVersion(row.get::<_, i64>("version").map_err(|_| COLUMN)?.cast_unsigned()),
        at: from_us(row.get("at_us").map_err(|_| COLUMN)?).map_err(|_| "its time is out of range")?,
        scope: RowScope::from_column(&text("scope")?).map_err(|_| "its scope is no customer")?,
        actor: text("actor")?.parse().map_err(|_| "its actor cannot be read")?,
        kind: text("kind")?,
        schema: row.get("schema").map_err(|_| COLUMN)?,
        body: row.get("body").map_err(|_| COLUMN)?,
        cause: cause.map(|column| parse_cause(&column).ok_or("its cause cannot be read")).transpose()?,
        prev_hash: hash("prev_hash")?,
        hash: hash("hash")?,
    })
}

/// The newest event's place and hash.
pub(crate) fn head(conn: &Connection) -> rusqlite::Result<Head> {
    let newest = conn
        .prepare_cached("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?)))
        .optional()?;
    Ok(newest.map_or_else(
        || Head { seq: Seq(0), hash: genesis() },
        |(seq, hash)| Head { seq: Seq(seq.cast_unsigned()), hash: Hash(hash) },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_read_back_even_when_its_source_has_slashes() {
        let cause = Cause { source: "shard/3/1".into(), position: Position(u64::MAX), ordinal: 7 };
        assert_eq!(parse_cause(&cause_column(&cause)), Some(cause));
        assert_eq!(parse_cause("shard/3"), None);
    }
}
