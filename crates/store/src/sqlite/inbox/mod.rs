//! The inbox as a folder of SQLite files, one or more a UTC day, so that what is retired is gone by one unlink.

pub(crate) mod files;
mod read;
mod row;
mod writer;

use super::file::{FileError, sync_folder};
use crate::group::{Done, GroupConfig, Writer};
use crate::ids::Position;
use crate::inbox::{Entry, FullBecause, Inbox, InboxError, Retirement, Usage};
use crate::space::{FreeSpace, Statvfs};
use crate::time::to_us;
use files::Catalogue;
use jiff::{SignedDuration, Timestamp};
use read::OpenFiles;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use writer::{InboxWriter, Job};

/// How an inbox is kept.
#[derive(Clone)]
pub struct InboxConfig {
    /// Group commit.
    pub group: GroupConfig,
    /// A file beyond this size, or beyond a quarter of `max_bytes`, is followed by a new one, in bytes.
    pub file_bytes: u64,
    /// No batch is taken beyond this, in bytes.
    pub max_bytes: u64,
    /// Covered files go, oldest first, until no more than this is kept, in bytes.
    pub keep_bytes: u64,
    /// Covered files go once their newest entry is older than this.
    pub keep_age: SignedDuration,
    /// No batch is taken while the disk has less than this free, in bytes: it is kept for the journal.
    pub reserve_bytes: u64,
    /// The first position of an inbox that has no files yet: one past all that snapshots and causes name.
    pub start_at: Position,
    /// Who tells the free space.
    pub space: Arc<dyn FreeSpace>,
}

impl InboxConfig {
    /// Only whole files can be retired, so that several must fit.
    pub(crate) fn most_file_bytes(&self) -> u64 {
        self.file_bytes.min(self.max_bytes / 4)
    }

    /// The log of a file is moved into it once it is this large: it must not be most of what the inbox takes.
    pub(crate) fn most_log_bytes(&self) -> u64 {
        (self.most_file_bytes() / 4).clamp(32 << 10, 16 << 20)
    }
}

impl Default for InboxConfig {
    fn default() -> Self {
        Self {
            group: GroupConfig::default(),
            file_bytes: 1 << 30,
            max_bytes: 64 << 30,
            keep_bytes: 48 << 30,
            keep_age: SignedDuration::from_hours(14 * 24),
            reserve_bytes: 1 << 30,
            start_at: Position(1),
            space: Arc::new(Statvfs),
        }
    }
}

/// The inbox in a folder of its own.
pub struct SqliteInbox {
    catalogue: Arc<Catalogue>,
    config: InboxConfig,
    open_files: OpenFiles,
    writer: Writer<InboxWriter>,
}

impl SqliteInbox {
    /// Opens the inbox in `folder`, which is made when there is none. `now` names the first file of a new inbox.
    ///
    /// # Errors
    /// [`InboxError::Gap`] when a file between two others is missing; [`InboxError::File`] when one cannot be opened.
    pub fn open(folder: &Path, config: InboxConfig, now: Timestamp) -> Result<Self, InboxError> {
        std::fs::create_dir_all(folder).map_err(FileError::io(folder))?;
        sync_folder(folder)?;
        let catalogue = Arc::new(Catalogue::open(folder)?);
        if catalogue.is_empty() {
            catalogue.add(files::make(folder, to_us(now), config.start_at.0.max(1))?);
        }
        let group = InboxWriter::open(Arc::clone(&catalogue), config.clone())?;
        let writer = Writer::start("inbox", config.group, group).map_err(FileError::io(folder))?;
        Ok(Self { catalogue, config, open_files: OpenFiles::default(), writer })
    }
}

impl SqliteInbox {
    /// Why the next batch would be refused, if it were like the one that was refused last.
    fn why_full(&self, used_bytes: u64) -> Option<FullBecause> {
        let wanted = used_bytes.saturating_add(self.catalogue.refused_bytes());
        writer::why_full(&self.config, self.catalogue.folder(), wanted, false)
    }
}

impl Inbox for SqliteInbox {
    fn append_then(&self, entry: Entry, done: Done<Position, InboxError>) {
        match Job::prepare(entry) {
            Ok(job) => self.writer.submit(job, done),
            Err(error) => done(Err(error)),
        }
    }

    fn read_from(&self, from: Position, limit_bytes: usize) -> Result<Vec<(Position, Entry)>, InboxError> {
        self.open_files.read_from(&self.catalogue, from, limit_bytes)
    }

    fn head(&self) -> Result<Position, InboxError> {
        Ok(self.catalogue.head())
    }

    fn wait_past(&self, position: Position, timeout: Duration) -> Result<Position, InboxError> {
        Ok(self.catalogue.wait_past(position, timeout))
    }

    fn retire(&self, before: Position, now: Timestamp) -> Result<Retirement, InboxError> {
        let oldest_us = to_us(now.checked_sub(self.config.keep_age).unwrap_or(Timestamp::MIN));
        let retired = self.catalogue.retire(before, |file, used_bytes| {
            let is_kept = file.newest_us >= oldest_us && used_bytes <= self.config.keep_bytes;
            // What is only kept to look back at makes room for what comes in.
            !is_kept || self.why_full(used_bytes).is_some()
        })?;
        self.open_files.forget_before(self.catalogue.oldest());
        Ok(retired)
    }

    fn usage(&self) -> Result<Usage, InboxError> {
        let used_bytes = self.catalogue.used_bytes();
        Ok(Usage {
            oldest: self.catalogue.oldest(),
            active_from: self.catalogue.active_from(),
            head: self.catalogue.head(),
            used_bytes,
            max_bytes: self.config.max_bytes,
            full: self.why_full(used_bytes),
        })
    }
}
