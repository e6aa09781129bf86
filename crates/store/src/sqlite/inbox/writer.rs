//! The inbox's writing side: puts a group of entries into the newest file, and begins a new file when it is time.

use super::InboxConfig;
use super::files::{self, Catalogue, INBOX_FILE};
use super::row::{INSERT, Ready};
use crate::group::Group;
use crate::ids::Position;
use crate::inbox::{Entry, FullBecause, InboxError};
use crate::sqlite::file::{FileError, checkpoint_when_grown};
use crate::time::day_of;
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Ticks may go this far beyond the bound, in bytes: the engine must go on so that a snapshot covers what is to go.
const TICKS_BEYOND_BYTES: u64 = 1 << 20;

/// One entry to be appended.
pub(crate) struct Job(Ready);

impl Job {
    pub(crate) fn prepare(entry: Entry) -> Result<Self, InboxError> {
        Ready::from_entry(entry).map(Self)
    }
}

/// While there is no room for a batch, a file of this size is followed by a new one: only what is not written to can go.
const PRESSED_FILE_BYTES: u64 = 1 << 20;
/// And a log of this size is moved into its file and cut off.
const PRESSED_LOG_BYTES: u64 = 256 << 10;

/// Owns the connection that writes. After a failure it is closed, and the next group opens it anew, so that
/// what is in memory never differs from what is on disk.
pub(crate) struct InboxWriter {
    catalogue: Arc<Catalogue>,
    config: InboxConfig,
    open: Option<Active>,
}

struct Active {
    conn: Connection,
    path: PathBuf,
    day: i64,
    first: u64,
    next: u64,
}

impl InboxWriter {
    pub(crate) fn open(catalogue: Arc<Catalogue>, config: InboxConfig) -> Result<Self, InboxError> {
        let mut writer = Self { catalogue, config, open: None };
        writer.open = Some(writer.open_active()?);
        Ok(writer)
    }

    fn open_active(&self) -> Result<Active, InboxError> {
        let Some(file) = self.catalogue.active() else {
            // `SqliteInbox::open` adds a first file, and the active one is never retired.
            return Err(InboxError::Closed(crate::group::Closed));
        };
        let conn = INBOX_FILE.open_writer(&file.path)?;
        let found = files::InboxFile::inspect(&file.path, file.day, file.part, &conn)?;
        self.catalogue.advance(found.next, found.newest_us);
        Ok(Active { conn, path: file.path, day: file.day, first: found.first, next: found.next })
    }

    /// The file to write to, a new one when the day is over or the file has grown.
    fn active(&mut self, at_us: i64) -> Result<&mut Active, InboxError> {
        let active = match self.open.take() {
            Some(active) => active,
            None => self.open_active()?,
        };
        let most_bytes = self.config.most_file_bytes();
        let is_pressed = self.catalogue.refused_bytes() > 0;
        let most_bytes = if is_pressed { most_bytes.min(PRESSED_FILE_BYTES) } else { most_bytes };
        let over = day_of(at_us) > active.day || files::bytes_of(&active.path) >= most_bytes;
        if !over || active.next == active.first {
            return Ok(self.open.insert(active));
        }
        let file = match files::make(self.catalogue.folder(), at_us, active.next) {
            Ok(file) => file,
            Err(error) => {
                self.open = Some(active);
                return Err(refusal(error));
            }
        };
        // The old file's log goes into it; if a reader hinders that now, the last to close the file does it.
        drop(active.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
        drop(active);
        self.catalogue.measure();
        self.catalogue.add(file);
        let fresh = self.open_active()?;
        Ok(self.open.insert(fresh))
    }

    fn write(&mut self, jobs: &[(Job, Option<FullBecause>)]) -> Result<u64, InboxError> {
        let Some((newest, _)) = jobs.iter().rev().find(|(_, full)| full.is_none()) else { return Ok(0) };
        let newest_us = newest.0.at_us();
        let first_us = jobs.iter().find(|(_, full)| full.is_none()).map_or(newest_us, |(job, _)| job.0.at_us());
        let active = self.active(first_us)?;
        let first = active.next;
        match insert(active, jobs) {
            Ok(next) => {
                active.next = next;
                self.catalogue.advance(next, newest_us);
                Ok(first)
            }
            Err(error) => {
                let error = FileError::sqlite(&active.path)(error);
                self.open = None;
                Err(refusal(error))
            }
        }
    }
}

impl Group for InboxWriter {
    type Job = Job;
    type Answer = Position;
    type Error = InboxError;

    fn weight(job: &Job) -> usize {
        job.0.weight()
    }

    fn commit(&mut self, jobs: Vec<Job>) -> Vec<Result<Position, InboxError>> {
        let mut used = self.catalogue.used_bytes();
        let folder = self.catalogue.folder();
        let jobs: Vec<_> = jobs
            .into_iter()
            .map(|job| {
                let (bytes, is_tick) = (u64::try_from(job.0.weight()).unwrap_or(u64::MAX), job.0.is_tick());
                let full = why_full(&self.config, folder, used.saturating_add(bytes), is_tick);
                if full.is_none() {
                    used = used.saturating_add(bytes);
                }
                if !is_tick {
                    let refused = if full.is_some() { bytes } else { 0 };
                    self.catalogue.note_refused(refused.min(self.config.max_bytes / 4));
                }
                (job, full)
            })
            .collect();
        let written = self.write(&jobs);
        let mut next = 0;
        jobs.iter()
            .map(|(_, full)| match (full, &written) {
                (Some(why), _) => Err(InboxError::Full(*why)),
                (None, Ok(first)) => {
                    next += 1;
                    Ok(Position(first + next - 1))
                }
                (None, Err(error)) => Err(error.clone()),
            })
            .collect()
    }

    fn after(&mut self) {
        let is_pressed = self.catalogue.refused_bytes() > 0;
        if is_pressed && self.open.is_none() {
            // What could not be written left it closed; if it cannot be opened either, the next group says so.
            self.open = self.open_active().ok();
        }
        let Some(active) = &self.open else { return };
        if is_pressed && files::log_bytes(&active.path) > PRESSED_LOG_BYTES {
            // On a disk without room what the log takes twice is what ticks need to go on.
            drop(active.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
            self.catalogue.measure();
        } else {
            checkpoint_when_grown(&active.conn, &active.path, self.config.most_log_bytes());
        }
    }
}

/// Why an entry must be refused, if it must. Ticks are tiny and let the engine go on, so they may use some of the reserve.
pub(crate) fn why_full(config: &InboxConfig, folder: &Path, used_bytes: u64, tick: bool) -> Option<FullBecause> {
    let allowance = if tick { (config.max_bytes / 16).max(TICKS_BEYOND_BYTES) } else { 0 };
    let max_bytes = config.max_bytes.saturating_add(allowance);
    if used_bytes > max_bytes {
        return Some(FullBecause::Bytes { used_bytes, max_bytes });
    }
    let reserve_bytes = if tick { config.reserve_bytes / 2 } else { config.reserve_bytes };
    // A disk that cannot be asked is not held to be full: the write itself will tell.
    let free_bytes = config.space.free_bytes(folder).unwrap_or(u64::MAX);
    (free_bytes < reserve_bytes).then_some(FullBecause::Reserve { free_bytes, reserve_bytes })
}

fn insert(active: &mut Active, jobs: &[(Job, Option<FullBecause>)]) -> rusqlite::Result<u64> {
    let tx = active.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut next = active.next;
    {
        let mut statement = tx.prepare_cached(INSERT)?;
        for (job, _) in jobs.iter().filter(|(_, full)| full.is_none()) {
            job.0.insert(&mut statement, next)?;
            next += 1;
        }
    }
    tx.commit()?;
    Ok(next)
}

fn refusal(error: FileError) -> InboxError {
    if error.is_full() { InboxError::Full(FullBecause::Disk) } else { InboxError::File(error) }
}
