//! Transactions: from a signal to the leaf, and from the leaf to its bank, its site's, and its groups'.

use super::due::{self, Due};
use super::giving::{credit, leaf_groups};
use super::leaf::Interval;
use super::told::{Late, Told};
use super::{Context, Heard, Shard};
use crate::clock::Ms;
use detect::bank::{DEVICE_FALLS, FALLS, Prior};
use detect::profile::BIN_MS;

/// Counts that come later than this after their time are late: their time has been judged.
const LATE_MS: Ms = 600_000;
/// A clock may run this far ahead of ours before it is taken for ours.
const AHEAD_MS: Ms = 2_000;

/// What a leaf brought in one tick.
#[derive(Debug, Clone, Copy)]
pub struct Brought {
    site: u32,
    activity: u32,
    leaf: u32,
    n: u32,
    value: i64,
}

impl Shard {
    /// Takes `n` transactions at a leaf.
    pub(super) fn count(
        &mut self,
        at: usize,
        told: &Told,
        (series, n, value, interval_ms): (u32, u32, Option<i64>, Ms),
        context: Context<'_>,
        heard: &mut Heard,
    ) {
        let now = context.now;
        let event = told.at.min(now + AHEAD_MS);
        let delay = (told.received - event).max(0);
        let site = &mut self.sites[at];
        let Some(a) = site.activity(series) else { return };
        if delay < LATE_MS {
            site.lagged(delay, interval_ms);
        }
        let lag = site.interval_lag_ms as Ms;
        let lost = site.uplink.lost;
        let activity = &mut site.activities[a];
        let Some((leaf_at, leaf)) = activity.leaf(told.slot) else { return };
        let (member, stream) = (leaf.member, leaf.stream as usize);
        activity.streams[stream].teach(event, interval_ms, f64::from(n));
        if let Some(minor) = value {
            activity.streams[stream].teach_value(f64::from(n), minor);
        }
        let late = if interval_ms == 0 { delay > LATE_MS } else { delay > LATE_MS + interval_ms };
        let late = late || event.saturating_add(AHEAD_MS) < activity.since;
        if late {
            heard.late.push(Late { member, series, at: event, n, value: value.unwrap_or(0) });
            return;
        }
        if activity.leaves[leaf_at].interval_ms() != interval_ms {
            self.change_form(at, a, leaf_at, interval_ms, context);
            if interval_ms == 0 {
                // What lies between the two forms is not judged: the first of the new one is as expected.
                credit(&mut self.sites[at].activities[a], leaf_at, f64::from(n), lost, &mut self.sums);
            }
        }
        if interval_ms > 0 {
            self.credit_interval(at, a, leaf_at, event, lag, context);
        }
        let activity = &mut self.sites[at].activities[a];
        let leaf = &mut activity.leaves[leaf_at];
        if leaf.brought == 0 {
            let (site, activity, leaf_at) = (at as u32, a as u32, leaf_at as u32);
            self.brought.push(Brought { site, activity, leaf: leaf_at, n: 0, value: 0 });
            leaf.brought = self.brought.len() as u32;
        }
        let brought = &mut self.brought[leaf.brought as usize - 1];
        brought.n = brought.n.saturating_add(n);
        brought.value += value.unwrap_or(0);
    }

    /// A leaf reports in another form from now on.
    fn change_form(&mut self, at: usize, a: usize, leaf_at: usize, interval_ms: Ms, context: Context<'_>) {
        let clock = context.view.series.get(self.sites[at].activities[a].series as usize).map_or(0.0, |s| s.clock);
        let activity = &mut self.sites[at].activities[a];
        activity.settle(clock, context.now);
        activity.take_back(&mut self.sums);
        let leaf = &mut activity.leaves[leaf_at];
        let fresh = Interval { length_ms: interval_ms, credited: context.now, queued: Ms::MAX };
        leaf.interval = (interval_ms > 0).then(|| Box::new(fresh));
        leaf.expected_to = clock;
        self.refresh(at, context);
    }

    /// All leaves of a series report single moments from now on, those too that have nothing to report yet.
    pub(super) fn report_moments(&mut self, at: usize, series: u32, context: Context<'_>) {
        let Some(a) = self.sites[at].activity(series) else { return };
        for leaf_at in 0..self.sites[at].activities[a].leaves.len() {
            if self.sites[at].activities[a].leaves[leaf_at].interval.is_some() {
                self.change_form(at, a, leaf_at, 0, context);
            }
        }
    }

    /// An interval that ended at `end` was reported: its expectation, and that of intervals before it that never came, is credited.
    fn credit_interval(&mut self, at: usize, a: usize, leaf_at: usize, end: Ms, lag: Ms, context: Context<'_>) {
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
        let Some(interval) = self.interval_mut(at, a, leaf_at) else { return };
        let next = interval.credited + interval.length_ms + grace(interval.length_ms, lag);
        if next < interval.queued {
            interval.queued = next;
            self.queue.push(next, Due::Credit { site: at as u32, activity: a as u32, leaf: leaf_at as u32 });
        }
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
            let mu = self.expected_between(at, a, leaf_at, from, from + length, context);
            credit(&mut self.sites[at].activities[a], leaf_at, mu, lost, &mut self.sums);
            if let Some(interval) = self.interval_mut(at, a, leaf_at) {
                interval.credited = from + length;
            }
            self.judge_now(at, a, leaf_at, context);
            next += length;
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

    /// Carries the tick's transactions from leaves to banks and groups.
    pub(super) fn count_brought(&mut self, context: Context<'_>) {
        let mut all = std::mem::take(&mut self.brought);
        for brought in all.drain(..) {
            self.sites[brought.site as usize].activities[brought.activity as usize].leaves[brought.leaf as usize]
                .brought = 0;
            // Nothing sold is said by what was credited.
            if brought.n > 0 || brought.value != 0 {
                self.count_one(brought, context);
            }
        }
        self.brought = all;
        self.count_activities(context);
    }

    fn count_one(&mut self, brought: Brought, context: Context<'_>) {
        let Brought { site: at, activity: a, leaf: leaf_at, n, value } = brought;
        let now = context.now;
        let site = &mut self.sites[at as usize];
        let lost = site.uplink.lost;
        let activity = &mut site.activities[a as usize];
        let (judged, counted) = (activity.judged, activity.counted);
        let clock = context.view.series.get(activity.series as usize).map_or(0.0, |s| s.clock);
        let leaf = &mut activity.leaves[leaf_at as usize];
        leaf.hour_n += n as f32;
        for group in leaf_groups(leaf, counted) {
            let moved = self.sums.moved(group);
            moved.n += i64::from(n);
            moved.value += value;
        }
        activity.chart.n += f64::from(n);
        activity.chart.value += value;
        if n == 0 {
            return;
        }
        leaf.recent.add(n, now);
        if activity.opening.is_some() {
            activity.settle(clock, now);
            let missing = activity.opened(f64::from(n), now);
            // A whole quarter's expectation holds how late the site opens as a mean, and was credited undamped.
            let missing = if activity.leaves[leaf_at as usize].interval_ms() < BIN_MS { missing } else { 0.0 };
            credit(activity, leaf_at as usize, missing, lost, &mut self.sums);
            if site.refresh_queued > now {
                site.refresh_queued = now;
                self.queue.push(now, Due::Refresh { site: at });
            }
        }
        let activity = &mut self.sites[at as usize].activities[a as usize];
        let leaf = &mut activity.leaves[leaf_at as usize];
        if leaf.held.is_some() || lost || !judged {
            return;
        }
        if leaf.is_watched() {
            let prior = Prior { k: f64::from(leaf.k) };
            let passed = if leaf.interval.is_none() { leaf.rate * (clock - leaf.expected_to) } else { 0.0 };
            leaf.expected_to = clock;
            leaf.with_bank(|bank| {
                bank.expect(passed);
                bank.observe(f64::from(n), now, prior, &DEVICE_FALLS);
            });
            let which = (at as usize, a as usize, leaf_at as usize);
            due::queue_leaf(&mut self.queue, which, leaf, context, activity.series, &self.tables);
        }
        if activity.tick_n == 0.0 {
            self.brought_activities.push((at, a));
        }
        activity.tick_n += f64::from(n);
    }

    /// Carries the sums of the tick to the banks of sites.
    fn count_activities(&mut self, context: Context<'_>) {
        let now = context.now;
        let mut brought = std::mem::take(&mut self.brought_activities);
        for (at, a) in brought.drain(..) {
            let activity = &mut self.sites[at as usize].activities[a as usize];
            let clock = context.view.series.get(activity.series as usize).map_or(0.0, |s| s.clock);
            activity.bank.expect(activity.rate * (clock - activity.expected_to));
            activity.expected_to = clock;
            let prior = activity.prior();
            let n = std::mem::take(&mut activity.tick_n);
            activity.bank.observe(n, now, prior, &FALLS);
            due::queue_activity_bank(&mut self.queue, at as usize, a as usize, activity, context, &self.tables);
        }
        self.brought_activities = brought;
    }
}

/// How long after its end an interval's report may come.
fn grace(interval_ms: Ms, lag: Ms) -> Ms {
    (interval_ms / 4).clamp(5_000, 120_000) + lag
}
