//! How much busier or quieter days are that are unlike others: a factor on everything, expected to be 1 until such days were seen.
//!
//! The factor is what all share on that day, so it is estimated from the sum of everything: a normal prior around 1, and days that differ
//! among themselves. What is not known of it is variance.

use serde::{Deserialize, Serialize};

/// Days of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DayFactor {
    prior: f64,
    between: f64,
    days: f64,
    ratios: f64,
    day: i32,
    n: f64,
    mu: f64,
}

/// A day of which less was expected says nothing.
const LEAST_MEAN: f64 = 50.0;
/// A day's ratio counts at most this far from 1: a day on which all was shut is no lesson.
const FARTHEST: f64 = 3.0;

impl DayFactor {
    /// A factor with this relative variance before any such day was seen, of which `between` is left however many were.
    #[must_use]
    pub fn new(prior: f64, between: f64) -> Self {
        Self { prior, between, days: 0.0, ratios: 0.0, day: i32::MIN, n: 0.0, mu: 0.0 }
    }

    /// The factor to expect.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let (before, seen) = (1.0 / self.prior, self.days / self.between);
        let mean = if self.days > 0.0 { self.ratios / self.days } else { 1.0 };
        (before + seen * mean) / (before + seen)
    }

    /// Relative variance of the next such day around it.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let known = 1.0 / (1.0 / self.prior + self.days / self.between);
        // Before any day was seen all of it is told in `prior`.
        if self.days > 0.0 { known + self.between } else { self.prior }
    }

    /// A part of such a day: `n` happened where an ordinary day would have had `mu`. Days are numbered; one counts when the next begins.
    pub fn learn(&mut self, day: i32, n: f64, mu: f64) {
        if day != self.day {
            self.end_day();
            self.day = day;
        }
        self.n += n;
        self.mu += mu;
    }

    /// Lets the day count that was told of last.
    pub fn end_day(&mut self) {
        if self.mu >= LEAST_MEAN {
            self.days += 1.0;
            self.ratios += (self.n / self.mu).clamp(1.0 / FARTHEST, FARTHEST);
        }
        (self.n, self.mu) = (0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_seen_is_as_usual_but_doubtful() {
        let factor = DayFactor::new(0.25, 0.03);
        assert_eq!((factor.mean(), factor.variance()), (1.0, 0.25));
    }

    #[test]
    fn a_few_days_teach_nearly_all() {
        let mut factor = DayFactor::new(0.25, 0.03);
        for day in 0..3 {
            for _ in 0..10 {
                factor.learn(day, 70.0, 100.0);
            }
        }
        factor.end_day();
        assert!((factor.mean() - 0.7).abs() < 0.02, "{}", factor.mean());
        assert!((0.03..0.045).contains(&factor.variance()), "{}", factor.variance());
    }

    #[test]
    fn a_day_counts_once_it_is_over_and_if_anything_was_expected_of_it() {
        let mut factor = DayFactor::new(0.25, 0.03);
        factor.learn(1, 50.0, 100.0);
        assert_eq!(factor.mean(), 1.0);
        factor.learn(2, 0.0, 10.0);
        assert!(factor.mean() < 0.6);
        let before = factor.mean();
        factor.end_day();
        assert_eq!(factor.mean(), before);
    }
}
