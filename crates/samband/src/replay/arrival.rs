//! When each signal reached us, and in which order.

use domain::Signal;
use jiff::Timestamp;

/// One signal's arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// When it reached us.
    pub at: Timestamp,
    /// Which it is.
    pub index: u32,
}

/// Arrivals in their order. A signal that says when it was received arrives then; another arrives in file order at its own time: one
/// that stands behind later ones arrives with them, late. One that runs ahead of all that follow (a clock that is wrong) drags nothing
/// along.
pub fn order(signals: &mut [Signal]) -> Vec<Arrival> {
    let mut clock = Timestamp::MIN;
    let mut arrivals: Vec<Arrival> = Vec::with_capacity(signals.len());
    let own = |s: &Signal| s.received_at.is_none().then_some(s.at);
    for index in 0..signals.len() {
        let signal = &signals[index];
        let at = signal.received_at.unwrap_or_else(|| {
            let following = signals[index + 1..].iter().take(8).filter_map(own).min();
            clock = clock.max(following.map_or(signal.at, |f| f.min(signal.at)));
            clock.max(signal.at)
        });
        arrivals.push(Arrival { at, index: u32::try_from(index).unwrap_or(u32::MAX) });
    }
    if arrivals.windows(2).any(|w| w[0].at > w[1].at) {
        arrivals.sort_by_key(|a| (a.at, a.index));
    }
    for arrival in &arrivals {
        let signal = &mut signals[arrival.index as usize];
        signal.received_at.get_or_insert(arrival.at);
    }
    arrivals
}
