//! The week of activity that is alike for all streams of one class, from sums of what they did.
//!
//! A bin of fifteen minutes is estimated through three levels, each shrunk towards the one above by a Gamma-Poisson ratio whose
//! strength is learned from how much the bins really differ: time of day, kind of day (working day, Saturday, Sunday), day of the week.
//! So one shop with sixty sales a day gets a smooth curve, and a chain with a million keeps its sharp opening edge.

use serde::{Deserialize, Serialize};

/// Bins of fifteen minutes in a week, Monday first.
pub const BINS: usize = 672;
/// Hours in a week.
pub const HOURS: usize = 168;
/// Bins in a day.
pub const DAY_BINS: usize = 96;
/// Length of a bin, milliseconds.
pub const BIN_MS: i64 = 900_000;

/// A rate never falls below this share of the week's mean: one sale after closing is not infinitely surprising.
pub const FLOOR: f64 = 2e-4;

/// Transactions outside the stated hours from which on they are believed by half.
const SHUT_DOUBT: f64 = 10.0;

/// Shape of a week: 1 is the week's mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    shape: Vec<f32>,
    variance: Vec<f32>,
}

impl Profile {
    /// A week of which nothing is known: the same rate at all times.
    #[must_use]
    pub fn flat() -> Self {
        Self { shape: vec![1.0; BINS], variance: vec![1.0; BINS] }
    }

    /// Relative rate in a bin, mean 1 over the week, at least [`FLOOR`].
    #[must_use]
    pub fn shape(&self, bin: usize) -> f64 {
        self.shape.get(bin).map_or(FLOOR, |x| f64::from(*x))
    }

    /// Relative variance of that estimate.
    #[must_use]
    pub fn variance(&self, bin: usize) -> f64 {
        self.variance.get(bin).map_or(1.0, |x| f64::from(*x))
    }

    /// Mean shape of an hour of the week.
    #[must_use]
    pub fn hour_shape(&self, hour: usize) -> f64 {
        (hour * 4..hour * 4 + 4).map(|bin| self.shape(bin)).sum::<f64>() / 4.0
    }

    /// Fits a week.
    ///
    /// `n`: transactions in each bin of the week, summed over streams and discounted weeks (length [`BINS`]).
    /// `exposure`: for each hour of the week (length [`HOURS`]) the sum over streams of weekly scale times weeks observed, so that
    /// `n[bin]` is expected to be `exposure[hour] * shape[bin] / BINS`.
    /// `open`: the share of each bin (length [`BINS`]) in which the class is open by what it states, empty if it states nothing. What it states
    /// to be shut is no day that went badly: nothing is expected then, unless sales say otherwise.
    #[must_use]
    pub fn fit(n: &[f64], exposure: &[f64], open: &[f32]) -> Self {
        let whole = |bin: usize| exposure.get(bin / 4).copied().unwrap_or(0.0) / BINS as f64;
        let share = |bin: usize| open.get(bin).map_or(1.0, |share| f64::from(*share));
        let unit: Vec<f64> = (0..BINS).map(|bin| whole(bin) * share(bin)).collect();
        let at = |bin: usize| if share(bin) > 0.0 { n.get(bin).copied().unwrap_or(0.0) } else { 0.0 };
        let of_day = time_of_day(&at, &unit);
        // Kind of day, then day of the week: each a factor on what stands above it.
        let mut shape: Vec<f64> = (0..BINS).map(|bin| of_day[bin % DAY_BINS]).collect();
        let mut strength = vec![0.0; BINS];
        let kinds: [&[usize]; 3] = [&[0, 1, 2, 3, 4], &[5], &[6]];
        refine(&at, &unit, &mut shape, &mut strength, &kinds);
        let days: [&[usize]; 7] = [&[0], &[1], &[2], &[3], &[4], &[5], &[6]];
        refine(&at, &unit, &mut shape, &mut strength, &days);
        for (bin, shape) in shape.iter_mut().enumerate() {
            *shape *= share(bin);
            if share(bin) <= 0.0 {
                let (seen, unit) = (n.get(bin).copied().unwrap_or(0.0), whole(bin));
                // Drawn to nothing as far as it is little.
                *shape = if unit > 0.0 { seen * seen / (seen + SHUT_DOUBT) / unit } else { 0.0 };
                strength[bin] = seen;
            }
        }
        let mean = shape.iter().sum::<f64>() / BINS as f64;
        let mean = if mean > 0.0 { mean } else { 1.0 };
        let variance = (0..BINS).map(|bin| (1.0 / (1.0 + strength[bin])) as f32).collect();
        let shape = shape.iter().map(|x| (x / mean).max(FLOOR) as f32).collect();
        Self { shape, variance }
    }
}

/// Rate by time of day over all days, each bin drawn to the mean of its neighbours as far as noise asks for it.
fn time_of_day(n: &impl Fn(usize) -> f64, unit: &[f64]) -> Vec<f64> {
    let mut seen = vec![0.0; DAY_BINS];
    let mut units = vec![0.0; DAY_BINS];
    for bin in 0..BINS {
        seen[bin % DAY_BINS] += n(bin);
        units[bin % DAY_BINS] += unit[bin];
    }
    let raw: Vec<f64> = (0..DAY_BINS).map(|t| if units[t] > 0.0 { seen[t] / units[t] } else { 0.0 }).collect();
    let around = |t: usize| 0.5 * (raw[(t + DAY_BINS - 1) % DAY_BINS] + raw[(t + 1) % DAY_BINS]);
    let expected: Vec<f64> = (0..DAY_BINS).map(|t| around(t) * units[t]).collect();
    // The mean of two neighbours is itself noisy: half a bin's variance more.
    let kappa = strength(seen.iter().copied().zip(expected.iter().copied()), 1.5);
    (0..DAY_BINS)
        .map(|t| {
            let e = expected[t];
            if units[t] <= 0.0 || e + seen[t] <= 0.0 { 0.0 } else { (seen[t] + kappa) / (e + kappa) * around(t) }
        })
        .collect()
}

/// Multiplies `shape` by factors for groups of days: a level factor for each, and a shrunk ratio for each bin.
fn refine(n: &impl Fn(usize) -> f64, unit: &[f64], shape: &mut [f64], known: &mut [f64], groups: &[&[usize]]) {
    let bins = |days: &'_ [usize], t: usize| days.iter().map(move |d| d * DAY_BINS + t).collect::<Vec<_>>();
    for days in groups {
        let (mut seen, mut expected) = (0.0, 0.0);
        for t in 0..DAY_BINS {
            for bin in bins(days, t) {
                seen += n(bin);
                expected += shape[bin] * unit[bin];
            }
        }
        // Two transactions' worth of doubt.
        let factor = (seen + 2.0) / (expected + 2.0);
        for t in 0..DAY_BINS {
            for bin in bins(days, t) {
                shape[bin] *= factor;
            }
        }
    }
    let sums: Vec<(f64, f64)> = groups
        .iter()
        .flat_map(|days| (0..DAY_BINS).map(|t| bins(days, t)))
        .map(|bins| bins.iter().fold((0.0, 0.0), |(s, e), &bin| (s + n(bin), e + shape[bin] * unit[bin])))
        .collect();
    let kappa = strength(sums.iter().copied(), 1.0);
    for (i, days) in groups.iter().enumerate() {
        for t in 0..DAY_BINS {
            let (seen, expected) = sums[i * DAY_BINS + t];
            let ratio = (seen + kappa) / (expected + kappa);
            for bin in bins(days, t) {
                shape[bin] *= ratio;
                known[bin] = expected.max(seen) + kappa.min(4.0 * (seen + known[bin]));
            }
        }
    }
}

/// How strongly ratios of observed to expected are alike: `k` of a Gamma(k, k) that has their spread beyond Poisson noise.
fn strength(sums: impl Iterator<Item = (f64, f64)>, noise: f64) -> f64 {
    let (mut beyond, mut square) = (0.0, 0.0);
    for (seen, expected) in sums {
        if expected > 0.0 {
            // Weighted by 1/expected, so that the busiest bins do not speak alone.
            beyond += ((seen - expected) * (seen - expected) - noise * expected) / expected;
            square += expected;
        }
    }
    if square <= 0.0 {
        return 1.0;
    }
    (square / beyond.max(square * 1e-5)).clamp(0.5, 1e5)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shop open 8 to 22 with a noon peak, half as busy on Sundays; `weeks` of it at `per_week`, with deterministic noise of Poisson size.
    fn week(per_week: f64, weeks: f64, noise: bool) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let truth: Vec<f64> = (0..BINS)
            .map(|bin| {
                let (day, t) = (bin / DAY_BINS, (bin % DAY_BINS) as f64 / 4.0);
                let open = (8.0..22.0).contains(&t);
                let busy = 1.0 - 0.1 * (t - 14.0).abs();
                if open { busy * if day == 6 { 0.5 } else { 1.0 } } else { 0.0 }
            })
            .collect();
        let mean = truth.iter().sum::<f64>() / BINS as f64;
        let truth: Vec<f64> = truth.iter().map(|x| x / mean).collect();
        let mut state = 7_u64;
        let n = truth
            .iter()
            .map(|x| {
                let e = x * per_week * weeks / BINS as f64;
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let u = ((state >> 33) as f64 / f64::from(u32::MAX >> 1)) * 2.0 - 1.0;
                if noise { (e + u * 1.7 * e.sqrt()).max(0.0).round() } else { e }
            })
            .collect();
        (truth, n, vec![per_week * weeks; HOURS])
    }

    fn worst(profile: &Profile, truth: &[f64]) -> f64 {
        (0..BINS).filter(|b| truth[*b] > 0.5).map(|b| (profile.shape(b) / truth[b] - 1.0).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn a_rich_class_keeps_its_sharp_edges() {
        let (truth, n, exposure) = week(1e6, 4.0, true);
        let profile = Profile::fit(&n, &exposure, &[]);
        assert!(worst(&profile, &truth) < 0.06, "{}", worst(&profile, &truth));
        assert!(profile.shape(8 * 4 - 1) < 0.02 * profile.shape(8 * 4));
        assert!((profile.shape(48) * 0.5 / profile.shape(6 * 96 + 48) - 1.0).abs() < 0.05);
    }

    #[test]
    fn a_poor_class_gets_a_smooth_curve() {
        let (truth, n, exposure) = week(400.0, 4.0, true);
        let profile = Profile::fit(&n, &exposure, &[]);
        let rms =
            ((0..BINS).filter(|b| truth[*b] > 0.5).map(|b| (profile.shape(b) / truth[b] - 1.0).powi(2)).sum::<f64>()
                / 392.0)
                .sqrt();
        assert!(rms < 0.25, "{rms}; raw noise is about 0.5");
    }

    #[test]
    fn a_weekday_never_seen_borrows_from_the_others() {
        let (truth, mut n, mut exposure) = week(1e5, 4.0, false);
        n[2 * DAY_BINS..3 * DAY_BINS].fill(0.0);
        exposure[48..72].fill(0.0);
        let profile = Profile::fit(&n, &exposure, &[]);
        let wednesday_noon = 2 * DAY_BINS + 48;
        assert!((profile.shape(wednesday_noon) / truth[wednesday_noon] - 1.0).abs() < 0.05);
    }

    /// Shut on Sundays and after eight in the evening on Saturdays, by what it states.
    fn stated() -> Vec<f32> {
        let open = |bin: usize| {
            let (day, t) = (bin / DAY_BINS, bin % DAY_BINS);
            (32..if day == 5 { 80 } else { 88 }).contains(&t) && day != 6
        };
        (0..BINS).map(|bin| f32::from(u8::from(open(bin)))).collect()
    }

    #[test]
    fn what_is_stated_to_be_shut_expects_nothing_after_one_week() {
        let (truth, mut n, exposure) = week(1e4, 1.0, false);
        let open = stated();
        for (n, open) in n.iter_mut().zip(&open) {
            *n *= f64::from(*open);
        }
        let profile = Profile::fit(&n, &exposure, &open);
        assert!((0..BINS).filter(|b| open[*b] == 0.0).all(|b| profile.shape(b) == f64::from(FLOOR as f32)));
        let (monday, saturday) = (48, 5 * DAY_BINS + 79);
        let as_true = |b: usize| profile.shape(b) / profile.shape(monday) * truth[monday] / truth[b];
        assert!((as_true(saturday) - 1.0).abs() < 0.1, "the last open quarter stands as it was: {}", as_true(saturday));
    }

    #[test]
    fn sales_outside_the_stated_hours_are_believed_once_there_are_many() {
        let (truth, n, exposure) = week(1e5, 4.0, false);
        let profile = Profile::fit(&n, &exposure, &stated());
        let sunday = 6 * DAY_BINS + 48;
        assert!((profile.shape(sunday) / truth[sunday] - 1.0).abs() < 0.1, "{}", profile.shape(sunday));
    }

    #[test]
    fn nothing_observed_gives_the_floor_and_no_nonsense() {
        let profile = Profile::fit(&[], &[], &[]);
        assert!((0..BINS).all(|b| profile.shape(b) == (FLOOR as f32).into() && profile.variance(b) == 1.0));
    }
}
