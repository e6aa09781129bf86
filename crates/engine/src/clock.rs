//! Civil time for the engine: which quarter of the week it is where, and what kind of day.

use detect::profile::DAY_BINS;
use domain::fleet::{Country, DayKind, day_kind};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Milliseconds since 1970, the engine's own time.
pub type Ms = i64;

/// Milliseconds of a timestamp.
#[must_use]
pub fn to_ms(at: Timestamp) -> Ms {
    at.as_millisecond()
}

/// The timestamp of milliseconds; the ends of time where they lie outside.
#[must_use]
pub fn from_ms(ms: Ms) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// A quarter of an hour somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalBin {
    /// Bin of the week, 0..672, Monday first.
    pub bin: usize,
    /// Days since 1970 of the local date.
    pub day: i32,
    /// Monday is 0.
    pub weekday: usize,
    /// What kind of day it is.
    pub kind: DayKind,
    /// Minutes since local midnight at the beginning of the bin.
    pub minute: u16,
}

/// A time zone with the holidays of its country, and the quarters last asked for.
#[derive(Debug, Clone)]
pub struct Zone {
    name: String,
    tz: TimeZone,
    country: Country,
    cached: [Option<(Ms, LocalBin)>; REMEMBERED],
}

/// Quarters that a zone remembers: the present one, and those in which reports end and teach.
const REMEMBERED: usize = 8;

/// Zones are whole quarters of an hour off UTC.
const QUARTER_MS: Ms = 900_000;

impl Zone {
    /// The zone of an IANA name; UTC where the name is unknown.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let tz = TimeZone::get(name).unwrap_or(TimeZone::UTC);
        Self { name: name.to_owned(), tz, country: Country::of_timezone(name), cached: [None; REMEMBERED] }
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The quarter that holds `ms`.
    pub fn bin(&mut self, ms: Ms) -> LocalBin {
        let quarter = ms.div_euclid(QUARTER_MS);
        let slot = quarter.rem_euclid(REMEMBERED as Ms) as usize;
        match self.cached[slot] {
            Some((at, bin)) if at == quarter => bin,
            Some(_) | None => {
                let bin = self.compute(quarter * QUARTER_MS);
                self.cached[slot] = Some((quarter, bin));
                bin
            }
        }
    }

    /// The same without remembering.
    #[must_use]
    pub fn compute(&self, ms: Ms) -> LocalBin {
        let local = self.tz.to_datetime(from_ms(ms));
        let date = local.date();
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0);
        let epoch = jiff::civil::date(1970, 1, 1);
        let day = epoch.until(date).map_or(0, |span| span.get_days());
        LocalBin {
            bin: weekday * DAY_BINS + usize::from(minute) / 15,
            day,
            weekday,
            kind: day_kind(self.country, date),
            minute,
        }
    }
}

/// The next quarter's beginning after `ms`.
#[must_use]
pub fn next_quarter(ms: Ms) -> Ms {
    (ms.div_euclid(QUARTER_MS) + 1) * QUARTER_MS
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn bin(zone: &str, at: &str) -> LocalBin {
        Zone::new(zone).bin(to_ms(at.parse().unwrap()))
    }

    #[test]
    fn a_week_begins_on_monday_where_the_site_is() {
        assert_eq!(bin("Europe/Stockholm", "2026-02-09T00:14:00+01:00").bin, 0);
        assert_eq!(bin("Europe/Stockholm", "2026-02-08T23:59:00+01:00").bin, 671);
        assert_eq!(bin("Asia/Kolkata", "2026-02-09T08:30:00+05:30").bin, 34);
    }

    #[test]
    fn summer_time_moves_the_bin_with_the_clock_on_the_wall() {
        assert_eq!(bin("Europe/Stockholm", "2026-03-28T07:00:00Z").bin % DAY_BINS, 32);
        assert_eq!(bin("Europe/Stockholm", "2026-03-29T07:00:00Z").bin % DAY_BINS, 36);
    }

    #[test]
    fn an_unknown_zone_is_utc() {
        assert_eq!(bin("Nowhere/Land", "2026-02-09T01:00:00Z").bin, 4);
    }
}
