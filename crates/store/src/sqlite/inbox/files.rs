//! Which files the inbox consists of. Each states the position it begins with; the next begins where it ends.
//!
//! Only the newest is written to. A file is retired by renaming it (atomic) and then removing it, so that a crash in between
//! leaves nothing that could be taken for an entry.

use crate::ids::Position;
use crate::inbox::{InboxError, Retirement};
use crate::sqlite::file::{FileError, FileKind, is_blank, side_file, sync_folder};
use crate::time::{DAY_US, day_of};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(crate) const INBOX_FILE: FileKind = FileKind {
    what: "inbox file",
    application_id: i32::from_be_bytes(*b"SMBI"),
    version: 1,
    schema: include_str!("schema.sql"),
    shrinks: false,
    wipes: false,
};

/// One file of the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InboxFile {
    pub(crate) path: PathBuf,
    /// The UTC day it is named after, counted from 1970-01-01, and its number within that day.
    pub(crate) day: i64,
    pub(crate) part: u32,
    /// The position of its first entry, and one past that of its last.
    pub(crate) first: u64,
    pub(crate) next: u64,
    /// The time in its newest entry.
    pub(crate) newest_us: i64,
    pub(crate) bytes: u64,
}

impl InboxFile {
    /// Reads what the file says of itself.
    pub(crate) fn inspect(path: &Path, day: i64, part: u32, conn: &Connection) -> Result<Self, FileError> {
        let first = conn
            .query_row("SELECT value FROM meta WHERE name = 'first_position'", [], |row| row.get::<_, i64>(0))
            .map_err(FileError::sqlite(path))?
            .cast_unsigned();
        let newest = conn
            .query_row("SELECT position, at_us FROM entry ORDER BY position DESC LIMIT 1", [], |row| {
                Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?))
            })
            .optional()
            .map_err(FileError::sqlite(path))?;
        let (next, newest_us) = newest.map_or((first, day * DAY_US), |(last, at_us)| (last + 1, at_us));
        Ok(Self { path: path.to_owned(), day, part, first, next, newest_us, bytes: bytes_of(path) })
    }
}

/// What a file and its log take on disk.
pub(crate) fn bytes_of(path: &Path) -> u64 {
    size(path) + log_bytes(path)
}

/// What a file's log takes on disk.
pub(crate) fn log_bytes(path: &Path) -> u64 {
    size(&side_file(path, "-wal"))
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |found| found.len())
}

/// `2026-02-10.db`, `2026-02-10-1.db`.
pub(crate) fn name_of(day: i64, part: u32) -> String {
    let at = Timestamp::from_second(day.saturating_mul(86_400)).unwrap_or_default().to_string();
    let date = at.split('T').next().unwrap_or("1970-01-01");
    if part == 0 { format!("{date}.db") } else { format!("{date}-{part}.db") }
}

fn parse_name(name: &str) -> Option<(i64, u32)> {
    let stem = name.strip_suffix(".db")?;
    let (date, part) = match stem.get(10..) {
        Some("") => (stem, 0),
        Some(rest) => (stem.get(..10)?, rest.strip_prefix('-')?.parse().ok()?),
        None => return None,
    };
    let at: Timestamp = format!("{date}T00:00:00Z").parse().ok()?;
    Some((day_of(at.as_microsecond()), part))
}

/// The files in `folder` that look like the inbox's, in no order.
pub(crate) fn names_in(folder: &Path) -> Result<Vec<(PathBuf, i64, u32)>, FileError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(FileError::io(folder))? {
        let path = entry.map_err(FileError::io(folder))?.path();
        if let Some((day, part)) = path.file_name().and_then(|name| name.to_str()).and_then(parse_name) {
            found.push((path, day, part));
        }
    }
    Ok(found)
}

/// Makes the file that begins with `first`, named after the day of `at_us`.
pub(crate) fn make(folder: &Path, at_us: i64, first: u64) -> Result<InboxFile, FileError> {
    let day = day_of(at_us);
    let taken = names_in(folder)?.into_iter().filter(|(_, other, _)| *other == day).map(|(_, _, part)| part).max();
    let part = taken.map_or(0, |part| part + 1);
    let path = folder.join(name_of(day, part));
    let made = INBOX_FILE
        .open_or_make(&path, |conn| {
            conn.execute("INSERT INTO meta (name, value) VALUES ('first_position', ?1)", [first.cast_signed()])
                .map(drop)
        })
        .and_then(|conn| InboxFile::inspect(&path, day, part, &conn));
    if made.is_err() {
        // On a full disk it is tried again with each entry: what was begun must not pile up. If it stays, the next start removes it.
        for left in [path.clone(), side_file(&path, "-wal"), side_file(&path, "-shm")] {
            drop(std::fs::remove_file(left));
        }
    }
    made
}

/// The files, oldest first, and the head, for whoever waits for it to move.
pub(crate) struct Catalogue {
    folder: PathBuf,
    files: Mutex<Vec<InboxFile>>,
    moved: Condvar,
    /// What the batch weighs that was refused last, as long as none was taken since.
    refused_bytes: AtomicU64,
}

impl Catalogue {
    /// Finds the files of `folder` and sees that nothing is missing between them.
    pub(crate) fn open(folder: &Path) -> Result<Self, InboxError> {
        sweep(folder)?;
        let mut files = Vec::new();
        for (path, day, part) in names_in(folder)? {
            if let Some(file) = open_one(&path, day, part)? {
                files.push(file);
            }
        }
        files.sort_by_key(|file| (file.first, file.next));
        for (before, after) in files.iter().zip(files.iter().skip(1)) {
            if before.next != after.first {
                return Err(InboxError::Gap {
                    from: Position(before.next),
                    to: Position(after.first.saturating_sub(1)),
                    file: after.path.display().to_string(),
                });
            }
        }
        let (files, refused_bytes) = (Mutex::new(files), AtomicU64::new(0));
        Ok(Self { folder: folder.to_owned(), files, moved: Condvar::new(), refused_bytes })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<InboxFile>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// The file that is written to.
    pub(crate) fn active(&self) -> Option<InboxFile> {
        self.lock().last().cloned()
    }

    /// The file that holds `position`, unless it is past the head.
    pub(crate) fn holding(&self, position: u64) -> Option<InboxFile> {
        self.lock().iter().find(|file| file.first <= position && position < file.next).cloned()
    }

    pub(crate) fn add(&self, file: InboxFile) {
        self.lock().push(file);
    }

    /// Records how far the active file has come, and wakes who waits for it.
    pub(crate) fn advance(&self, next: u64, newest_us: i64) {
        if let Some(file) = self.lock().last_mut() {
            file.next = next;
            file.newest_us = newest_us;
            file.bytes = bytes_of(&file.path);
        }
        self.moved.notify_all();
    }

    pub(crate) fn head(&self) -> Position {
        head_of(&self.lock())
    }

    /// The first position of the file that is written to.
    pub(crate) fn active_from(&self) -> Position {
        Position(self.lock().last().map_or(1, |file| file.first))
    }

    pub(crate) fn oldest(&self) -> Position {
        Position(self.lock().first().map_or(1, |file| file.first))
    }

    pub(crate) fn used_bytes(&self) -> u64 {
        self.lock().iter().map(|file| file.bytes).sum()
    }

    /// Notes what the newest batch weighs if there was no room for it, else 0.
    pub(crate) fn note_refused(&self, bytes: u64) {
        self.refused_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Room that is asked for beyond what is used.
    pub(crate) fn refused_bytes(&self) -> u64 {
        self.refused_bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn wait_past(&self, position: Position, timeout: Duration) -> Position {
        let until = Instant::now() + timeout;
        let mut files = self.lock();
        loop {
            let head = head_of(&files);
            let left = until.saturating_duration_since(Instant::now());
            if head > position || left.is_zero() {
                return head;
            }
            files = self.moved.wait_timeout(files, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Removes files, oldest first, that lie before `before` and that `goes` lets go, given what all of them take; never the
    /// active one. Each is gone from the disk before the next is looked at.
    pub(crate) fn retire(
        &self,
        before: Position,
        goes: impl Fn(&InboxFile, u64) -> bool,
    ) -> Result<Retirement, FileError> {
        self.measure();
        let mut retired = Retirement::default();
        while let Some(bytes) = self.retire_oldest(before, &goes)? {
            sync_folder(&self.folder)?;
            sweep(&self.folder)?;
            retired.files += 1;
            retired.bytes += bytes;
        }
        Ok(retired)
    }

    fn retire_oldest(
        &self,
        before: Position,
        goes: &impl Fn(&InboxFile, u64) -> bool,
    ) -> Result<Option<u64>, FileError> {
        let mut files = self.lock();
        let used: u64 = files.iter().map(|file| file.bytes).sum();
        let oldest = files.first().filter(|file| files.len() > 1 && file.next <= before.0 && goes(file, used));
        let Some(file) = oldest else { return Ok(None) };
        let (gone, bytes) = (side_file(&file.path, RETIRED), file.bytes);
        std::fs::rename(&file.path, &gone).map_err(FileError::io(&gone))?;
        files.remove(0);
        Ok(Some(bytes))
    }

    /// Looks anew what each file takes: one that is not written to any more has shrunk when its log went into it.
    pub(crate) fn measure(&self) {
        self.lock().iter_mut().for_each(|file| file.bytes = bytes_of(&file.path));
    }
}

const RETIRED: &str = ".retired";

fn head_of(files: &[InboxFile]) -> Position {
    Position(files.last().map_or(0, |file| file.next.saturating_sub(1)))
}

/// Looks into one file; a file that a crash left before it was made whole is removed, for nothing was ever in it.
fn open_one(path: &Path, day: i64, part: u32) -> Result<Option<InboxFile>, FileError> {
    let blank = Connection::open(path).and_then(|conn| is_blank(&conn)).map_err(FileError::sqlite(path))?;
    if blank {
        std::fs::remove_file(path).map_err(FileError::io(path))?;
        return Ok(None);
    }
    let conn = INBOX_FILE.open_reader(path)?;
    InboxFile::inspect(path, day, part, &conn).map(Some)
}

/// Removes what retirement left: renamed files, and logs whose file is gone.
fn sweep(folder: &Path) -> Result<(), FileError> {
    for entry in std::fs::read_dir(folder).map_err(FileError::io(folder))? {
        let path = entry.map_err(FileError::io(folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let orphan =
            ["-wal", "-shm"].iter().any(|side| name.strip_suffix(side).is_some_and(|main| !folder.join(main).exists()));
        if orphan || name.ends_with(RETIRED) {
            std::fs::remove_file(&path).map_err(FileError::io(&path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_says_the_day_and_the_part_and_nothing_else_is_taken_for_one() {
        let day = day_of("2026-02-10T23:59:59Z".parse::<Timestamp>().unwrap().as_microsecond());
        for part in [0, 1, 12] {
            assert_eq!(parse_name(&name_of(day, part)), Some((day, part)));
        }
        assert_eq!(name_of(day, 1), "2026-02-10-1.db");
        for other in
            ["2026-02-10.db-wal", "2026-02-10.db.retired", "2026-13-10.db", "x.db", "2026-02-10-.db", "åäö-02-10.db"]
        {
            assert_eq!(parse_name(other), None, "{other}");
        }
    }
}
