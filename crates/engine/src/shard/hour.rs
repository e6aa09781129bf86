//! The end of an hour, of a quarter of a chart, of a day's learning: what is summed up rarely.

use super::leaf::Leaf;
use super::{Context, Heard, Shard};
use crate::output::{Sample, SeriesKey};
use crate::sums::{COUNT_ONE, fixed};
use crate::view::ClassView;
use detect::components::beyond_poisson;
use detect::profile::HOURS;

/// Sums of one hour for one series in fixed point (see [`detect::components::Moments`]); devices and sites only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HourSums {
    /// Squared residuals of devices and of sites.
    pub beyond: [i64; 2],
    /// Means of devices and of sites.
    pub mean: [i64; 2],
    /// Devices within sites.
    pub by_device: i64,
}

/// What a class's fit needs from a shard, in fixed point.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FitSums {
    /// Exposure by hour of the week.
    pub exposure: Vec<i64>,
    /// How far streams stray from the class's shape, and out of how much.
    pub stray: (i64, i64),
    /// Stream-days observed.
    pub days: i64,
    /// Streams.
    pub streams: i64,
}

/// Unit of exposures: sums of a year of a large chain must fit.
pub const EXPOSURE_ONE: f64 = 64.0;
/// Hours with less than this expected say nothing about variance.
const LEAST_MEAN: f32 = 0.5;

impl Shard {
    /// Ends an hour: residuals for the variance components, shares, habits of contact.
    pub fn end_hour(&mut self, context: Context<'_>, series: usize) -> Vec<HourSums> {
        let mut sums = vec![HourSums::default(); series];
        for at in 0..self.sites.len() {
            let ix = self.sites[at].ix;
            let Some(local) = self.bin_of(ix, context.registry, context.now - 1) else { continue };
            let hour = usize::from(local.minute) / 60;
            let lost = self.sites[at].uplink.lost;
            let site = &mut self.sites[at];
            site.uplink.learn_hour(hour);
            if !lost {
                for contact in &mut site.contacts {
                    contact.learn_hour(hour);
                }
            }
            for activity in &mut site.activities {
                let Some(clock) = context.view.series.get(activity.series as usize).map(|s| s.clock) else { continue };
                activity.settle(clock, context.now);
                end_activity_hour(
                    activity,
                    &mut sums[activity.series as usize],
                    lost || local.kind != domain::fleet::DayKind::Ordinary,
                );
            }
        }
        sums
    }

    /// Samples of sites whose interval ended.
    pub fn chart(&mut self, context: Context<'_>, heard: &mut Heard) {
        for site in &mut self.sites {
            let lost = site.uplink.lost;
            let Some(registered) = context.registry.sites.get(site.ix as usize) else { continue };
            for activity in &mut site.activities {
                activity.chart.settle(context.now);
                let longest = activity.leaves.iter().map(Leaf::interval_ms).max().unwrap_or(0);
                let Some((end, chart)) = activity.chart.take(longest, context.now) else { continue };
                let Some(series) = context.registry.series.get(activity.series as usize) else { continue };
                let Some(customer) = context.registry.customers.get(series.customer as usize) else { continue };
                if chart.n == 0.0 && chart.mu < 1e-4 {
                    continue;
                }
                heard.samples.push(Sample {
                    customer: customer.key.clone(),
                    series: SeriesKey::Site(registered.code.clone()),
                    metric: series.metric.clone(),
                    at: crate::clock::from_ms(end),
                    interval_s: ((end - chart.from) / 1_000).clamp(1, 86_400) as u32,
                    expected: chart.mu,
                    observed: chart.n,
                    expected_value_minor: chart.mu_value as i64,
                    observed_value_minor: chart.value,
                    heard: if lost { 0.0 } else { 1.0 },
                });
            }
        }
    }

    /// Expected transactions a second of a series at sites that are not heard from, in fixed point.
    #[must_use]
    pub fn lost_rate(&self, series: u32) -> i64 {
        let lost =
            self.sites.iter().filter(|s| s.uplink.lost).filter_map(|s| s.activity(series).map(|a| &s.activities[a]));
        lost.map(|a| fixed(a.chart.rate.0 * 1_000.0, crate::sums::RATE_ONE)).sum()
    }

    /// Expected turnover of a week of a series, minor units.
    #[must_use]
    pub fn weekly_value(&self, series: u32) -> i64 {
        let activities = self.sites.iter().filter_map(|s| s.activity(series).map(|a| &s.activities[a]));
        activities.map(|a| fixed(a.weekly_value(), 1.0)).sum()
    }

    /// What the fit of all classes needs, with the scales as they stand.
    #[must_use]
    pub fn fit_sums(&self, classes: &[ClassView]) -> Vec<FitSums> {
        let mut sums = vec![FitSums { exposure: vec![0; HOURS], ..FitSums::default() }; classes.len()];
        let mut exposure = vec![0.0; HOURS];
        for stream in self.sites.iter().flat_map(|s| &s.activities).flat_map(|a| &a.streams) {
            let Some(class) = classes.get(stream.class as usize) else { continue };
            let sum = &mut sums[stream.class as usize];
            exposure.fill(0.0);
            let mut stray = (0.0, 0.0);
            stream.fit_sums(class, &mut exposure, &mut stray);
            for (total, x) in sum.exposure.iter_mut().zip(&exposure) {
                *total += fixed(*x, EXPOSURE_ONE);
            }
            sum.stray.0 += fixed(stray.0, 1024.0);
            sum.stray.1 += fixed(stray.1, 1024.0);
            sum.days += fixed(stream.days(), 1024.0);
            sum.streams += 1;
        }
        sums
    }

    /// Finds all scales anew under the classes' shapes, after discounting by `keep`.
    pub fn rescale(&mut self, context: Context<'_>, keep: f64) {
        for site in &mut self.sites {
            for activity in &mut site.activities {
                for stream in &mut activity.streams {
                    stream.forget(keep);
                    if let Some(class) = context.view.classes.get(stream.class as usize) {
                        stream.rescale(class);
                    }
                }
                for leaf in &mut activity.leaves {
                    leaf.forget(keep);
                }
            }
        }
    }

    /// Computes all rates anew.
    pub fn refresh_all(&mut self, context: Context<'_>) {
        self.take_zones(context.registry);
        for at in 0..self.sites.len() {
            self.refresh(at, context);
        }
    }
}

fn end_activity_hour(activity: &mut super::activity::Activity, sums: &mut HourSums, odd: bool) {
    let mut by_stream = vec![0.0_f32; activity.streams.len()];
    for leaf in &activity.leaves {
        by_stream[leaf.stream as usize] += leaf.hour_n;
    }
    let (mut n, mut mu, mut mu2) = (0.0_f64, 0.0_f64, 0.0_f64);
    let held = activity.leaves.iter().any(|l| l.held.is_some());
    for leaf in &mut activity.leaves {
        let blocked = activity.streams[leaf.stream as usize].blocked != 0;
        if !blocked && !odd && activity.opening.is_none() {
            leaf.teach(by_stream[leaf.stream as usize]);
            if leaf.hour_mu > LEAST_MEAN {
                let (x, m) = (f64::from(leaf.hour_n), f64::from(leaf.hour_mu));
                sums.beyond[0] += fixed(beyond_poisson(x, m), COUNT_ONE);
                sums.mean[0] += fixed(m, COUNT_ONE);
            }
            n += f64::from(leaf.hour_n);
            mu += f64::from(leaf.hour_mu);
            mu2 += f64::from(leaf.hour_mu) * f64::from(leaf.hour_mu);
        }
        leaf.hour_n = 0.0;
        leaf.hour_mu = 0.0;
    }
    if mu > f64::from(LEAST_MEAN) && !held {
        sums.beyond[1] += fixed(beyond_poisson(n, mu), COUNT_ONE);
        sums.mean[1] += fixed(mu, COUNT_ONE);
        sums.by_device += fixed(mu2 / mu, COUNT_ONE);
    }
}
