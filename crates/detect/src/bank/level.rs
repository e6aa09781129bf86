//! The level of a group as far as the day has shown it: sums that fall back to the prior.

use super::LEVEL_MEMORY_MS;
use serde::{Deserialize, Serialize};

/// A level drifts: what was seen of it counts at most this many times what is known beforehand.
const TRUST: f64 = 3.0;
/// A level farther than this many standard deviations from the usual is not learned: below, it may be the fall that is looked for; above,
/// it may be a rush at opening, and its end would look like a fall.
const FARTHEST: f64 = 0.5;

/// The level that a prior of size `k` and what was seen of it (`n` observed where `m` were expected) leave for what comes next: size and
/// mean of a Gamma distribution as `(k + n, k + m)`.
#[must_use]
pub fn trusted_level(k: f64, n: f64, m: f64) -> (f64, f64) {
    let (most, seen) = (TRUST * k, m.max(n));
    let keep = if seen > most { most / seen } else { 1.0 };
    let k_m = k + m * keep;
    let far = FARTHEST / libm::sqrt(k);
    ((k + n * keep).max((1.0 - far) * k_m).min((1.0 + far) * k_m), k_m)
}

/// Observed and expected sums, discounted towards the prior.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Level {
    pub n: f32,
    pub m: f32,
    pub at_ms: i64,
}

impl Level {
    /// The part of the sums that may be relied on for what comes next.
    pub fn trusted(&self, k: f64) -> (f32, f32) {
        let (k_n, k_m) = trusted_level(k, f64::from(self.n), f64::from(self.m));
        ((k_n - k) as f32, (k_m - k) as f32)
    }

    pub fn forget(&mut self, now_ms: i64) {
        // By whole seconds, so that a level at rest need not remember more.
        let seconds = now_ms.div_euclid(1_000) - self.at_ms.div_euclid(1_000);
        if seconds > 0 {
            let keep = decay(seconds as f64 * 1_000.0 / LEVEL_MEMORY_MS) as f32;
            self.n *= keep;
            self.m *= keep;
            self.at_ms = now_ms;
        }
    }
}

/// `exp(-x)`; by its series where that is as exact, which is nearly always.
fn decay(x: f64) -> f64 {
    if x < 0.01 { 1.0 - x * (1.0 - x * (0.5 - x * (1.0 / 6.0 - x / 24.0))) } else { libm::exp(-x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgetting_in_small_steps_is_forgetting_in_one() {
        for x in [1e-6, 1e-4, 0.009_999, 0.01, 0.5] {
            assert!((decay(x) / libm::exp(-x) - 1.0).abs() < 1e-12, "{x}");
        }
    }
}
