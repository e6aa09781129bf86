//! Times as exports write them: `2011-06-01 12:30:27`, `2011-06-01T12:30Z`, `01.06.2011 12.30`, `2011/06/01`, `20110601`.
//!
//! `01/06/2011` is refused: it is the sixth of January to some and the first of June to others, and no file says to whom.

use crate::parsed::clip;
use crate::rfc3339::YEARS;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// Why a text is no time. Reads after the name of a column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLocalTime {
    /// Another form.
    #[error("must be a time such as 2011-06-01 12:30:27 or 01.06.2011 12:30, not {0:?}")]
    Form(String),
    /// Day and month cannot be told apart.
    #[error("is {0:?}, in which day and month cannot be told apart; write 2011-06-01")]
    DayOrMonth(String),
    /// No such day or time.
    #[error("is not a time that exists: {0:?}")]
    Impossible(String),
    /// Outside the years that are taken.
    #[error("lies in the year {0}, outside {first} to {last}", first = YEARS.start(), last = YEARS.end())]
    Year(i16),
}

/// A time as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// With its offset.
    Moment(Timestamp),
    /// Without.
    Local(DateTime),
}

/// Reads a time, or a date alone as its midnight.
pub(super) fn parse(text: &str) -> Result<Written, BadLocalTime> {
    let text = text.trim();
    let form = || BadLocalTime::Form(clip(text));
    if text.len() > 64 {
        return Err(form());
    }
    let (date_text, time_text) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], text[at + 1..].trim()),
        None => (text, ""),
    };
    let (year, month, day) = date_parts(date_text).ok_or_else(|| {
        let slashes = date_text.split('/').count() == 3 && date_text.bytes().all(|b| b.is_ascii_digit() || b == b'/');
        if slashes { BadLocalTime::DayOrMonth(clip(text)) } else { form() }
    })?;
    if !YEARS.contains(&i64::from(year)) {
        return Err(BadLocalTime::Year(year));
    }
    let date = Date::new(year, month, day).map_err(|_| BadLocalTime::Impossible(clip(text)))?;
    if time_text.is_empty() {
        return Ok(Written::Local(date.to_datetime(Time::midnight())));
    }
    let (clock_text, offset) = split_offset(time_text).ok_or_else(form)?;
    let (hour, minute, second, nanos) = clock_parts(clock_text).ok_or_else(form)?;
    let time = Time::new(hour, minute, second, nanos).map_err(|_| BadLocalTime::Impossible(clip(text)))?;
    let local = date.to_datetime(time);
    match offset {
        None => Ok(Written::Local(local)),
        Some(offset) => {
            let moment = offset.to_timestamp(local).map_err(|_| BadLocalTime::Impossible(clip(text)))?;
            Ok(Written::Moment(moment))
        }
    }
}

/// Year, month and day of `2011-06-01`, `2011/6/1`, `2011.06.01`, `1.6.2011`, `20110601`.
fn date_parts(text: &str) -> Option<(i16, i8, i8)> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some((text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?));
    }
    let separator = text.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '-' | '/' | '.'))?;
    let mut parts = text.split(separator);
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || ![a, b, c].iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let (year, month, day) = match (a.len(), c.len(), separator) {
        (4, 1 | 2, _) => (a, b, c),
        (1 | 2, 4, '.') => (c, b, a),
        _ => return None,
    };
    (b.len() <= 2).then_some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

/// Hour, minute, second and nanoseconds of `12:30`, `12.30`, `12:30:27.5`, `12:30:27,5`, `1230`.
fn clock_parts(text: &str) -> Option<(i8, i8, i8, i32)> {
    let number = |part: &str| -> Option<i8> {
        ((1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    if matches!(text.len(), 4 | 6) && text.bytes().all(|b| b.is_ascii_digit()) {
        let second = if text.len() == 6 { number(&text[4..])? } else { 0 };
        return Some((number(&text[..2])?, number(&text[2..4])?, second, 0));
    }
    let separator = text.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, ':' | '.'))?;
    let mut parts = text.splitn(3, separator);
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let Some(seconds) = parts.next() else { return Some((hour, minute, 0, 0)) };
    let (second, decimals) = seconds.split_once(['.', ',']).unwrap_or((seconds, "0"));
    if !(1..=9).contains(&decimals.len()) || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanos = decimals.parse::<i32>().ok()? * 10_i32.pow(9 - u32::try_from(decimals.len()).ok()?);
    Some((hour, minute, number(second)?, nanos))
}

/// Cuts off `Z`, `+01:00`, `+0100` or `+01`.
fn split_offset(text: &str) -> Option<(&str, Option<Offset>)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock.trim_end(), Some(Offset::UTC)));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, None)) };
    let (sign, digits) = (if text[at..].starts_with('-') { -1 } else { 1 }, &text[at + 1..]);
    let (hours, minutes) = match digits.len() {
        2 => (digits, "0"),
        4 => digits.split_at_checked(2)?,
        5 => digits.split_once(':')?,
        _ => return None,
    };
    if ![hours, minutes].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let offset = Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
    Some((text[..at].trim_end(), Some(offset)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn local(text: &str) -> Written {
        Written::Local(text.parse().unwrap())
    }

    #[test]
    fn the_usual_forms_are_read() {
        for (text, same) in [
            ("2011-06-01 12:30:27", "2011-06-01T12:30:27"),
            ("2011-06-01 12:30", "2011-06-01T12:30:00"),
            ("2011-06-01T12:30:27.25", "2011-06-01T12:30:27.25"),
            ("2011-06-01 12:30:27,250", "2011-06-01T12:30:27.25"),
            ("01.06.2011 12:30", "2011-06-01T12:30:00"),
            ("1.6.2011 9.05", "2011-06-01T09:05:00"),
            ("2011/06/01", "2011-06-01T00:00:00"),
            ("20110601 1230", "2011-06-01T12:30:00"),
        ] {
            assert_eq!(parse(text).unwrap(), local(same), "{text}");
        }
        for text in ["2011-06-01T12:30:00+02:00", "2011-06-01 12:30 +0200", "2011-06-01 10:30Z", "2011-06-01 05:30-05"]
        {
            assert_eq!(parse(text).unwrap(), Written::Moment("2011-06-01T10:30:00Z".parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_in_one_way_is_refused_with_the_way_out() {
        for (text, says) in [
            ("01/06/2011 12:30", "day and month"),
            ("2011-13-01", "not a time that exists"),
            ("2011-02-29 10:00", "not a time that exists"),
            ("2011-06-01 25:00", "not a time that exists"),
            ("0000-01-01 10:00", "year 0"),
            ("9999-01-01 10:00", "year 9999"),
            ("", "must be a time"),
            ("yesterday", "must be a time"),
            ("2011-06-01 noon", "must be a time"),
            ("2011-06-01 12:30+99:00", "must be a time"),
            ("11-06-01", "must be a time"),
        ] {
            let said = parse(text).unwrap_err().to_string();
            assert!(said.contains(says), "{text}: {said}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-9T:.,/+Z å-]{0,24}") {
            let _ = parse(&text);
        }
    }
}
