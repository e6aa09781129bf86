//! Walks the chain from the first event to the last, on a reader of its own, within one view of the file.

use super::row::event;
use crate::ids::{Seq, StreamVersion};
use crate::journal::{Break, Content, Event, Head, JournalError, Verified, VerifyError, link};
use crate::sqlite::file::FileError;
use crate::time::to_us;
use rusqlite::Connection;
use std::path::Path;

/// Progress is told once per so many events.
const PROGRESS_EVERY: u64 = 10_000;

pub(crate) fn walk(conn: &Connection, path: &Path, progress: &mut dyn FnMut(Seq)) -> Result<Verified, VerifyError> {
    // One view of the file for both walks; dropped, it ends without having changed anything.
    let view = conn.unchecked_transaction().map_err(FileError::sqlite(path))?;
    let mut head = Head::empty();
    let mut statement = view.prepare("SELECT * FROM journal ORDER BY seq").map_err(FileError::sqlite(path))?;
    let mut rows = statement.query([]).map_err(FileError::sqlite(path))?;
    while let Some(row) = rows.next().map_err(FileError::sqlite(path))? {
        let event = event(row).map_err(|error| match error {
            JournalError::Damaged { seq, what } => VerifyError::Broken { seq, what: Break::Unreadable(what) },
            other => VerifyError::Unreadable(other),
        })?;
        head = follow(head, &event).map_err(|what| VerifyError::Broken { seq: event.seq, what })?;
        if head.seq.0.is_multiple_of(PROGRESS_EVERY) {
            progress(head.seq);
        }
    }
    versions_run_on(&view, path)?;
    progress(head.seq);
    Ok(Verified { events: head.seq.0, head })
}

/// The head after `event`, when it follows `head`.
fn follow(head: Head, event: &Event) -> Result<Head, Break> {
    if event.seq != head.seq.next() {
        return Err(Break::Missing);
    }
    if event.prev_hash != head.hash {
        return Err(Break::Link);
    }
    let actor = event.actor.to_string();
    let content = Content {
        seq: event.seq.0,
        stream: event.stream.as_str(),
        version: event.version.0,
        at_us: to_us(event.at),
        scope: event.scope.as_column(),
        actor: &actor,
        kind: &event.kind,
        schema: event.schema,
        body: &event.body,
        cause: event.cause.as_ref(),
    };
    if link(&head.hash, &content) != event.hash {
        return Err(Break::Content);
    }
    Ok(Head { seq: event.seq, hash: event.hash })
}

/// Each stream's versions are 1, 2, 3 and so on; read from the index, which need not fit in memory.
fn versions_run_on(conn: &Connection, path: &Path) -> Result<(), VerifyError> {
    let mut statement = conn
        .prepare("SELECT stream, version, seq FROM journal INDEXED BY journal_stream ORDER BY stream, version")
        .map_err(FileError::sqlite(path))?;
    let mut rows = statement.query([]).map_err(FileError::sqlite(path))?;
    let mut stream = String::new();
    let mut version = StreamVersion(0);
    while let Some(row) = rows.next().map_err(FileError::sqlite(path))? {
        let read = || Ok((row.get_ref(0)?.as_str()?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
        let (of, found, seq) = read().map_err(|error: rusqlite::Error| FileError::sqlite(path)(error))?;
        if of != stream {
            of.clone_into(&mut stream);
            version = StreamVersion(0);
        }
        version = version.next();
        if version.0 != found.cast_unsigned() {
            return Err(VerifyError::Broken { seq: Seq(seq.cast_unsigned()), what: Break::Version });
        }
    }
    Ok(())
}
