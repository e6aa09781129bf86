//! The rows a search counts: all of them when they are few, else a weighted share of each kind.
//!
//! Case-control sampling: what is rare and telling (failing units, the largest shortfalls) is kept whole for as long as
//! it fits, the ordinary rest is thinned and weighed up. A row's lot is a hash of its unit's number, never a dice throw.

use super::bits::Bits;
use super::frame::Frame;
use super::model::{Model, Sums};

/// The most rows of a kind that are all counted.
const ROWS_MAX: usize = 32_768;

/// About how many are counted when they are more; the best candidates are then recounted over all rows.
const ROWS_DRAWN: f64 = 12_288.0;

/// Rows that are worse than the average of the scope.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hit {
    pub sums: Sums,
    pub surprise: f64,
    pub rows: u32,
}

impl Hit {
    pub(crate) fn add(&mut self, other: Self) {
        self.sums.add(other.sums);
        self.surprise += other.surprise;
        self.rows += other.rows;
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
    pub(crate) fn of(frame: &Frame<'_>, scope: &Bits) -> Self {
        let mut sample = match frame.model {
            Model::Bernoulli => Self::of_failed(frame, scope),
            Model::Poisson => Self::of_shortfall(frame, scope),
        };
        sample.total_best = frame.model.best(sample.total);
        sample
    }

    fn of_failed(frame: &Frame<'_>, scope: &Bits) -> Self {
        let (mut failing, mut healthy) = (scope.clone(), scope.clone());
        failing.intersect(frame.failing());
        healthy.remove(frame.failing());
        let failing_thin = thin(failing.count() as usize, failing.count() as f64);
        let healthy_thin = thin(healthy.count() as usize, healthy.count() as f64);
        let mut sample = Self::empty(failing_thin > 0.0 || healthy_thin > 0.0);
        let times = repeats(failing_thin, 1.0);
        for unit in failing.ones().map(|row| frame.units[row]).filter(|&unit| drawn(unit, times)) {
            sample.take_hit(unit, Sums { x: 1.0, y: 1.0 }, 1.0, times as f64);
        }
        let times = repeats(healthy_thin, 1.0);
        for unit in healthy.ones().map(|row| frame.units[row]).filter(|&unit| drawn(unit, times)) {
            sample.take_control(unit, Sums { x: 0.0, y: 1.0 }, times as f64);
        }
        sample
    }

    fn of_shortfall(frame: &Frame<'_>, scope: &Bits) -> Self {
        let rate = frame.sum(scope).rate();
        let adds: Vec<f32> = scope.ones().map(|row| frame.model.surprise(frame.row(row), rate) as f32).collect();
        let (mut hits, mut surprise, mut controls, mut expected) = (0, 0.0, 0, 0.0);
        for (row, &adds) in scope.ones().zip(&adds) {
            if adds > 0.0 {
                hits += 1;
                surprise += f64::from(adds);
            } else {
                controls += 1;
                expected += frame.row(row).y;
            }
        }
        let (hit_thin, control_thin) = (thin(hits, surprise), thin(controls, expected));
        let mut sample = Self::empty(hit_thin > 0.0 || control_thin > 0.0);
        for (row, adds) in scope.ones().zip(adds.into_iter().map(f64::from)) {
            let (sums, unit) = (frame.row(row), frame.units[row]);
            if adds > 0.0 {
                let times = repeats(hit_thin, adds);
                if drawn(unit, times) {
                    sample.take_hit(unit, sums, adds, times as f64);
                }
            } else {
                let times = repeats(control_thin, sums.y);
                if drawn(unit, times) {
                    sample.take_control(unit, sums, times as f64);
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
        self.hits.push(Hit { sums, surprise: surprise * times, rows: 1 });
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

/// The weight for which one row is drawn on average, of `rows` rows that weigh `weight` together; zero to draw all.
fn thin(rows: usize, weight: f64) -> f64 {
    if rows > ROWS_MAX { weight / ROWS_DRAWN } else { 0.0 }
}

/// How many rows like this one a drawn row stands for.
fn repeats(thin: f64, weight: f64) -> u64 {
    if thin <= 0.0 { 1 } else { (libm::ceil(thin / weight) as u64).clamp(1, 1 << 20) }
}

/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (OOPSLA 2014), the finaliser.
fn drawn(unit: u32, times: u64) -> bool {
    if times == 1 {
        return true;
    }
    let mut mixed = u64::from(unit).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) <= u64::MAX / times
}
