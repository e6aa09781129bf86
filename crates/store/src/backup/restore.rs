//! Restores a backup into an empty place, and sees that it is what was backed up before anything is put there.

use super::copy::{copy_file, make_empty, make_folder};
use super::{BackupError, BackupFile, Manifest};
use crate::data_dir::Layout;
use crate::ids::Position;
use crate::inbox::{Inbox, InboxError};
use crate::journal::Journal;
use crate::snapshots::{FileSnapshots, Snapshots};
use crate::sqlite::file::{FileError, side_file, sync_folder, sync_folder_of};
use crate::sqlite::{InboxConfig, JournalConfig, SqliteInbox, SqliteJournal, SqliteVault};
use std::fs::File;
use std::path::{Path, PathBuf};

/// How much of the inbox is read at once, in bytes.
const PAGE_BYTES: usize = 16 << 20;

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the backup said of itself.
    pub manifest: Manifest,
    /// How many inbox entries were read back; 0 without `verify`.
    pub inbox_entries: u64,
    /// How many snapshots were read back; 0 without `verify`.
    pub snapshots: u64,
}

/// Copies the backup in `source` to the new or empty folder `target` and proves it.
///
/// Every file must have the manifest's size and hash, the journal's chain must hold and end with the manifest's head. With
/// `verify` every inbox entry and snapshot is read back too. Nothing is left at `target` unless all of that holds.
///
/// # Errors
/// [`BackupError`] says what does not hold.
pub fn restore(source: &Path, target: &Path, verify: bool) -> Result<Restored, BackupError> {
    let manifest = Manifest::read(source)?;
    make_empty(target)?;
    // Without a slash at its end, so that the name can be made longer.
    let target: &Path = &target.components().collect::<PathBuf>();
    let part = side_file(target, ".restoring");
    if part.exists() {
        std::fs::remove_dir_all(&part).map_err(FileError::io(&part))?;
    }
    let restored = copy_and_prove(source, &part, manifest, verify);
    match restored {
        Ok(restored) => {
            // An empty folder gives way to the one that is renamed to its name.
            std::fs::rename(&part, target).map_err(FileError::io(target))?;
            sync_folder_of(target)?;
            Ok(restored)
        }
        Err(error) => {
            // What did not prove right is of no use; should it stay, the next attempt removes it.
            drop(std::fs::remove_dir_all(&part));
            Err(error)
        }
    }
}

fn copy_and_prove(source: &Path, part: &Path, manifest: Manifest, verify: bool) -> Result<Restored, BackupError> {
    for folder in [part.to_owned(), part.join(Layout::INBOX), part.join(Layout::SNAPSHOTS)] {
        make_folder(&folder)?;
    }
    for wanted in &manifest.files {
        copy_one(source, part, wanted)?;
    }
    let layout = Layout::of(part);
    let inbox_entries = prove_inbox(&layout, &manifest, verify)?;
    prove_journal(&layout, &manifest)?;
    let mut no_entropy = |_: &mut [u8]| {};
    drop(SqliteVault::open(&layout.path(Layout::VAULT), &layout.path(Layout::VAULT_KEY), &mut no_entropy)?);
    let snapshots = if verify { read_snapshots(&layout)? } else { 0 };
    for folder in [part.join(Layout::INBOX), part.join(Layout::SNAPSHOTS), part.to_owned()] {
        sync_folder(&folder)?;
    }
    Ok(Restored { manifest, inbox_entries, snapshots })
}

fn copy_one(source: &Path, part: &Path, wanted: &BackupFile) -> Result<(), BackupError> {
    let path = source.join(&wanted.path);
    let changed = |what| BackupError::Changed { path: path.clone(), what };
    let from = File::open(&path).map_err(|_| changed("it is missing or cannot be read"))?;
    let to = part.join(&wanted.path);
    if let Some(folder) = to.parent() {
        make_folder(folder)?;
    }
    let copied = copy_file(from, &to, &wanted.path)?;
    if copied.bytes != wanted.bytes {
        return Err(changed("it has another size"));
    }
    if copied.blake3 != wanted.blake3 {
        return Err(changed("its hash is another"));
    }
    Ok(())
}

fn prove_journal(layout: &Layout, manifest: &Manifest) -> Result<(), BackupError> {
    let path = layout.path(Layout::JOURNAL);
    if !path.exists() {
        return Err(BackupError::Changed { path, what: "the manifest names no journal" });
    }
    let verified = SqliteJournal::open(&path, JournalConfig::default())?.verify(&mut |_| {})?;
    if verified.head != manifest.journal {
        return Err(BackupError::Head { found: verified.head, wanted: manifest.journal });
    }
    Ok(())
}

fn prove_inbox(layout: &Layout, manifest: &Manifest, read: bool) -> Result<u64, BackupError> {
    let config = InboxConfig { start_at: manifest.inbox_head.next(), ..InboxConfig::default() };
    let inbox = SqliteInbox::open(&layout.path(Layout::INBOX), config, manifest.made_at)?;
    let found = inbox.head()?;
    if found != manifest.inbox_head {
        return Err(BackupError::InboxHead { found, wanted: manifest.inbox_head });
    }
    if read { read_inbox(&inbox).map_err(BackupError::Inbox) } else { Ok(0) }
}

fn read_inbox(inbox: &SqliteInbox) -> Result<u64, InboxError> {
    let mut entries = 0;
    let mut from = inbox.usage()?.oldest;
    loop {
        let page = inbox.read_from(from, PAGE_BYTES)?;
        let Some((last, _)) = page.last() else { return Ok(entries) };
        from = Position(last.0).next();
        entries += u64::try_from(page.len()).unwrap_or(u64::MAX);
    }
}

fn read_snapshots(layout: &Layout) -> Result<u64, BackupError> {
    let snapshots = FileSnapshots::look(&layout.path(Layout::SNAPSHOTS));
    let mut read = 0;
    for name in snapshots.names()? {
        let latest = snapshots.latest(&name, &|_| true)?;
        if let Some(skipped) = latest.skipped.into_iter().next() {
            return Err(BackupError::Changed { path: skipped.file, what: "the snapshot does not read back" });
        }
        read += 1;
    }
    Ok(read)
}
