//! Coverage and purity: the two numbers by which a person judges an explanation.

use super::bits::Bits;
use super::frame::Frame;
use super::model::{Model, Sums};

/// Share of all that failed, or of the whole shortfall against expectation, that a group holds. `rest` is what no cause
/// covers: when the population as a whole fell short of nothing, the shortfall is counted from how the rest does.
pub(crate) fn coverage(frame: &Frame<'_>, group: Sums, rest: Sums) -> f64 {
    let total = frame.total;
    let share = match frame.model {
        Model::Bernoulli => group.x / total.x,
        Model::Poisson => {
            let usual = if total.y > total.x || rest.y <= 0.0 { 1.0 } else { rest.rate() };
            (usual * group.y - group.x) / (usual * total.y - total.x)
        }
    };
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
}

/// Share of a group that failed; for a shortfall the share of what was expected of it that is missing.
pub(crate) fn purity(frame: &Frame<'_>, group: Sums) -> f64 {
    match frame.model {
        Model::Bernoulli => group.rate(),
        Model::Poisson => (1.0 - group.rate()).clamp(0.0, 1.0),
    }
}

/// Rows of a group that failed, or that are below the rate of the whole population.
pub(crate) fn failing(frame: &Frame<'_>, group: &Bits) -> u64 {
    let rate = frame.total.rate();
    match frame.model {
        Model::Bernoulli => frame.sum(group).x as u64,
        Model::Poisson => {
            let fell_short = |row: &&Sums| row.x < rate * row.y;
            group.runs().map(|run| frame.counts()[run].iter().filter(fell_short).count() as u64).sum()
        }
    }
}
