//! Which groups are watched, at what level and threshold, and when each must be looked at next.

use super::lattice::COMMON_DOUBT;
use super::{Fleet, GroupKey, Step, lattice};
use crate::clock::{LocalBin, Ms, Zone};
use crate::shard::LEAST_GAMMA;
use crate::sums::{Given, Moved};
use crate::view::{SeriesView, YOUNG};
use domain::fleet::DayKind;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;

/// Part of the common variance that is left for a group that follows what all do.
const FOLLOWED_LEFT: f64 = 0.5;
/// A group that is no more than this share of everything hardly moves it.
const FEW: f64 = 0.35;

impl Fleet {
    /// Takes over standing sums where a shard's changed; levels and thresholds follow.
    pub(super) fn merge_standing(&mut self, step: &mut Step<'_>) {
        if !step.shards.iter_mut().fold(false, |any, s| std::mem::take(&mut s.sums.changed) | any) {
            return;
        }
        for ix in 0..self.lattice.groups.len() {
            let mut standing = Given { group: ix as u32, ..Given::default() };
            for shard in step.shards.iter() {
                if let Some(part) = shard.sums.standing.get(ix) {
                    standing.add(part, 1);
                }
            }
            if self.lattice.groups[ix].standing != standing {
                self.lattice.groups[ix].settle(step.now, &Moved::default());
                self.lattice.groups[ix].standing = standing;
            }
        }
        self.judge_groups(step);
    }

    /// Which groups are watched, and at what level and threshold.
    fn judge_groups(&mut self, step: &Step<'_>) {
        let mut everything: FxHashMap<u32, Given> = FxHashMap::default();
        let mut regions: FxHashMap<u32, f64> = FxHashMap::default();
        for group in &self.lattice.groups {
            match &group.key {
                GroupKey::Everything => {
                    everything.insert(group.series, group.standing);
                }
                GroupKey::Value { attribute, .. } if attribute == "region" => {
                    *regions.entry(group.series).or_default() += group.rate() * group.rate();
                }
                GroupKey::Total | GroupKey::Value { .. } | GroupKey::Held(_) => {}
            }
        }
        let watched = |group: &lattice::Group| match &group.key {
            // A customer with one site is judged as that site.
            GroupKey::Everything => group.standing.sites > 1,
            GroupKey::Value { .. } => {
                let all = everything.get(&group.series).map_or(0, |g| g.members);
                group.standing.members >= 2 && group.standing.members < all
            }
            GroupKey::Total | GroupKey::Held(_) => false,
        };
        let mut count: FxHashMap<u32, f64> = FxHashMap::default();
        for group in self.lattice.groups.iter().filter(|g| watched(g) && g.key != GroupKey::Everything) {
            *count.entry(group.series).or_default() += 1.0;
        }
        self.mark_odd_days(step);
        let allowed = &step.policy.false_alarms;
        for ix in 0..self.lattice.groups.len() {
            let group = &mut self.lattice.groups[ix];
            let judged = watched(group) && self.view.judging;
            if judged && !group.judged {
                group.start_anew(step.now);
            }
            group.judged = judged;
            if !judged {
                continue;
            }
            let series = &self.view.series[group.series as usize];
            let all = everything.get(&group.series).map_or(0.0, |g| g.rate as f64 / crate::sums::RATE_ONE / 1_000.0);
            let spread = regions.get(&group.series).map_or(1.0, |r| if all > 0.0 { r / (all * all) } else { 1.0 });
            let own_region = matches!(&group.key, GroupKey::Value { attribute, .. } if attribute == "region");
            let conc = if own_region || spread <= 0.0 { 1.0 } else { spread };
            group.fall_asleep_or_wake(step.now);
            group.following = follows_others(group, all, series);
            group.follow(step.now, if group.following { series.lately } else { 1.0 });
            let left = if group.following { FOLLOWED_LEFT } else { 1.0 };
            let shared = left * (COMMON_DOUBT * series.components.common + series.odd);
            group.k = group.level_size(&series.components, conc, shared);
            let days = match group.key {
                GroupKey::Everything => allowed.everything_days,
                _ => allowed.group_days * count.get(&group.series).copied().unwrap_or(1.0),
            };
            group.ln_gamma = libm::log((group.weekly() * days / 7.0).max(LEAST_GAMMA));
            self.queue_group(ix as u32, step);
        }
    }

    /// Extra variance of what all share at present.
    fn mark_odd_days(&mut self, step: &Step<'_>) {
        let young = if self.view.classes.iter().any(|c| c.mature) { 0.0 } else { YOUNG };
        for ix in 0..self.view.series.len() {
            let kind = self.local(step, step.registry.series[ix].customer).map_or(DayKind::Ordinary, |l| l.kind);
            let series = &mut self.view.series[ix];
            series.odd = series.calendar.variance(kind) + young;
        }
    }

    /// Extra variance of what all share, of evidence since a moment: of that day or of this, whichever is the more unlike others.
    pub(super) fn odd_since(&self, step: &Step<'_>, series: u32, since: Ms) -> f64 {
        let kind = local_at(step, step.registry.series[series as usize].customer, since).map(|l| l.kind);
        let series = &self.view.series[series as usize];
        series.odd.max(series.calendar.variance(kind.unwrap_or(DayKind::Ordinary)))
    }

    /// The quarter where a customer's first site is.
    pub(super) fn local(&self, step: &Step<'_>, customer: u32) -> Option<LocalBin> {
        local_at(step, customer, step.now)
    }

    /// Queues a group for the moment of its possible alarm.
    pub(super) fn queue_group(&mut self, ix: u32, step: &Step<'_>) {
        let group = &mut self.lattice.groups[ix as usize];
        if !group.judged {
            return;
        }
        let ahead = group.bank.until_alarm(group.prior(), &detect::bank::FALLS, &step.tables.group.at(group.ln_gamma));
        // Up to when it has expected may lie a little back.
        let ms = ahead / (group.flowing() * group.follows);
        let at = if ahead <= 0.0 {
            step.now
        } else if ms.is_finite() && ms < 1e12 {
            (group.to + libm::ceil(ms) as Ms).max(step.now)
        } else {
            Ms::MAX
        };
        if at < group.queued {
            group.queued = at;
            self.queue.push(Reverse((at, ix)));
        }
    }
}

/// Whether a group is so little of everything that the others show what all do: `all` is the rate of everything.
fn follows_others(group: &lattice::Group, all: f64, series: &SeriesView) -> bool {
    matches!(group.key, GroupKey::Value { .. }) && series.common_left < 1.0 && group.rate() <= FEW * all
}

fn local_at(step: &Step<'_>, customer: u32, ms: Ms) -> Option<LocalBin> {
    let site = step.registry.sites.iter().find(|s| s.customer == customer)?;
    step.registry.zones.get(site.zone as usize).map(|z: &Zone| z.compute(ms))
}
