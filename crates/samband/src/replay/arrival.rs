//! When each signal reached us, and in which order.

use domain::Signal;
use jiff::{SignedDuration, Timestamp};

/// One signal's arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// When it reached us.
    pub at: Timestamp,
    /// Which it is.
    pub index: u32,
}

/// The arrivals of all files.
#[derive(Debug, Default)]
pub struct Arrivals {
    /// In their order.
    pub list: Vec<Arrival>,
    /// Files that are in no order of time, by their number.
    pub unordered: Vec<usize>,
}

/// A signal so far behind those before it in its file came late, or the file is in another order than that of arrival.
const BEHIND: SignedDuration = SignedDuration::from_hours(1);
/// Late signals are few; with more than one in this many behind, a file is in another order: by site, say.
const ONE_IN: usize = 5;

/// Arrivals in their order. A signal that says when it was received arrives then; another arrives in the order of its file at its own
/// time: one that stands behind later ones arrives with them, late. One that runs ahead of all that follow (a clock that is wrong) drags
/// nothing along. Files are streams side by side: one of sales and one of heartbeats run through the same days. `starts` holds the
/// index of the first signal of each.
pub fn order(signals: &mut [Signal], starts: &[usize]) -> Arrivals {
    let mut arrivals = Arrivals::default();
    for (file, &start) in starts.iter().enumerate() {
        let end = starts.get(file + 1).copied().unwrap_or(signals.len());
        let signals = &signals[start..end];
        let ordered = is_ordered(signals);
        if !ordered {
            arrivals.unordered.push(file);
        }
        of_file(signals, start, ordered, &mut arrivals.list);
    }
    if arrivals.list.windows(2).any(|w| w[0].at > w[1].at) {
        arrivals.list.sort_by_key(|a| (a.at, a.index));
    }
    for arrival in &arrivals.list {
        let signal = &mut signals[arrival.index as usize];
        signal.received_at.get_or_insert(arrival.at);
    }
    arrivals
}

fn of_file(signals: &[Signal], start: usize, ordered: bool, arrivals: &mut Vec<Arrival>) {
    let mut clock = Timestamp::MIN;
    for (index, signal) in signals.iter().enumerate() {
        let at = signal.received_at.unwrap_or_else(|| {
            if !ordered {
                return signal.at;
            }
            clock = clock.max(following(&signals[index + 1..]).map_or(signal.at, |f| f.min(signal.at)));
            clock.max(signal.at)
        });
        arrivals.push(Arrival { at, index: u32::try_from(start + index).unwrap_or(u32::MAX) });
    }
}

/// The time of those that follow, by the earlier of the next eight but two: a late one among them holds nothing back.
fn following(signals: &[Signal]) -> Option<Timestamp> {
    let mut next = [Timestamp::MAX; 8];
    let mut count = 0;
    for (place, at) in next.iter_mut().zip(signals.iter().filter_map(own)) {
        *place = at;
        count += 1;
    }
    next.sort_unstable();
    next[..count].get(count / 4).copied()
}

fn is_ordered(signals: &[Signal]) -> bool {
    let mut latest = Timestamp::MIN;
    let (mut all, mut behind) = (0, 0);
    for at in signals.iter().filter_map(own) {
        all += 1;
        behind += usize::from(latest.duration_since(at) > BEHIND);
        latest = latest.max(at);
    }
    behind * ONE_IN <= all
}

/// When a signal happened that does not say when it was received.
fn own(signal: &Signal) -> Option<Timestamp> {
    signal.received_at.is_none().then_some(signal.at)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use domain::{SignalBody, SiteCode};

    fn beats(seconds: &[i64]) -> Vec<Signal> {
        let beat = |s: &i64| Signal {
            at: Timestamp::from_second(1_770_000_000 + s).unwrap(),
            received_at: None,
            site: Some(SiteCode::new("a").unwrap()),
            device: None,
            envelope: None,
            body: SignalBody::Heartbeat,
        };
        seconds.iter().map(beat).collect()
    }

    fn arrive(seconds: &[i64], starts: &[usize]) -> (Vec<i64>, Vec<u32>, Vec<usize>) {
        let arrivals = order(&mut beats(seconds), starts);
        let at = arrivals.list.iter().map(|a| a.at.as_second() - 1_770_000_000).collect();
        (at, arrivals.list.iter().map(|a| a.index).collect(), arrivals.unordered)
    }

    #[test]
    fn a_signal_that_stands_behind_later_ones_came_late() {
        let late: Vec<i64> = (0..20).chain([3]).chain(20..40).collect();
        let (at, index, unordered) = arrive(&late, &[0]);
        assert_eq!((at[20], index[20], unordered.len()), (19, 20, 0));
    }

    #[test]
    fn files_run_side_by_side() {
        let (at, index, _) = arrive(&[0, 10, 20, 1, 11, 21], &[0, 3]);
        assert_eq!((at, index), (vec![0, 1, 10, 11, 20, 21], vec![0, 3, 1, 4, 2, 5]));
    }

    #[test]
    fn a_file_sorted_by_site_is_no_year_of_late_signals() {
        let by_site: Vec<i64> = (0..5).flat_map(|_| (0..48).map(|hour| hour * 3_600)).collect();
        let (at, _, unordered) = arrive(&by_site, &[0]);
        assert_eq!((at[0], at[5], at[239], unordered), (0, 3_600, 47 * 3_600, vec![0]));
    }
}
