//! What moved elsewhere: a customer who cannot use a self-scanner may stand in the queue at the till. What the other devices of the affected sites
//! do beyond what they should, and beyond what all others do at present, is not missing.

use super::{Step, bears};
use crate::shard::Member;
use domain::Term;
use rustc_hash::FxHashSet;

/// Expected transactions that the level of others must rest on before it is believed over the usual.
const LEVEL_PRIOR: f64 = 200.0;
/// By how much the other devices of one site stray from what all others do, as a variance.
const SITE_STRAY: f64 = 0.01;
/// Standard deviations of chance that are not taken for something that moved.
const CHANCE: f64 = 2.0;

/// Share of the missing turnover that moved, and the variance of that.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Moved {
    /// Share, 0 to 1.
    pub share: f64,
    /// Its variance.
    pub variance: f64,
}

/// What the siblings of the members that `terms` cover took over, by the evidence of all since the onset.
pub(super) fn moved(step: &Step<'_>, terms: &[Term], members: &[Member]) -> Moved {
    let affected: FxHashSet<u32> =
        members.iter().filter(|m| m.mu > 0.0 && bears(step.registry, terms, m.member)).map(|m| m.site).collect();
    let (mut near, mut far, mut missing) = (Sum::default(), Sum::default(), 0.0);
    for m in members.iter().filter(|m| affected.contains(&m.site) && bears(step.registry, terms, m.member)) {
        missing += (m.mu - m.n) * m.value;
    }
    for m in members.iter().filter(|m| m.held.is_none() && m.site_heard && !m.waiting && m.mu > 0.0) {
        if bears(step.registry, terms, m.member) {
            continue;
        }
        if affected.contains(&m.site) { near.add(m) } else { far.add(m) }
    }
    if near.mu <= 0.0 || missing <= 0.0 {
        return Moved::default();
    }
    let level = (far.n + LEVEL_PRIOR) / (far.mu + LEVEL_PRIOR);
    let usual = level * near.mu;
    let variance = usual + usual * usual * (SITE_STRAY / affected.len() as f64 + 1.0 / (far.mu + LEVEL_PRIOR));
    let more = near.n - usual;
    if more <= CHANCE * libm::sqrt(variance) {
        return Moved::default();
    }
    let worth = near.worth / near.mu / missing;
    Moved { share: (more * worth).min(1.0), variance: variance * worth * worth }
}

#[derive(Default)]
struct Sum {
    n: f64,
    mu: f64,
    worth: f64,
}

impl Sum {
    fn add(&mut self, member: &Member) {
        self.n += member.n;
        self.mu += member.mu;
        self.worth += member.mu * member.value;
    }
}
