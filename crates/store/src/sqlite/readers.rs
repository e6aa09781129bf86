//! Connections that only read: reused, so that a page never waits for one to open, and never for the writer.

use super::file::{FileError, FileKind};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// At most this many unused connections stay open.
const IDLE_MAX: usize = 8;

/// The reading side of one file.
pub(crate) struct Readers {
    path: PathBuf,
    kind: FileKind,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(path: &Path, kind: FileKind) -> Self {
        Self { path: path.to_owned(), kind, idle: Mutex::new(Vec::new()) }
    }

    /// Lends a connection to `read`.
    pub(crate) fn with<T, E: From<FileError>>(&self, read: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => self.kind.open_reader(&self.path)?,
        };
        let answer = read(&conn);
        // A connection that failed may be in a bad way: the next reader opens a fresh one.
        if answer.is_ok() && conn.is_autocommit() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE_MAX {
                idle.push(conn);
            }
        }
        answer
    }
}
