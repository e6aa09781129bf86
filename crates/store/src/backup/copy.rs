//! Copies single files: databases page by page from a reading view, others byte by byte, each hashed and made durable.

use super::{BackupError, BackupFile};
use crate::ids::Hash;
use crate::sqlite::FileError;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes `folder`, for its owner only; it may be there already if it is empty.
pub(crate) fn make_empty(folder: &Path) -> Result<(), BackupError> {
    if folder.exists() {
        let mut entries = std::fs::read_dir(folder).map_err(FileError::io(folder))?;
        if entries.next().is_some() {
            return Err(BackupError::NotEmpty(folder.to_owned()));
        }
    }
    make_folder(folder)
}

pub(crate) fn make_folder(folder: &Path) -> Result<(), BackupError> {
    Ok(DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(FileError::io(folder))?)
}

/// Copies what `view` sees of its database into the new file `to`.
pub(crate) fn copy_database(view: &Connection, to: &Path, name: &str) -> Result<BackupFile, BackupError> {
    new_file(to).map_err(FileError::io(to))?;
    {
        let mut target = Connection::open(to).map_err(FileError::sqlite(to))?;
        // The copy is worth nothing until it is whole; it is made durable below.
        target.pragma_update(None, "synchronous", "OFF").map_err(FileError::sqlite(to))?;
        let copy = Backup::new(view, &mut target).map_err(FileError::sqlite(to))?;
        if copy.step(-1).map_err(FileError::sqlite(to))? != StepResult::Done {
            return Err(BackupError::Restless);
        }
    }
    let file = File::open(to).map_err(FileError::io(to))?;
    file.sync_all().map_err(FileError::io(to))?;
    describe(file, name.to_owned()).map_err(|error| FileError::io(to)(error).into())
}

/// Copies an open file into the new file `to`.
pub(crate) fn copy_file(mut from: File, to: &Path, name: &str) -> Result<BackupFile, BackupError> {
    let mut write = || {
        let mut file = new_file(to)?;
        let mut hashed = Hashed::new(&mut file);
        io::copy(&mut from, &mut hashed)?;
        let (bytes, blake3) = hashed.end();
        file.sync_all()?;
        Ok(BackupFile { path: name.to_owned(), bytes, blake3 })
    };
    write().map_err(|error| FileError::io(to)(error).into())
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn describe(mut file: File, path: String) -> io::Result<BackupFile> {
    let mut hashed = Hashed::new(io::sink());
    io::copy(&mut file, &mut hashed)?;
    let (bytes, blake3) = hashed.end();
    Ok(BackupFile { path, bytes, blake3 })
}

/// Hashes what passes through.
struct Hashed<W> {
    to: W,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<W: Write> Hashed<W> {
    fn new(to: W) -> Self {
        Self { to, hasher: blake3::Hasher::new(), bytes: 0 }
    }

    fn end(self) -> (u64, Hash) {
        (self.bytes, Hash(*self.hasher.finalize().as_bytes()))
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        self.bytes += u64::try_from(written).unwrap_or(u64::MAX);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
