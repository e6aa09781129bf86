//! The one moment a backup shows: views of all files, opened while nobody can append to the journal.
//!
//! Order matters. The journal is locked first: from then on no event gets a cause, and every tick's event exists. The newest
//! snapshots are opened before the inbox, so that the inbox reaches at least as far as they do.

use super::copy::{copy_database, copy_file, make_folder};
use super::{BackupError, Manifest};
use crate::data_dir::Layout;
use crate::ids::Position;
use crate::journal::Head;
use crate::snapshots::FileSnapshots;
use crate::sqlite::file::{FileError, FileKind, sync_folder};
use crate::sqlite::{inbox_files, kinds};
use jiff::Timestamp;
use rusqlite::Connection;
use std::fs::File;
use std::path::{Path, PathBuf};

/// How often the cut is tried anew when a file goes while it is being opened.
const TRIES: usize = 10;

/// Databases as they were at the cut, with their paths in the backup.
type Views = Vec<(Connection, String)>;

/// Everything that goes into a backup, open.
pub(crate) struct Cut {
    databases: Views,
    files: Vec<(File, String)>,
    journal: Head,
    inbox_head: Position,
}

impl Cut {
    pub(crate) fn of(source: &Path) -> Result<Self, BackupError> {
        let layout = Layout::of(source);
        if !layout.path(Layout::JOURNAL).exists() {
            return Err(BackupError::NothingThere { path: source.to_owned(), what: "journal.db" });
        }
        for _ in 0..TRIES {
            if let Some(cut) = Self::try_once(&layout, &mut || {})? {
                return Ok(cut);
            }
        }
        Err(BackupError::Restless)
    }

    /// None when a file went while it was being opened: retired, or followed by a newer snapshot.
    /// `between` is called after the inbox was seen and before the journal is: for a test to try to come between.
    fn try_once(layout: &Layout, between: &mut dyn FnMut()) -> Result<Option<Self>, BackupError> {
        let journal_path = layout.path(Layout::JOURNAL);
        let locked = kinds::JOURNAL.open_writer(&journal_path)?;
        locked.execute_batch("BEGIN IMMEDIATE").map_err(FileError::sqlite(&journal_path))?;
        let Some(files) = newest_snapshots(layout)? else { return Ok(None) };
        let Some((mut databases, inbox_head)) = inbox_views(layout)? else { return Ok(None) };
        let others =
            [(kinds::HISTORY, Layout::HISTORY), (kinds::VAULT, Layout::VAULT), (kinds::ACCOUNTS, Layout::ACCOUNTS)];
        for (kind, name) in others {
            databases.push((view(kind, &layout.path(name))?, name.to_owned()));
        }
        between();
        let journal_view = view(kinds::JOURNAL, &journal_path)?;
        let journal = kinds::journal_head(&journal_view).map_err(FileError::sqlite(&journal_path))?;
        databases.push((journal_view, Layout::JOURNAL.to_owned()));
        locked.execute_batch("ROLLBACK").map_err(FileError::sqlite(&journal_path))?;
        let mut cut = Self { databases, files, journal, inbox_head };
        let key_path = layout.path(Layout::VAULT_KEY);
        let key = File::open(&key_path).map_err(FileError::io(&key_path))?;
        cut.files.push((key, Layout::VAULT_KEY.to_owned()));
        Ok(Some(cut))
    }

    pub(crate) fn copy_to(self, target: &Path, made_at: Timestamp) -> Result<Manifest, BackupError> {
        let mut manifest = Manifest::new(made_at, self.journal, self.inbox_head);
        for folder in [Layout::INBOX, Layout::SNAPSHOTS] {
            make_folder(&target.join(folder))?;
        }
        for (view, name) in self.databases {
            manifest.files.push(copy_database(&view, &target.join(&name), &name)?);
        }
        for (file, name) in self.files {
            manifest.files.push(copy_file(file, &target.join(&name), &name)?);
        }
        manifest.files.sort_by(|a, b| a.path.cmp(&b.path));
        for folder in [target.join(Layout::INBOX), target.join(Layout::SNAPSHOTS), target.to_owned()] {
            sync_folder(&folder)?;
        }
        Ok(manifest)
    }
}

/// A connection that goes on seeing the database as it is now.
fn view(kind: FileKind, path: &Path) -> Result<Connection, FileError> {
    let conn = kind.open_reader(path)?;
    let begin = || {
        conn.execute_batch("BEGIN")?;
        // The view begins with the first thing read.
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
    };
    begin().map_err(FileError::sqlite(path))?;
    Ok(conn)
}

/// The newest snapshot of each name, open; none when one went meanwhile.
fn newest_snapshots(layout: &Layout) -> Result<Option<Vec<(File, String)>>, BackupError> {
    let folder = layout.path(Layout::SNAPSHOTS);
    if !folder.exists() {
        return Ok(Some(Vec::new()));
    }
    let snapshots = FileSnapshots::look(&folder);
    let mut files = Vec::new();
    for name in snapshots.names()? {
        let Some(path) = snapshots.files_of(&name)?.into_iter().next() else { return Ok(None) };
        let Ok(file) = File::open(&path) else { return Ok(None) };
        files.push((file, name_within(Layout::SNAPSHOTS, &path)));
    }
    Ok(Some(files))
}

/// Views of all inbox files, and how far they reach together; none when one went meanwhile.
fn inbox_views(layout: &Layout) -> Result<Option<(Views, Position)>, BackupError> {
    let mut views = Vec::new();
    let mut next = 1;
    for (path, day, part) in inbox_files::names_in(&layout.path(Layout::INBOX))? {
        let blank = is_being_made(&path);
        let conn = match view(kinds::INBOX, &path) {
            Ok(conn) => conn,
            Err(_) if blank => continue,
            Err(_) if !path.exists() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        next = next.max(inbox_files::InboxFile::inspect(&path, day, part, &conn)?.next);
        views.push((conn, name_within(Layout::INBOX, &path)));
    }
    Ok(Some((views, Position(next - 1))))
}

/// Whether the inbox has only begun to make this file: nothing is in it yet.
fn is_being_made(path: &PathBuf) -> bool {
    Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE)
        .and_then(|conn| crate::sqlite::file::is_blank(&conn))
        .unwrap_or(false)
}

fn name_within(folder: &str, path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    format!("{folder}/{name}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::inbox::{Entry, Inbox, Tick};
    use crate::{DataDir, DataDirConfig};

    #[test]
    fn nothing_comes_into_the_journal_between_the_views_of_a_cut() {
        let home = tempfile::tempdir().unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let data = DataDir::open(home.path(), DataDirConfig::default(), now, &mut |bytes: &mut [u8]| bytes.fill(7));
        let data = data.unwrap();
        let beat = |n| Entry::Tick(Tick { n, now, journal_seq: 0 });
        data.inbox.append(beat(1)).unwrap();
        let mut refused = None;
        let cut = Cut::try_once(&Layout::of(home.path()), &mut || {
            let other = Connection::open(home.path().join(Layout::JOURNAL)).unwrap();
            other.busy_timeout(std::time::Duration::ZERO).unwrap();
            refused = other.execute_batch("BEGIN IMMEDIATE").err().and_then(|error| error.sqlite_error_code());
            data.inbox.append(beat(2)).unwrap();
        });
        let cut = cut.unwrap().unwrap();
        assert_eq!(refused, Some(rusqlite::ErrorCode::DatabaseBusy));
        assert_eq!(cut.inbox_head, Position(1), "what came in after the inbox was seen is not part of it");
        assert_eq!(data.inbox.head().unwrap(), Position(2), "signals are taken while a backup is made");
    }
}
