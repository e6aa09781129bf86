//! Opens a database file and knows whose it is: every file carries an application id and a format version.
//!
//! A file of a newer version is refused by name instead of being read wrongly.

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long a connection waits for a lock that another process holds, such as a backup's cut.
const BUSY: Duration = Duration::from_secs(10);

/// A file of the store that cannot be opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FileError {
    /// Some other program's database, or another of our own files under this name.
    #[error(
        "{} is no {what} of Samband (application id {found:#010x}, wanted {wanted:#010x})",
        path.display()
    )]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What it should have been.
        what: &'static str,
        /// Its application id.
        found: i32,
        /// The application id it should have.
        wanted: i32,
    },
    /// Written by a newer Samband.
    #[error(
        "{} was written by a newer Samband (format {found}; this one reads up to {supported}): start the newer version",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format version.
        found: i32,
        /// The newest format version this build reads.
        supported: i32,
    },
    /// SQLite refused.
    #[error("{} cannot be used", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<rusqlite::Error>,
    },
    /// The operating system refused.
    #[error("{} cannot be used", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
}

impl FileError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source: Arc::new(source) }
    }

    pub(crate) fn sqlite(path: &Path) -> impl FnOnce(rusqlite::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Sqlite { path, source: Arc::new(source) }
    }

    /// Whether the disk had no room.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::Sqlite { source, .. } => is_full(source),
            Self::Io { source, .. } => source.kind() == io::ErrorKind::StorageFull,
            Self::NotOurs { .. } | Self::Newer { .. } => false,
        }
    }
}

/// Whether SQLite says that the disk has no room.
pub(crate) fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
}

/// One kind of database file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileKind {
    /// What it is called in errors.
    pub(crate) what: &'static str,
    /// Four letters in the SQLite header.
    pub(crate) application_id: i32,
    /// The format version this build writes.
    pub(crate) version: i32,
    /// Makes the tables.
    pub(crate) schema: &'static str,
    /// Whether space freed by retention goes back to the file system.
    pub(crate) shrinks: bool,
    /// Whether deleted content is overwritten with zeros.
    pub(crate) wipes: bool,
}

impl FileKind {
    /// Opens `path` for writing, making the file when there is none.
    pub(crate) fn open_writer(&self, path: &Path) -> Result<Connection, FileError> {
        self.open_or_make(path, |_| Ok(()))
    }

    /// As [`Self::open_writer`]; `fill` runs in the transaction that makes a new file.
    pub(crate) fn open_or_make(
        &self,
        path: &Path,
        fill: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<Connection, FileError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = Connection::open_with_flags(path, flags).map_err(FileError::sqlite(path))?;
        self.settle(&conn).map_err(FileError::sqlite(path))?;
        if is_blank(&conn).map_err(FileError::sqlite(path))? {
            self.make(&mut conn, fill).map_err(FileError::sqlite(path))?;
            sync_folder_of(path)?;
        } else {
            self.check(path, &conn)?;
        }
        conn.pragma_update(None, "journal_mode", "WAL").map_err(FileError::sqlite(path))?;
        Ok(conn)
    }

    /// Opens `path`, which must exist, for reading only.
    pub(crate) fn open_reader(&self, path: &Path) -> Result<Connection, FileError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags).map_err(FileError::sqlite(path))?;
        self.settle(&conn).map_err(FileError::sqlite(path))?;
        self.check(path, &conn)?;
        conn.pragma_update(None, "query_only", true).map_err(FileError::sqlite(path))?;
        Ok(conn)
    }

    fn settle(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.busy_timeout(BUSY)?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "foreign_keys", true)?;
        conn.pragma_update(None, "trusted_schema", false)?;
        conn.pragma_update(None, "wal_autocheckpoint", 0)?;
        conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
        conn.pragma_update(None, "secure_delete", self.wipes)
    }

    fn make(
        &self,
        conn: &mut Connection,
        fill: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        if self.shrinks {
            conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        }
        conn.pragma_update(None, "journal_mode", "WAL")?;
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(self.schema)?;
        fill(&tx)?;
        tx.pragma_update(None, "application_id", self.application_id)?;
        tx.pragma_update(None, "user_version", self.version)?;
        tx.commit()
    }

    fn check(&self, path: &Path, conn: &Connection) -> Result<(), FileError> {
        let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let found = number("application_id").map_err(FileError::sqlite(path))?;
        if found != self.application_id {
            let (what, wanted) = (self.what, self.application_id);
            return Err(FileError::NotOurs { path: path.to_owned(), what, found, wanted });
        }
        let found = number("user_version").map_err(FileError::sqlite(path))?;
        if found > self.version {
            return Err(FileError::Newer { path: path.to_owned(), found, supported: self.version });
        }
        Ok(())
    }
}

/// Whether nothing was ever committed to this file: a crash while it was being made leaves one like that.
pub(crate) fn is_blank(conn: &Connection) -> rusqlite::Result<bool> {
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let id: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok(tables == 0 && id == 0)
}

/// Makes the names in the folder of `path` durable.
pub(crate) fn sync_folder_of(path: &Path) -> Result<(), FileError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync_folder(folder)
}

/// Makes the names in `folder` durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), FileError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(FileError::io(folder))
}

/// `path` with `suffix` appended, as SQLite names its side files: `x.db-wal`.
pub(crate) fn side_file(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Moves the log into the file once it has grown; called after appenders were answered, so that none waits for it.
pub(crate) fn checkpoint_when_grown(conn: &Connection, path: &Path, bound_bytes: u64) {
    let grown = std::fs::metadata(side_file(path, "-wal")).is_ok_and(|wal| wal.len() >= bound_bytes);
    if grown {
        // A checkpoint that fails loses nothing: the log stays, and the next group tries again.
        drop(conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
    }
}
