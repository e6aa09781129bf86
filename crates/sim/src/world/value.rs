//! What one sale is worth: lognormal, drawn through a table of its quantiles so that millions a second can be drawn.

use crate::dice::Dice;

const KNOTS: usize = 2048;

/// A lognormal law of values in öre.
#[derive(Debug, Clone)]
pub struct ValueLaw {
    median_sek: f64,
    sigma: f64,
    quantiles: Vec<f64>,
}

impl ValueLaw {
    /// The law with a median and the sigma of the logarithm.
    #[must_use]
    pub fn new(median_sek: f64, sigma: f64) -> Self {
        let mut law = Self { median_sek, sigma, quantiles: Vec::new() };
        law.quantiles = (1..KNOTS).map(|i| law.quantile(i as f64 / KNOTS as f64)).collect();
        law
    }

    /// Expected value in kronor.
    #[must_use]
    pub fn mean_sek(&self) -> f64 {
        self.median_sek * libm::exp(0.5 * self.sigma * self.sigma)
    }

    /// Draws a value in öre; at least one.
    pub fn draw(&self, dice: &mut Dice) -> i64 {
        let u = dice.unit();
        let x = u * KNOTS as f64;
        let (knot, rest) = (x as usize, x - libm::floor(x));
        // Between knots linear; the outermost cells, where the law bends, exactly.
        let sek = match (knot.checked_sub(1).and_then(|k| self.quantiles.get(k)), self.quantiles.get(knot)) {
            (Some(low), Some(high)) => low + rest * (high - low),
            _ => self.quantile(u.max(1e-12)),
        };
        (libm::round(sek * 100.0) as i64).max(1)
    }

    /// Quantile in kronor, by bisection of the normal distribution function.
    fn quantile(&self, p: f64) -> f64 {
        let (mut low, mut high) = (-9.0, 9.0);
        for _ in 0..60 {
            let z = 0.5 * (low + high);
            if 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2) < p { low = z } else { high = z }
        }
        self.median_sek * libm::exp(self.sigma * low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Purpose;

    #[test]
    fn values_have_the_mean_and_spread_of_the_law() {
        let law = ValueLaw::new(150.0, 0.9);
        let mut dice = Dice::new(1, Purpose::Sales, 0, 0);
        let n = 400_000;
        let (mut sum, mut logs, mut squares) = (0.0, 0.0, 0.0);
        for _ in 0..n {
            let sek = law.draw(&mut dice) as f64 / 100.0;
            let log = libm::log(sek / 150.0);
            sum += sek;
            logs += log;
            squares += log * log;
        }
        let n = f64::from(n);
        assert!((sum / n / law.mean_sek() - 1.0).abs() < 0.01);
        assert!((logs / n).abs() < 0.01);
        assert!((libm::sqrt(squares / n) - 0.9).abs() < 0.01);
    }
}
