//! Times as RFC 3339 writes them, with their offset: the form of `at` on the wire.
//!
//! Written out by hand because it is read once per signal: a general parser takes several times as long, and accepts forms
//! (a zone in brackets, a date alone) that the contract does not.

use crate::parsed::clip;
use jiff::Timestamp;
use std::ops::RangeInclusive;

/// The years that a signal may lie in: a device whose clock was never set says 1970 or 2000, one gone mad says 9999.
pub const YEARS: RangeInclusive<i64> = 1990..=2200;

/// Why a text is not taken as a time. Reads after the name of a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTime {
    /// Another form.
    #[error("must be a time such as 2026-02-10T10:31:04+01:00 (RFC 3339), not {0:?}")]
    Form(String),
    /// No offset, so that the moment is not known.
    #[error("must say its offset from UTC, such as +01:00 or Z: {0:?}")]
    NoOffset(String),
    /// A month 13, a 30 February, an hour 24.
    #[error("is not a time that exists: {0:?}")]
    Impossible(String),
    /// Outside [`YEARS`].
    #[error("lies in the year {0}, outside {first} to {last}: is the clock set?", first = YEARS.start(), last = YEARS.end())]
    Year(i64),
}

/// Reads `2026-02-10T10:31:04.120+01:00`.
///
/// Up to nine decimals of a second; a leap second (`:60`) is taken as the second before it.
///
/// # Errors
/// [`BadTime`] for another form, a missing offset, an impossible or an unlikely time.
pub fn parse(text: &str) -> Result<Timestamp, BadTime> {
    let (local_s, nanos, rest) = local(text.as_bytes()).ok_or_else(|| BadTime::Form(clip(text)))?;
    let Some(local_s) = local_s else { return Err(BadTime::Impossible(clip(text))) };
    let offset_s = match rest {
        [b'Z' | b'z'] => 0,
        [] => return Err(BadTime::NoOffset(clip(text))),
        [sign @ (b'+' | b'-'), h @ .., b':', m1, m2] if h.len() == 2 => {
            let form = || BadTime::Form(clip(text));
            let (h, m) = (number(h).ok_or_else(form)?, number(&[*m1, *m2]).ok_or_else(form)?);
            if h > 23 || m > 59 {
                return Err(BadTime::Impossible(clip(text)));
            }
            let offset_s = h * 3600 + m * 60;
            if *sign == b'-' { -offset_s } else { offset_s }
        }
        _ => return Err(BadTime::Form(clip(text))),
    };
    let year = number(text.as_bytes().get(..4).unwrap_or_default()).unwrap_or_default();
    if !YEARS.contains(&year) {
        return Err(BadTime::Year(year));
    }
    let at = Timestamp::new(local_s - offset_s, nanos).map_err(|_| BadTime::Impossible(clip(text)))?;
    within_years(at)
}

/// Refuses a moment whose year, in UTC, is not among [`YEARS`].
///
/// # Errors
/// [`BadTime::Year`].
pub fn within_years(at: Timestamp) -> Result<Timestamp, BadTime> {
    if is_within_years(at) {
        return Ok(at);
    }
    Err(BadTime::Year(i64::from(jiff::tz::Offset::UTC.to_datetime(at).year())))
}

/// Whether a timestamp can be written so that [`parse`] takes it back.
#[must_use]
pub fn is_within_years(at: Timestamp) -> bool {
    let first = days_from_civil(*YEARS.start(), 1, 1) * 86_400;
    let end = days_from_civil(*YEARS.end() + 1, 1, 1) * 86_400;
    (first..end).contains(&at.as_second())
}

/// Seconds since 1970 as if the offset were zero (`None` if no such time exists), nanoseconds, and what follows.
fn local(bytes: &[u8]) -> Option<(Option<i64>, i32, &[u8])> {
    let (head, mut rest) = bytes.split_at_checked(19)?;
    let separators = [head[4], head[7], head[10], head[13], head[16]];
    if !matches!(separators, [b'-', b'-', b'T' | b't' | b' ', b':', b':']) {
        return None;
    }
    let (year, month, day) = (number(&head[..4])?, number(&head[5..7])?, number(&head[8..10])?);
    let (hour, minute, second) = (number(&head[11..13])?, number(&head[14..16])?, number(&head[17..19])?);
    let mut nanos = 0;
    if let [b'.', decimals @ ..] = rest {
        let len = decimals.iter().take_while(|b| b.is_ascii_digit()).count();
        if !(1..=9).contains(&len) {
            return None;
        }
        let (digits, after) = decimals.split_at(len);
        nanos = digits.iter().chain([b'0'; 9].iter().skip(len)).fold(0, |n, b| n * 10 + i32::from(b - b'0'));
        rest = after;
    }
    if !(1..=12).contains(&month)
        || !(1..=days_in(year, month)).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return Some((None, nanos, rest));
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second.min(59);
    Some((Some(seconds), nanos, rest))
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant, *chrono-Compatible Low-Level Date Algorithms*).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_time_with_its_offset_is_the_moment_it_names() {
        for (text, utc) in [
            ("2026-02-10T10:31:04.120+01:00", "2026-02-10T09:31:04.12Z"),
            ("2026-02-10t09:31:04z", "2026-02-10T09:31:04Z"),
            ("2024-02-29 23:59:59.999999999-09:30", "2024-03-01T09:29:59.999999999Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ] {
            assert_eq!(parse(text).unwrap(), utc.parse().unwrap(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_time_is_named() {
        for (text, wrong) in [
            ("2026-02-10T10:31:04", "must say its offset"),
            ("2026-02-30T10:31:04Z", "not a time that exists"),
            ("2023-02-29T10:31:04Z", "not a time that exists"),
            ("2026-02-10T24:00:00Z", "not a time that exists"),
            ("2026-02-10T10:00:00+24:00", "not a time that exists"),
            ("0000-01-01T00:00:00Z", "year 0,"),
            ("9999-12-31T23:59:59Z", "year 9999"),
            ("1989-12-31T23:59:59Z", "year 1989"),
            ("1990-01-01T00:30:00+01:00", "year 1989"),
            ("2200-12-31T23:30:00-01:00", "year 2201"),
            ("2026-02-10", "must be a time such as"),
            ("2026-02-10T10:31:04.Z", "must be a time such as"),
            ("2026-02-10T10:31:04+0100", "must be a time such as"),
            ("2026-02-10T10:31:04+01:00[Europe/Stockholm]", "must be a time such as"),
            ("+026-02-10T10:31:04Z", "must be a time such as"),
            ("1770000000", "must be a time such as"),
        ] {
            let said = parse(text).unwrap_err().to_string();
            assert!(said.contains(wrong), "{text}: {said}");
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_time_library(s in 631_152_000_i64..7_289_654_399, n in 0..1_000_000_000_i32) {
            let at = Timestamp::new(s, n).unwrap();
            prop_assert_eq!(parse(&at.to_string()).unwrap(), at);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
