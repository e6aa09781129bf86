//! What the fleet step tells every shard: shapes, variances, thresholds. Read-only during a shard step.

use detect::calendar::DayFactor;
use detect::components::Components;
use detect::profile::Profile;
use domain::fleet::DayKind;
use serde::{Deserialize, Serialize};

/// Extra variance while not every day of the week has been seen: a Monday is expected to be like the days that were.
pub const YOUNG: f64 = 0.06;

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
    /// What all do more or less than usual in the last minutes, by which groups go.
    pub lately: f64,
    /// Part of what all share that is left for a single site: all of it, unless its clock follows what all do together.
    pub common_left: f64,
    /// Variance components.
    pub components: Components,
    /// Days unlike others.
    pub calendar: Calendar,
    /// Extra variance of what all share at present: the day is unlike others, or not every day of the week has been seen.
    pub odd: f64,
    /// Mean milliseconds between false alarms allotted to one site.
    pub site_every_ms: f64,
    /// The same for one device.
    pub device_every_ms: f64,
    /// Mean turnover of a site in a week, minor units; 0 while none is known.
    pub site_value: f64,
}

/// How days unlike others differ from what the week has them do.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calendar {
    payday: DayFactor,
    eve: DayFactor,
    holiday: DayFactor,
}

impl Default for Calendar {
    /// A holiday may well bring half or double, and no two are alike; an eve differs less, a payday by some percent.
    fn default() -> Self {
        Self {
            payday: DayFactor::new(0.005, 0.002),
            eve: DayFactor::new(0.06, 0.03),
            holiday: DayFactor::new(0.25, 0.03),
        }
    }
}

impl Calendar {
    /// The factor to expect on a day.
    #[must_use]
    pub fn factor(&self, kind: DayKind) -> f64 {
        match kind {
            DayKind::Ordinary => 1.0,
            DayKind::Payday => self.payday.mean(),
            DayKind::Eve => self.eve.mean(),
            DayKind::Holiday => self.holiday.mean(),
        }
    }

    /// Its relative variance.
    #[must_use]
    pub fn variance(&self, kind: DayKind) -> f64 {
        match kind {
            DayKind::Ordinary => 0.0,
            DayKind::Payday => self.payday.variance(),
            DayKind::Eve => self.eve.variance(),
            DayKind::Holiday => self.holiday.variance(),
        }
    }

    /// A part of a day: `n` happened where `mu` was expected with the factor as it stands.
    pub fn learn(&mut self, kind: DayKind, day: i32, n: f64, mu: f64) {
        let plain = mu / self.factor(kind);
        match kind {
            DayKind::Ordinary => {}
            DayKind::Payday => self.payday.learn(day, n, plain),
            DayKind::Eve => self.eve.learn(day, n, plain),
            DayKind::Holiday => self.holiday.learn(day, n, plain),
        }
    }
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
