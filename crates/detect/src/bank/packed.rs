//! A bank in as few bytes as it can be kept in: there is one for each device of the fleet.

use super::arm::Arm;
use super::level::Level;
use super::{Bank, arms};
use serde::{Deserialize, Serialize};

/// A bank at rest. Sums since each arm's zero are small, so single precision holds them; the moment of a zero is kept to the second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PackedBank<const B: usize> {
    level_at_s: u32,
    level_n: f32,
    level_m: f32,
    #[serde(with = "arms")]
    arms: [PackedArm; B],
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct PackedArm {
    n: f32,
    m: f32,
    level_n: f32,
    level_m: f32,
    carried: f32,
    tau_s: u32,
}

impl<const B: usize> PackedBank<B> {
    /// A bank that starts from zero.
    #[must_use]
    pub fn new(now_ms: i64) -> Self {
        Bank::new(now_ms).pack()
    }

    /// The bank itself.
    #[must_use]
    pub fn unpack(&self) -> Bank<B> {
        let level = Level { n: self.level_n, m: self.level_m, at_ms: i64::from(self.level_at_s) * 1_000 };
        let arms = self.arms.map(|arm| Arm {
            n0: -f64::from(arm.n),
            m0: -f64::from(arm.m),
            level_n: arm.level_n,
            level_m: arm.level_m,
            carried: arm.carried,
            tau_ms: i64::from(arm.tau_s) * 1_000,
        });
        Bank { n: 0.0, m: 0.0, level, arms }
    }

    /// Works on the bank itself.
    pub fn with<T>(&mut self, work: impl FnOnce(&mut Bank<B>) -> T) -> T {
        let mut bank = self.unpack();
        let result = work(&mut bank);
        *self = bank.pack();
        result
    }
}

impl<const B: usize> Bank<B> {
    /// The bank at rest.
    #[must_use]
    pub fn pack(&self) -> PackedBank<B> {
        let arms = self.arms.map(|arm| PackedArm {
            n: (self.n - arm.n0) as f32,
            m: (self.m - arm.m0) as f32,
            level_n: arm.level_n,
            level_m: arm.level_m,
            carried: arm.carried,
            tau_s: second(arm.tau_ms),
        });
        PackedBank { level_at_s: second(self.level.at_ms), level_n: self.level.n, level_m: self.level.m, arms }
    }
}

/// The second that a moment lies in. Moments before 1970 and after 2106 are at the ends of what is told.
fn second(ms: i64) -> u32 {
    ms.div_euclid(1_000).clamp(0, i64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::super::{DEVICE_FALLS, Prior};
    use super::*;

    #[test]
    fn a_bank_that_is_packed_after_every_step_says_what_the_other_says() {
        let (prior, h) = (Prior { k: 12.0 }, [8.0, 7.0, 6.5]);
        let mut whole = Bank::<3>::new(0);
        let mut packed = PackedBank::<3>::new(0);
        for step in 0..20_000_i64 {
            let (n, m) = (f64::from(step % 7 == 0 && step % 3_000 < 2_000), 0.14);
            let work = |bank: &mut Bank<3>| {
                bank.expect(m);
                if n > 0.0 {
                    bank.observe(n, step * 1_000, prior, &DEVICE_FALLS);
                }
                bank.verdict(prior, &DEVICE_FALLS, &h)
            };
            let (a, b) = (work(&mut whole), packed.with(work));
            assert!(
                a.arm == b.arm && a.tau_ms == b.tau_ms && (a.w - b.w).abs() < 1e-3 * (1.0 + a.w.abs()),
                "{a:?} {b:?}"
            );
        }
        assert!(std::mem::size_of::<PackedBank<3>>() <= 84);
    }
}
