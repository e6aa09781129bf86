//! History in one SQLite file: a hot tail of single samples, packed by series and day once the day is over.

mod additions;
mod changes;
mod pack;
mod retain;
mod samples;
mod writer;

use super::file::{FileError, FileKind};
use super::readers::Readers;
use crate::group::{Done, GroupConfig, Ticket, Writer};
use crate::history::{
    Additions, AttributeChange, Compaction, Dropped, History, HistoryError, MAX_ROWS, Point, Retention, Sample, Series,
    Span, Thinner, Transition,
};
use domain::{DeviceCode, RowScope, Scope};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use writer::{Answer, HistoryWriter, Job};

pub(crate) const HISTORY_FILE: FileKind = FileKind {
    what: "history",
    application_id: i32::from_be_bytes(*b"SMBH"),
    version: 1,
    schema: include_str!("schema.sql"),
    shrinks: true,
    wipes: false,
};

/// How history is kept.
#[derive(Debug, Clone, Copy, Default)]
pub struct HistoryConfig {
    /// Group commit.
    pub group: GroupConfig,
}

/// History in a file of its own.
pub struct SqliteHistory {
    path: Arc<Path>,
    readers: Readers,
    writer: Writer<HistoryWriter>,
}

impl SqliteHistory {
    /// Opens history at `path`, which is made when there is none.
    ///
    /// # Errors
    /// [`HistoryError::File`] when it is another program's file, a newer version's, or cannot be used.
    pub fn open(path: &Path, config: HistoryConfig) -> Result<Self, HistoryError> {
        let shared: Arc<Path> = Arc::from(path);
        let group = HistoryWriter::open(Arc::clone(&shared))?;
        let writer = Writer::start("history", config.group, group).map_err(FileError::io(path))?;
        Ok(Self { path: shared, readers: Readers::new(path, HISTORY_FILE), writer })
    }

    fn read<T>(&self, read: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>) -> Result<T, HistoryError> {
        self.readers.with(|conn| read(conn).map_err(|error| FileError::sqlite(&self.path)(error).into()))
    }

    fn each_sample(&self, of: &Series, span: Span, each: &mut dyn FnMut(&Sample) -> bool) -> Result<(), HistoryError> {
        self.readers.with(|conn| samples::each(conn, &self.path, of, span, each))
    }
}

impl History for SqliteHistory {
    fn append_then(&self, additions: Additions, done: Done<(), HistoryError>) {
        match additions::check(&additions) {
            Ok(()) => self.writer.submit(Job::Add(additions), Box::new(|answer| done(answer.map(drop)))),
            Err(error) => done(Err(error)),
        }
    }

    fn points(&self, scope: &Scope, of: &Series, span: Span, max_points: usize) -> Result<Vec<Point>, HistoryError> {
        let mut thinner = Thinner::new(span, max_points.min(MAX_ROWS));
        if scope.sees(&of.scope) {
            self.each_sample(of, span, &mut |sample| {
                thinner.push(sample);
                true
            })?;
        }
        Ok(thinner.finish())
    }

    fn samples(&self, scope: &Scope, of: &Series, span: Span, limit: usize) -> Result<Vec<Sample>, HistoryError> {
        let limit = limit.min(MAX_ROWS);
        let mut samples = Vec::new();
        if scope.sees(&of.scope) && limit > 0 {
            self.each_sample(of, span, &mut |sample| {
                samples.push(*sample);
                samples.len() < limit
            })?;
        }
        Ok(samples)
    }

    fn series(
        &self,
        scope: &Scope,
        prefix: &str,
        after: Option<&Series>,
        limit: usize,
    ) -> Result<Vec<Series>, HistoryError> {
        self.read(|conn| samples::series(conn, scope, prefix, after, limit.min(MAX_ROWS)))
    }

    fn transitions(
        &self,
        scope: &Scope,
        of: &RowScope,
        device: Option<&DeviceCode>,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Transition>, HistoryError> {
        if !scope.sees(of) {
            return Ok(Vec::new());
        }
        self.read(|conn| changes::transitions(conn, of, device, span, limit.min(MAX_ROWS)))
    }

    fn attributes_at(
        &self,
        scope: &Scope,
        of: &RowScope,
        device: &DeviceCode,
        at: Timestamp,
        as_of: Option<Timestamp>,
    ) -> Result<BTreeMap<String, AttributeChange>, HistoryError> {
        if !scope.sees(of) {
            return Ok(BTreeMap::new());
        }
        self.read(|conn| changes::attributes_at(conn, of, device, at, as_of))
    }

    fn attribute_changes(
        &self,
        scope: &Scope,
        of: &RowScope,
        device: Option<&DeviceCode>,
        span: Span,
        limit: usize,
    ) -> Result<Vec<AttributeChange>, HistoryError> {
        if !scope.sees(of) {
            return Ok(Vec::new());
        }
        self.read(|conn| changes::attribute_changes(conn, of, device, span, limit.min(MAX_ROWS)))
    }

    fn compact(&self, before: Timestamp) -> Result<Compaction, HistoryError> {
        let mut total = Compaction::default();
        let mut after_series = 0;
        loop {
            let (ticket, done) = Ticket::pair();
            self.writer.submit(Job::Pack { before, after_series }, done);
            let Answer::Packed(slice) = ticket.wait()? else { return Ok(total) };
            total.chunks += slice.done.chunks;
            total.samples += slice.done.samples;
            total.damaged += slice.done.damaged;
            match slice.next {
                Some(next) => after_series = next,
                None => return Ok(total),
            }
        }
    }

    fn retain(&self, retention: Retention) -> Result<Dropped, HistoryError> {
        match self.writer.run(Job::Retain(retention))? {
            Answer::Dropped(dropped) => Ok(dropped),
            Answer::Added | Answer::Packed(_) => Ok(Dropped::default()),
        }
    }
}
