//! When a site is open, by its registered hours: whether it is now, since when, how long between two moments, and when next.
//! Of eves and of holidays that the hours do not name it is only claimed that nobody opens longer than usual.

use domain::fleet::{Country, DayKind, OpeningHours, day_kind};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};

/// Opening hours run past midnight by at most this many days.
const LONGEST_DAYS: i64 = 2;
/// So far back and ahead are openings looked for.
const SEEN_DAYS: i64 = 8;
/// Longer stretches are not added up day by day.
const MOST_DAYS: i64 = 60;

/// Whether a site is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doors {
    /// Open, since then.
    Open(Timestamp),
    /// Shut, since then.
    Shut(Timestamp),
    /// An eve or a holiday that the hours say nothing of.
    Unsure,
}

/// Opening hours in their zone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hours {
    hours: OpeningHours,
    zone_name: String,
    zone: TimeZone,
}

impl Hours {
    /// Of a site's hours and the IANA name of its zone; none when there is no such zone.
    pub(crate) fn new(hours: &OpeningHours, zone_name: &str) -> Option<Self> {
        let zone = TimeZone::get(zone_name).ok()?;
        Some(Self { hours: hours.clone(), zone_name: zone_name.to_owned(), zone })
    }

    /// Whether these are the hours and the zone.
    pub(crate) fn are(&self, hours: &OpeningHours, zone_name: &str) -> bool {
        self.hours == *hours && self.zone_name == zone_name
    }

    /// Whether it is open at a moment.
    pub(crate) fn doors(&self, at: Timestamp) -> Doors {
        let back = at.checked_sub(SignedDuration::from_hours(24 * SEEN_DAYS)).unwrap_or(at);
        let mut shut_since = back;
        for (from, to, sure) in self.spans(back, at) {
            if from <= at && at < to {
                return if sure { Doors::Open(from) } else { Doors::Unsure };
            }
            if to <= at {
                shut_since = shut_since.max(to);
            }
        }
        Doors::Shut(shut_since)
    }

    /// Seconds that it is open between two moments.
    pub(crate) fn open_s(&self, from: Timestamp, to: Timestamp) -> f64 {
        let most = to.checked_sub(SignedDuration::from_hours(24 * MOST_DAYS)).unwrap_or(from);
        let begin = from.max(most);
        let mut open = 0.0;
        let mut counted_to = begin;
        for (opens, shuts, _) in self.spans(begin, to) {
            let (opens, shuts) = (opens.max(counted_to), shuts.min(to));
            if shuts > opens {
                open += shuts.duration_since(opens).as_secs_f64();
                counted_to = shuts;
            }
        }
        open
    }

    /// When it opens next, if it does within the week.
    pub(crate) fn opens_after(&self, at: Timestamp) -> Option<Timestamp> {
        let ahead = at.checked_add(SignedDuration::from_hours(24 * SEEN_DAYS)).ok()?;
        self.spans(at, ahead).into_iter().map(|(from, ..)| from).find(|from| *from > at)
    }

    /// The spans that touch a stretch of time, in order, and whether each is certain.
    fn spans(&self, from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp, bool)> {
        let day = |at: Timestamp| at.to_zoned_datetime(self.zone.clone()).date();
        let mut date = day(from).saturating_sub(LONGEST_DAYS.days());
        let last = day(to);
        let mut spans = Vec::new();
        while date <= last {
            let kind = day_kind(Country::of_timezone(&self.zone_name), date);
            let sure = match kind {
                DayKind::Ordinary | DayKind::Payday => true,
                DayKind::Holiday => self.hours.knows_holidays(),
                DayKind::Eve => false,
            };
            let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
            for span in self.hours.spans(weekday, kind) {
                let (Some(opens), Some(shuts)) = (self.minute(date, span.from), self.minute(date, span.to)) else {
                    continue;
                };
                if shuts > from && opens <= to {
                    spans.push((opens, shuts, sure));
                }
            }
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
        spans
    }

    /// A minute since a day's midnight, by the clock on the wall.
    fn minute(&self, date: Date, minute: u16) -> Option<Timestamp> {
        let at = date.at(0, 0, 0, 0).checked_add(i64::from(minute).minutes()).ok()?;
        self.zone.to_timestamp(at).ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn hours(text: &str) -> Hours {
        Hours::new(&OpeningHours::parse(text).unwrap(), "Europe/Stockholm").unwrap()
    }

    #[test]
    fn a_shop_is_open_within_its_hours_and_shut_outside() {
        let shop = hours("Mo-Fr 08:00-22:00");
        assert_eq!(shop.doors(at("2026-02-17T09:43:04Z")), Doors::Open(at("2026-02-17T07:00:00Z")));
        assert_eq!(shop.doors(at("2026-02-17T21:30:00Z")), Doors::Shut(at("2026-02-17T21:00:00Z")));
        assert_eq!(shop.doors(at("2026-02-22T12:00:00Z")), Doors::Shut(at("2026-02-20T21:00:00Z")), "a Sunday");
        assert_eq!(shop.doors(at("2026-12-24T12:00:00Z")), Doors::Unsure, "an eve may be like no other day");
        assert_eq!(shop.doors(at("2026-12-24T23:00:00Z")), Doors::Shut(at("2026-12-24T21:00:00Z")));
        let night = hours("Fr,Sa 20:00-02:00");
        assert_eq!(night.doors(at("2026-02-21T00:30:00Z")), Doors::Open(at("2026-02-20T19:00:00Z")));
    }

    #[test]
    fn only_the_open_time_of_a_night_counts() {
        let shop = hours("Mo-Fr 08:00-22:00");
        assert_eq!(shop.open_s(at("2026-02-17T20:00:00Z"), at("2026-02-18T08:00:00Z")), 2.0 * 3_600.0);
        assert_eq!(shop.open_s(at("2026-02-17T22:00:00Z"), at("2026-02-18T05:00:00Z")), 0.0);
        assert_eq!(shop.opens_after(at("2026-02-20T22:00:00Z")), Some(at("2026-02-23T07:00:00Z")), "after a weekend");
        let always = hours("24/7");
        assert_eq!(always.open_s(at("2026-02-17T20:00:00Z"), at("2026-02-18T20:00:00Z")), 24.0 * 3_600.0);
    }
}
