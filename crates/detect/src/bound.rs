//! The limits of quickest detection, and the thresholds that meet them.
//!
//! Everything is in operational time: one unit is one expected transaction. `gamma` is the expected number of transactions between
//! two false alarms. Source: El Karoui, Loisel, Salhi, *Minimax optimality in robust detection of a disorder time in Poisson rate*,
//! Annals of Applied Probability 27 (2017).

use libm::{exp, expm1, log, log1p};

/// Smallest worst-case delay of any rule for a total stop: `ln(1 + gamma)` expected transactions.
///
/// ```
/// assert!((detect::bound::stop_delay(1e6) - 13.8155).abs() < 1e-3);
/// ```
#[must_use]
pub fn stop_delay(gamma: f64) -> f64 {
    log1p(gamma)
}

/// The same when the level itself is only known as `Gamma(k + n, k + m)` from `n` observed where `m` were expected.
#[must_use]
pub fn stop_delay_uncertain(gamma: f64, k: f64, n: f64, m: f64) -> f64 {
    (k + m) * expm1(log1p(gamma) / (k + n))
}

/// The CUSUM of a Poisson stream against a fall to the fraction `rho`, with its exact operating characteristics.
///
/// With `c = 1 - rho`, `a = -ln rho` the reflected process rises by `c` per unit and falls by `a` with each event. The expected time to
/// reach `h` from zero under intensity `q` is the integral of the scale function `W_q` from 0 to `h`, where
/// `c W_q'(x) = q (W_q(x) - W_q(x - a))`, `W_q(0) = 1 / c`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropTest {
    rho: f64,
}

/// Steps per `min(a, 1)` when the delay equation is integrated; its error is then below 1e-4 relative.
const STEPS: usize = 64;

impl DropTest {
    /// A test against a fall to `rho` of the usual.
    ///
    /// # Panics
    /// Never; `rho` is clamped to 0..=0.99.
    #[must_use]
    pub fn new(rho: f64) -> Self {
        Self { rho: rho.clamp(0.0, 0.99) }
    }

    /// Expected transactions (at the usual rate) until a false alarm, for threshold `h` nats.
    #[must_use]
    pub fn gamma(self, h: f64) -> f64 {
        self.mean_time(h, 1.0)
    }

    /// Worst-case mean delay after the fall, in expected transactions at the usual rate, for threshold `h` nats.
    #[must_use]
    pub fn delay(self, h: f64) -> f64 {
        self.mean_time(h, self.rho)
    }

    /// The threshold in nats that gives `gamma` expected transactions between false alarms.
    #[must_use]
    pub fn threshold(self, gamma: f64) -> f64 {
        if self.rho == 0.0 {
            return log1p(gamma);
        }
        // For large h the mean time grows as e^h: solve at a moderate h, then continue by that law.
        const LARGE: f64 = 12.0;
        let at_large = self.gamma(LARGE);
        if gamma >= at_large {
            return LARGE + log(gamma / at_large);
        }
        let (mut low, mut high) = (0.0, LARGE);
        for _ in 0..60 {
            let mid = 0.5 * (low + high);
            if self.gamma(mid) < gamma {
                low = mid;
            } else {
                high = mid;
            }
        }
        0.5 * (low + high)
    }

    /// The bound itself: smallest worst-case delay of any rule that has `gamma`, in expected transactions.
    ///
    /// ```
    /// # use detect::bound::DropTest;
    /// assert!((DropTest::new(0.5).bound(1e5) - 57.72).abs() < 0.1);
    /// ```
    #[must_use]
    pub fn bound(self, gamma: f64) -> f64 {
        self.delay(self.threshold(gamma))
    }

    fn mean_time(self, h: f64, q: f64) -> f64 {
        if self.rho == 0.0 {
            // Any event resets: the first gap of length h.
            return if q == 0.0 { h } else { expm1(q * h) / q };
        }
        let (c, a) = (1.0 - self.rho, -log(self.rho));
        let span = if a < 1.0 { a } else { 1.0 };
        let per_a = (a / span * STEPS as f64).round().max(1.0);
        let dx = a / per_a;
        let lag = per_a as usize;
        let steps = (h / dx).ceil().max(1.0) as usize;
        let last = h - dx * (steps - 1) as f64;
        let mut w = Vec::with_capacity(steps + 1);
        w.push(1.0 / c);
        let mut integral = 0.0;
        for i in 0..steps {
            let step = if i + 1 == steps { last } else { dx };
            // On one step the lagged term is taken linear, and the linear equation is solved exactly.
            let (lag0, lag1) = if i >= lag { (w[i - lag], w[i - lag + 1]) } else { (0.0, 0.0) };
            let r = q / c;
            let grow = exp(r * step);
            let slope = (lag1 - lag0) / dx;
            // w' = r w - r (lag0 + slope t)  =>  w(t) = (w0 - lag0 - slope / r) e^{r t} + lag0 + slope t + slope / r
            let next = if r == 0.0 { w[i] } else { (w[i] - lag0 - slope / r) * grow + lag0 + slope * step + slope / r };
            integral += 0.5 * step * (w[i] + next);
            w.push(next);
        }
        integral
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_table_of_bounds_is_met() {
        let table = [
            (0.0, [6.91, 9.21, 11.51, 13.82]),
            (0.1, [9.13, 12.56, 16.00, 19.44]),
            (0.25, [13.43, 19.11, 24.81, 30.52]),
            (0.5, [27.95, 42.74, 57.72, 72.73]),
            (0.75, [80.9, 144.6, 211.3, 278.5]),
            (0.9, [243.0, 597.0, 1024.0, 1466.0]),
        ];
        for (rho, row) in table {
            for (gamma, expected) in [1e3, 1e4, 1e5, 1e6].into_iter().zip(row) {
                let got = DropTest::new(rho).bound(gamma);
                assert!((got / expected - 1.0).abs() < 0.005, "rho {rho} gamma {gamma}: {got} against {expected}");
            }
        }
    }

    #[test]
    fn a_threshold_gives_back_the_rate_it_was_made_for() {
        for rho in [0.0, 0.1, 0.3, 0.5, 0.7, 0.85] {
            for gamma in [50.0, 1e3, 1e6] {
                let test = DropTest::new(rho);
                assert!((test.gamma(test.threshold(gamma)) / gamma - 1.0).abs() < 0.01, "rho {rho} gamma {gamma}");
            }
        }
    }

    #[test]
    fn an_uncertain_level_costs_delay() {
        let sure = stop_delay(1e6);
        assert!((stop_delay_uncertain(1e6, 1e9, 0.0, 0.0) - sure).abs() < 1e-3);
        assert!(stop_delay_uncertain(1e6, 50.0, 0.0, 0.0) > sure);
    }
}
