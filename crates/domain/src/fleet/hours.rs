//! Opening hours in the notation of OpenStreetMap, as far as shops use it: `Mo-Fr 08:00-22:00; Sa,Su 09:00-21:00; PH off`.
//!
//! Later rules override earlier ones on the days they name. A closing time up to 48:00, or not after the opening one, runs past midnight.
//! Months, weeks and sunrise are refused by name: <https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification>.

use super::DayKind;
use serde::{Deserialize, Serialize};

/// Minutes since local midnight, `from` included and `to` excluded; `to` may exceed 1,440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Opening minute.
    pub from: u16,
    /// Closing minute.
    pub to: u16,
}

/// Spans of each weekday (Monday first), and of public holidays where those differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OpeningHours {
    text: String,
    weekdays: [Vec<Span>; 7],
    holidays: Option<Vec<Span>>,
}

/// Why a text is not read as opening hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadHours {
    /// A rule in a form that is not understood.
    #[error("opening hours: rule {0:?} is not of the form 'Mo-Fr 08:00-22:00', 'PH off' or '24/7'")]
    Rule(String),
    /// Not a day.
    #[error("opening hours: {0:?} is not a day (Mo Tu We Th Fr Sa Su PH)")]
    Day(String),
    /// Not a time span.
    #[error("opening hours: {0:?} is not a time span such as 08:00-22:00")]
    Time(String),
}

const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

impl OpeningHours {
    /// Reads the notation.
    ///
    /// # Errors
    /// [`BadHours`] names the part that is not understood.
    pub fn parse(text: &str) -> Result<Self, BadHours> {
        let mut hours = Self { text: text.trim().to_owned(), weekdays: Default::default(), holidays: None };
        for rule in text.split(';').map(str::trim).filter(|r| !r.is_empty()) {
            hours.apply(rule)?;
        }
        if hours.text.is_empty() {
            return Err(BadHours::Rule(text.to_owned()));
        }
        Ok(hours)
    }

    /// Spans that *begin* on a day: minutes since its midnight.
    #[must_use]
    pub fn spans(&self, weekday_from_monday: usize, kind: DayKind) -> &[Span] {
        match (&self.holidays, kind) {
            (Some(spans), DayKind::Holiday) => spans,
            _ => self.weekdays.get(weekday_from_monday).map_or(&[], Vec::as_slice),
        }
    }

    /// Share of `minutes` from a minute of a day on in which it is open; what the day before runs past midnight counts, as on an ordinary day.
    #[must_use]
    pub fn open_share(&self, weekday_from_monday: usize, kind: DayKind, from: u16, minutes: u16) -> f64 {
        let within = |spans: &[Span], from: u16| -> u16 {
            spans.iter().map(|s| s.to.min(from + minutes).saturating_sub(s.from.max(from))).sum()
        };
        let before = self.spans((weekday_from_monday + 6) % 7, DayKind::Ordinary);
        let open = within(self.spans(weekday_from_monday, kind), from) + within(before, from + 1440);
        (f64::from(open) / f64::from(minutes.max(1))).min(1.0)
    }

    /// Whether the rules say anything of public holidays.
    #[must_use]
    pub fn knows_holidays(&self) -> bool {
        self.holidays.is_some()
    }

    /// The text as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn apply(&mut self, rule: &str) -> Result<(), BadHours> {
        if rule == "24/7" {
            self.weekdays = std::array::from_fn(|_| vec![Span { from: 0, to: 1440 }]);
            return Ok(());
        }
        let starts_with_day = rule.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_off(rule);
        let (days, times) = if starts_with_day {
            // Days end where a digit or the word off/closed begins.
            let cut = rule.find(|c: char| c.is_ascii_digit()).or_else(|| rule.rfind(' ').map(|i| i + 1));
            rule.split_at_checked(cut.unwrap_or(rule.len())).ok_or_else(|| BadHours::Rule(rule.to_owned()))?
        } else {
            ("Mo-Su", rule)
        };
        let spans = parse_times(times.trim(), rule)?;
        for part in days.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            if part == "PH" {
                self.holidays = Some(spans.clone());
                continue;
            }
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = (day(first)?, day(last)?);
            let mut d = first;
            loop {
                self.weekdays[d].clone_from(&spans);
                if d == last {
                    break;
                }
                d = (d + 1) % 7;
            }
        }
        Ok(())
    }
}

fn is_off(text: &str) -> bool {
    matches!(text, "off" | "closed")
}

fn day(text: &str) -> Result<usize, BadHours> {
    DAYS.iter().position(|d| *d == text.trim()).ok_or_else(|| BadHours::Day(text.to_owned()))
}

fn parse_times(text: &str, rule: &str) -> Result<Vec<Span>, BadHours> {
    if is_off(text) {
        return Ok(Vec::new());
    }
    if text.is_empty() {
        return Err(BadHours::Rule(rule.to_owned()));
    }
    let mut spans = Vec::new();
    for part in text.split(',').map(str::trim) {
        let bad = || BadHours::Time(part.to_owned());
        let (from, to) = part.split_once('-').ok_or_else(bad)?;
        let (from, mut to) = (minutes(from).ok_or_else(bad)?, minutes(to).ok_or_else(bad)?);
        if from >= 1440 || to > 2880 {
            return Err(bad());
        }
        if to <= from {
            to += 1440;
        }
        spans.push(Span { from, to });
    }
    spans.sort();
    Ok(spans)
}

fn minutes(text: &str) -> Option<u16> {
    let (h, m) = text.trim().split_once(':')?;
    let (h, m): (u16, u16) = (h.parse().ok()?, m.parse().ok()?);
    (h <= 48 && m < 60).then_some(h * 60 + m)
}

impl TryFrom<String> for OpeningHours {
    type Error = BadHours;
    fn try_from(text: String) -> Result<Self, BadHours> {
        Self::parse(&text)
    }
}

impl From<OpeningHours> for String {
    fn from(hours: OpeningHours) -> Self {
        hours.text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_usual_notations_of_shops_are_read() {
        let h = OpeningHours::parse("Mo-Fr 08:00-22:00; Sa,Su 09:00-21:00; PH off").unwrap();
        assert_eq!(h.spans(0, DayKind::Ordinary), [Span { from: 480, to: 1320 }]);
        assert_eq!(h.spans(6, DayKind::Ordinary), [Span { from: 540, to: 1260 }]);
        assert_eq!(h.spans(0, DayKind::Holiday), []);
        let h = OpeningHours::parse("24/7").unwrap();
        assert_eq!(h.spans(3, DayKind::Holiday), [Span { from: 0, to: 1440 }]);
        let h = OpeningHours::parse("08:00-12:00,13:00-17:00; Su closed").unwrap();
        assert_eq!(h.spans(1, DayKind::Ordinary).len(), 2);
        assert_eq!(h.spans(6, DayKind::Ordinary), []);
        let h = OpeningHours::parse("Fr-Mo 20:00-02:00").unwrap();
        assert_eq!(h.spans(6, DayKind::Ordinary), [Span { from: 1200, to: 1560 }]);
        assert_eq!(h.spans(2, DayKind::Ordinary), []);
    }

    #[test]
    fn the_share_that_is_open_knows_edges_and_nights() {
        let h = OpeningHours::parse("Mo-Fr 08:00-21:10; Sa 20:00-02:00; Su off; PH off").unwrap();
        let share = |day: usize, kind: DayKind, at: u16| h.open_share(day, kind, at, 15);
        assert_eq!(share(0, DayKind::Ordinary, 465), 0.0);
        assert_eq!(share(0, DayKind::Ordinary, 480), 1.0);
        assert!((share(0, DayKind::Ordinary, 1260) - 10.0 / 15.0).abs() < 1e-9);
        assert_eq!(share(6, DayKind::Ordinary, 60), 1.0, "Saturday's night");
        assert_eq!(share(6, DayKind::Ordinary, 120), 0.0);
        assert_eq!(share(1, DayKind::Holiday, 600), 0.0);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(OpeningHours::parse("Mo-Xx 08:00-22:00").unwrap_err(), BadHours::Day("Xx".into()));
        assert!(matches!(OpeningHours::parse("Mo 8-22").unwrap_err(), BadHours::Time(_)));
        assert!(OpeningHours::parse("").is_err());
        assert!(OpeningHours::parse("Jun-Aug 08:00-10:00").is_err());
        assert!(OpeningHours::parse("Mo-Fr").is_err());
    }
}
