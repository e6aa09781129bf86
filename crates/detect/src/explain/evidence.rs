//! What is to be explained: which units failed, or by how much each fell short of what was expected of it.

use libm::log;
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

/// From this number on, a floating point number has no fraction.
const NO_FRACTION: f64 = 4_503_599_627_370_496.0;

/// Median of the chi-squared distribution with one degree of freedom.
const CHI2_MEDIAN: f64 = 0.454_936_423_119_572_7;

/// Rows with less expectation than this say nothing about dispersion.
const TELLING_EXPECTATION: f64 = 4.0;

/// How many rows medians are taken over.
const SAMPLED_ROWS: usize = 8_192;

/// The units, ascending, and the counts of each, scaled so that they vary as Poisson counts do; and how many rows were
/// refused.
pub(crate) fn weigh(rows: &[Shortfall], dispersion: Dispersion, units: u32) -> (Vec<u32>, Vec<Sums>, u64) {
    let (units, mut counts, refused) = kept(rows, units);
    let rate = typical_rate(&counts);
    let v = match dispersion {
        Dispersion::None => 0.0,
        Dispersion::Known(v) => {
            if v.is_finite() {
                v.max(0.0)
            } else {
                0.0
            }
        }
        Dispersion::Estimated => estimate_dispersion(&counts, rate),
    };
    if v > 0.0 {
        for sums in &mut counts {
            let shrink = 1.0 / (1.0 + v * rate * sums.y);
            *sums = Sums { x: on_step(sums.x * shrink), y: on_step(sums.y * shrink).max(STEP) };
        }
    }
    (units, counts, refused)
}

/// The rows that make sense, one a unit and the units ascending, as they mostly come.
fn kept(rows: &[Shortfall], units: u32) -> (Vec<u32>, Vec<Sums>, u64) {
    let (mut kept, mut counts) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    let (mut end, mut orderly) = (0, true);
    for row in rows {
        let usable = row.observed.is_finite() && row.observed >= 0.0 && row.expected.is_finite() && row.expected > 0.0;
        if usable && row.unit < units {
            let sums = Sums { x: on_step(row.observed), y: on_step(row.expected) };
            orderly &= row.unit >= end && sums.y > 0.0;
            end = row.unit + 1;
            kept.push(row.unit);
            counts.push(sums);
        }
    }
    let refused = (rows.len() - kept.len()) as u64;
    if orderly {
        return (kept, counts, refused);
    }
    let mut pairs: Vec<(u32, Sums)> = kept.into_iter().zip(counts).collect();
    pairs.sort_by_key(|pair| pair.0);
    pairs.dedup_by(|next, first| {
        let same = next.0 == first.0;
        if same {
            first.1.add(next.1);
        }
        same
    });
    pairs.retain(|pair| pair.1.y > 0.0);
    let (kept, counts) = pairs.into_iter().unzip();
    (kept, counts, refused)
}

fn on_step(amount: f64) -> f64 {
    let steps = amount / STEP;
    // A number this large has no room for a fraction: adding it rounds, to even at the half.
    let whole = if steps < NO_FRACTION { (steps + NO_FRACTION) - NO_FRACTION } else { steps };
    whole * STEP
}

/// The rate of the median expected event: half of all expectation lies with units that do worse.
fn typical_rate(rows: &[Sums]) -> f64 {
    let stride = rows.len().div_ceil(SAMPLED_ROWS).max(1);
    let mut rates: Vec<Sums> = rows.iter().step_by(stride).copied().collect();
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

fn estimate_dispersion(rows: &[Sums], rate: f64) -> f64 {
    let telling = |row: &&Sums| row.y * rate >= TELLING_EXPECTATION;
    let count = rows.iter().filter(telling).count();
    let stride = count.div_ceil(SAMPLED_ROWS).max(1);
    // What each is expected to be, and the square of how far it is off.
    let sampled: Vec<(f64, f64)> = rows
        .iter()
        .filter(telling)
        .step_by(stride)
        .map(|row| (row.y * rate, row.x - row.y * rate))
        .map(|(expected, off)| (expected, off * off))
        .collect();
    // The median row is too far off when half of the rows are: cheaper to count than to find it.
    let too_far = |v: f64| {
        let far = |&&(expected, square): &&(f64, f64)| square > CHI2_MEDIAN * expected * (1.0 + v * expected);
        sampled.iter().filter(far).count() >= sampled.len() - sampled.len() / 2
    };
    if sampled.is_empty() || !too_far(0.0) {
        return 0.0;
    }
    let (mut low, mut high) = (log(1e-9), log(100.0));
    for _ in 0..30 {
        let middle = f64::midpoint(low, high);
        if too_far(libm::exp(middle)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    libm::exp(f64::midpoint(low, high))
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
        let (units, counts, refused) = weigh(&rows, Dispersion::None, 3);
        assert_eq!(units, [0, 2]);
        assert_eq!(counts, [Sums { x: 3.0, y: 3.0 }, Sums { x: 3.0, y: 5.0 }]);
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
        let (_, kept, _) = weigh(&rows, Dispersion::Estimated, 500);
        let weight = kept[0].y;
        assert!((50.0..400.0).contains(&weight), "a row of 10 % error weighs {weight}");
        let (_, exact, _) = weigh(&rows, Dispersion::None, 500);
        assert!((exact[0].y - 1e6).abs() < 1.0);
    }
}
