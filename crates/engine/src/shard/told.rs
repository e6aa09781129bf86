//! What a shard is told between two ticks, in the order of the inbox, and what it tells the fleet step in return.

use crate::clock::Ms;
use crate::lists::GroupList;
use crate::output::{Sample, Transition};
use detect::bank::Verdict;

/// One thing told to a site.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The site, by its number in the registry.
    pub site: u32,
    /// Its slot.
    pub slot: u32,
    /// Event time.
    pub at: Ms,
    /// Time of receipt.
    pub received: Ms,
    /// What.
    pub what: What,
}

/// What was told.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Transactions.
    Count {
        /// Of which series.
        series: u32,
        /// How many.
        n: u32,
        /// Their value, minor units; `None` if not told.
        value: Option<i64>,
        /// Length of the interval; 0 for a moment.
        interval_ms: Ms,
    },
    /// A heartbeat.
    Heartbeat,
    /// Any other sign of life.
    Sign,
    /// Up or down.
    Link {
        /// Up.
        up: bool,
    },
    /// A member does something for the first time: here is its leaf.
    Leaf {
        /// Of which series.
        series: u32,
        /// Its class.
        class: u32,
        /// Its member.
        member: u32,
        /// Its groups.
        groups: GroupList,
    },
    /// A member bears other attributes from now on.
    Groups {
        /// Of which series.
        series: u32,
        /// Its groups.
        groups: GroupList,
        /// The open finding that holds it from now on: the one whose explanation covers it now.
        held: Option<u32>,
    },
    /// The device moved away.
    Vacate,
    /// The whole series reports single moments from now on.
    Moments {
        /// Which series.
        series: u32,
    },
}

/// What a shard's tick found.
#[derive(Debug, Default)]
pub struct Heard {
    /// Sites whose own bank stands above its threshold.
    pub site_alarms: Vec<SiteAlarm>,
    /// Devices whose own bank stands above its threshold.
    pub device_alarms: Vec<DeviceAlarm>,
    /// Sites whose uplink deadline passed, with the time they were last heard.
    pub lost: Vec<(u32, Ms)>,
    /// Sites heard again.
    pub regained: Vec<u32>,
    /// Members unheard or down though their uplink is heard, with the time of their last sign of life.
    pub unheard: Vec<(u32, Ms)>,
    /// Members heard again.
    pub heard: Vec<u32>,
    /// Counts that came after their time was judged.
    pub late: Vec<Late>,
    /// For charts.
    pub samples: Vec<Sample>,
    /// For history.
    pub transitions: Vec<Transition>,
}

/// A site's alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SiteAlarm {
    /// Which.
    pub site: u32,
    /// Of which series.
    pub series: u32,
    /// What its bank says.
    pub verdict: Verdict,
    /// Natural logarithm of its allotted transactions between false alarms.
    pub ln_gamma: f64,
    /// Expected transactions a millisecond.
    pub rate: f64,
}

/// A device's alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeviceAlarm {
    /// Which.
    pub member: u32,
    /// Where.
    pub site: u32,
    /// Of which series.
    pub series: u32,
    /// What its bank says.
    pub verdict: Verdict,
    /// Natural logarithm of its allotted transactions between false alarms.
    pub ln_gamma: f64,
    /// Expected transactions a millisecond.
    pub rate: f64,
}

/// Transactions that came late.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Late {
    /// Whose.
    pub member: u32,
    /// Of which series.
    pub series: u32,
    /// When they happened.
    pub at: Ms,
    /// How many.
    pub n: u32,
    /// Their value, minor units.
    pub value: i64,
}
