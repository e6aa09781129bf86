//! History's writing side: additions of a group share one fsync; packing and dropping are jobs like any other.

use super::additions::Adder;
use super::{HISTORY_FILE, pack, retain};
use crate::group::Group;
use crate::history::{Additions, Dropped, HistoryError, Retention};
use crate::sqlite::file::{FileError, checkpoint_when_grown};
use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;
use std::sync::Arc;

/// The log is moved into the file once it is this large.
const WAL_BYTES: u64 = 16 << 20;

pub(crate) enum Job {
    Add(Additions),
    /// Packs what lies before, for a slice of the series after this one.
    Pack {
        before: Timestamp,
        after_series: i64,
    },
    Retain(Retention),
}

pub(crate) enum Answer {
    Added,
    Packed(pack::Slice),
    Dropped(Dropped),
}

/// Owns the connection that writes. After a failure it is closed, and the next group opens it anew.
pub(crate) struct HistoryWriter {
    path: Arc<Path>,
    open: Option<Connection>,
    adder: Adder,
    /// Pages were freed that go back to the file system.
    freed: bool,
}

impl HistoryWriter {
    pub(crate) fn open(path: Arc<Path>) -> Result<Self, FileError> {
        let open = Some(HISTORY_FILE.open_writer(&path)?);
        Ok(Self { path, open, adder: Adder::default(), freed: false })
    }

    fn write(&mut self, jobs: &[Job]) -> Result<Vec<Answer>, FileError> {
        let mut conn = match self.open.take() {
            Some(conn) => conn,
            None => {
                // What was known of series ids may have been rolled back.
                self.adder = Adder::default();
                HISTORY_FILE.open_writer(&self.path)?
            }
        };
        let answers = self.run(&mut conn, jobs).map_err(FileError::sqlite(&self.path))?;
        self.open = Some(conn);
        Ok(answers)
    }

    fn run(&mut self, conn: &mut Connection, jobs: &[Job]) -> rusqlite::Result<Vec<Answer>> {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut answers = Vec::with_capacity(jobs.len());
        for job in jobs {
            answers.push(match job {
                Job::Add(additions) => self.adder.add(&tx, additions).map(|()| Answer::Added)?,
                Job::Pack { before, after_series } => Answer::Packed(pack::slice(&tx, *before, *after_series)?),
                Job::Retain(retention) => {
                    self.freed = true;
                    self.adder = Adder::default();
                    Answer::Dropped(retain::drop_days(&tx, *retention)?)
                }
            });
        }
        tx.commit()?;
        Ok(answers)
    }
}

impl Group for HistoryWriter {
    type Job = Job;
    type Answer = Answer;
    type Error = HistoryError;

    fn weight(job: &Job) -> usize {
        match job {
            Job::Add(additions) => {
                128 * (additions.samples.len() + additions.transitions.len() + additions.attributes.len()) + 128
            }
            // A slice of packing is work enough for one group.
            Job::Pack { .. } | Job::Retain(_) => 8 << 20,
        }
    }

    fn commit(&mut self, jobs: Vec<Job>) -> Vec<Result<Answer, HistoryError>> {
        match self.write(&jobs) {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            Err(error) => {
                let refusal = || if error.is_full() { HistoryError::Full } else { HistoryError::File(error.clone()) };
                jobs.iter().map(|_| Err(refusal())).collect()
            }
        }
    }

    fn after(&mut self) {
        let Some(conn) = &self.open else { return };
        if std::mem::take(&mut self.freed) {
            // Should it fail, the pages stay free and are used again.
            drop(conn.execute_batch("PRAGMA incremental_vacuum"));
        }
        checkpoint_when_grown(conn, &self.path, WAL_BYTES);
    }
}
