//! Reads entries across the files, keeping the few files that are being read open.

use super::files::{Catalogue, INBOX_FILE};
use super::row;
use crate::ids::Position;
use crate::inbox::{Entry, InboxError};
use crate::sqlite::file::FileError;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// At most this many unused files stay open.
const IDLE_MAX: usize = 4;
/// At most this many entries come back from one read: ticks weigh little.
const ENTRIES_MAX: usize = 65_536;
/// What an entry weighs beside its body.
const ENTRY_BYTES: usize = 64;

/// The files that are open for reading, with their first positions.
#[derive(Default)]
pub(crate) struct OpenFiles {
    idle: Mutex<Vec<(u64, PathBuf, Connection)>>,
}

impl OpenFiles {
    pub(crate) fn read_from(
        &self,
        catalogue: &Catalogue,
        from: Position,
        limit_bytes: usize,
    ) -> Result<Vec<(Position, Entry)>, InboxError> {
        let from = Position(from.0.max(1));
        let oldest = catalogue.oldest();
        if from < oldest {
            return Err(InboxError::Retired { asked: from, oldest });
        }
        let mut page = Page { entries: Vec::new(), bytes_left: limit_bytes, next: from.0 };
        while let Some(file) = catalogue.holding(page.next) {
            let conn = match self.take(&file.path) {
                Some(conn) => conn,
                None => INBOX_FILE.open_reader(&file.path)?,
            };
            let full = page.read_file(&conn, &file.path, file.next)?;
            self.give_back(file.first, file.path, conn);
            if full {
                break;
            }
        }
        Ok(page.entries)
    }

    /// Closes files that were retired.
    pub(crate) fn forget_before(&self, oldest: Position) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).retain(|(first, _, _)| *first >= oldest.0);
    }

    fn take(&self, path: &Path) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let at = idle.iter().position(|(_, other, _)| other == path)?;
        Some(idle.remove(at).2)
    }

    fn give_back(&self, first: u64, path: PathBuf, conn: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() >= IDLE_MAX {
            idle.remove(0);
        }
        idle.push((first, path, conn));
    }
}

struct Page {
    entries: Vec<(Position, Entry)>,
    bytes_left: usize,
    next: u64,
}

impl Page {
    /// Reads on in one file, up to `end`; true when the page is full.
    fn read_file(&mut self, conn: &Connection, path: &Path, end: u64) -> Result<bool, InboxError> {
        let mut statement = conn.prepare_cached(row::SELECT).map_err(FileError::sqlite(path))?;
        let mut rows = statement.query([self.next.cast_signed()]).map_err(FileError::sqlite(path))?;
        while self.next < end {
            let damaged =
                |what| InboxError::Damaged { position: Position(self.next), file: path.display().to_string(), what };
            let row = rows.next().map_err(FileError::sqlite(path))?.ok_or_else(|| damaged("it is missing"))?;
            let (position, entry) = row::read(row, self.next).map_err(damaged)?;
            let weight = ENTRY_BYTES + if let Entry::Batch(batch) = &entry { batch.body.len() } else { 0 };
            if (weight > self.bytes_left && !self.entries.is_empty()) || self.entries.len() >= ENTRIES_MAX {
                return Ok(true);
            }
            self.bytes_left = self.bytes_left.saturating_sub(weight);
            self.entries.push((position, entry));
            self.next += 1;
        }
        Ok(false)
    }
}
