//! One CUSUM of a bank: totals and level at its last zero, and the statistic against one fall.
//!
//! A logarithm costs as much as everything else about an observation, and mostly only its sign is asked for. So it is first held
//! between bounds that need none: `2x / (2 + x) <= ln(1 + x) <= x / sqrt(1 + x)` for `x >= 0`.

use libm::{expm1, log1p, sqrt};
use serde::{Deserialize, Serialize};

/// Totals and level at the last zero, or when the present day began, with the nats that the days before brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Arm {
    pub n0: f64,
    pub m0: f64,
    pub level_n: f32,
    pub level_m: f32,
    pub carried: f32,
    pub tau_ms: i64,
}

/// What an arm compares: observed and expected since its zero, on a level of size `k_n` over `k_m`, against a fall to `rho`; beside what it
/// carries from the days before, whose levels were others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    n: f64,
    m: f64,
    k_n: f64,
    k_m: f64,
    rho: f64,
    ln_rho: f64,
    carried: f64,
}

impl Arm {
    pub fn case(&self, n_total: f64, m_total: f64, k: f64, (rho, ln_rho): (f64, f64)) -> Case {
        let (k_n, k_m) = (k + f64::from(self.level_n), k + f64::from(self.level_m));
        let (n, m) = (n_total - self.n0, m_total - self.m0);
        Case { n, m, k_n, k_m, rho, ln_rho, carried: f64::from(self.carried) }
    }
}

impl Case {
    /// The statistic, nats.
    pub fn statistic(&self) -> f64 {
        if self.n > 0.0 && self.rho == 0.0 {
            return f64::NEG_INFINITY;
        }
        self.carried + self.sold() + (self.k_n + self.n) * log1p(self.beyond())
    }

    /// Whether the statistic is zero or less.
    pub fn is_spent(&self) -> bool {
        if self.n > 0.0 && self.rho == 0.0 {
            return true;
        }
        let (sold, size, x) = (self.carried + self.sold(), self.k_n + self.n, self.beyond());
        if sold + size * x <= 0.0 {
            return true;
        }
        if sold + size * (2.0 * x / (2.0 + x)) > 0.0 {
            return false;
        }
        self.statistic() <= 0.0
    }

    /// Expected transactions without any observed until the statistic reaches `h`; 0 when it has.
    pub fn until(&self, h: f64) -> f64 {
        if self.n > 0.0 && self.rho == 0.0 {
            // The next settling starts this arm anew.
            return self.k_m * expm1(h / self.k_n);
        }
        self.reaches(expm1((h - self.carried - self.sold()) / (self.k_n + self.n)))
    }

    /// Expected transactions without any observed until which the statistic certainly stays below `h`.
    pub fn not_before(&self, h: f64) -> f64 {
        let anew = self.n > 0.0 && self.rho == 0.0;
        let y = if anew { h / self.k_n } else { (h - self.carried - self.sold()) / (self.k_n + self.n) };
        if y <= 0.0 {
            return 0.0;
        }
        // Where x / sqrt(1 + x) is y: the logarithm of 1 + x is less.
        let x = 0.5 * y * (y + sqrt(y * y + 4.0));
        if anew { self.k_m * x } else { self.reaches(x) }
    }

    /// Expected transactions from now on until the ratio of the levels is `1 + x`.
    fn reaches(&self, x: f64) -> f64 {
        let left = 1.0 - self.rho - self.rho * x;
        if left <= 0.0 { f64::INFINITY } else { (self.k_m * x / left - self.m).max(0.0) }
    }

    fn sold(&self) -> f64 {
        if self.n > 0.0 { self.n * self.ln_rho } else { 0.0 }
    }

    /// By how much the ratio of "as before" to "fallen" exceeds one.
    fn beyond(&self) -> f64 {
        (1.0 - self.rho) * self.m / (self.k_m + self.rho * self.m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases() -> impl Iterator<Item = (Case, f64)> {
        let shares = [0.0, 0.1, 0.3, 0.6, 0.85];
        let sums = [(0.0, 0.0), (0.0, 3.0), (1.0, 1.0), (2.0, 9.0), (7.0, 40.0), (90.0, 110.0)];
        let levels = [(0.7, 0.9), (9.0, 8.0), (60.0, 75.0), (900.0, 1_000.0), (1e9, 1e9)];
        shares.into_iter().flat_map(move |rho| {
            sums.into_iter().flat_map(move |(n, m)| {
                levels.into_iter().flat_map(move |(k_n, k_m)| {
                    [(4.0, 0.0), (11.0, 0.0), (11.0, 6.0), (23.0, 0.0)]
                        .map(|(h, carried)| (Case { n, m, k_n, k_m, rho, ln_rho: libm::log(rho), carried }, h))
                })
            })
        })
    }

    #[test]
    fn the_sign_without_a_logarithm_is_that_of_the_statistic() {
        for (case, _) in cases() {
            assert_eq!(case.is_spent(), case.statistic() <= 0.0, "{case:?}");
        }
    }

    #[test]
    fn no_alarm_comes_before_the_moment_that_needs_no_logarithm_and_few_come_much_later() {
        let (mut early, mut exact) = (0.0, 0.0);
        for (case, h) in cases() {
            let (bound, until) = (case.not_before(h), case.until(h));
            assert!(bound <= until * (1.0 + 1e-9), "{case:?} {h}: {bound} {until}");
            if until.is_finite() && case.k_n > 5.0 {
                (early, exact) = (early + bound, exact + until);
            }
        }
        assert!(early > 0.8 * exact, "{early} of {exact}");
    }
}
