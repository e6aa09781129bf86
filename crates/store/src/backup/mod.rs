//! Backups: a copy of everything as it stood at one moment, made under load, with a manifest that proves it.
//!
//! The moment is made by holding the journal's write lock while a reading view of each file is opened: no event in the copy
//! has a cause that the copied inbox lacks, and no tick names an event that the copied journal lacks.

mod copy;
mod cut;
mod manifest;
mod restore;

pub use manifest::{BackupFile, Manifest};
pub use restore::{Restored, restore};

use crate::ids::{Position, Seq};
use crate::inbox::InboxError;
use crate::journal::{Break, Head, JournalError, VerifyError};
use crate::snapshots::SnapshotsError;
use crate::sqlite::FileError;
use crate::vault::VaultError;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// Why a backup or restore failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BackupError {
    /// There is something where the copy should go.
    #[error("{} is not empty: give a new or empty folder", .0.display())]
    NotEmpty(PathBuf),
    /// There is no data directory or no backup.
    #[error("{} holds no {what}", path.display())]
    NothingThere {
        /// The folder.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// The manifest is no manifest, or of a newer version.
    #[error("the manifest {} cannot be used: {what}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A file of the backup is not what the manifest says.
    #[error("{} is not what the manifest says: {what}", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// In what way.
        what: &'static str,
    },
    /// The journal's chain does not hold.
    #[error("the journal is broken at event {seq}: {what}")]
    Broken {
        /// The first event that does not hold.
        seq: Seq,
        /// In what way.
        what: Break,
    },
    /// The journal ends elsewhere than the manifest says.
    #[error("the journal ends at event {}, hash {}; the manifest says event {}, hash {}", found.seq, found.hash, wanted.seq, wanted.hash)]
    Head {
        /// Where it ends.
        found: Head,
        /// Where it should end.
        wanted: Head,
    },
    /// The inbox ends elsewhere than the manifest says.
    #[error("the inbox ends at {found}; the manifest says {wanted}")]
    InboxHead {
        /// Where it ends.
        found: Position,
        /// Where it should end.
        wanted: Position,
    },
    /// Files came and went faster than they could be opened.
    #[error("the data directory changed too fast to be copied; try again")]
    Restless,
    /// A file failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The inbox failed.
    #[error("the inbox cannot be copied or read")]
    Inbox(#[from] InboxError),
    /// The journal failed.
    #[error("the journal cannot be copied or read")]
    Journal(#[from] JournalError),
    /// The vault failed.
    #[error("the vault cannot be opened")]
    Vault(#[from] VaultError),
    /// The snapshots failed.
    #[error("the snapshots cannot be copied or read")]
    Snapshots(#[from] SnapshotsError),
}

impl From<VerifyError> for BackupError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Broken { seq, what } => Self::Broken { seq, what },
            VerifyError::Unreadable(error) => Self::Journal(error),
        }
    }
}

/// Copies the data directory at `source` into the new or empty folder `target`, while others write to it.
///
/// May run in the process that has the directory open or in another. The manifest is written last: a folder without one
/// is no backup. The copy holds the vault's key; keep it where only those may look who may see personal data.
///
/// # Errors
/// [`BackupError`]; what was copied so far stays, without a manifest.
pub fn backup(source: &Path, target: &Path, made_at: Timestamp) -> Result<Manifest, BackupError> {
    copy::make_empty(target)?;
    let cut = cut::Cut::of(source)?;
    let manifest = cut.copy_to(target, made_at)?;
    manifest.write(target)?;
    Ok(manifest)
}
