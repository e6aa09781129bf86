//! The two likelihoods by which a group of units is said to differ from the rest.
//!
//! Kulldorff's scan statistics (Commun. Statist. 26, 1997): Bernoulli for failed or not, Poisson for observed against
//! expected, both against a rest whose own rate is estimated, so that what all share explains nothing.

use libm::log;

/// A bound is taken this much higher, so that rounding never makes it less than what it bounds.
pub(crate) const ROUNDING: f64 = 1.0 + 1e-9;

/// How units are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    /// `x` failing of `y` units; worse is a higher rate.
    Bernoulli,
    /// `x` observed of `y` expected; worse is a lower rate.
    Poisson,
}

/// Additive sums over a group of units. Integers or multiples of 2^-16, so that they do not depend on the order of adding.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sums {
    pub x: f64,
    pub y: f64,
}

impl Sums {
    pub(crate) fn add(&mut self, other: Self) {
        self.x += other.x;
        self.y += other.y;
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self { x: self.x - other.x, y: self.y - other.y }
    }

    /// Zero for an empty group.
    pub(crate) fn rate(self) -> f64 {
        if self.y > 0.0 { self.x / self.y } else { 0.0 }
    }
}

impl Model {
    /// Log likelihood of a group at a given rate, less terms that do not depend on the rate.
    pub(crate) fn log_likelihood(self, group: Sums, rate: f64) -> f64 {
        match self {
            Self::Bernoulli => times_log(group.x, rate) + times_log(group.y - group.x, 1.0 - rate),
            Self::Poisson => times_log(group.x, rate) - rate * group.y,
        }
    }

    /// Log likelihood of a group at its own rate.
    pub(crate) fn best(self, group: Sums) -> f64 {
        if group.y <= 0.0 {
            return 0.0;
        }
        match self {
            Self::Bernoulli => self_log(group.x) + self_log(group.y - group.x) - self_log(group.y),
            Self::Poisson => times_log(group.x, group.x / group.y) - group.x,
        }
    }

    pub(crate) fn is_worse(self, group: Sums, rest: Sums) -> bool {
        match self {
            Self::Bernoulli => group.x * rest.y > rest.x * group.y,
            Self::Poisson => group.x * rest.y < rest.x * group.y,
        }
    }

    /// The rate of units that two faults strike independently, `rest` being the rate without either.
    pub(crate) fn both(self, one: f64, other: f64, rest: f64) -> f64 {
        match self {
            Self::Bernoulli => 1.0 - (1.0 - one) * (1.0 - other),
            Self::Poisson => {
                if rest > 0.0 {
                    one * other / rest
                } else {
                    0.0
                }
            }
        }
    }

    /// The worse of two rates.
    pub(crate) fn worse(self, one: f64, other: f64) -> f64 {
        match self {
            Self::Bernoulli => one.max(other),
            Self::Poisson => one.min(other),
        }
    }

    /// Nats gained by giving `group` a worse rate of its own; zero when it is not worse than the rest.
    pub(crate) fn gain(self, group: Sums, total: Sums, total_best: f64) -> f64 {
        let rest = total.minus(group);
        if group.y <= 0.0 || !self.is_worse(group, rest) {
            return 0.0;
        }
        (self.best(group) + self.best(rest) - total_best).max(0.0)
    }

    /// A number the gain of a group does not exceed, and comes near to unless it is large: decides without a logarithm
    /// that a group is not worth one.
    ///
    /// The gain is a sum over cells of `expected * (t ln t + 1 - t)`, `t` being actual over expected. Where `t < 1`, `ln t` is
    /// at most `2 (t - 1) / (t + 1)`; where `t > 1`, at most `(t - 1) / sqrt(t)`.
    pub(crate) fn gain_at_most(self, group: Sums, total: Sums) -> f64 {
        let expected = total.rate() * group.y;
        let off = match self {
            Self::Bernoulli => group.x - expected,
            Self::Poisson => expected - group.x,
        };
        if off <= 0.0 {
            return 0.0;
        }
        let rest = total.minus(group);
        let rest_expected = total.x - expected;
        let gain = match self {
            Self::Bernoulli => {
                too_many_at_most(expected, group.x)
                    + too_few_at_most(group.y - expected, group.y - group.x)
                    + too_few_at_most(rest_expected, rest.x)
                    + too_many_at_most(rest.y - rest_expected, rest.y - rest.x)
            }
            Self::Poisson => too_few_at_most(expected, group.x) + too_many_at_most(rest_expected, rest.x),
        };
        // Divided by nothing: a group that leaves no rest, or no healthy unit.
        if gain.is_nan() { f64::INFINITY } else { gain * ROUNDING }
    }

    /// A gain that no part of a group can exceed, from the units of the group that are worse than the average:
    /// their sums and their summed surprise (see [`Model::surprise`]).
    pub(crate) fn bound(self, worse: Sums, surprise: f64, total: Sums, total_best: f64) -> f64 {
        match self {
            Self::Bernoulli => self.gain(Sums { x: worse.x, y: worse.x }, total, total_best),
            Self::Poisson => {
                let rest = total.minus(worse);
                surprise + (self.best(rest) - self.log_likelihood(rest, total.rate())).max(0.0)
            }
        }
    }

    /// Whether [`Model::bound`] is `need` or more, mostly without its logarithms.
    pub(crate) fn bound_reaches(self, need: f64, worse: Sums, surprise: f64, total: Sums, total_best: f64) -> bool {
        if self == Self::Poisson {
            if surprise >= need {
                return true;
            }
            let rest = total.minus(worse);
            let of_rest = too_many_at_most(total.rate() * rest.y, rest.x) * ROUNDING;
            if surprise + of_rest < need {
                return false;
            }
        }
        self.bound(worse, surprise, total, total_best) >= need
    }

    /// What one unit that is worse than `rate` can add to the gain of a group; zero for the others.
    pub(crate) fn surprise(self, unit: Sums, rate: f64) -> f64 {
        match self {
            Self::Bernoulli => unit.x,
            Self::Poisson => {
                let expected = rate * unit.y;
                if unit.x >= expected {
                    0.0
                } else {
                    // The best fit less the fit at `rate`, in one logarithm.
                    (times_log(unit.x, unit.x / expected) + expected - unit.x).max(0.0)
                }
            }
        }
    }

    /// At least the surprise of a unit and at most an eighth more, without a logarithm; zero for the same units.
    pub(crate) fn surprise_at_most(self, unit: Sums, rate: f64) -> f64 {
        match self {
            Self::Bernoulli => unit.x,
            Self::Poisson => too_few_at_most(rate * unit.y, unit.x),
        }
    }
}

fn times_log(amount: f64, of: f64) -> f64 {
    if amount > 0.0 { amount * log(of.max(f64::MIN_POSITIVE)) } else { 0.0 }
}

/// At least what an amount below expectation gains by a rate of its own; zero for an amount that is not below.
fn too_few_at_most(expected: f64, actual: f64) -> f64 {
    let off = (expected - actual).max(0.0);
    off * off / (expected + actual).max(f64::MIN_POSITIVE)
}

/// At least what an amount above expectation gains by a rate of its own.
fn too_many_at_most(expected: f64, actual: f64) -> f64 {
    (actual - expected) * ((actual / expected).sqrt() - 1.0)
}

fn self_log(amount: f64) -> f64 {
    times_log(amount, amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_like_the_rest_gains_nothing_and_a_better_one_nothing_either() {
        let total = Sums { x: 100.0, y: 1_000.0 };
        for model in [Model::Bernoulli, Model::Poisson] {
            let best = model.best(total);
            assert_eq!(model.gain(Sums { x: 10.0, y: 100.0 }, total, best), 0.0);
            let better = if model == Model::Bernoulli { 1.0 } else { 30.0 };
            assert_eq!(model.gain(Sums { x: better, y: 100.0 }, total, best), 0.0);
        }
    }

    #[test]
    fn the_gain_of_a_pure_group_is_the_textbook_value() {
        let total = Sums { x: 10.0, y: 100.0 };
        let gain = Model::Bernoulli.gain(Sums { x: 10.0, y: 10.0 }, total, Model::Bernoulli.best(total));
        let entropy = -(10.0 * log(0.1) + 90.0 * log(0.9));
        assert!((gain - entropy).abs() < 1e-9);
    }

    #[test]
    fn a_gain_never_exceeds_what_is_said_of_it_without_a_logarithm() {
        for (x, y) in [(30.0, 1_000.0), (500.0, 1_000.0), (990.0, 1_000.0)] {
            let total = Sums { x, y };
            for model in [Model::Bernoulli, Model::Poisson] {
                let best = model.best(total);
                for (group_x, group_y) in (0..=60).flat_map(|x| (1..=60).map(move |y| (x, y))) {
                    let group = Sums { x: f64::from(group_x), y: f64::from(group_y * 16) };
                    let possible = group.x <= x && (model == Model::Poisson || y - x >= group.y - group.x);
                    if !possible || model == Model::Bernoulli && group.x > group.y {
                        continue;
                    }
                    let (gain, at_most) = (model.gain(group, total, best), model.gain_at_most(group, total));
                    assert!(gain <= at_most + 1e-9, "{model:?} {group:?} of {total:?}: {gain} > {at_most}");
                }
            }
        }
    }

    #[test]
    fn a_surprise_is_at_most_what_is_said_of_it_without_a_logarithm_and_not_far_below() {
        for x in 0..100 {
            let unit = Sums { x: f64::from(x) / 10.0, y: 20.0 };
            let (surprise, at_most) = (Model::Poisson.surprise(unit, 0.4), Model::Poisson.surprise_at_most(unit, 0.4));
            assert!(surprise <= at_most + 1e-12 && at_most <= surprise * 1.125 + 1e-12, "{x}: {surprise} {at_most}");
            assert_eq!(surprise > 0.0, at_most > 0.0, "{x}");
        }
    }

    #[test]
    fn no_part_of_a_group_gains_more_than_its_bound() {
        let units: Vec<Sums> =
            (0..12).map(|at| Sums { x: f64::from(at * at % 17), y: f64::from(3 + at * 7 % 11) }).collect();
        let mut total = Sums { x: 600.0, y: 700.0 };
        units.iter().for_each(|&unit| total.add(unit));
        let (mut worse, mut surprise) = (Sums::default(), 0.0);
        for &unit in &units {
            let adds = Model::Poisson.surprise(unit, total.rate());
            if adds > 0.0 {
                worse.add(unit);
                surprise += adds;
            }
        }
        let bound = Model::Poisson.bound(worse, surprise, total, Model::Poisson.best(total));
        for need in 0..200 {
            let (need, best) = (f64::from(need) * bound / 100.0, Model::Poisson.best(total));
            let reaches = Model::Poisson.bound_reaches(need, worse, surprise, total, best);
            assert_eq!(reaches, bound >= need, "{need} of {bound}");
        }
        for part in 1_u32..1 << units.len() {
            let mut group = Sums::default();
            (0..units.len()).filter(|&at| part >> at & 1 == 1).for_each(|at| group.add(units[at]));
            assert!(Model::Poisson.gain(group, total, Model::Poisson.best(total)) <= bound + 1e-9);
        }
    }
}
