//! The queue of a shard: moments at which something must be looked at, so that a tick without signals costs nothing.
//!
//! A radix heap (Ahuja, Mehlhorn, Orlin, Tarjan, J. ACM 1990): time only goes forward, so entries wait in buckets by the highest bit in which
//! their moment differs from the last one reached. Putting in appends to a list; each entry moves a few times in its life.

use super::due::Due;
use crate::clock::Ms;

/// One bucket for each bit, and one for what is due at the last moment reached.
const BUCKETS: usize = 65;

/// Things to look at, each at its moment.
#[derive(Debug)]
pub struct Queue {
    buckets: [Vec<(Ms, Due)>; BUCKETS],
    /// The earliest moment in each bucket.
    first: [Ms; BUCKETS],
    last: Ms,
}

impl Default for Queue {
    fn default() -> Self {
        Self { buckets: std::array::from_fn(|_| Vec::new()), first: [Ms::MAX; BUCKETS], last: 0 }
    }
}

impl Queue {
    /// Puts something in. A moment that is past counts as the last one reached.
    pub fn push(&mut self, at: Ms, due: Due) {
        let bucket = bucket(at.max(self.last), self.last);
        self.buckets[bucket].push((at, due));
        self.first[bucket] = self.first[bucket].min(at);
    }

    /// The next thing that is due; what is due at one moment comes in an order that no history changes.
    pub fn pop(&mut self, now: Ms) -> Option<(Ms, Due)> {
        if self.next()? > now {
            return None;
        }
        if self.buckets[0].is_empty() {
            self.refill();
        }
        let popped = self.buckets[0].pop();
        self.first[0] = self.buckets[0].last().map_or(Ms::MAX, |x| x.0);
        popped
    }

    /// When the next thing is due.
    #[must_use]
    pub fn next(&self) -> Option<Ms> {
        self.first.iter().copied().min().filter(|at| *at != Ms::MAX)
    }

    /// Goes on to the next moment: its bucket is shared out among those below.
    fn refill(&mut self) {
        let Some(from) = self.buckets.iter().position(|bucket| !bucket.is_empty()) else { return };
        self.last = self.first[from].max(self.last);
        self.first[from] = Ms::MAX;
        let mut waiting = std::mem::take(&mut self.buckets[from]);
        for (at, due) in waiting.drain(..) {
            self.push(at, due);
        }
        // A bucket that was large once, as after a start, does not keep its room for ever.
        if waiting.capacity() < 64 {
            self.buckets[from] = waiting;
        }
        self.buckets[0].sort_unstable_by(|a, b| b.cmp(a));
    }
}

fn bucket(at: Ms, last: Ms) -> usize {
    (64 - (at ^ last).leading_zeros()) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_come_out_by_their_moment_and_those_of_one_moment_in_one_order() {
        let (mut queue, mut state, mut waiting) = (Queue::default(), 9_u64, Vec::new());
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut now = 1_700_000_000_000;
        for _ in 0..2_000 {
            for _ in 0..draw(5) {
                let reach = draw(24);
                let at = now + draw(1 << reach) as Ms;
                let due = Due::Uplink { site: draw(50) as u32 };
                queue.push(at, due);
                waiting.push((at, due));
            }
            now += draw(3_000) as Ms;
            let mut due: Vec<_> = waiting.extract_if(.., |x| x.0 <= now).collect();
            due.sort_unstable();
            let popped: Vec<_> = std::iter::from_fn(|| queue.pop(now)).collect();
            assert_eq!(popped, due);
            assert_eq!(queue.next(), waiting.iter().map(|x| x.0).min());
        }
    }

    #[test]
    fn what_is_put_in_for_a_moment_already_past_is_due_at_once() {
        let mut queue = Queue::default();
        queue.push(5_000, Due::Uplink { site: 1 });
        assert_eq!(queue.pop(6_000), Some((5_000, Due::Uplink { site: 1 })));
        queue.push(4_000, Due::Uplink { site: 2 });
        assert_eq!(queue.next(), Some(4_000));
        assert_eq!(queue.pop(6_000), Some((4_000, Due::Uplink { site: 2 })));
        assert_eq!(queue.pop(i64::MAX), None);
    }
}
