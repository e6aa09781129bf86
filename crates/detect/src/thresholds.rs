//! Thresholds of a bank by table: exact ones are integrals, and a fleet asks for a million of them.

use crate::bank::Falls;
use crate::bound::DropTest;

/// Step of the table in `ln gamma`.
const STEP: f64 = 0.5;
/// Entries of the table: up to `ln gamma` of 60.
const LEN: usize = 121;

/// For each arm of a bank the threshold by `ln gamma`, the bank's size included.
#[derive(Debug, Clone)]
pub struct Thresholds<const B: usize> {
    rows: Vec<[f64; B]>,
}

impl<const B: usize> Thresholds<B> {
    /// The table for a bank that looks for these falls. `spread` is how many independent tests its arms are worth: at most their number,
    /// and less, as arms for similar falls alarm together.
    #[must_use]
    pub fn new(falls: &Falls<B>, spread: f64) -> Self {
        let rows = (0..LEN)
            .map(|i| {
                let gamma = libm::exp(i as f64 * STEP) * spread;
                falls.rho.map(|rho| DropTest::new(rho).threshold(gamma))
            })
            .collect();
        Self { rows }
    }

    /// Thresholds in nats for `ln gamma`, gamma in expected transactions between false alarms of the whole bank.
    #[must_use]
    pub fn at(&self, ln_gamma: f64) -> [f64; B] {
        let x = (ln_gamma / STEP).clamp(0.0, (LEN - 1) as f64);
        let below = (x as usize).min(LEN - 2);
        let part = x - below as f64;
        let (a, b) = (&self.rows[below], &self.rows[below + 1]);
        std::array::from_fn(|i| a[i] + part * (b[i] - a[i]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::FALLS;

    #[test]
    fn the_table_agrees_with_the_integrals() {
        let table = Thresholds::new(&FALLS, 6.0);
        for ln_gamma in [3.3, 7.77, 14.2, 30.1] {
            let h = table.at(ln_gamma);
            for (rho, h) in FALLS.rho.into_iter().zip(h) {
                let exact = DropTest::new(rho).threshold(libm::exp(ln_gamma) * 6.0);
                assert!((h - exact).abs() < 0.02, "rho {rho} ln gamma {ln_gamma}: {h} against {exact}");
            }
        }
    }
}
