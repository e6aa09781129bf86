//! How many failing devices it takes before a common factor can be told from chance.

use libm::{ceil, log};

/// The smallest number of failing devices that can establish an attribute value as the common factor, or `None` when no
/// number can: the failing do not bear it more often than the rest.
///
/// `prevalence` is the share of all devices that bear the value (pi), `share` the share of the failing that do (q),
/// `candidates` how many explanations compete (M), `alpha` the accepted probability of a false one:
/// `n >= ln(M / alpha) / KL(q || pi)`, the Chernoff bound on a binomial tail with a union bound over the candidates.
#[must_use]
pub fn needed(prevalence: f64, share: f64, candidates: f64, alpha: f64) -> Option<u64> {
    let valid = prevalence > 0.0 && prevalence < 1.0 && (0.0..=1.0).contains(&share) && share > prevalence;
    if !valid || candidates.is_nan() || candidates < 1.0 || alpha.is_nan() || alpha <= 0.0 || alpha > 1.0 {
        return None;
    }
    let with = share * log(share / prevalence);
    let without = if share < 1.0 { (1.0 - share) * log((1.0 - share) / (1.0 - prevalence)) } else { 0.0 };
    Some((ceil(log(candidates / alpha) / (with + without)) as u64).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_table_is_reproduced() {
        for (prevalence, devices) in [(0.02, 4), (0.10, 6), (0.20, 9), (0.50, 20)] {
            assert_eq!(needed(prevalence, 1.0, 1e4, 0.01), Some(devices), "prevalence {prevalence}");
        }
    }

    #[test]
    fn a_looser_bond_to_the_failing_needs_more_of_them() {
        let tight = needed(0.1, 0.9, 1e4, 0.01);
        let loose = needed(0.1, 0.3, 1e4, 0.01);
        assert!(loose > tight && tight > needed(0.1, 1.0, 1e4, 0.01));
    }

    #[test]
    fn a_value_everyone_bears_or_that_the_failing_lack_can_never_be_established() {
        for (prevalence, share) in [(1.0, 1.0), (0.3, 0.3), (0.3, 0.1), (0.0, 0.5), (f64::NAN, 0.5), (0.1, f64::NAN)] {
            assert_eq!(needed(prevalence, share, 1e4, 0.01), None);
        }
        assert_eq!(needed(0.1, 1.0, f64::NAN, 0.01), None);
    }
}
