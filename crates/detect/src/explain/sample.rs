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
        let all = frame.sum(scope);
        let rate = all.rate();
        let (mut hit_rows, mut control_rows, mut surprise) = (0_usize, 0_usize, 0.0);
        let (mut control_weight, mut hit_surprise) = (0.0, Vec::new());
        match frame.model {
            Model::Bernoulli => {
                hit_rows = all.x as usize;
                control_rows = (all.y - all.x) as usize;
                (surprise, control_weight) = (all.x, all.y - all.x);
            }
            Model::Poisson => {
                for row in scope.ones() {
                    let adds = frame.model.surprise(frame.row(row), rate);
                    hit_surprise.push(adds as f32);
                    if adds > 0.0 {
                        hit_rows += 1;
                        surprise += adds;
                    } else {
                        control_rows += 1;
                        control_weight += frame.row(row).y;
                    }
                }
            }
        }
        // Rows that weigh the same stand for a whole number of rows each, so that sums stay exact.
        let thin_hits = if hit_rows > ROWS_MAX { surprise / ROWS_DRAWN } else { 0.0 };
        let thin_controls = if control_rows > ROWS_MAX { control_weight / ROWS_DRAWN } else { 0.0 };
        let mut sample = Self::empty(thin_hits > 0.0 || thin_controls > 0.0);
        for (at, row) in scope.ones().enumerate() {
            let sums = frame.row(row);
            let adds = hit_surprise.get(at).map_or(sums.x, |&adds| f64::from(adds));
            let unit = frame.units[row];
            if adds > 0.0 {
                let times = repeats(thin_hits, adds);
                if drawn(unit, times) {
                    sample.take_hit(unit, sums, adds, times as f64);
                }
            } else {
                let times = repeats(thin_controls, sums.y);
                if drawn(unit, times) {
                    sample.take_control(unit, sums, times as f64);
                }
            }
        }
        sample.total_best = frame.model.best(sample.total);
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
