//! What the fleet step does every minute and every hour.

use super::lattice::Tally;
use super::{Fleet, GroupKey, Step};
use crate::clock::{Ms, from_ms};
use crate::output::{Sample, SeriesKey};
use crate::shard::REPORTED_MS;
use crate::sums::Moved;

/// Length of a sample while reports come by intervals.
const QUARTER_MS: Ms = 900_000;
/// A sample says no more than this at once: what a restart leaves behind is no sample.
const LONGEST_SAMPLE_MS: Ms = 4 * QUARTER_MS;
/// Length of an hour.
const HOUR_MS: Ms = 3_600_000;
/// Part of the common variance that is left for a site once the common factor is taken out.
const COMMON_LEFT: f64 = 0.4;
/// Sites below which what all do together is no measure for one.
const SITES_FOR_COMMON: usize = 5;

impl Fleet {
    /// Every minute: what all do together, and the chart of everything.
    pub(super) fn end_minute(&mut self, step: &mut Step<'_>) {
        if self.minute == Ms::MIN {
            self.minute = step.now.div_euclid(60_000) * 60_000;
        }
        if step.now < self.minute + 60_000 {
            return;
        }
        let (from, to) = (self.minute, step.now.div_euclid(60_000) * 60_000);
        self.minute = to;
        if self.view.judging {
            self.ask_conjunctions(step, to / 60_000);
        }
        let sites = step.registry.sites.len();
        for ix in 0..self.lattice.groups.len() {
            let group = &mut self.lattice.groups[ix];
            match group.key {
                GroupKey::Total => {
                    group.settle(step.now, &Moved::default());
                    let Some(at) = sample_end(group.is_lumpy(), (from, to)).filter(|at| *at > group.charted) else {
                        continue;
                    };
                    let chart = std::mem::take(&mut group.chart);
                    let since = std::mem::replace(&mut group.charted, at).max(at - LONGEST_SAMPLE_MS);
                    let (series, rate) = (group.series, group.rate());
                    self.sample(step, series, chart, rate, ((at - since) / 1_000) as u32, at);
                }
                GroupKey::Everything if group.judged => {
                    group.settle(step.now, &Moved::default());
                    let level = group.bank.level(group.prior());
                    let series = &mut self.view.series[group.series as usize];
                    let lately = group.level_lately(level, series.components.common);
                    if sites >= SITES_FOR_COMMON {
                        let farthest = 1.4 + 2.0 * series.odd;
                        let within = |level: f64| level.clamp(1.0 / farthest, farthest);
                        (series.common, series.common_left) = (within(level), COMMON_LEFT);
                        series.lately = within(lately);
                    } else {
                        (series.common, series.common_left, series.lately) = (1.0, 1.0, 1.0);
                    }
                }
                GroupKey::Value { .. } if group.following => {
                    group.follow(step.now, self.view.series[group.series as usize].lately);
                    self.queue_group(ix as u32, step);
                }
                GroupKey::Everything | GroupKey::Value { .. } | GroupKey::Held(_) => {}
            }
        }
    }

    fn sample(&self, step: &mut Step<'_>, series: u32, chart: Tally, rate: f64, interval_s: u32, to: Ms) {
        if chart.n == 0.0 && chart.mu < 1e-4 {
            return;
        }
        let registered = &step.registry.series[series as usize];
        let lost: i64 = step.shards.iter().map(|s| s.lost_rate(series)).sum();
        let lost = lost as f64 / crate::sums::RATE_ONE / 1_000.0;
        step.out.samples.push(Sample {
            customer: step.registry.customers[registered.customer as usize].key.clone(),
            series: SeriesKey::All,
            metric: registered.metric.clone(),
            at: from_ms(to),
            interval_s,
            expected: chart.mu,
            observed: chart.n,
            expected_value_minor: chart.mu_value as i64,
            observed_value_minor: chart.value as i64,
            heard: if rate > 0.0 { (1.0 - lost / rate).clamp(0.0, 1.0) as f32 } else { 1.0 },
        });
    }

    /// Every hour: variance components; every five minutes the charts of sites are asked for by the engine.
    pub(super) fn end_hour(&mut self, step: &mut Step<'_>) {
        let hour = step.now.div_euclid(HOUR_MS);
        if self.hour == Ms::MIN {
            self.hour = hour;
        }
        if hour == self.hour {
            return;
        }
        self.hour = hour;
        self.learn_components(step);
        if (hour % 24 == 2 || self.fitted == Ms::MIN && hour % 24 == 20) && !self.classes.is_empty() {
            self.end_day(step);
            self.fit(step, 2);
        }
    }
}

/// Up to when a sample reaches that is taken in the minutes of `(from, to]`. While most report by intervals a minute would show nothing and the
/// next one everything: then a quarter is shown, once its reports are in.
fn sample_end(by_intervals: bool, (from, to): (Ms, Ms)) -> Option<Ms> {
    let quarter = |ms: Ms| (ms - REPORTED_MS).div_euclid(QUARTER_MS);
    match by_intervals {
        false => Some(to),
        true => (quarter(to) != quarter(from)).then(|| quarter(to) * QUARTER_MS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_is_shown_once_its_reports_are_in_and_a_minute_at_once() {
        let minute = |n: Ms| (n * 60_000, (n + 1) * 60_000);
        assert_eq!(sample_end(false, minute(7)), Some(8 * 60_000));
        let ends: Vec<Option<Ms>> = (10..35).map(|n| sample_end(true, minute(n))).collect();
        assert_eq!(ends.iter().flatten().collect::<Vec<_>>(), [&QUARTER_MS, &(2 * QUARTER_MS)]);
        assert_eq!(ends.iter().position(Option::is_some), Some(7), "at eighteen minutes past");
    }
}
