//! The journal in one SQLite file: one writer, group commit, many readers.

mod append;
mod row;
mod verify;

use super::file::{FileError, FileKind};
use super::readers::Readers;
use crate::group::{GroupConfig, Writer};
use crate::ids::{Hash, Position, Seq, StreamId, StreamVersion};
use crate::journal::{AppendDone, Event, Head, Journal, JournalError, NewEvent, Verified, VerifyError};
pub(crate) use row::head;

use append::{Append, JournalWriter};
use domain::{RowScope, Scope};
use rusqlite::{OptionalExtension, Params, params};
use std::path::{Path, PathBuf};

pub(crate) const JOURNAL_FILE: FileKind = FileKind {
    what: "journal",
    application_id: i32::from_be_bytes(*b"SMBJ"),
    version: 1,
    schema: include_str!("schema.sql"),
    shrinks: false,
    wipes: false,
};

/// How a journal is kept.
#[derive(Debug, Clone, Copy, Default)]
pub struct JournalConfig {
    /// Group commit.
    pub group: GroupConfig,
}

/// The journal in a file of its own.
pub struct SqliteJournal {
    path: PathBuf,
    readers: Readers,
    writer: Writer<JournalWriter>,
}

impl SqliteJournal {
    /// Opens the journal at `path`, which is made when there is none.
    ///
    /// # Errors
    /// [`JournalError::File`] when it is another program's file, a newer version's, or cannot be used.
    pub fn open(path: &Path, config: JournalConfig) -> Result<Self, JournalError> {
        let group = JournalWriter::open(path)?;
        let writer = Writer::start("journal", config.group, group).map_err(FileError::io(path))?;
        Ok(Self { path: path.to_owned(), readers: Readers::new(path, JOURNAL_FILE), writer })
    }

    /// The greatest inbox position that any cause names; 0 without causes. Reads the whole index of causes.
    pub(crate) fn newest_cause(&self) -> Result<Position, JournalError> {
        self.readers.with(|conn| {
            let mut statement = conn
                .prepare("SELECT cause FROM journal WHERE cause IS NOT NULL")
                .map_err(FileError::sqlite(&self.path))?;
            let mut rows = statement.query([]).map_err(FileError::sqlite(&self.path))?;
            let mut newest = Position(0);
            while let Some(row) = rows.next().map_err(FileError::sqlite(&self.path))? {
                let cause =
                    row.get_ref(0).map_err(FileError::sqlite(&self.path))?.as_str().ok().and_then(row::parse_cause);
                newest = newest.max(cause.map_or(Position(0), |cause| cause.position));
            }
            Ok(newest)
        })
    }

    fn query(&self, sql: &str, values: impl Params) -> Result<Vec<Event>, JournalError> {
        self.readers.with(|conn| {
            let mut statement = conn.prepare_cached(sql).map_err(FileError::sqlite(&self.path))?;
            let mut rows = statement.query(values).map_err(FileError::sqlite(&self.path))?;
            let mut events = Vec::new();
            while let Some(row) = rows.next().map_err(FileError::sqlite(&self.path))? {
                events.push(row::event(row)?);
            }
            Ok(events)
        })
    }
}

/// A limit as SQLite takes it.
fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

impl Journal for SqliteJournal {
    fn append_then(&self, events: Vec<NewEvent>, done: AppendDone) {
        match Append::prepare(events) {
            Ok(append) => self.writer.submit(append, done),
            Err(error) => done(Err(error)),
        }
    }

    fn read(&self, from: Seq, limit: usize, scope: &Scope) -> Result<Vec<Event>, JournalError> {
        let from = from.0.cast_signed();
        match scope {
            Scope::All => {
                self.query("SELECT * FROM journal WHERE seq >= ?1 ORDER BY seq LIMIT ?2", params![from, at_most(limit)])
            }
            Scope::Customers(keys) => {
                let mut events = Vec::new();
                for key in keys {
                    events.extend(self.query(
                        "SELECT * FROM journal WHERE scope = ?1 AND seq >= ?2 ORDER BY seq LIMIT ?3",
                        params![RowScope::Customer(key.clone()).as_column(), from, at_most(limit)],
                    )?);
                }
                events.sort_by_key(|event| event.seq);
                events.truncate(limit);
                Ok(events)
            }
        }
    }

    fn read_stream(
        &self,
        stream: &StreamId,
        from: StreamVersion,
        limit: usize,
        scope: &Scope,
    ) -> Result<Vec<Event>, JournalError> {
        let sql = "SELECT * FROM journal WHERE stream = ?1 AND version >= ?2 ORDER BY version LIMIT ?3";
        let mut events = Vec::new();
        let mut from = from;
        // Most streams have one scope, so that one round does it; where rows are hidden, the next round reads on.
        while events.len() < limit {
            let wanted = limit - events.len();
            let page = self.query(sql, params![stream.as_str(), from.0.cast_signed(), at_most(wanted)])?;
            let Some(last) = page.last() else { break };
            from = last.version.next();
            let ended = page.len() < wanted;
            events.extend(page.into_iter().filter(|event| scope.sees(&event.scope)));
            if ended {
                break;
            }
        }
        Ok(events)
    }

    fn head(&self) -> Result<Head, JournalError> {
        self.readers.with(|conn| row::head(conn).map_err(|error| FileError::sqlite(&self.path)(error).into()))
    }

    fn hash_at(&self, seq: Seq) -> Result<Option<Hash>, JournalError> {
        self.readers.with(|conn| {
            let bytes: Option<Vec<u8>> = conn
                .query_row("SELECT hash FROM journal WHERE seq = ?1", [seq.0.cast_signed()], |row| row.get(0))
                .optional()
                .map_err(FileError::sqlite(&self.path))?;
            Ok(bytes.as_deref().and_then(Hash::from_slice))
        })
    }

    fn kinds(&self) -> Result<Vec<(String, u16)>, JournalError> {
        self.readers.with(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT kind, schema FROM kind").map_err(FileError::sqlite(&self.path))?;
            let rows =
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(FileError::sqlite(&self.path))?;
            Ok(rows.collect::<Result<_, _>>().map_err(FileError::sqlite(&self.path))?)
        })
    }

    fn verify(&self, progress: &mut dyn FnMut(Seq)) -> Result<Verified, VerifyError> {
        self.readers.with(|conn| verify::walk(conn, &self.path, progress))
    }
}
