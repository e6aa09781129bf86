//! The rows a search counts: all of them when they are few, else a weighted share of each kind.
//!
//! Case-control sampling: what is rare and telling (failing units, the largest shortfalls) is kept whole for as long as
//! it fits, the ordinary rest is thinned and weighed up. A row's lot is a hash of its unit's number, never a dice throw.

use super::bits::Bits;
use super::frame::Frame;
use super::model::{Model, ROUNDING, Sums};

/// The most rows of a kind that are all counted.
const ROWS_MAX: usize = 32_768;

/// About how many are counted when they are more; the best candidates are then recounted over all rows.
const ROWS_DRAWN: f64 = 12_288.0;

/// One by the most rows that one row stands for.
const TIMES_MAX_INVERSE: f64 = 1.0 / 1_048_576.0;

/// Rows that are worse than the average of the scope.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hit {
    pub sums: Sums,
    /// More than zero for every row.
    pub surprise: f64,
}

impl Hit {
    pub(crate) fn add(&mut self, other: Self) {
        self.sums.add(other.sums);
        self.surprise += other.surprise;
    }
}

/// Weighted rows, units ascending within each kind.
pub(crate) struct Sample {
    pub hit_units: Vec<u32>,
    pub hits: Vec<Hit>,
    pub control_units: Vec<u32>,
    pub controls: Vec<Sums>,
    /// Sums of all hits.
    pub worse: Sums,
    pub total: Sums,
    pub total_best: f64,
    /// Whether some rows were left out, so that sums are estimates.
    pub thinned: bool,
}

impl Sample {
    /// A sample of the rows in `scope`, whose sums are `total`.
    pub(crate) fn of(frame: &Frame<'_>, scope: &Bits, total: Sums) -> Self {
        let mut sample = match frame.model {
            Model::Bernoulli => Self::of_failed(frame, scope),
            Model::Poisson => Self::of_shortfall(frame, scope, total),
        };
        sample.total_best = frame.model.best(sample.total);
        sample
    }

    fn of_failed(frame: &Frame<'_>, scope: &Bits) -> Self {
        let (mut failing, mut healthy) = (scope.clone(), scope.clone());
        failing.intersect(frame.failing());
        healthy.remove(frame.failing());
        let failing_lots = Lots::of(failing.count() as usize, failing.count() as f64);
        let healthy_lots = Lots::of(healthy.count() as usize, healthy.count() as f64);
        let mut sample = Self::empty(failing_lots.thin() || healthy_lots.thin());
        for unit in failing.ones().map(|row| frame.units[row]) {
            if let Some(times) = failing_lots.draw(unit, 1.0) {
                sample.take_hit(unit, Sums { x: 1.0, y: 1.0 }, 1.0, times);
            }
        }
        for unit in healthy.ones().map(|row| frame.units[row]) {
            if let Some(times) = healthy_lots.draw(unit, 1.0) {
                sample.take_control(unit, Sums { x: 0.0, y: 1.0 }, times);
            }
        }
        sample
    }

    fn of_shortfall(frame: &Frame<'_>, scope: &Bits, total: Sums) -> Self {
        let rate = total.rate();
        let (mut rows, mut hits, mut pull) = (0, 0, 0.0);
        let mut adds = [0.0; 64];
        for run in scope.runs() {
            rows += run.len();
            let counts = &frame.counts()[run];
            bound_surprise(counts, rate, &mut adds);
            for &adds in &adds[..counts.len()] {
                hits += usize::from(adds > 0.0);
                pull += adds;
            }
        }
        // What is expected of controls decides only how many are drawn: taken to be theirs in proportion.
        let controls = rows - hits;
        let expected = total.y * controls as f64 / rows.max(1) as f64;
        let (hit_lots, control_lots) = (Lots::of(hits, pull), Lots::of(controls, expected));
        let mut sample = Self::empty(hit_lots.thin() || control_lots.thin());
        for run in scope.runs() {
            let (counts, units) = (&frame.counts()[run.clone()], &frame.units[run]);
            bound_surprise(counts, rate, &mut adds);
            for ((&sums, &unit), &adds) in counts.iter().zip(units).zip(&adds) {
                let hit = adds > 0.0;
                let (lots, weight) = if hit { (hit_lots, adds) } else { (control_lots, sums.y) };
                let Some(times) = lots.draw(unit, weight) else { continue };
                if hit {
                    sample.take_hit(unit, sums, frame.model.surprise(sums, rate), times);
                } else {
                    sample.take_control(unit, sums, times);
                }
            }
        }
        sample
    }

    fn empty(thinned: bool) -> Self {
        Self {
            hit_units: Vec::new(),
            hits: Vec::new(),
            control_units: Vec::new(),
            controls: Vec::new(),
            worse: Sums::default(),
            total: Sums::default(),
            total_best: 0.0,
            thinned,
        }
    }

    fn take_hit(&mut self, unit: u32, sums: Sums, surprise: f64, times: f64) {
        let sums = Sums { x: sums.x * times, y: sums.y * times };
        self.hit_units.push(unit);
        self.hits.push(Hit { sums, surprise: (surprise * times).max(f64::MIN_POSITIVE) });
        self.worse.add(sums);
        self.total.add(sums);
    }

    fn take_control(&mut self, unit: u32, sums: Sums, times: f64) {
        let sums = Sums { x: sums.x * times, y: sums.y * times };
        self.control_units.push(unit);
        self.controls.push(sums);
        self.total.add(sums);
    }
}

/// What each of the rows of a run can add at most. Apart from what is done with it, so that no branch hangs on a division:
/// which rows fell short is a coin's throw.
fn bound_surprise(rows: &[Sums], rate: f64, adds: &mut [f64; 64]) {
    for (adds, &row) in adds.iter_mut().zip(rows) {
        *adds = Model::Poisson.surprise_at_most(row, rate);
    }
}

/// The lots by which rows of one kind are drawn.
#[derive(Clone, Copy)]
struct Lots {
    /// The weight for which one row is drawn on average; zero when all are.
    weight: f64,
}

impl Lots {
    /// For `rows` rows that weigh `weight` together.
    fn of(rows: usize, weight: f64) -> Self {
        Self { weight: if rows > ROWS_MAX { weight / ROWS_DRAWN } else { 0.0 } }
    }

    fn thin(&self) -> bool {
        self.weight > 0.0
    }

    /// How many rows like it the row of a unit stands for, if it is drawn.
    fn draw(&self, unit: u32, weight: f64) -> Option<f64> {
        let (lot, weight) = (lot(unit), weight.max(self.weight * TIMES_MAX_INVERSE));
        // Nearly every row of many ends here, before the division.
        if lot * self.weight > weight * ROUNDING {
            return None;
        }
        let times = libm::ceil(self.weight / weight).max(1.0);
        (lot * times <= 1.0).then_some(times)
    }
}

/// A number in 0..1 by Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (OOPSLA 2014), the finaliser.
fn lot(unit: u32) -> f64 {
    let mut mixed = u64::from(unit).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_rows_stand_for_about_as_many_as_there_are() {
        let weight = |unit: u32| f64::from(unit % 100) / 10.0;
        let whole: f64 = (0..200_000).map(weight).sum();
        let lots = Lots::of(200_000, whole);
        let (mut rows, mut stood_for) = (0.0, 0.0);
        for unit in 0..200_000 {
            if let Some(times) = lots.draw(unit, weight(unit)) {
                rows += 1.0;
                stood_for += times * weight(unit);
            }
        }
        assert!((0.9..1.1).contains(&(rows / ROWS_DRAWN)), "{rows} drawn");
        assert!((0.95..1.05).contains(&(stood_for / whole)), "{stood_for} of {whole}");
    }

    #[test]
    fn few_rows_are_all_drawn_once() {
        let lots = Lots::of(100, 1e6);
        assert!((0..100).all(|unit| lots.draw(unit, 1e-9) == Some(1.0)));
    }
}
