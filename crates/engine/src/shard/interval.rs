//! Reporting by intervals: when a sum is due, what is expected of it, and what becomes of one that never came.

use super::Context;
use super::Shard;
use super::due::Due;
use super::giving::credit;
use crate::clock::Ms;
use serde::{Deserialize, Serialize};

/// How a leaf reports by intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Their length.
    pub length_ms: Ms,
    /// End of the last one that was credited.
    pub credited: Ms,
    /// When the heap looks at the credit next.
    pub queued: Ms,
    /// Whether it says so when nothing was sold.
    pub tells_nothing: bool,
    /// What was reported of an interval for which others are waited for.
    pub waiting: Option<Reported>,
}

/// A sum over an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// When the interval ended.
    pub end: Ms,
    /// Transactions.
    pub n: u32,
    /// Turnover, minor units.
    pub value: i64,
}

/// Who is expected to sell so much in an interval sells something in nearly every one, and reports each of them.
const SURE_TO_SELL: f64 = 8.0;

impl Interval {
    /// Begins with intervals of a length.
    #[must_use]
    pub fn new(length_ms: Ms, now: Ms) -> Self {
        Self { length_ms, credited: now, queued: Ms::MAX, tells_nothing: false, waiting: None }
    }
}

impl Shard {
    /// An interval that ended at `end` was reported: its expectation, and that of intervals before it that never came, is credited.
    pub(super) fn credit_interval(
        &mut self,
        at: usize,
        a: usize,
        leaf_at: usize,
        end: Ms,
        lag: Ms,
        context: Context<'_>,
    ) {
        self.settle_waiting(at, a, leaf_at, context);
        let Some(from) = self.interval_mut(at, a, leaf_at).map(|i| i.credited) else { return };
        if end > from {
            let mu = self.expected_between(at, a, leaf_at, from, end, context);
            let lost = self.sites[at].uplink.lost;
            credit(&mut self.sites[at].activities[a], leaf_at, mu, lost, &mut self.sums);
            if let Some(interval) = self.interval_mut(at, a, leaf_at) {
                interval.credited = end;
            }
            self.judge_now(at, a, leaf_at, context);
        }
        self.wait_for_next(at, a, leaf_at, lag);
    }

    fn wait_for_next(&mut self, at: usize, a: usize, leaf_at: usize, lag: Ms) {
        let Some(interval) = self.interval_mut(at, a, leaf_at) else { return };
        let next = interval.credited + interval.length_ms + grace(interval.length_ms, lag);
        if next < interval.queued {
            interval.queued = next;
            self.queue.push(next, Due::Credit { site: at as u32, activity: a as u32, leaf: leaf_at as u32 });
        }
    }

    /// Whether what was reported waits until those are in who say nothing when nothing was sold. Taken in at once, what was sold would come
    /// before what was not, and evidence that begins between the two would hold only the one.
    pub(super) fn puts_off(
        &mut self,
        at: usize,
        a: usize,
        leaf_at: usize,
        told: Reported,
        lag: Ms,
        context: Context<'_>,
    ) -> bool {
        let leaf = &mut self.sites[at].activities[a].leaves[leaf_at];
        let expected = leaf.rate;
        let Some(interval) = leaf.interval.as_deref_mut() else { return false };
        interval.tells_nothing |= told.n == 0;
        if interval.tells_nothing
            || told.end <= interval.credited
            || expected * interval.length_ms as f64 >= SURE_TO_SELL
            || interval.waiting.is_some_and(|waits| waits.end > told.end)
        {
            return false;
        }
        if interval.waiting.is_some_and(|waits| waits.end < told.end) {
            self.settle_waiting(at, a, leaf_at, context);
        }
        if let Some(interval) = self.interval_mut(at, a, leaf_at) {
            let waits = interval.waiting.unwrap_or(Reported { n: 0, value: 0, ..told });
            let (n, value) = (waits.n.saturating_add(told.n), waits.value + told.value);
            interval.waiting = Some(Reported { n, value, ..told });
        }
        self.wait_for_next(at, a, leaf_at, lag);
        true
    }

    /// Takes in what waits, with the expectation up to its end.
    pub(super) fn settle_waiting(&mut self, at: usize, a: usize, leaf_at: usize, context: Context<'_>) {
        let Some(interval) = self.interval_mut(at, a, leaf_at) else { return };
        let Some(told) = interval.waiting.take() else { return };
        let from = std::mem::replace(&mut interval.credited, told.end);
        let mu = self.expected_between(at, a, leaf_at, from, told.end, context);
        let lost = self.sites[at].uplink.lost;
        credit(&mut self.sites[at].activities[a], leaf_at, mu, lost, &mut self.sums);
        self.bring(at, a, leaf_at, told.n, told.value);
    }

    /// An interval did not come though it was due: nothing was sold in it, as far as anyone knows.
    pub(super) fn credit_missing(&mut self, at: usize, a: usize, leaf_at: usize, context: Context<'_>) {
        let lag = self.sites[at].interval_lag_ms as Ms;
        let lost = self.sites[at].uplink.lost;
        let Some(interval) = self.interval_mut(at, a, leaf_at) else { return };
        let (from, length) = (interval.credited, interval.length_ms);
        let due = from + length + grace(length, lag);
        let mut next = due;
        if let Some(length) = self.newer_form(at, a, leaf_at).filter(|_| due <= context.now) {
            self.change_form(at, a, leaf_at, length, context);
            next = context.now + length + grace(length, lag);
        } else if due <= context.now {
            // What waits may end a little off the grid.
            let to = interval_end(self.interval_mut(at, a, leaf_at).and_then(|i| i.waiting), from, length);
            let mu = self.expected_between(at, a, leaf_at, from, to, context);
            credit(&mut self.sites[at].activities[a], leaf_at, mu, lost, &mut self.sums);
            if let Some(interval) = self.interval_mut(at, a, leaf_at) {
                interval.credited = to;
                if let Some(told) = interval.waiting.take_if(|told| told.end <= to) {
                    self.bring(at, a, leaf_at, told.n, told.value);
                }
            }
            self.judge_now(at, a, leaf_at, context);
            next = to + length + grace(length, lag);
        }
        if let Some(interval) = self.interval_mut(at, a, leaf_at) {
            interval.queued = next;
        }
        self.queue.push(next, Due::Credit { site: at as u32, activity: a as u32, leaf: leaf_at as u32 });
    }

    /// The length of interval that its neighbours have gone over to since this leaf's was due: it too will report so, once it has anything to
    /// report.
    fn newer_form(&self, at: usize, a: usize, leaf_at: usize) -> Option<Ms> {
        let leaves = &self.sites[at].activities[a].leaves;
        let own = leaves[leaf_at].interval.as_deref()?;
        let newer = |i: &&Interval| i.length_ms != own.length_ms && i.credited >= own.credited + own.length_ms;
        leaves.iter().filter_map(|l| l.interval.as_deref()).find(newer).map(|i| i.length_ms)
    }

    fn interval_mut(&mut self, at: usize, a: usize, leaf_at: usize) -> Option<&mut Interval> {
        self.sites[at].activities[a].leaves[leaf_at].interval.as_deref_mut()
    }

    /// Asks the banks at once: an interval was credited without a signal.
    fn judge_now(&mut self, at: usize, a: usize, leaf_at: usize, context: Context<'_>) {
        let activity = &mut self.sites[at].activities[a];
        if activity.queued > context.now {
            activity.queued = context.now;
            self.queue.push(context.now, Due::Activity { site: at as u32, activity: a as u32 });
        }
        let leaf = &mut activity.leaves[leaf_at];
        if leaf.is_watched() && leaf.queued > context.now {
            leaf.queued = context.now;
            self.queue.push(context.now, Due::Leaf { site: at as u32, activity: a as u32, leaf: leaf_at as u32 });
        }
    }
}

/// How long after its end an interval's report may come.
fn grace(interval_ms: Ms, lag: Ms) -> Ms {
    (interval_ms / 4).clamp(5_000, 120_000) + lag
}

/// The end of the interval after `from`: what waits says it, if it is that interval's.
fn interval_end(waiting: Option<Reported>, from: Ms, length: Ms) -> Ms {
    let end = waiting.map(|told| told.end).filter(|end| *end < from + length + length / 2);
    end.unwrap_or(from + length)
}
