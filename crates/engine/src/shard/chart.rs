//! Sums for the chart of one activity at one site. A sample never divides the interval of a report: half of it would show everything, and the
//! other nothing.

use crate::clock::Ms;
use serde::{Deserialize, Serialize};

/// Reports of an interval are in so long after its end.
pub const REPORTED_MS: Ms = 180_000;

/// Sums since the last sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// Observed transactions.
    pub n: f64,
    /// Observed turnover, minor units.
    pub value: i64,
    /// Expected transactions.
    pub mu: f64,
    /// Expected turnover, minor units.
    pub mu_value: f64,
    /// Since when it sums.
    pub from: Ms,
    /// Up to when it was expected.
    pub to: Ms,
    /// Expected transactions and turnover a millisecond, all leaves.
    pub rate: (f64, f64),
    /// When the interval ends that the present sample ends with.
    ends: Ms,
    /// Of what was observed, what single sales brought after that.
    later: (f64, i64),
}

impl Chart {
    /// Nothing yet.
    #[must_use]
    pub fn new(now: Ms) -> Self {
        Self { from: now, to: now, ends: Ms::MAX, ..Self::default() }
    }

    /// Begins anew: what was summed is of no use.
    pub fn begin(&mut self, now: Ms) {
        *self = Self { rate: self.rate, ..Self::new(now) };
    }

    /// Takes what a leaf brought: at this moment, or over an interval that has ended.
    pub fn observe(&mut self, n: f64, value: i64, at_once: bool, now: Ms) {
        self.n += n;
        self.value += value;
        if at_once && now > self.ends {
            self.later = (self.later.0 + n, self.later.1 + value);
        }
    }

    /// Brings the expectation up to now.
    pub fn settle(&mut self, now: Ms) {
        let passed = (now - self.to).max(0) as f64;
        self.mu += self.rate.0 * passed;
        self.mu_value += self.rate.1 * passed;
        self.to = now;
    }

    /// The sums of the sample that is complete, and when it ended: now, or with the last interval whose reports are in; `longest` is the
    /// length of the longest one, 0 where none are reported.
    pub fn take(&mut self, longest: Ms, now: Ms) -> Option<(Ms, Self)> {
        let end = if longest > 0 { (now - REPORTED_MS).div_euclid(longest) * longest } else { now };
        let ends = if longest > 0 { end.max(self.from).div_euclid(longest) * longest + longest } else { Ms::MAX };
        if end <= self.from || end - self.from < longest {
            self.ends = ends;
            return None;
        }
        let whole = (end - self.from) as f64 / (now - self.from).max(1) as f64;
        let later = if end < now { self.later } else { (0.0, 0) };
        let taken = Self {
            n: self.n - later.0,
            value: self.value - later.1,
            mu: self.mu * whole,
            mu_value: self.mu_value * whole,
            ..*self
        };
        *self = Self {
            n: later.0,
            value: later.1,
            mu: self.mu - taken.mu,
            mu_value: self.mu_value - taken.mu_value,
            from: end,
            to: now,
            rate: self.rate,
            ends,
            later: (0.0, 0),
        };
        Some((end, taken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Ms = 60_000;
    const QUARTER: Ms = 15 * MINUTE;

    #[test]
    fn single_sales_after_an_interval_wait_for_the_next_sample() {
        let mut chart = Chart::new(0);
        chart.rate = (1.0 / MINUTE as f64, 0.0);
        assert_eq!(chart.take(QUARTER, 5 * MINUTE), None);
        // The sum of the first quarter, and single sales of others who have gone over to them.
        chart.observe(15.0, 0, false, QUARTER + MINUTE);
        chart.observe(4.0, 0, true, QUARTER + 2 * MINUTE);
        chart.settle(20 * MINUTE);
        let (end, first) = chart.take(QUARTER, 20 * MINUTE).expect("the quarter's reports are in");
        assert_eq!((end, first.n), (QUARTER, 15.0));
        assert!((first.mu - 15.0).abs() < 1e-9, "{}", first.mu);
        chart.observe(11.0, 0, true, 34 * MINUTE);
        chart.settle(35 * MINUTE);
        let (end, second) = chart.take(0, 35 * MINUTE).expect("nobody reports intervals any more");
        assert_eq!((end, second.n), (35 * MINUTE, 15.0));
        assert!((second.mu - 20.0).abs() < 1e-9, "{}", second.mu);
    }
}
