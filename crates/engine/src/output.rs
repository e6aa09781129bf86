//! What a tick says: findings, samples for charts and baselines, transitions of devices.

use domain::{CustomerKey, DeviceCode, Finding, Metric, SiteCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchOutcome {
    /// Signals taken for judgement.
    pub counted: u32,
    /// Signals that had come before.
    pub duplicates: u32,
    /// Signals of sites or devices that nobody registered; they stay in the inbox and are listed.
    pub unregistered: u32,
}

/// What a tick says, in an order that depends on nothing but the input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TickOutput {
    /// New findings and revisions.
    pub findings: Vec<Finding>,
    /// Expected and observed activity of intervals that ended.
    pub samples: Vec<Sample>,
    /// What devices did.
    pub transitions: Vec<Transition>,
}

/// Expected against observed activity of one series in one interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Whose.
    pub customer: CustomerKey,
    /// Of what.
    pub series: SeriesKey,
    /// Of which activity.
    pub metric: Metric,
    /// End of the interval.
    pub at: Timestamp,
    /// Its length.
    pub interval_s: u32,
    /// Expected transactions.
    pub expected: f64,
    /// Observed transactions.
    pub observed: f64,
    /// Expected turnover in minor units.
    pub expected_value_minor: i64,
    /// Observed turnover in minor units.
    pub observed_value_minor: i64,
    /// Share of the expected activity whose source is heard, 0..=1; 0 is missing data, never zero sales.
    pub heard: f32,
}

/// What a [`Sample`] is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesKey {
    /// All of a customer.
    All,
    /// One site.
    Site(SiteCode),
}

/// A device did something worth remembering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Whose.
    pub customer: CustomerKey,
    /// Which.
    pub device: DeviceCode,
    /// Where.
    pub site: Option<SiteCode>,
    /// When (event time).
    pub at: Timestamp,
    /// What.
    pub what: TransitionKind,
}

/// What a device did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransitionKind {
    /// It said it came up.
    Up,
    /// It, or its switch, said it went down.
    Down,
    /// Its heartbeat deadline passed.
    Unheard,
    /// It was heard again.
    Heard,
    /// It reported another value of an attribute.
    Observed {
        /// Which attribute.
        attribute: String,
        /// What it was.
        before: Option<String>,
        /// What it is.
        after: Option<String>,
    },
}

/// Something that sends and is not registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unregistered {
    /// Whose token it sends with.
    pub customer: CustomerKey,
    /// The site it names.
    pub site: Option<SiteCode>,
    /// The device it names.
    pub device: Option<DeviceCode>,
    /// First signal.
    pub first_at: Timestamp,
    /// Last signal.
    pub last_at: Timestamp,
    /// Signals so far.
    pub signals: u64,
}

/// Counters of the engine's life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineHealth {
    /// Ticks judged.
    pub ticks: u64,
    /// Signals taken.
    pub signals: u64,
    /// Signals that had come before.
    pub duplicates: u64,
    /// Counts that came after their time had been judged.
    pub late: u64,
    /// Times that we were away ourselves.
    pub absences: u64,
    /// Signals of things that nobody registered.
    pub unregistered: u64,
    /// Series (device or site by activity) with a baseline.
    pub series: u64,
    /// Groups watched on the lattice.
    pub groups: u64,
    /// Findings open now.
    pub open_findings: u64,
}
