//! Transactions: from a signal to the leaf, and from the leaf to its bank, its site's, and its groups'.

use super::due::{self, Due};
use super::giving::{credit, leaf_groups};
use super::interval::{Interval, Reported};
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
            let told = Reported { end: event, n, value: value.unwrap_or(0) };
            if self.puts_off(at, a, leaf_at, told, lag, context) {
                return;
            }
            self.credit_interval(at, a, leaf_at, event, lag, context);
        }
        self.bring(at, a, leaf_at, n, value.unwrap_or(0));
    }

    /// Transactions of a leaf in this tick.
    pub(super) fn bring(&mut self, at: usize, a: usize, leaf_at: usize, n: u32, value: i64) {
        let leaf = &mut self.sites[at].activities[a].leaves[leaf_at];
        if leaf.brought == 0 {
            let (site, activity, leaf_at) = (at as u32, a as u32, leaf_at as u32);
            self.brought.push(Brought { site, activity, leaf: leaf_at, n: 0, value: 0 });
            leaf.brought = self.brought.len() as u32;
        }
        let brought = &mut self.brought[leaf.brought as usize - 1];
        brought.n = brought.n.saturating_add(n);
        brought.value += value;
    }

    /// A leaf reports in another form from now on.
    pub(super) fn change_form(&mut self, at: usize, a: usize, leaf_at: usize, interval_ms: Ms, context: Context<'_>) {
        self.settle_waiting(at, a, leaf_at, context);
        let clock = context.view.series.get(self.sites[at].activities[a].series as usize).map_or(0.0, |s| s.clock);
        let activity = &mut self.sites[at].activities[a];
        activity.settle(clock, context.now);
        activity.take_back(&mut self.sums);
        let leaf = &mut activity.leaves[leaf_at];
        leaf.interval = (interval_ms > 0).then(|| Box::new(Interval::new(interval_ms, context.now)));
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
        let at_once = leaf.interval.is_none();
        leaf.hour_n += n as f32;
        for group in leaf_groups(leaf, counted) {
            let moved = self.sums.moved(group);
            moved.n += i64::from(n);
            moved.value += value;
        }
        activity.chart.observe(f64::from(n), value, at_once, now);
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
