//! What a site's baseline expects: the rate of a stream at a moment, and the sum of it over a stretch of time.

use super::activity::Activity;
use super::leaf::Leaf;
use super::stream::Stream;
use crate::clock::{LocalBin, Ms};
use crate::view::{Calendar, View, YOUNG};
use detect::profile::{BIN_MS, DAY_BINS};
use domain::fleet::{DayKind, OpeningHours};

/// Quarters that are walked at most when an expectation is summed.
const MOST_QUARTERS: i64 = 192;

/// The first bin of a Sunday.
const SUNDAY: usize = 6 * DAY_BINS;

/// What a rate depends on beside the baseline itself.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Opening hours, if registered.
    pub hours: Option<&'a OpeningHours>,
    /// Quarter that it is there.
    pub local: LocalBin,
    /// Whether the site's uplink is lost.
    pub lost: bool,
}

/// Rate of a whole stream, transactions a millisecond. A holiday has the shape of a Sunday.
pub fn stream_rate(stream: &Stream, view: &View, calendar: &Calendar, place: Place<'_>) -> f64 {
    let Some(class) = view.classes.get(stream.class as usize) else { return 0.0 };
    let open = match place.local.kind {
        DayKind::Holiday if place.hours.is_some_and(OpeningHours::knows_holidays) => open_share(place),
        DayKind::Holiday | DayKind::Eve | DayKind::Payday | DayKind::Ordinary => 1.0,
    };
    let bin = match place.local.kind {
        DayKind::Holiday => SUNDAY + place.local.bin % DAY_BINS,
        DayKind::Eve | DayKind::Payday | DayKind::Ordinary => place.local.bin,
    };
    stream.rate(class, bin) * open * calendar.factor(place.local.kind)
}

/// Relative variance of that rate, as far as it is not what all share.
pub fn stream_variance(stream: &Stream, view: &View, bin: usize) -> f64 {
    let Some(class) = view.classes.get(stream.class as usize) else { return 1.0 };
    let young = if class.mature { 0.0 } else { YOUNG };
    stream.variance(class, bin) + class.profile.variance(bin) + young
}

/// Share of the quarter in which a site with stated holiday hours is open.
fn open_share(place: Place<'_>) -> f64 {
    let Some(hours) = place.hours else { return 1.0 };
    hours.open_share(place.local.weekday, place.local.kind, place.local.minute, (BIN_MS / 60_000) as u16) + 1e-3
}

impl Activity {
    /// How many placed leaves each stream has.
    pub fn members(&self) -> Vec<usize> {
        let mut members = vec![0; self.streams.len()];
        for leaf in self.leaves.iter().filter(|leaf| leaf.is_placed()) {
            members[leaf.stream as usize] += 1;
        }
        members
    }

    /// While the day's first sign of life is waited for, up to when a leaf's expectation is the baseline's, and what is expected of it since,
    /// damped; of one that reports by intervals all is the baseline's.
    pub fn damped(&self, leaf: &Leaf, since: Ms, to: Ms, now: Ms) -> (Ms, f64) {
        match self.opening {
            Some(opening) if leaf.interval.is_none() && opening >= since && self.rate > 0.0 => {
                let all = self.opening_mu + self.rate * (now - self.chart.to).max(0) as f64;
                (opening, all * leaf.rate / self.rate)
            }
            Some(_) | None => (to, 0.0),
        }
    }

    /// Expected transactions of a whole stream in `(from, to]`, by the baseline as it stands; nothing while the day's first sign of life was
    /// waited for. `bin` tells which quarter of the week the n-th quarter of an hour since 1970 is.
    pub fn expected(
        &self,
        stream: usize,
        (from, to): (Ms, Ms),
        hours: Option<&OpeningHours>,
        view: &View,
        mut bin: impl FnMut(i64) -> LocalBin,
    ) -> f64 {
        let (Some(stream), Some(series)) = (self.streams.get(stream), view.series.get(self.series as usize)) else {
            return 0.0;
        };
        let first = from.div_euclid(BIN_MS).max(to.div_euclid(BIN_MS) - MOST_QUARTERS);
        let mut mu = 0.0;
        for quarter in first..=(to - 1).div_euclid(BIN_MS) {
            let (begin, end) = ((quarter * BIN_MS).max(from), ((quarter + 1) * BIN_MS).min(to));
            let waited = self.waited.1.min(end) - self.waited.0.max(begin);
            let counted = (end - begin - waited.max(0)).max(0);
            let place = Place { hours, local: bin(quarter), lost: false };
            mu += stream_rate(stream, view, &series.calendar, place) * counted as f64;
        }
        mu
    }
}
