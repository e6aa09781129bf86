//! What the fleet step tells every shard: shapes, variances, thresholds. Read-only during a shard step.

use detect::components::Components;
use detect::profile::Profile;
use serde::{Deserialize, Serialize};

/// A class: members of one customer, activity, type and opening hours, whose weeks are alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassView {
    /// Shape of its week.
    pub profile: Profile,
    /// How alike its streams are: strength of the shrinkage towards the shape.
    pub kappa: f64,
    /// Whether enough was seen to judge by it.
    pub ready: bool,
    /// Whether every hour of the week was seen.
    pub mature: bool,
}

impl ClassView {
    /// A class of which nothing is known: a flat week.
    #[must_use]
    pub fn unknown() -> Self {
        Self { profile: Profile::flat(), kappa: 50.0, ready: false, mature: false }
    }
}

/// One activity of one customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesView {
    /// Operational clock of local expectations: milliseconds, run fast or slow as all sell more or less than usual.
    pub clock: f64,
    /// Its present speed.
    pub common: f64,
    /// Variance components.
    pub components: Components,
    /// Mean milliseconds between false alarms allotted to one site.
    pub site_every_ms: f64,
    /// The same for one device.
    pub device_every_ms: f64,
}

/// Everything a shard reads.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// By class number.
    pub classes: Vec<ClassView>,
    /// By series number.
    pub series: Vec<SeriesView>,
    /// Whether anything is judged yet.
    pub judging: bool,
}
