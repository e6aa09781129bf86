//! What is to be explained: which units failed, or by how much each fell short of what was expected of it.

use libm::{fabs, log};
use roaring::RoaringBitmap;

use super::model::Sums;

/// Evidence over the units of an [`super::AttributeTable`].
#[derive(Debug, Clone, Copy)]
pub enum Evidence<'a> {
    /// Units that failed, out of those that could have been seen to fail.
    Failed {
        /// Units that failed; those outside `population` are left out.
        failing: &'a RoaringBitmap,
        /// Units whose state is known.
        population: &'a RoaringBitmap,
    },
    /// Units against their own expectation; the population is the units listed.
    Shortfall {
        /// One row a unit; rows of the same unit add up.
        rows: &'a [Shortfall],
        /// How much more the rows vary than Poisson counts would.
        dispersion: Dispersion,
    },
}

/// Observed against expected of one unit, in events (sales, heartbeats) of the same interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shortfall {
    /// The unit.
    pub unit: u32,
    /// Events observed.
    pub observed: f64,
    /// Events expected (mu).
    pub expected: f64,
}

/// Variation of a unit's count beyond Poisson: variance = mu (1 + v mu), v being the squared relative error of mu.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dispersion {
    /// Poisson counts, v = 0.
    None,
    /// A known v, such as the baseline's variance of a level.
    Known(f64),
    /// The v at which the median row is as far from expectation as chance would have it; robust while most are healthy.
    Estimated,
}

/// Counts are held in steps of this size, so that sums do not depend on the order of adding.
const STEP: f64 = 1.0 / 65_536.0;

/// Median of the chi-squared distribution with one degree of freedom.
const CHI2_MEDIAN: f64 = 0.454_936_423_119_572_7;

/// Rows with less expectation than this say nothing about dispersion.
const TELLING_EXPECTATION: f64 = 4.0;

/// How many rows medians are taken over.
const SAMPLED_ROWS: usize = 8_192;

/// Rows sorted by unit, one a unit, scaled so that each varies as a Poisson count does; and how many were refused.
pub(crate) fn weigh(rows: &[Shortfall], dispersion: Dispersion, units: u32) -> (Vec<(u32, Sums)>, u64) {
    let mut refused = 0;
    let mut kept: Vec<(u32, Sums)> = Vec::with_capacity(rows.len());
    for row in rows {
        let usable = row.observed.is_finite() && row.observed >= 0.0 && row.expected.is_finite() && row.expected > 0.0;
        if usable && row.unit < units {
            kept.push((row.unit, Sums { x: on_step(row.observed), y: on_step(row.expected) }));
        } else {
            refused += 1;
        }
    }
    if !kept.is_sorted_by_key(|row| row.0) {
        kept.sort_by_key(|row| row.0);
    }
    kept.dedup_by(|next, first| {
        let same = next.0 == first.0;
        if same {
            first.1.add(next.1);
        }
        same
    });
    kept.retain(|row| row.1.y > 0.0);
    let rate = typical_rate(&kept);
    let v = match dispersion {
        Dispersion::None => 0.0,
        Dispersion::Known(v) => {
            if v.is_finite() {
                v.max(0.0)
            } else {
                0.0
            }
        }
        Dispersion::Estimated => estimate_dispersion(&kept, rate),
    };
    if v > 0.0 {
        for (_, sums) in &mut kept {
            let shrink = 1.0 / (1.0 + v * rate * sums.y);
            *sums = Sums { x: on_step(sums.x * shrink), y: on_step(sums.y * shrink).max(STEP) };
        }
    }
    (kept, refused)
}

fn on_step(amount: f64) -> f64 {
    (amount / STEP).round() * STEP
}

/// The rate of the median expected event: half of all expectation lies with units that do worse.
fn typical_rate(rows: &[(u32, Sums)]) -> f64 {
    let stride = rows.len().div_ceil(SAMPLED_ROWS).max(1);
    let mut rates: Vec<Sums> = rows.iter().step_by(stride).map(|row| row.1).collect();
    rates.sort_by(|one, other| one.rate().total_cmp(&other.rate()).then(one.y.total_cmp(&other.y)));
    let half = rates.iter().map(|row| row.y).sum::<f64>() / 2.0;
    let mut passed = 0.0;
    for row in rates {
        passed += row.y;
        if passed >= half {
            return row.rate();
        }
    }
    1.0
}

fn estimate_dispersion(rows: &[(u32, Sums)], rate: f64) -> f64 {
    let telling = |row: &&(u32, Sums)| row.1.y * rate >= TELLING_EXPECTATION;
    let count = rows.iter().filter(telling).count();
    let stride = count.div_ceil(SAMPLED_ROWS).max(1);
    let sampled: Vec<Sums> = rows.iter().filter(telling).step_by(stride).map(|row| row.1).collect();
    if sampled.is_empty() {
        return 0.0;
    }
    let excess = |v: f64| median_deviation(&sampled, rate, v) - CHI2_MEDIAN;
    if excess(0.0) <= 0.0 {
        return 0.0;
    }
    let (mut low, mut high) = (log(1e-9), log(100.0));
    for _ in 0..30 {
        let middle = f64::midpoint(low, high);
        if excess(libm::exp(middle)) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    libm::exp(f64::midpoint(low, high))
}

fn median_deviation(rows: &[Sums], rate: f64, v: f64) -> f64 {
    let mut deviations: Vec<f64> = rows
        .iter()
        .map(|row| {
            let expected = row.y * rate;
            let off = fabs(row.x - expected);
            off * off / (expected * (1.0 + v * expected))
        })
        .collect();
    let middle = deviations.len() / 2;
    let (_, median, _) = deviations.select_nth_unstable_by(middle, f64::total_cmp);
    *median
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_unit_add_up_and_senseless_ones_are_refused_and_counted() {
        let row = |unit, observed, expected| Shortfall { unit, observed, expected };
        let rows = [
            row(2, 1.0, 4.0),
            row(0, 3.0, 3.0),
            row(2, 2.0, 1.0),
            row(1, f64::NAN, 3.0),
            row(1, -1.0, 3.0),
            row(1, 1.0, 0.0),
            row(9, 1.0, 1.0),
        ];
        let (kept, refused) = weigh(&rows, Dispersion::None, 3);
        assert_eq!(kept, vec![(0, Sums { x: 3.0, y: 3.0 }), (2, Sums { x: 3.0, y: 5.0 })]);
        assert_eq!(refused, 4);
    }

    #[test]
    fn rows_that_vary_by_a_tenth_of_a_large_expectation_lose_their_weight() {
        let rows: Vec<Shortfall> = (0..500)
            .map(|unit| {
                let swing = f64::from(unit % 11) / 5.0 - 1.0;
                Shortfall { unit, observed: 1e6 * (1.0 + 0.1 * swing), expected: 1e6 }
            })
            .collect();
        let (kept, _) = weigh(&rows, Dispersion::Estimated, 500);
        let weight = kept[0].1.y;
        assert!((50.0..400.0).contains(&weight), "a row of 10 % error weighs {weight}");
        let (exact, _) = weigh(&rows, Dispersion::None, 500);
        assert!((exact[0].1.y - 1e6).abs() < 1.0);
    }
}
