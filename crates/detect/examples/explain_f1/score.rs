//! Exact-cause F1: a cause counts only if every term of it, and no other, is named.

use std::time::{Duration, Instant};

use detect::explain::{Cause, Dispersion, Evidence, Options, Verdict, explain};
use roaring::RoaringBitmap;

use crate::cases::{Case, Family, make};

/// Causes found, named in vain, and missed, over the cases of a family.
#[derive(Default)]
pub struct Score {
    pub right: usize,
    pub wrong: usize,
    pub missed: usize,
    pub spent: Duration,
    pub longest: Duration,
    pub bounded: usize,
}

impl Score {
    pub fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (2 * self.right + self.wrong + self.missed) as f64
    }
}

pub fn measure(family: &Family, cases: u64, seed: u64, mut wrong: impl FnMut(&Case, &[Cause])) -> Score {
    let mut score = Score::default();
    for at in 0..cases {
        let case = make(family, seed.wrapping_mul(1_000_003).wrapping_add(at));
        let population: RoaringBitmap = (0..case.table.units()).collect();
        let failing: RoaringBitmap = case.failing.iter().copied().collect();
        let evidence = if family.shortfall {
            Evidence::Shortfall { rows: &case.rows, dispersion: Dispersion::Estimated }
        } else {
            Evidence::Failed { failing: &failing, population: &population }
        };
        let started = Instant::now();
        let explanation = explain(&case.table, &evidence, &Options::default());
        let spent = started.elapsed();
        score.spent += spent;
        score.longest = score.longest.max(spent);
        score.bounded += usize::from(explanation.bounded);
        let causes = if let Verdict::Causes(causes) = explanation.verdict { causes } else { Vec::new() };
        let right = causes.iter().filter(|cause| case.truth.contains(&cause.conjunction)).count();
        score.right += right;
        score.wrong += causes.len() - right;
        score.missed += case.truth.len() - right;
        if right < case.truth.len().max(causes.len()) {
            wrong(&case, &causes);
        }
    }
    score
}
