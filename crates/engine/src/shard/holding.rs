//! What an open finding holds: its members' evidence goes to the finding's own group and to no other, until it lets them go.

use super::activity::Activity;
use super::leaf::Leaf;
use super::{Context, Shard, stream};
use crate::clock::Ms;
use detect::bank::FALLS;

impl Shard {
    /// Holds members in an open finding's group, with their evidence since the onset taken out of their site's bank. A member that another
    /// finding holds stays there.
    pub fn hold(&mut self, context: Context<'_>, site: u32, slots: &[u32], series: u32, group: u32, since: Ms) {
        let free = |leaf: &Leaf| leaf.held.is_none() && slots.contains(&leaf.slot);
        let expected = self.expected_since(site, slots, series, since, context);
        self.change_hold(context, site, series, free, |activity, clock| {
            for (&slot, &mu) in slots.iter().zip(&expected) {
                let Some((_, leaf)) = activity.leaf(slot).filter(|(_, leaf)| leaf.held.is_none()) else { continue };
                leaf.held = Some(group);
                leaf.start_anew(clock, context.now);
                let n = leaf.recent.since(since, context.now);
                let (stream, by_intervals) = (leaf.stream as usize, leaf.interval.is_some());
                let prior = activity.prior();
                // An overdue interval was credited at once, whenever the evidence began.
                let credited = if by_intervals { context.now - 1 } else { since };
                activity.bank.remove(n, mu, credited, context.now, prior, &FALLS);
                activity.streams[stream].blocked |= stream::block::HELD;
                activity.streams[stream].forbid(since);
            }
        });
    }

    /// What was expected of leaves of a site since a moment.
    fn expected_since(&mut self, site: u32, slots: &[u32], series: u32, since: Ms, context: Context<'_>) -> Vec<f64> {
        let at = self.local(site);
        let Some(a) = self.sites.get(at).and_then(|s| s.activity(series)) else { return vec![0.0; slots.len()] };
        let leaf_of = |shard: &Self, slot: u32| shard.sites[at].activities[a].leaf_at(slot);
        let expected = |slot: &u32| {
            leaf_of(self, *slot).map_or(0.0, |l| self.expected_between(at, a, l, since, context.now, context))
        };
        slots.iter().map(expected).collect()
    }

    /// Lets go what a finding's group holds at a site; what contains it starts from zero.
    pub fn release(&mut self, context: Context<'_>, site: u32, series: u32, group: u32) {
        let mine = |leaf: &Leaf| leaf.held == Some(group);
        self.change_hold(context, site, series, mine, |activity, clock| {
            for leaf in activity.leaves.iter_mut().filter(|leaf| mine(leaf)) {
                leaf.held = None;
                leaf.start_anew(clock, context.now);
            }
            activity.bank.reset(context.now);
            activity.free_streams();
        });
    }

    /// Whatever a finding's group holds is expected at `share` of what it was.
    pub fn lower(&mut self, context: Context<'_>, group: u32, share: f64) {
        for at in 0..self.sites.len() {
            let held = |a: &Activity| a.leaves.iter().any(|leaf| leaf.held == Some(group));
            let mut any = false;
            for activity in self.sites[at].activities.iter_mut().filter(|a| held(a)) {
                activity.lower(group, share);
                any = true;
            }
            if any {
                self.refresh(at, context);
            }
        }
    }

    /// Changes who holds leaves of a site, if any of them is concerned.
    fn change_hold(
        &mut self,
        context: Context<'_>,
        site: u32,
        series: u32,
        concerns: impl Fn(&Leaf) -> bool,
        change: impl FnOnce(&mut Activity, f64),
    ) {
        let at = self.local(site);
        let Some(state) = self.sites.get_mut(at) else { return };
        let Some(a) = state.activity(series) else { return };
        let Some(clock) = context.view.series.get(series as usize).map(|s| s.clock) else { return };
        let activity = &mut state.activities[a];
        if !activity.leaves.iter().any(concerns) {
            return;
        }
        activity.settle(clock, context.now);
        activity.take_back(&mut self.sums);
        change(activity, clock);
        self.refresh(at, context);
    }
}
