//! Public holidays by rule, so that a Christmas without sales is no disruption.
//!
//! Sources: Swedish *lag (1989:253) om allmänna helgdagar*; national holiday acts of the other countries. Easter by the Gregorian
//! computus (Meeus, *Astronomical Algorithms*, ch. 8). Eves on which most Swedish shops close early are a kind of their own. Swedish wages
//! come on the 25th, or on the last banking day before it.

use jiff::civil::{Date, Weekday};

/// A country whose holidays are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Country {
    /// Sweden.
    Sweden,
    /// Norway.
    Norway,
    /// Denmark.
    Denmark,
    /// Finland.
    Finland,
    /// England and Wales.
    Britain,
    /// Germany (holidays of all states).
    Germany,
    /// United States (federal).
    UnitedStates,
    /// None of them: only New Year's Day and Christmas Day are taken as holidays.
    Elsewhere,
}

impl Country {
    /// The country of an IANA time zone.
    #[must_use]
    pub fn of_timezone(name: &str) -> Self {
        match name {
            "Europe/Stockholm" => Self::Sweden,
            "Europe/Oslo" => Self::Norway,
            "Europe/Copenhagen" => Self::Denmark,
            "Europe/Helsinki" | "Europe/Mariehamn" => Self::Finland,
            "Europe/London" | "Europe/Belfast" => Self::Britain,
            "Europe/Berlin" => Self::Germany,
            _ if name.starts_with("US/") => Self::UnitedStates,
            "America/New_York"
            | "America/Chicago"
            | "America/Denver"
            | "America/Los_Angeles"
            | "America/Phoenix"
            | "America/Detroit" => Self::UnitedStates,
            _ => Self::Elsewhere,
        }
    }
}

/// How a day differs from others of its weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayKind {
    /// As any other.
    Ordinary,
    /// Wages have just come: people buy more.
    Payday,
    /// The eve of a holiday, or a day squeezed beside one: traffic is unlike itself.
    Eve,
    /// A public holiday: many shops are closed.
    Holiday,
}

/// What kind of day a date is in a country.
#[must_use]
pub fn day_kind(country: Country, date: Date) -> DayKind {
    if is_holiday(country, date) {
        return DayKind::Holiday;
    }
    let tomorrow = date.tomorrow().ok();
    let is_eve = tomorrow.is_some_and(|t| is_holiday(country, t) && t.weekday() != Weekday::Sunday);
    let christmas_time = date.month() == 12 && (23..=31).contains(&date.day());
    let after = date.yesterday().is_ok_and(|y| is_holiday(country, y) && y.month() == 12);
    match () {
        () if is_eve || christmas_time || after => DayKind::Eve,
        () if follows_payday(country, date) => DayKind::Payday,
        () => DayKind::Ordinary,
    }
}

/// Days on which the wages of a payday are spent, itself among them.
const PAYDAY_LASTS: i32 = 3;

fn follows_payday(country: Country, date: Date) -> bool {
    // Only where one day of the month is everybody's.
    if country != Country::Sweden {
        return false;
    }
    let Ok(mut pay) = Date::new(date.year(), date.month(), 25) else { return false };
    let banks_closed = |d: Date| matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday) || is_holiday(country, d);
    while banks_closed(pay) {
        let Ok(before) = pay.yesterday() else { return false };
        pay = before;
    }
    (0..PAYDAY_LASTS).contains(&days_between(pay, date))
}

fn is_holiday(country: Country, date: Date) -> bool {
    let fixed = |month: i8, day: i8| date.month() == month && date.day() == day;
    // Maundy Thursday is in March at the earliest, Whit Monday in June at the latest.
    let sunday = if (3..=6).contains(&date.month()) { easter_sunday(date.year()) } else { None };
    let easter = |offset: i32| sunday.is_some_and(|sunday| days_between(sunday, date) == offset);
    let nth = |month: i8, weekday: Weekday, nth: i8| {
        date.month() == month && date.weekday() == weekday && (date.day() - 1) / 7 + 1 == nth
    };
    let last = |month: i8, weekday: Weekday| {
        date.month() == month && date.weekday() == weekday && date.day() + 7 > date.days_in_month()
    };
    let saturday_in = |m1: i8, d1: i8, m2: i8, d2: i8| {
        date.weekday() == Weekday::Saturday
            && (date.month(), date.day()) >= (m1, d1)
            && (date.month(), date.day()) <= (m2, d2)
    };
    if fixed(1, 1) || fixed(12, 25) {
        return true;
    }
    match country {
        Country::Sweden => {
            fixed(1, 6) || fixed(5, 1) || fixed(6, 6) || fixed(12, 24) || fixed(12, 26) || fixed(12, 31)
                || easter(-2) || easter(0) || easter(1) || easter(39) || easter(49)
                || saturday_in(6, 20, 6, 26)
                // Midsummer Eve is no holiday by law; shops close as on one.
                || (date.weekday() == Weekday::Friday && date.month() == 6 && (19..=25).contains(&date.day()))
                || saturday_in(10, 31, 11, 6)
        }
        Country::Norway => {
            fixed(5, 1)
                || fixed(5, 17)
                || fixed(12, 26)
                || easter(-3)
                || easter(-2)
                || easter(0)
                || easter(1)
                || easter(39)
                || easter(49)
                || easter(50)
        }
        Country::Denmark => {
            fixed(6, 5)
                || fixed(12, 24)
                || fixed(12, 26)
                || easter(-3)
                || easter(-2)
                || easter(0)
                || easter(1)
                || easter(39)
                || easter(49)
                || easter(50)
        }
        Country::Finland => {
            fixed(1, 6)
                || fixed(5, 1)
                || fixed(12, 6)
                || fixed(12, 24)
                || fixed(12, 26)
                || easter(-2)
                || easter(0)
                || easter(1)
                || easter(39)
                || saturday_in(6, 20, 6, 26)
                || saturday_in(10, 31, 11, 6)
        }
        Country::Britain => {
            let moved = |month: i8, day: i8| {
                // A bank holiday at a weekend moves to the next working days.
                date.month() == month
                    && (day + 1..=day + 3).contains(&date.day())
                    && Date::new(date.year(), month, day)
                        .is_ok_and(|d| matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday))
                    && matches!(date.weekday(), Weekday::Monday | Weekday::Tuesday)
            };
            fixed(12, 26)
                || easter(-2)
                || easter(0)
                || easter(1)
                || nth(5, Weekday::Monday, 1)
                || last(5, Weekday::Monday)
                || last(8, Weekday::Monday)
                || moved(12, 25)
                || moved(12, 26)
                || (moved(1, 1) && date.weekday() == Weekday::Monday)
        }
        Country::Germany => {
            fixed(5, 1)
                || fixed(10, 3)
                || fixed(12, 26)
                || easter(-2)
                || easter(0)
                || easter(1)
                || easter(39)
                || easter(49)
                || easter(50)
        }
        Country::UnitedStates => {
            fixed(7, 4)
                || nth(1, Weekday::Monday, 3)
                || nth(2, Weekday::Monday, 3)
                || last(5, Weekday::Monday)
                || nth(9, Weekday::Monday, 1)
                || nth(11, Weekday::Thursday, 4)
        }
        Country::Elsewhere => false,
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

/// Easter Sunday of a Gregorian year.
fn easter_sunday(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, i8::try_from(n / 31).ok()?, i8::try_from(n % 31 + 1).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn swedish_holidays_of_2026_are_known() {
        for d in [
            date(2026, 1, 1),
            date(2026, 1, 6),
            date(2026, 4, 3),
            date(2026, 4, 5),
            date(2026, 4, 6),
            date(2026, 5, 1),
            date(2026, 5, 14),
            date(2026, 5, 24),
            date(2026, 6, 6),
            date(2026, 6, 19),
            date(2026, 6, 20),
            date(2026, 10, 31),
            date(2026, 12, 24),
            date(2026, 12, 25),
            date(2026, 12, 26),
        ] {
            assert_eq!(day_kind(Country::Sweden, d), DayKind::Holiday, "{d}");
        }
        assert_eq!(day_kind(Country::Sweden, date(2026, 2, 10)), DayKind::Ordinary);
        assert_eq!(day_kind(Country::Sweden, date(2026, 4, 2)), DayKind::Eve);
    }

    #[test]
    fn swedish_wages_come_on_the_25th_or_the_last_banking_day_before_and_last_three_days() {
        let paydays = |year: i16, month: i8| -> Vec<i8> {
            (1..=28).filter(|&d| day_kind(Country::Sweden, date(year, month, d)) == DayKind::Payday).collect()
        };
        assert_eq!(paydays(2026, 2), [25, 26, 27]);
        // The 25th is a Sunday.
        assert_eq!(paydays(2026, 1), [23, 24, 25]);
        // Before Christmas all days are unlike others anyhow.
        assert!(paydays(2026, 12).is_empty());
        assert_eq!(day_kind(Country::Germany, date(2026, 2, 25)), DayKind::Ordinary);
    }

    #[test]
    fn british_bank_holidays_of_2011_are_known() {
        for d in [
            date(2011, 1, 3),
            date(2011, 4, 22),
            date(2011, 4, 25),
            date(2011, 5, 2),
            date(2011, 5, 30),
            date(2011, 8, 29),
            date(2011, 12, 27),
        ] {
            assert_eq!(day_kind(Country::Britain, d), DayKind::Holiday, "{d}");
        }
        assert_eq!(day_kind(Country::Britain, date(2011, 8, 22)), DayKind::Ordinary);
    }

    #[test]
    fn american_thanksgiving_is_the_fourth_thursday() {
        assert_eq!(day_kind(Country::UnitedStates, date(2017, 11, 23)), DayKind::Holiday);
    }
}
