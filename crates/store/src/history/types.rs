//! What history holds: samples of series, transitions of devices, and what devices were seen to be.

use crate::ids::SeriesKey;
use domain::{DeviceCode, RowScope};
use jiff::Timestamp;

/// A series of samples: sales of a site, contact of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// Whose it is.
    pub scope: RowScope,
    /// Its name within that.
    pub key: SeriesKey,
}

/// How much of what should have been heard in an interval was heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Heard {
    /// Nobody can say: nothing is known about the interval. Neither healthy nor failing.
    Unknown,
    /// This share, 0 to 1.
    Share(f32),
}

/// What was expected and observed in one interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The end of the interval. Kept to the microsecond.
    pub at: Timestamp,
    /// Its length in seconds: the sample is about `(at - interval_s, at]`.
    pub interval_s: u32,
    /// Expected count.
    pub expected: f64,
    /// Observed count.
    pub observed: f64,
    /// Expected turnover in minor units of the customer's currency.
    pub expected_value_minor: i64,
    /// Observed turnover in minor units.
    pub observed_value_minor: i64,
    /// How much of it was heard.
    pub heard: Heard,
    /// Since when this is known: the tick that made it. A later one for the same `at` corrects it.
    pub known_at: Timestamp,
}

/// What a device came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransitionTo {
    /// It is heard from again.
    Heard,
    /// It is no longer heard from.
    Unheard,
    /// It, or somebody who knows, says that its link is up.
    Up,
    /// It, or somebody who knows, says that its link is down.
    Down,
}

/// A device changed from one state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Whose device.
    pub scope: RowScope,
    /// Which.
    pub device: DeviceCode,
    /// When.
    pub at: Timestamp,
    /// Into what.
    pub to: TransitionTo,
    /// Since when this is known.
    pub known_at: Timestamp,
}

/// A device was seen to be something else than before: valid from `at` until the next change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeChange {
    /// Whose device.
    pub scope: RowScope,
    /// Which.
    pub device: DeviceCode,
    /// What of it: `firmware`.
    pub attribute: String,
    /// What it was seen to be; none when it no longer has it.
    pub value: Option<String>,
    /// From when on.
    pub at: Timestamp,
    /// Since when this is known.
    pub known_at: Timestamp,
}

/// What one tick adds to history.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Additions {
    /// Samples, each with its series.
    pub samples: Vec<(Series, Sample)>,
    /// Transitions of devices.
    pub transitions: Vec<Transition>,
    /// Changes of observed attributes.
    pub attributes: Vec<AttributeChange>,
}

/// A stretch of time, `(from, to]`, and what was known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// After this.
    pub from: Timestamp,
    /// Up to and with this.
    pub to: Timestamp,
    /// With what was known by this time; none for all that is known.
    pub as_of: Option<Timestamp>,
}

/// One point of a chart: the sum of the samples of a stretch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The stretch begins after this.
    pub from: Timestamp,
    /// And ends with this.
    pub to: Timestamp,
    /// How many samples it sums.
    pub samples: u32,
    /// How many seconds they are about; less than the stretch where samples are missing.
    pub covered_s: u64,
    /// Of these, how many seconds nobody knows anything about.
    pub unknown_s: u64,
    /// Share heard, averaged over the seconds that are known.
    pub heard: Heard,
    /// Expected count.
    pub expected: f64,
    /// Observed count.
    pub observed: f64,
    /// Expected turnover in minor units.
    pub expected_value_minor: i64,
    /// Observed turnover in minor units.
    pub observed_value_minor: i64,
}

/// What a compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compaction {
    /// Days of series that were packed.
    pub chunks: u64,
    /// Samples that were packed.
    pub samples: u64,
    /// Days that were left alone because what was packed before is damaged. Say so loudly.
    pub damaged: u64,
}

/// How much history is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Days that ended before this go.
    pub keep_from: Timestamp,
    /// The oldest days go until the file holds no more than this, in bytes; the newest day stays.
    pub max_bytes: u64,
}

/// What a retention dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dropped {
    /// Packed days of series.
    pub chunks: u64,
    /// Samples that were not packed yet.
    pub samples: u64,
    /// Transitions and changes of attributes.
    pub changes: u64,
    /// What the file holds now, in bytes.
    pub used_bytes: u64,
}
