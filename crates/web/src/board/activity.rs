//! What history knows of one site: what it sold of late, who was heard there, and whether it is open.

use super::SiteState;
use crate::hours::Doors;
use jiff::{SignedDuration, Timestamp};
use store::history::{Heard, Point, TransitionTo};

/// So long after its opening a shop is expected to sell.
const SELLS_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// Fewer transactions than this in a sample are as good as none expected.
const HARDLY_ANY: f64 = 0.02;
/// So many transactions must have been due for a site's own sales to say anything.
const LEAST_DUE: f64 = 3.0;
/// A site that sells no more than this share of at least so many due has stopped: by chance one in a thousand sells nothing of seven.
const HAS_STOPPED: f64 = 0.03;
const LEAST_MISSED: f64 = 7.0;
/// A sample is no more than this long, so that more of them than the window holds are never kept.
const MOST_RECENT: usize = 64;

/// What history knows of one site.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Activity {
    /// The newest samples of its activities, summed; none when there is none of late.
    pub(crate) newest: Option<Newest>,
    /// The samples of the last half hour, of each activity, that were heard.
    recent: Vec<Newest>,
    /// Whether it has ever sold anything.
    pub(super) sells: bool,
    /// Devices that were last said to be heard, and when the last of them came to be.
    heard: Option<(u32, Timestamp)>,
    /// Devices that were last said to be unheard or down.
    lost: u32,
    /// Whether it has been open for a while, by its registered hours.
    open: bool,
    /// Whether it is shut, by its registered hours, and sells nothing.
    shut: bool,
}

/// One measured interval of a site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Newest {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// Whether the site was heard from.
    pub(crate) heard: bool,
    pub(crate) expected: f64,
    pub(crate) observed: f64,
    pub(crate) expected_minor_per_hour: i64,
    pub(crate) observed_minor_per_hour: i64,
}

impl Newest {
    fn of(point: &Point) -> Self {
        let per_hour = |minor: i64| {
            let scaled = i128::from(minor) * 3_600 / i128::from(point.covered_s.max(1));
            i64::try_from(scaled).unwrap_or(i64::MAX)
        };
        Self {
            from: point.from,
            to: point.to,
            heard: matches!(point.heard, Heard::Share(share) if share > 0.0) || point.observed > 0.0,
            expected: point.expected,
            observed: point.observed,
            expected_minor_per_hour: per_hour(point.expected_value_minor),
            observed_minor_per_hour: per_hour(point.observed_value_minor),
        }
    }

    fn plus(self, one: Self) -> Self {
        Self {
            from: self.from.min(one.from),
            to: self.to.max(one.to),
            heard: self.heard || one.heard,
            expected: self.expected + one.expected,
            observed: self.observed + one.observed,
            expected_minor_per_hour: self.expected_minor_per_hour.saturating_add(one.expected_minor_per_hour),
            observed_minor_per_hour: self.observed_minor_per_hour.saturating_add(one.observed_minor_per_hour),
        }
    }

    /// Share of it that lies before a moment.
    fn before(&self, since: Timestamp) -> f64 {
        let length = self.to.duration_since(self.from).as_secs_f64().max(1.0);
        (since.duration_since(self.from).as_secs_f64() / length).clamp(0.0, 1.0)
    }
}

impl Activity {
    /// Takes in the samples of one of its activities, in order of time.
    pub(super) fn add(&mut self, points: &[Point]) {
        let Some(last) = points.last().map(Newest::of) else { return };
        self.newest = Some(self.newest.map_or(last, |sum| sum.plus(last)));
        let room = MOST_RECENT.saturating_sub(self.recent.len());
        self.recent.extend(points.iter().rev().map(Newest::of).filter(|sample| sample.heard).take(room));
    }

    /// Takes in what became of one of its devices.
    pub(super) fn turned(&mut self, to: TransitionTo, at: Timestamp) {
        match to {
            TransitionTo::Heard | TransitionTo::Up => {
                let (devices, last) = self.heard.unwrap_or((0, at));
                self.heard = Some((devices + 1, last.max(at)));
            }
            TransitionTo::Unheard | TransitionTo::Down => self.lost += 1,
        }
    }

    /// Takes in whether it is open; what it sells after hours goes before what was registered.
    pub(super) fn stand(&mut self, doors: Option<Doors>, now: Timestamp) {
        self.open = matches!(doors, Some(Doors::Open(since)) if now.duration_since(since) >= SELLS_AFTER);
        self.shut = match doors {
            Some(Doors::Shut(since)) => {
                !self.newest.is_some_and(|newest| newest.observed > 0.0 && newest.from >= since)
            }
            Some(Doors::Open(_) | Doors::Unsure) | None => false,
        };
    }

    /// Share of what was due since a moment that was sold, by count or by value, whichever is more: what came before is taken to have
    /// been sold as expected. None while too little was due to say.
    pub(super) fn sold_since(&self, since: Timestamp) -> Option<f64> {
        let (mut due, mut sold, mut due_minor, mut sold_minor) = (0.0, 0.0, 0.0, 0.0);
        for sample in self.recent.iter().filter(|sample| sample.to > since) {
            let before = sample.before(since);
            let hours = sample.to.duration_since(sample.from).as_secs_f64() / 3_600.0;
            let minor = |per_hour: i64| per_hour as f64 * hours;
            due += sample.expected * (1.0 - before);
            sold += (sample.observed - sample.expected * before).max(0.0);
            due_minor += minor(sample.expected_minor_per_hour) * (1.0 - before);
            let expected_before = minor(sample.expected_minor_per_hour) * before;
            sold_minor += (minor(sample.observed_minor_per_hour) - expected_before).max(0.0);
        }
        if due < LEAST_DUE {
            return None;
        }
        let by_value = if due_minor > 0.0 { sold_minor / due_minor } else { 0.0 };
        Some((sold / due).max(by_value))
    }

    /// Whether what was measured wholly after a moment shows that it sells nothing, or as good as.
    pub(super) fn stopped_since(&self, since: Timestamp) -> bool {
        let after = self.recent.iter().filter(|sample| sample.from >= since);
        let (due, sold) = after.fold((0.0, 0.0), |(due, sold), s| (due + s.expected, sold + s.observed));
        due >= LEAST_MISSED && sold <= HAS_STOPPED * due
    }

    /// When it was last heard from, as far as history knows.
    pub(crate) fn heard_at(&self) -> Option<Timestamp> {
        let sold = self.newest.filter(|newest| newest.heard).map(|newest| newest.to);
        sold.max(self.heard.map(|(_, at)| at))
    }

    /// Whether nothing is expected of it now: its hours say so, or it never sells at this hour.
    pub(super) fn is_shut(&self) -> bool {
        let nothing_due = match self.newest {
            Some(newest) => newest.heard && newest.expected < HARDLY_ANY && newest.observed == 0.0,
            None => self.sells && !(self.heard.is_none() && self.lost > 0),
        };
        self.shut || (nothing_due && !self.open)
    }

    /// The state as far as activity tells: what no finding speaks of is as expected.
    pub(super) fn state(&self) -> SiteState {
        match (self.newest, self.heard) {
            (Some(newest), _) if !newest.heard => SiteState::Unheard,
            (None, None) if self.lost > 0 => SiteState::Unheard,
            _ if self.is_shut() => SiteState::Shut,
            (Some(_), _) => SiteState::Selling,
            // It should be selling, and nothing at all came of it.
            (None, None) if self.sells => SiteState::Unheard,
            // It has never sold, and is heard.
            (None, Some(_)) => SiteState::Selling,
            (None, None) => SiteState::Never,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    pub(crate) fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Five minutes in which 20 transactions were expected.
    pub(crate) fn sample(observed: f64) -> Newest {
        Newest {
            from: at("2026-02-17T09:40:00Z"),
            to: at("2026-02-17T09:45:00Z"),
            heard: true,
            expected: 20.0,
            observed,
            expected_minor_per_hour: 2_400_000,
            observed_minor_per_hour: (observed * 120_000.0) as i64,
        }
    }

    pub(crate) fn selling(newest: Newest) -> Activity {
        Activity { newest: Some(newest), recent: vec![newest], sells: true, ..Activity::default() }
    }

    #[test]
    fn a_shop_that_should_be_open_and_is_not_heard_is_never_called_shut() {
        let known = Activity { sells: true, ..Activity::default() };
        let stood = |doors| {
            let mut activity = known.clone();
            activity.stand(doors, at("2026-02-17T09:43:04Z"));
            activity.state()
        };
        assert_eq!(stood(Some(Doors::Open(at("2026-02-17T07:00:00Z")))), SiteState::Unheard);
        assert_eq!(stood(Some(Doors::Open(at("2026-02-17T09:40:00Z")))), SiteState::Shut, "just opened: nothing yet");
        assert_eq!(stood(Some(Doors::Shut(at("2026-02-16T21:00:00Z")))), SiteState::Shut);
        assert_eq!(stood(None), SiteState::Shut, "it sells at other hours");
    }

    #[test]
    fn a_shop_is_shut_at_night_unless_it_sells_all_the_same() {
        let night = |doors, observed| {
            let mut activity = selling(sample(observed));
            activity.stand(Some(doors), at("2026-02-17T09:46:00Z"));
            activity.state()
        };
        assert_eq!(night(Doors::Shut(at("2026-02-17T09:45:00Z")), 19.0), SiteState::Shut, "it sold until it shut");
        assert_eq!(night(Doors::Shut(at("2026-02-17T09:00:00Z")), 19.0), SiteState::Selling, "it sells after hours");
        let mut idle = selling(Newest { expected: 0.001, ..sample(0.0) });
        assert_eq!(idle.state(), SiteState::Shut, "nothing is expected at this hour, whatever is registered");
        idle.stand(Some(Doors::Open(at("2026-02-17T08:00:00Z"))), at("2026-02-17T09:46:00Z"));
        assert_eq!(idle.state(), SiteState::Selling);
    }

    #[test]
    fn what_was_sold_before_a_disruption_does_not_count_as_sold_in_it() {
        let shop = selling(sample(9.0));
        assert!(shop.sold_since(at("2026-02-17T09:36:00Z")).unwrap() > 0.4);
        assert!(shop.sold_since(at("2026-02-17T09:42:00Z")).unwrap() < 0.1, "it may be from before");
        assert_eq!(shop.sold_since(at("2026-02-17T09:44:50Z")), None, "too little was due to say");
        assert_eq!(shop.sold_since(at("2026-02-17T09:46:00Z")), None);
    }
}
