//! Transactions: from a signal to the leaf, and from the leaf to its bank, its site's, and its groups'.

use super::activity::{credit, leaf_groups};
use super::due::{self, Due};
use super::told::{Late, Told};
use super::{Context, Heard, Shard};
use crate::clock::Ms;
use detect::bank::{DEVICE_FALLS, FALLS, Prior};

/// Counts that come later than this after their time are late: their time has been judged.
const LATE_MS: Ms = 600_000;
/// A clock may run this far ahead of ours before it is taken for ours.
const AHEAD_MS: Ms = 2_000;

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
        if interval_ms == 0 && delay < LATE_MS {
            site.lagged(delay);
        }
        let lag = site.lag_ms as Ms;
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
        if activity.leaves[leaf_at].interval_ms != interval_ms {
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
        if n > 0 && leaf.tick_n == 0 {
            self.dirty.push((at as u32, a as u32, leaf_at as u32));
        }
        leaf.tick_n = leaf.tick_n.saturating_add(n);
        leaf.tick_value += value.unwrap_or(0);
    }

    /// A leaf reports in another form from now on.
    fn change_form(&mut self, at: usize, a: usize, leaf_at: usize, interval_ms: Ms, context: Context<'_>) {
        let clock = context.view.series.get(self.sites[at].activities[a].series as usize).map_or(0.0, |s| s.clock);
        self.sites[at].activities[a].settle(clock, context.now);
        let leaf = &mut self.sites[at].activities[a].leaves[leaf_at];
        leaf.interval_ms = interval_ms;
        leaf.credited = context.now;
        leaf.expected_to = clock;
        self.refresh(at, context);
    }

    /// All leaves of a series report single moments from now on, those too that have nothing to report yet.
    pub(super) fn report_moments(&mut self, at: usize, series: u32, context: Context<'_>) {
        let Some(a) = self.sites[at].activity(series) else { return };
        for leaf_at in 0..self.sites[at].activities[a].leaves.len() {
            if self.sites[at].activities[a].leaves[leaf_at].interval_ms > 0 {
                self.change_form(at, a, leaf_at, 0, context);
            }
        }
    }

    /// An interval that ended at `end` was reported: its expectation, and that of intervals before it that never came, is credited.
    fn credit_interval(&mut self, at: usize, a: usize, leaf_at: usize, end: Ms, lag: Ms, context: Context<'_>) {
        let (from, interval) = {
            let leaf = &self.sites[at].activities[a].leaves[leaf_at];
            (leaf.credited, leaf.interval_ms)
        };
        if end > from {
            let mu = self.expected_between(at, a, leaf_at, from, end, context);
            let lost = self.sites[at].uplink.lost;
            credit(&mut self.sites[at].activities[a], leaf_at, mu, lost, &mut self.sums);
            self.sites[at].activities[a].leaves[leaf_at].credited = end;
            self.judge_now(at, a, leaf_at, context);
        }
        let leaf = &mut self.sites[at].activities[a].leaves[leaf_at];
        let next = leaf.credited + interval + grace(interval, lag);
        if next < leaf.credit_queued {
            leaf.credit_queued = next;
            self.queue.push(next, Due::Credit { site: at as u32, activity: a as u32, leaf: leaf_at as u32 });
        }
    }

    /// An interval did not come though it was due: nothing was sold in it, as far as anyone knows.
    pub(super) fn credit_missing(&mut self, at: usize, a: usize, leaf_at: usize, context: Context<'_>) {
        let lag = self.sites[at].lag_ms as Ms;
        let lost = self.sites[at].uplink.lost;
        let leaf = &mut self.sites[at].activities[a].leaves[leaf_at];
        leaf.credit_queued = Ms::MAX;
        if leaf.interval_ms == 0 {
            return;
        }
        let due = leaf.credited + leaf.interval_ms + grace(leaf.interval_ms, lag);
        let (from, to, interval) = (leaf.credited, leaf.credited + leaf.interval_ms, leaf.interval_ms);
        let next = if due <= context.now {
            let mu = self.expected_between(at, a, leaf_at, from, to, context);
            credit(&mut self.sites[at].activities[a], leaf_at, mu, lost, &mut self.sums);
            let leaf = &mut self.sites[at].activities[a].leaves[leaf_at];
            leaf.credited = to;
            self.judge_now(at, a, leaf_at, context);
            due + interval
        } else {
            due
        };
        self.sites[at].activities[a].leaves[leaf_at].credit_queued = next;
        self.queue.push(next, Due::Credit { site: at as u32, activity: a as u32, leaf: leaf_at as u32 });
    }

    /// Asks the banks at once: an interval was credited without a signal.
    fn judge_now(&mut self, at: usize, a: usize, leaf_at: usize, context: Context<'_>) {
        let activity = &mut self.sites[at].activities[a];
        if activity.queued > context.now {
            activity.queued = context.now;
            self.queue.push(context.now, Due::Activity { site: at as u32, activity: a as u32 });
        }
        let leaf = &mut activity.leaves[leaf_at];
        if leaf.bank.is_some() && leaf.queued > context.now {
            leaf.queued = context.now;
            self.queue.push(context.now, Due::Leaf { site: at as u32, activity: a as u32, leaf: leaf_at as u32 });
        }
    }

    /// Carries the tick's transactions from leaves to banks and groups.
    pub(super) fn count_dirty(&mut self, context: Context<'_>) {
        let now = context.now;
        let mut dirty = std::mem::take(&mut self.dirty);
        for (at, a, leaf_at) in dirty.drain(..) {
            let site = &mut self.sites[at as usize];
            let lost = site.uplink.lost;
            let activity = &mut site.activities[a as usize];
            let (judged, counted) = (activity.judged, activity.counted);
            let clock = context.view.series.get(activity.series as usize).map_or(0.0, |s| s.clock);
            let leaf = &mut activity.leaves[leaf_at as usize];
            let (n, value) = (std::mem::take(&mut leaf.tick_n), std::mem::take(&mut leaf.tick_value));
            leaf.hour_n += n as f32;
            leaf.recent.add(n, now);
            for group in leaf_groups(leaf, counted) {
                let moved = self.sums.moved(group);
                moved.n += i64::from(n);
                moved.value += value;
            }
            activity.chart.n += f64::from(n);
            activity.chart.value += value;
            if activity.opening.is_some() {
                activity.settle(clock, now);
                let missing = activity.opened(f64::from(n), now);
                credit(activity, leaf_at as usize, missing, lost, &mut self.sums);
                if site.refresh_queued > now {
                    site.refresh_queued = now;
                    self.queue.push(now, Due::Refresh { site: at });
                }
            }
            let activity = &mut self.sites[at as usize].activities[a as usize];
            let leaf = &mut activity.leaves[leaf_at as usize];
            if leaf.held.is_some() || lost || !judged {
                continue;
            }
            let prior = Prior { k: f64::from(leaf.k) };
            if let Some(bank) = &mut leaf.bank {
                if leaf.interval_ms == 0 {
                    bank.expect(leaf.rate * (clock - leaf.expected_to));
                }
                leaf.expected_to = clock;
                bank.observe(f64::from(n), now, prior, &DEVICE_FALLS);
                due::queue_leaf(
                    &mut self.queue,
                    at as usize,
                    a as usize,
                    leaf_at as usize,
                    leaf,
                    context,
                    activity.series,
                    &self.tables,
                );
            }
            if activity.tick_n == 0.0 {
                self.dirty_activities.push((at, a));
            }
            activity.tick_n += f64::from(n);
        }
        self.dirty = dirty;
        self.count_dirty_activities(context);
    }

    /// Carries the sums of the tick to the banks of sites.
    fn count_dirty_activities(&mut self, context: Context<'_>) {
        let now = context.now;
        let mut dirty = std::mem::take(&mut self.dirty_activities);
        for (at, a) in dirty.drain(..) {
            let activity = &mut self.sites[at as usize].activities[a as usize];
            let clock = context.view.series.get(activity.series as usize).map_or(0.0, |s| s.clock);
            activity.bank.expect(activity.rate * (clock - activity.expected_to));
            activity.expected_to = clock;
            let prior = activity.prior();
            let n = std::mem::take(&mut activity.tick_n);
            activity.bank.observe(n, now, prior, &FALLS);
            due::queue_activity_bank(&mut self.queue, at as usize, a as usize, activity, context, &self.tables);
        }
        self.dirty_activities = dirty;
    }
}

/// How long after its end an interval's report may come.
fn grace(interval_ms: Ms, lag: Ms) -> Ms {
    (interval_ms / 4).clamp(5_000, 120_000) + lag
}
