//! How a cost came about: the numbers behind the number, so that nobody has to take it on trust.

use super::cost::Basis;
use crate::format::MoneyInterval;
use domain::Money;
use jiff::Timestamp;

/// The numbers behind a cost per hour.
#[derive(Debug, Clone, PartialEq)]
pub struct WhyMoney {
    /// What the affected usually bring at this hour, per hour.
    pub expected: Money,
    /// What they bring, per hour.
    pub observed: Money,
    /// The share of the expected that they bring, 0..=1.
    pub remaining: f64,
    /// The difference.
    pub per_hour: MoneyInterval,
    /// What it rests on.
    pub basis: Basis,
    /// Transactions counted at the affected since the start.
    pub counted: f64,
    /// Transactions expected there meanwhile.
    pub due: f64,
    /// The start.
    pub since: Timestamp,
    /// Up to when this is known.
    pub as_of: Timestamp,
    /// All that is sold at the affected sites, where it was measured since.
    pub sites: Option<SitesNow>,
}

/// The affected sites as wholes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SitesNow {
    /// Observed, per hour.
    pub actual: Money,
    /// Expected, per hour.
    pub expected: Money,
    /// What the affected do not sell and the rest of these sites sells beside its own.
    pub moved: Option<Money>,
    /// End of the minutes in which it was measured.
    pub at: Timestamp,
}
