//! Time on disk is whole microseconds since 1970 in UTC, as a signed 64-bit integer.
//!
//! What is finer is cut off when stored, so whoever must see the same time before and after uses [`whole_us`] first.

use jiff::Timestamp;

/// A stored number of microseconds that is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} microseconds since 1970 is outside the years -9999 to 9999")]
pub struct BadTime(pub i64);

/// `at` as the store keeps it: without what is finer than a microsecond.
#[must_use]
pub fn whole_us(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// The number that is stored for `at`.
pub(crate) fn to_us(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The time of a stored number.
pub(crate) fn from_us(us: i64) -> Result<Timestamp, BadTime> {
    Timestamp::from_microsecond(us).map_err(|_| BadTime(us))
}

/// Microseconds in a UTC day.
pub(crate) const DAY_US: i64 = 86_400_000_000;

/// The UTC day of a stored time, counted from 1970-01-01.
pub(crate) fn day_of(us: i64) -> i64 {
    us.div_euclid(DAY_US)
}
