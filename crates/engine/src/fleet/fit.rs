//! Once a night: shapes of the classes, scales of the streams, and every hour the variance components.

use super::lattice::{GroupKey, Tally};
use super::{Fleet, Step};
use crate::clock::LocalBin;
use crate::shard::Context;
use crate::sums::{COUNT_ONE, Moved, RATE_ONE};
use crate::view::ClassView;
use detect::components::{Moments, beyond_poisson};
use detect::profile::{BIN_MS, BINS, DAY_BINS, Profile};
use domain::fleet::{DayKind, OpeningHours};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Sums of a class.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Class {
    /// Transactions by bin of the week, discounted.
    n: Vec<f64>,
    /// Share of each bin in which it is open, by what its sites state; empty if they state nothing.
    open: Vec<f32>,
}

/// Minutes of a bin.
const BIN_MINUTES: u16 = (BIN_MS / 60_000) as u16;

impl Class {
    /// Nothing seen yet of what opens at these hours.
    #[must_use]
    pub fn new(hours: Option<&OpeningHours>) -> Self {
        let open = |bin: usize, hours: &OpeningHours| {
            let (day, minute) = (bin / DAY_BINS, (bin % DAY_BINS) as u16 * BIN_MINUTES);
            hours.open_share(day, DayKind::Ordinary, minute, BIN_MINUTES) as f32
        };
        Self { n: vec![0.0; BINS], open: hours.map_or_else(Vec::new, |h| (0..BINS).map(|b| open(b, h)).collect()) }
    }
}

/// What a day leaves of all sums: a half-life of four weeks.
const KEEP_A_DAY: f64 = 0.975_548;
/// What an hour leaves of the moments of variance: a half-life of two weeks.
const KEEP_AN_HOUR: f64 = 0.997_939;
/// Stream-days that a class must have seen before it is judged by.
const READY_DAYS: f64 = 2.0;
/// Stream-days after which what strays from the expectation is variance and no longer ignorance: a week and a night.
const MATURE_DAYS: f64 = 7.2;

impl Fleet {
    /// Fits shapes and scales; `rounds` of each to the other.
    pub fn fit(&mut self, step: &mut Step<'_>, rounds: usize) {
        let keep = if self.fitted == crate::clock::Ms::MIN {
            1.0
        } else {
            libm::pow(KEEP_A_DAY, (step.now - self.fitted) as f64 / 86_400_000.0)
        };
        self.fitted = step.now;
        for (ix, class) in self.classes.iter_mut().enumerate() {
            for x in &mut class.n {
                *x *= keep;
            }
            for shard in step.shards.iter_mut() {
                if let Some(taught) = shard.taught.get_mut(ix) {
                    for (x, t) in class.n.iter_mut().zip(taught.iter_mut()) {
                        *x += *t as f64 / 1024.0;
                        *t = 0;
                    }
                }
            }
        }
        for round in 0..rounds {
            let context = Context { registry: step.registry, view: &self.view, now: step.now };
            for shard in step.shards.iter_mut() {
                shard.rescale(context, if round == 0 { keep } else { 1.0 });
            }
            self.reshape(step);
        }
        let context = Context { registry: step.registry, view: &self.view, now: step.now };
        for shard in step.shards.iter_mut() {
            shard.rescale(context, 1.0);
            shard.refresh_all(context);
        }
    }

    fn reshape(&mut self, step: &Step<'_>) {
        let parts: Vec<_> = step.shards.iter().map(|s| s.fit_sums(&self.view.classes)).collect();
        for (ix, class) in self.classes.iter().enumerate() {
            let mut exposure = vec![0_i64; detect::profile::HOURS];
            let (mut stray, mut days, mut streams) = ((0_i64, 0_i64), 0_i64, 0_i64);
            for part in parts.iter().filter_map(|p| p.get(ix)) {
                for (total, x) in exposure.iter_mut().zip(&part.exposure) {
                    *total += x;
                }
                stray = (stray.0 + part.stray.0, stray.1 + part.stray.1);
                days += part.days;
                streams += part.streams;
            }
            let exposure: Vec<f64> = exposure.iter().map(|x| *x as f64 / crate::shard::EXPOSURE_ONE).collect();
            let profile = Profile::fit(&class.n, &exposure, &class.open);
            // The streams' own hours stray by 1/kappa beyond chance; one stream alone has nothing to stray from.
            let kappa = if stray.1 > 0 && streams > 1 {
                (stray.1 as f64 / (stray.0 as f64).max(stray.1 as f64 * 1e-3)).clamp(2.0, 1e3)
            } else {
                200.0
            };
            let days = days as f64 / 1024.0 / streams.max(1) as f64;
            self.view.classes[ix] =
                ClassView { profile, kappa, ready: days >= READY_DAYS, mature: days >= MATURE_DAYS };
        }
    }

    /// Ends an hour: residuals of devices and sites from the shards, of regions and everything from the groups.
    pub(super) fn learn_components(&mut self, step: &mut Step<'_>) {
        let series = self.view.series.len();
        let mut hours = vec![Moments { hours: 1.0, ..Moments::default() }; series];
        let context = Context { registry: step.registry, view: &self.view, now: step.now };
        for shard in step.shards.iter_mut() {
            for (hour, sums) in hours.iter_mut().zip(shard.end_hour(context, series)) {
                for level in 0..2 {
                    hour.beyond[level] += sums.beyond[level] as f64 / COUNT_ONE;
                    hour.mean[level] += sums.mean[level] as f64 / COUNT_ONE;
                }
                hour.by_device[0] += sums.by_device as f64 / COUNT_ONE;
            }
        }
        let mut whole: FxHashMap<u32, (Tally, f64)> = FxHashMap::default();
        let mut judged: FxHashMap<u32, Tally> = FxHashMap::default();
        for group in &mut self.lattice.groups {
            group.settle(step.now, &Moved::default());
            let tally = std::mem::take(&mut group.hour);
            let region = matches!(&group.key, GroupKey::Value { attribute, .. } if attribute == "region");
            if group.key == GroupKey::Everything {
                judged.insert(group.series, tally);
            }
            let level = if group.key == GroupKey::Total {
                3
            } else if region {
                2
            } else {
                continue;
            };
            let hour = &mut hours[group.series as usize];
            if tally.mu < 1.0 {
                continue;
            }
            hour.beyond[level] += beyond_poisson(tally.n, tally.mu);
            hour.mean[level] += tally.mu;
            // Squares of the parts' rates, as squares of their hourly means, over this unit's mean.
            let rate = group.standing.rate as f64 / RATE_ONE;
            let of = |sum: i64| if rate > 0.0 { sum as f64 / RATE_ONE / (rate * rate) * tally.mu } else { 0.0 };
            hour.by_device[level - 1] += of(group.standing.device2);
            hour.by_site[level - 2] += of(group.standing.site2);
            if level == 2 {
                whole.entry(group.series).or_default().1 += tally.mu * tally.mu;
            } else {
                whole.entry(group.series).or_default().0 = tally;
            }
        }
        for (ix, hour) in hours.iter_mut().enumerate() {
            let Some((all, regions)) = whole.get(&(ix as u32)).filter(|w| w.0.mu > 0.0) else { continue };
            hour.by_region = regions / all.mu;
            if hour.mean[2] == 0.0 {
                // No regions are registered: one holds everything.
                (hour.beyond[2], hour.mean[2]) = (hour.beyond[3], hour.mean[3]);
                hour.by_device[1] = hour.by_device[2];
                hour.by_site[0] = hour.by_site[1];
                hour.by_region = all.mu;
            }
            let local = self.local(step, step.registry.series[ix].customer);
            let odd = local.is_some_and(|l| l.kind != DayKind::Ordinary);
            let disturbed =
                self.open.iter().any(|o| o.closed.is_none() && o.series == Some(ix as u32) && o.terms.len() != 1);
            let fitted = self.fitted != crate::clock::Ms::MIN && self.view.classes.iter().any(|c| c.mature);
            if !disturbed && fitted {
                let judged = judged.get(&(ix as u32)).copied().unwrap_or_default();
                self.learn_hour(ix, local.filter(|_| odd), hour, judged);
            }
        }
        self.allot(step);
    }

    /// What an hour of a series teaches: on a day unlike others how it differs, else how much hours vary.
    fn learn_hour(&mut self, ix: usize, odd: Option<LocalBin>, hour: &Moments, judged: Tally) {
        if let Some(local) = odd {
            self.view.series[ix].calendar.learn(local.kind, local.day, judged.n, judged.mu);
        } else if hour.mean[1] > 0.0 {
            self.moments[ix].forget(KEEP_AN_HOUR);
            self.moments[ix].add(hour);
            self.view.series[ix].components = self.moments[ix].solve();
        }
    }

    /// Splits the allowed false alarms over sites and devices.
    pub fn allot(&mut self, step: &Step<'_>) {
        for (ix, series) in self.view.series.iter_mut().enumerate() {
            let customer = step.registry.series[ix].customer;
            let sites = step.registry.sites.iter().filter(|s| s.customer == customer);
            let (sites, devices) = sites.fold((0.0, 0.0), |(s, d), site| (s + 1.0, d + (site.slots.len() - 1) as f64));
            series.site_every_ms = step.policy.false_alarms.site_days * f64::max(sites, 1.0) * 86_400_000.0;
            series.device_every_ms = step.policy.false_alarms.device_days * f64::max(devices, 1.0) * 86_400_000.0;
            let worth: i64 = step.shards.iter().map(|shard| shard.weekly_value(ix as u32)).sum();
            series.site_value = worth as f64 / f64::max(sites, 1.0);
        }
    }
}
