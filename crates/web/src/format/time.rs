//! Times both relative and absolute ("4 min ago · 10:31:04"): the first for the tired eye, the second for the log.

use crate::words::{Lang, say_with};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// A length of time in the largest unit that is still exact enough to act on: `45 s`, `12 min`, `3 h 20 min`, `4 d 2 h`.
#[must_use]
pub fn duration(lang: Lang, length: SignedDuration) -> String {
    let seconds = length.as_secs().unsigned_abs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let (hour, day) = match lang {
        Lang::En => ("h", "d"),
        Lang::Sv => ("tim", "d"),
    };
    let two = |big: u64, unit: &str, small: u64, small_unit: &str| {
        if small == 0 { format!("{big}\u{a0}{unit}") } else { format!("{big}\u{a0}{unit} {small}\u{a0}{small_unit}") }
    };
    match seconds {
        0..60 => format!("{seconds}\u{a0}s"),
        60..3_600 => format!("{minutes}\u{a0}min"),
        3_600..86_400 => two(hours, hour, minutes, "min"),
        _ => two(days, day, hours, hour),
    }
}

/// How long ago: `just now`, `4 min ago`, `in 8 min`.
#[must_use]
pub fn ago(lang: Lang, at: Timestamp, now: Timestamp) -> String {
    let passed = now.duration_since(at);
    let text = duration(lang, passed);
    if passed.as_secs() >= 5 {
        say_with(lang, "time-ago", &[("a", text.into())])
    } else if passed.as_secs() <= -5 {
        say_with(lang, "time-ahead", &[("a", text.into())])
    } else {
        say_with(lang, "time-now", &[])
    }
}

/// Time of day to the second, with the date when it is not today in that zone: `10:31:04`, `24 Nov 10:31:04`.
#[must_use]
pub fn clock(lang: Lang, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    with_day(lang, at, now, zone, "%H:%M:%S")
}

/// As [`clock`], to the minute.
#[must_use]
pub fn clock_minutes(lang: Lang, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    with_day(lang, at, now, zone, "%H:%M")
}

/// Both: `4 min ago · 10:31:04`.
#[must_use]
pub fn moment(lang: Lang, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    format!("{} · {}", ago(lang, at, now), clock(lang, at, now, zone))
}

/// A day by its name: `Tuesday 17 February 2026`, `tisdag 17 februari 2026`.
#[must_use]
pub fn weekday_date(lang: Lang, at: Timestamp, zone: &TimeZone) -> String {
    let civil = at.to_zoned_datetime(zone.clone());
    let weekday = WEEKDAYS[usize::from(civil.weekday().to_monday_zero_offset().unsigned_abs())];
    let month = MONTHS[usize::from(civil.month().unsigned_abs()) - 1];
    format!("{} {} {} {}", pick(lang, weekday), civil.day(), pick(lang, month), civil.year())
}

fn with_day(lang: Lang, at: Timestamp, now: Timestamp, zone: &TimeZone, pattern: &str) -> String {
    let civil = at.to_zoned_datetime(zone.clone());
    let today = now.to_zoned_datetime(zone.clone());
    let time = civil.strftime(pattern).to_string();
    if civil.date() == today.date() {
        return time;
    }
    let month: String = pick(lang, MONTHS[usize::from(civil.month().unsigned_abs()) - 1]).chars().take(3).collect();
    if civil.year() == today.year() {
        format!("{}\u{a0}{month} {time}", civil.day())
    } else {
        format!("{}\u{a0}{month} {} {time}", civil.day(), civil.year())
    }
}

fn pick(lang: Lang, (en, sv): (&'static str, &'static str)) -> &'static str {
    match lang {
        Lang::En => en,
        Lang::Sv => sv,
    }
}

const WEEKDAYS: [(&str, &str); 7] = [
    ("Monday", "måndag"),
    ("Tuesday", "tisdag"),
    ("Wednesday", "onsdag"),
    ("Thursday", "torsdag"),
    ("Friday", "fredag"),
    ("Saturday", "lördag"),
    ("Sunday", "söndag"),
];

const MONTHS: [(&str, &str); 12] = [
    ("January", "januari"),
    ("February", "februari"),
    ("March", "mars"),
    ("April", "april"),
    ("May", "maj"),
    ("June", "juni"),
    ("July", "juli"),
    ("August", "augusti"),
    ("September", "september"),
    ("October", "oktober"),
    ("November", "november"),
    ("December", "december"),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn stockholm() -> TimeZone {
        TimeZone::get("Europe/Stockholm").unwrap()
    }

    #[test]
    fn a_moment_is_relative_and_absolute_in_the_local_zone() {
        let (then, now) = (at("2026-02-17T09:31:04Z"), at("2026-02-17T09:35:20Z"));
        assert_eq!(moment(Lang::En, then, now, &stockholm()), "4\u{a0}min ago · 10:31:04");
        assert_eq!(moment(Lang::Sv, then, now, &stockholm()), "4\u{a0}min sedan · 10:31:04");
    }

    #[test]
    fn what_is_to_come_is_said_as_such() {
        let now = at("2026-02-17T09:35:20Z");
        assert_eq!(ago(Lang::En, at("2026-02-17T09:43:20Z"), now), "in 8\u{a0}min");
        assert_eq!(ago(Lang::Sv, at("2026-02-17T09:35:22Z"), now), "just nu");
    }

    #[test]
    fn another_day_is_named_by_the_zones_calendar_not_by_utc() {
        let now = at("2026-02-17T09:35:20Z");
        assert_eq!(clock(Lang::En, at("2026-02-16T23:30:00Z"), now, &stockholm()), "00:30:00");
        assert_eq!(clock(Lang::Sv, at("2026-02-16T22:30:00Z"), now, &stockholm()), "16\u{a0}feb 23:30:00");
        assert_eq!(clock_minutes(Lang::En, at("2025-12-31T11:00:00Z"), now, &stockholm()), "31\u{a0}Dec 2025 12:00");
    }

    #[test]
    fn a_length_names_two_units_at_most() {
        for (seconds, en, sv) in [
            (45, "45\u{a0}s", "45\u{a0}s"),
            (12 * 60 + 40, "12\u{a0}min", "12\u{a0}min"),
            (3 * 3_600 + 20 * 60, "3\u{a0}h 20\u{a0}min", "3\u{a0}tim 20\u{a0}min"),
            (4 * 86_400 + 2 * 3_600, "4\u{a0}d 2\u{a0}h", "4\u{a0}d 2\u{a0}tim"),
            (7_200, "2\u{a0}h", "2\u{a0}tim"),
        ] {
            assert_eq!(duration(Lang::En, SignedDuration::from_secs(seconds)), en);
            assert_eq!(duration(Lang::Sv, SignedDuration::from_secs(seconds)), sv);
        }
    }

    #[test]
    fn a_day_is_written_out_in_both_languages() {
        let day = at("2026-02-17T12:00:00Z");
        assert_eq!(weekday_date(Lang::En, day, &stockholm()), "Tuesday 17 February 2026");
        assert_eq!(weekday_date(Lang::Sv, day, &stockholm()), "tisdag 17 februari 2026");
    }
}
