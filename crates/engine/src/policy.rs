//! What the user allows: how often false alarms may come, and how long the past only teaches.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Settings of detection. Changing them is a journal event, in force from the first tick that names it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Until then everything teaches and nothing is judged.
    pub learn_until: Option<Timestamp>,
    /// How often a false alarm may come, for each level of the lattice.
    pub false_alarms: FalseAlarms,
}

/// Mean days between false alarms of a whole level, per customer and activity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FalseAlarms {
    /// All devices together.
    pub device_days: f64,
    /// All sites together.
    pub site_days: f64,
    /// All groups of an attribute's value together.
    pub group_days: f64,
    /// Everything of a customer as one.
    pub everything_days: f64,
}

impl Default for FalseAlarms {
    fn default() -> Self {
        Self { device_days: 30.0, site_days: 60.0, group_days: 1_000.0, everything_days: 3_650.0 }
    }
}

impl FalseAlarms {
    /// The same for every level.
    #[must_use]
    pub fn every(days: f64) -> Self {
        Self { device_days: days, site_days: days, group_days: days, everything_days: days }
    }
}
