//! Chance by key: every draw follows from (seed, purpose, place, time) alone, so any hour can be made without the ones before it.
//!
//! Keys are mixed with the SplitMix64 finaliser; streams are xoshiro256++ (Blackman, Vigna 2021). Transcendental functions come
//! from `libm`, so that every machine throws the same dice.

/// What a draw is for: keeps two questions about the same device and hour independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Layout of the world: places, sizes, equipment.
    Layout = 1,
    /// Latent level of a day.
    DayShock,
    /// Latent level of an hour.
    HourShock,
    /// Weather that comes and goes over days.
    Weather,
    /// Sales of a device in a quarter of an hour.
    Sales,
    /// When a site truly opens.
    Opening,
    /// Fate of one sale under a disruption.
    Fate,
    /// Jitter of heartbeats.
    Beat,
    /// Transport of one signal.
    Transport,
    /// Clock skew of a device.
    Skew,
    /// Reboots.
    Reboot,
    /// Handhelds that run flat.
    Flat,
    /// Handhelds asleep at night.
    Asleep,
    /// Sites offline now and then.
    Offline,
    /// Whom a disruption hits, and when.
    Hit,
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that mixes every bit.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// One 64-bit draw for a key.
#[must_use]
pub fn draw(seed: u64, purpose: Purpose, a: u64, b: u64) -> u64 {
    mix(mix(mix(seed ^ ((purpose as u64) << 56)) ^ a) ^ b.rotate_left(32))
}

/// One uniform number in `[0, 1)` for a key.
#[must_use]
pub fn chance(seed: u64, purpose: Purpose, a: u64, b: u64) -> f64 {
    unit(draw(seed, purpose, a, b))
}

/// The upper 53 bits as a number in `[0, 1)`.
#[must_use]
pub fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// A stream of draws for one key.
#[derive(Debug, Clone)]
pub struct Dice {
    state: [u64; 4],
}

impl Dice {
    /// The stream of a key.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose, a: u64, b: u64) -> Self {
        let key = draw(seed, purpose, a, b);
        Self { state: [mix(key), mix(key ^ 1), mix(key ^ 2), mix(key ^ 3) | 1] }
    }

    /// 64 fresh bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// Uniform in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// Uniform in `0..n`; `n` must be at least 1 (0 is taken as 1).
    pub fn below(&mut self, n: u64) -> u64 {
        // Multiply-shift (Lemire 2019); the bias of 2^-64 n is far below anything measured here.
        ((u128::from(self.bits()) * u128::from(n.max(1))) >> 64) as u64
    }

    /// Exponential with the given mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log1p(-self.unit())
    }

    /// Standard normal (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log1p(-self.unit()));
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }

    /// Lognormal with median 1 and the given sigma of its logarithm.
    pub fn lognormal(&mut self, sigma: f64) -> f64 {
        libm::exp(sigma * self.normal())
    }

    /// Gamma with mean 1 and the given coefficient of variation; 1 where that is 0 (Marsaglia, Tsang 2000).
    pub fn gamma(&mut self, cv: f64) -> f64 {
        if cv <= 0.0 {
            return 1.0;
        }
        let shape = 1.0 / (cv * cv);
        // Below shape 1 the method needs the boost Gamma(k) = Gamma(k + 1) U^(1/k).
        let (k, boost) =
            if shape < 1.0 { (shape + 1.0, libm::pow(1.0 - self.unit(), 1.0 / shape)) } else { (shape, 1.0) };
        let d = k - 1.0 / 3.0;
        let c = 1.0 / libm::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v <= 0.0 {
                continue;
            }
            let v = v * v * v;
            if libm::log1p(-self.unit()) < 0.5 * x * x + d - d * v + d * libm::log(v) {
                return d * v * boost / shape;
            }
        }
    }

    /// Poisson, exactly, by multiplying uniforms (Knuth); large means are split, since a sum of Poissons is one.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        let mut left = mean.max(0.0);
        let mut n = 0;
        while left > 256.0 {
            n += self.poisson_small(256.0);
            left -= 256.0;
        }
        n + self.poisson_small(left)
    }

    fn poisson_small(&mut self, mean: f64) -> u32 {
        let limit = libm::exp(-mean);
        let mut product = 1.0 - self.unit();
        let mut n = 0;
        while product > limit {
            product *= 1.0 - self.unit();
            n += 1;
        }
        n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(n: u32, mut f: impl FnMut(&mut Dice) -> f64) -> (f64, f64) {
        let mut dice = Dice::new(7, Purpose::Sales, 1, 2);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = f(&mut dice);
            sum += x;
            squares += x * x;
        }
        let mean = sum / f64::from(n);
        (mean, squares / f64::from(n) - mean * mean)
    }

    fn near(got: f64, want: f64, tolerance: f64) {
        assert!((got - want).abs() < tolerance, "got {got}, want {want} within {tolerance}");
    }

    #[test]
    fn draws_have_the_moments_they_promise() {
        for mean in [0.2, 3.0, 40.0, 700.0] {
            let (m, v) = moments(100_000, |d| f64::from(d.poisson(mean)));
            near(m / mean, 1.0, 0.02);
            near(v / mean, 1.0, 0.03);
        }
        for cv in [0.07, 0.5, 2.0] {
            let (m, v) = moments(400_000, |d| d.gamma(cv));
            near(m, 1.0, 0.02);
            near(v / (cv * cv), 1.0, 0.08);
        }
        let (m, v) = moments(200_000, Dice::normal);
        near(m, 0.0, 0.01);
        near(v, 1.0, 0.02);
        let (m, v) = moments(200_000, |d| d.exponential(3.0));
        near(m, 3.0, 0.03);
        near(v, 9.0, 0.3);
    }

    #[test]
    fn another_key_is_another_stream() {
        let first = |a, b| Dice::new(1, Purpose::Sales, a, b).bits();
        assert_eq!(first(1, 2), first(1, 2));
        assert_ne!(first(1, 2), first(2, 1));
        assert_ne!(draw(1, Purpose::Sales, 5, 5), draw(1, Purpose::Beat, 5, 5));
        assert_ne!(draw(1, Purpose::Sales, 5, 5), draw(2, Purpose::Sales, 5, 5));
    }

    #[test]
    fn neighbouring_keys_are_uncorrelated() {
        let n = 100_000_u64;
        let x: Vec<f64> = (0..=n).map(|i| chance(3, Purpose::Fate, 9, i) - 0.5).collect();
        let cov: f64 = x.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / n as f64;
        near(cov * 12.0, 0.0, 0.015);
    }
}
