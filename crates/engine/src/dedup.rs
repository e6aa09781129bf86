//! A re-sent signal counts once: for each (customer, origin, boot, lane) a bounded set of intervals of sequence numbers.

use domain::signal::Envelope;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// Intervals kept for one lane; beyond, the lowest gap counts as received.
const MAX_INTERVALS: usize = 256;
/// Lanes kept; beyond, the lane longest unheard is forgotten.
const MAX_LANES: usize = 200_000;

/// What was received.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Dedup {
    lanes: BTreeMap<Lane, Received>,
    order: VecDeque<Lane>,
}

/// Customer, origin, boot and lane.
type Lane = (u32, Box<str>, Box<str>, Box<str>);

/// Disjoint, sorted, inclusive intervals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Received(Vec<(u64, u64)>);

impl Dedup {
    /// Notes a sequence number; `false` when it had come before.
    pub fn first_time(&mut self, customer: u32, envelope: &Envelope) -> bool {
        let key = (customer, envelope.origin.clone(), envelope.boot.clone(), envelope.lane.clone());
        if let Some(received) = self.lanes.get_mut(&key) {
            return received.insert(envelope.seq);
        }
        if self.lanes.len() >= MAX_LANES
            && let Some(oldest) = self.order.pop_front()
        {
            self.lanes.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.lanes.entry(key).or_default().insert(envelope.seq)
    }
}

impl Received {
    fn insert(&mut self, seq: u64) -> bool {
        // The first interval that ends at or after seq - 1.
        let at = self.0.partition_point(|&(_, to)| to.saturating_add(1) < seq);
        match self.0.get(at).copied() {
            Some((from, to)) if (from..=to).contains(&seq) => return false,
            Some((from, to)) if to.checked_add(1) == Some(seq) => {
                let joins = self.0.get(at + 1).is_some_and(|&(next, _)| next == seq + 1);
                let end = if joins { self.0.remove(at + 1).1 } else { seq };
                self.0[at] = (from, end);
            }
            Some((from, to)) if seq.checked_add(1) == Some(from) => self.0[at] = (seq, to),
            _ => self.0.insert(at, (seq, seq)),
        }
        if self.0.len() > MAX_INTERVALS {
            let (from, _) = self.0.remove(0);
            if let Some(first) = self.0.first_mut() {
                first.0 = from;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(lane: &str, seq: u64) -> Envelope {
        Envelope { origin: "agent".into(), boot: "1".into(), lane: lane.into(), seq }
    }

    #[test]
    fn a_signal_sent_again_is_known_in_any_order() {
        let mut dedup = Dedup::default();
        for seq in [5, 3, 4, 1, 9, 2, 8] {
            assert!(dedup.first_time(0, &envelope("live", seq)), "{seq}");
        }
        for seq in [1, 2, 3, 4, 5, 8, 9] {
            assert!(!dedup.first_time(0, &envelope("live", seq)), "{seq}");
        }
        assert_eq!(dedup.lanes.values().next().map(|r| r.0.clone()), Some(vec![(1, 5), (8, 9)]));
    }

    #[test]
    fn a_backlog_on_its_own_lane_hides_nothing_live() {
        let mut dedup = Dedup::default();
        assert!(dedup.first_time(0, &envelope("live", 1_000)));
        assert!(dedup.first_time(0, &envelope("backlog", 7)));
        assert!(dedup.first_time(1, &envelope("live", 1_000)));
    }

    #[test]
    fn a_lane_full_of_holes_stays_bounded() {
        let mut dedup = Dedup::default();
        for seq in 0..10_000 {
            assert!(dedup.first_time(0, &envelope("live", seq * 2)));
        }
        assert!(dedup.lanes.values().all(|r| r.0.len() <= MAX_INTERVALS));
        assert!(dedup.first_time(0, &envelope("live", u64::MAX)));
        assert!(!dedup.first_time(0, &envelope("live", u64::MAX)));
    }
}
