//! Local time in blocks of a quarter of an hour, and how a date differs from others: holidays, eves, paydays, seasons.

use domain::fleet::{Country, DayKind, day_kind};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Seconds in a block, the grain at which rates change. Every time zone's offset is a multiple of it.
pub const BLOCK_S: i64 = 900;

/// Milliseconds in a block.
pub const BLOCK_MS: i64 = BLOCK_S * 1000;

/// What the clock on the wall says at the start of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock {
    /// Quarter-hours since 1970-01-01T00:00Z.
    pub block: i64,
    /// The local date.
    pub date: Date,
    /// Days since the epoch of the local date: the key of day-long levels.
    pub day: i64,
    /// Monday is 0.
    pub weekday: usize,
    /// Minutes since local midnight by the wall clock.
    pub minute: u16,
    /// Ordinary, eve or holiday.
    pub kind: DayKind,
    /// How much busier than usual the date is: [`day_factor`].
    pub factor: f64,
}

impl Clock {
    /// Reads the wall clock of a zone.
    #[must_use]
    pub fn read(zone: &TimeZone, block: i64) -> Self {
        let at = Timestamp::from_second(block * BLOCK_S).unwrap_or(Timestamp::UNIX_EPOCH);
        let local = zone.to_datetime(at);
        let date = local.date();
        let minute = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        Self {
            block,
            date,
            day: day_number(date),
            weekday: usize::from(date.weekday().to_monday_zero_offset().unsigned_abs()),
            minute,
            kind: day_kind(Country::Sweden, date),
            factor: day_factor(date),
        }
    }

    /// Milliseconds since the epoch at which the block begins.
    #[must_use]
    pub fn start_ms(&self) -> i64 {
        self.block * BLOCK_MS
    }

    /// The hour that the block belongs to, since the epoch: the key of hour-long levels.
    #[must_use]
    pub fn hour(&self) -> i64 {
        self.block.div_euclid(4)
    }

    /// Which of the 96 quarters of the day.
    #[must_use]
    pub fn quarter(&self) -> usize {
        usize::from(self.minute / 15).min(95)
    }
}

/// Days since 1970-01-01.
#[must_use]
pub fn day_number(date: Date) -> i64 {
    const EPOCH: Date = Date::constant(1970, 1, 1);
    EPOCH.until(date).map_or(0, |span| i64::from(span.get_days()))
}

/// The block in which a date begins in a zone.
#[must_use]
pub fn first_block(zone: &TimeZone, date: Date) -> i64 {
    zone.to_timestamp(date.at(0, 0, 0, 0)).map_or(0, |at| at.as_second().div_euclid(BLOCK_S))
}

/// How much busier than usual a date is in a shop that is open.
#[must_use]
pub fn day_factor(date: Date) -> f64 {
    season(date) * feast(date) * payday(date)
}

fn season(date: Date) -> f64 {
    match (date.month(), date.day()) {
        (12, 10..=19) => 1.06,
        (1, 7..=24) => 0.95,
        (7, _) => 0.93,
        _ => 1.0,
    }
}

fn feast(date: Date) -> f64 {
    let kind = |d: Date| day_kind(Country::Sweden, d);
    let holiday_after = |days: i32| date.checked_add(days.days()).is_ok_and(|d| kind(d) == DayKind::Holiday);
    match (kind(date), date.month(), date.day()) {
        (DayKind::Holiday, ..) => 0.7,
        (_, 12, 20..=23) => 1.35,
        (DayKind::Eve, ..) if holiday_after(1) => 1.2,
        (DayKind::Eve, ..) => 0.95,
        (DayKind::Ordinary | DayKind::Payday, ..) if holiday_after(2) && date.weekday() != Weekday::Friday => 1.06,
        (DayKind::Ordinary | DayKind::Payday, ..) => 1.0,
    }
}

/// Wages come on the 25th, or on the last banking day before it; shopping follows for three days.
fn payday(date: Date) -> f64 {
    for (back, factor) in [(0, 1.1), (1, 1.08), (2, 1.04)] {
        if date.checked_sub(back.days()).is_ok_and(is_payday) {
            return factor;
        }
    }
    1.0
}

fn is_payday(date: Date) -> bool {
    let Ok(mut pay) = Date::new(date.year(), date.month(), 25) else { return false };
    let banks_closed = |d: Date| {
        matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday) || day_kind(Country::Sweden, d) == DayKind::Holiday
    };
    while banks_closed(pay) {
        let Ok(before) = pay.yesterday() else { return false };
        pay = before;
    }
    pay == date
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::civil::date;
    use jiff::tz::TimeZoneDatabase;

    #[test]
    fn days_of_summer_time_have_23_and_25_hours() {
        let zone = TimeZoneDatabase::bundled().get("Europe/Stockholm").unwrap();
        let hours = |d: Date| (first_block(&zone, d.tomorrow().unwrap()) - first_block(&zone, d)) / 4;
        assert_eq!(hours(date(2026, 3, 28)), 24);
        assert_eq!(hours(date(2026, 3, 29)), 23);
        assert_eq!(hours(date(2026, 10, 25)), 25);
        let start = first_block(&zone, date(2026, 3, 29));
        assert_eq!(Clock::read(&zone, start + 7).minute, 105);
        assert_eq!(Clock::read(&zone, start + 8).minute, 180);
    }

    #[test]
    fn wages_come_on_a_banking_day() {
        assert!(is_payday(date(2026, 2, 25)));
        assert!(is_payday(date(2026, 1, 23)), "the 25th is a Sunday");
        assert!(!is_payday(date(2026, 1, 25)));
        assert!(is_payday(date(2026, 12, 23)), "the 25th and the eve are holidays");
    }

    #[test]
    fn the_day_before_christmas_eve_is_busier_than_the_day_itself() {
        assert!(day_factor(date(2026, 12, 23)) > 1.3);
        assert!(day_factor(date(2026, 12, 25)) < 0.8);
        assert!((day_factor(date(2026, 2, 10)) - 1.0).abs() < 1e-12);
    }
}
