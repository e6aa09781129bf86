//! Snapshots: where a fold stood at one place of the two logs, so that a start need not read them from the beginning.
//!
//! A snapshot is written beside its final name, made durable, and renamed: it is there whole or not at all. One that does not
//! read back is passed over, and said so; the one before it serves.

mod file;

pub use file::FileSnapshots;

use crate::ids::{Position, Seq};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Where a fold stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Whose it is: 1 to 64 of `a-z`, `0-9`, `_`.
    pub name: String,
    /// The version of the code that can read `body`.
    pub version: u32,
    /// The newest inbox entry it covers.
    pub inbox_position: Position,
    /// The newest journal event it covers.
    pub journal_seq: Seq,
    /// What the fold keeps, encoded by itself.
    pub body: Vec<u8>,
}

/// The newest usable snapshot, and what stood in its way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Latest {
    /// The newest that reads back and is accepted.
    pub snapshot: Option<Snapshot>,
    /// Newer ones that were passed over, newest first. Say so loudly.
    pub skipped: Vec<Skipped>,
}

/// A snapshot that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The file.
    pub file: PathBuf,
    /// Why.
    pub why: SkippedBecause,
}

/// Why a snapshot was passed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SkippedBecause {
    /// It is not what was written.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// The caller does not read this version.
    #[error("its version {0} is not one that is read")]
    Version(u32),
    /// It cannot be read from the disk.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

/// Why snapshots failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SnapshotsError {
    /// A name that cannot be part of a file's name.
    #[error("snapshot name {0:?} must be 1 to 64 of a-z, 0-9 and _")]
    Name(String),
    /// The disk has no room; the snapshots before it stay.
    #[error("the disk is full; no snapshot was written")]
    Full,
    /// The operating system refused.
    #[error("{} cannot be used", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
}

/// Keeps snapshots.
pub trait Snapshots: Send + Sync {
    /// Keeps a snapshot, durable on return. Older ones of its name go, but for the last few.
    ///
    /// # Errors
    /// [`SnapshotsError::Full`] and others; then the older ones are all still there.
    fn write(&self, snapshot: &Snapshot) -> Result<(), SnapshotsError>;

    /// The newest snapshot of `name` that reads back and whose version is accepted.
    ///
    /// # Errors
    /// When the place where they are kept cannot be read at all.
    fn latest(&self, name: &str, accepts: &dyn Fn(u32) -> bool) -> Result<Latest, SnapshotsError>;

    /// Lets go of a snapshot that turned out to be of other logs than those it lies beside: it would stand before newer ones.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn forget(&self, snapshot: &Snapshot) -> Result<(), SnapshotsError>;
}

impl<S: Snapshots + ?Sized> Snapshots for Arc<S> {
    fn write(&self, snapshot: &Snapshot) -> Result<(), SnapshotsError> {
        (**self).write(snapshot)
    }
    fn latest(&self, name: &str, accepts: &dyn Fn(u32) -> bool) -> Result<Latest, SnapshotsError> {
        (**self).latest(name, accepts)
    }
    fn forget(&self, snapshot: &Snapshot) -> Result<(), SnapshotsError> {
        (**self).forget(snapshot)
    }
}
