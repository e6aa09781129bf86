//! History: what charts, baselines and investigations need, and what can be lost without losing what was decided.
//!
//! Nothing is overwritten: a correction is added with the time from which it was known, so that any past picture can be
//! drawn again "as it stood at 10:40". What is missing is missing: no sample reads as zero.

pub(crate) mod chunk;
mod downsample;
mod types;

pub(crate) use downsample::Thinner;
pub use types::{
    Additions, AttributeChange, Compaction, Dropped, Heard, Point, Retention, Sample, Series, Span, Transition,
    TransitionTo,
};

use crate::group::{Closed, Done, Ticket};
use crate::sqlite::FileError;
use domain::{DeviceCode, RowScope, Scope};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most points or rows of one answer.
pub const MAX_ROWS: usize = 100_000;

/// Why history refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum HistoryError {
    /// A sample that is no measurement: not finite, negative shares, times out of range.
    #[error("the sample of {series} at {at} cannot be kept: {what}")]
    BadSample {
        /// The series' key.
        series: String,
        /// Its time.
        at: Timestamp,
        /// What is wrong with it.
        what: &'static str,
    },
    /// An attribute whose name or value is too long or empty.
    #[error("the attribute {attribute:?} of {device} cannot be kept: {what}")]
    BadAttribute {
        /// The device.
        device: DeviceCode,
        /// The attribute, cut to a readable length.
        attribute: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A day's samples are not what was written.
    #[error("the samples of {series} on day {day} are damaged: {what}")]
    Damaged {
        /// The series' key.
        series: String,
        /// The day, counted from 1970-01-01.
        day: i64,
        /// In what way.
        what: &'static str,
    },
    /// The disk has no room.
    #[error("the disk is full; nothing was added to history")]
    Full,
    /// The writer has stopped.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The file failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Keeps samples, transitions and observed attributes.
///
/// Adding the same thing again, with the same `known_at`, changes nothing: a replay after a crash does no harm.
pub trait History: Send + Sync {
    /// Adds all of `additions` or none; `done` is called, from another thread, once they are durable or refused.
    fn append_then(&self, additions: Additions, done: Done<(), HistoryError>);

    /// A series over a span, one point per sample or, where there are more than `max_points`, sums over equal stretches.
    /// Nothing when `scope` may not see it.
    ///
    /// # Errors
    /// When history cannot be read.
    fn points(&self, scope: &Scope, of: &Series, span: Span, max_points: usize) -> Result<Vec<Point>, HistoryError>;

    /// The samples of a series over a span, as they were known; at most `limit`, the earliest.
    ///
    /// # Errors
    /// When history cannot be read.
    fn samples(&self, scope: &Scope, of: &Series, span: Span, limit: usize) -> Result<Vec<Sample>, HistoryError>;

    /// The series that `scope` may see whose keys begin with `prefix`, in order of scope and key, after `after`.
    ///
    /// # Errors
    /// When history cannot be read.
    fn series(
        &self,
        scope: &Scope,
        prefix: &str,
        after: Option<&Series>,
        limit: usize,
    ) -> Result<Vec<Series>, HistoryError>;

    /// Transitions of one device, or of all in `of`, in order of time.
    ///
    /// # Errors
    /// When history cannot be read.
    fn transitions(
        &self,
        scope: &Scope,
        of: &RowScope,
        device: Option<&DeviceCode>,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Transition>, HistoryError>;

    /// What a device was seen to be at a time, with what was known by then if `as_of` is given.
    ///
    /// # Errors
    /// When history cannot be read.
    fn attributes_at(
        &self,
        scope: &Scope,
        of: &RowScope,
        device: &DeviceCode,
        at: Timestamp,
        as_of: Option<Timestamp>,
    ) -> Result<BTreeMap<String, AttributeChange>, HistoryError>;

    /// Changes of observed attributes of one device, or of all in `of`, in order of time.
    ///
    /// # Errors
    /// When history cannot be read.
    fn attribute_changes(
        &self,
        scope: &Scope,
        of: &RowScope,
        device: Option<&DeviceCode>,
        span: Span,
        limit: usize,
    ) -> Result<Vec<AttributeChange>, HistoryError>;

    /// Packs the samples of days that ended before `before`; between slices of the work others may add.
    ///
    /// # Errors
    /// When history cannot be written; what was packed stays packed.
    fn compact(&self, before: Timestamp) -> Result<Compaction, HistoryError>;

    /// Drops whole days that are too old or too much. What was last known of each device stays.
    ///
    /// # Errors
    /// When history cannot be written.
    fn retain(&self, retention: Retention) -> Result<Dropped, HistoryError>;

    /// Adds all of `additions` or none, and blocks until they are durable.
    ///
    /// # Errors
    /// When something in it cannot be kept; then nothing was added.
    fn append(&self, additions: Additions) -> Result<(), HistoryError> {
        let (ticket, done) = Ticket::pair();
        self.append_then(additions, done);
        ticket.wait()
    }
}

impl<H: History + ?Sized> History for Arc<H> {
    fn append_then(&self, additions: Additions, done: Done<(), HistoryError>) {
        (**self).append_then(additions, done);
    }
    fn points(&self, scope: &Scope, of: &Series, span: Span, max_points: usize) -> Result<Vec<Point>, HistoryError> {
        (**self).points(scope, of, span, max_points)
    }
    fn samples(&self, scope: &Scope, of: &Series, span: Span, limit: usize) -> Result<Vec<Sample>, HistoryError> {
        (**self).samples(scope, of, span, limit)
    }
    fn series(
        &self,
        scope: &Scope,
        prefix: &str,
        after: Option<&Series>,
        limit: usize,
    ) -> Result<Vec<Series>, HistoryError> {
        (**self).series(scope, prefix, after, limit)
    }
    fn transitions(
        &self,
        scope: &Scope,
        of: &RowScope,
        device: Option<&DeviceCode>,
        span: Span,
        limit: usize,
    ) -> Result<Vec<Transition>, HistoryError> {
        (**self).transitions(scope, of, device, span, limit)
    }
    fn attributes_at(
        &self,
        scope: &Scope,
        of: &RowScope,
        device: &DeviceCode,
        at: Timestamp,
        as_of: Option<Timestamp>,
    ) -> Result<BTreeMap<String, AttributeChange>, HistoryError> {
        (**self).attributes_at(scope, of, device, at, as_of)
    }
    fn attribute_changes(
        &self,
        scope: &Scope,
        of: &RowScope,
        device: Option<&DeviceCode>,
        span: Span,
        limit: usize,
    ) -> Result<Vec<AttributeChange>, HistoryError> {
        (**self).attribute_changes(scope, of, device, span, limit)
    }
    fn compact(&self, before: Timestamp) -> Result<Compaction, HistoryError> {
        (**self).compact(before)
    }
    fn retain(&self, retention: Retention) -> Result<Dropped, HistoryError> {
        (**self).retain(retention)
    }
}
