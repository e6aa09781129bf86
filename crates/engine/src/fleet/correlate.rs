//! One disruption is one incident: a finding joins the incident of another that explains it, or of one that shares its cause and onset.

use super::{Fleet, Open, Step, bears};
use crate::clock::Ms;

/// Onsets farther apart than this are two disruptions, whatever they share.
const ONSET_MS: Ms = 900_000;
/// Share of a finding's members that another must have for both to be one.
const SHARED: f64 = 0.5;

impl Fleet {
    /// Gives a new finding the incident that it belongs to; its own, if none fits.
    pub(super) fn correlate(&mut self, step: &Step<'_>, at: usize) {
        let new = &self.open[at];
        let joined = self.open[..at]
            .iter()
            .rev()
            .find(|old| old.customer == new.customer && one_disruption(step, old, new, step.now));
        if let Some(incident) = joined.map(|old| old.finding.incident.clone()) {
            self.open[at].finding.incident = incident;
        }
    }
}

fn one_disruption(step: &Step<'_>, old: &Open, new: &Open, now: Ms) -> bool {
    let near = (old.since - new.since).abs() <= ONSET_MS;
    let over = old.closed.is_some_and(|c| now - c > ONSET_MS);
    if over {
        return false;
    }
    // The old one's explanation covers what the new one hits, or they hit the same members.
    let named = !old.terms.is_empty();
    let explained = new.hit.iter().filter(|&&m| named && bears(step.registry, &old.terms, m)).count();
    let same = new.hit.iter().filter(|m| old.hit.binary_search(m).is_ok()).count();
    let share = |count: usize| count as f64 >= SHARED * new.hit.len().max(1) as f64;
    if share(explained) || (near && share(same)) {
        return true;
    }
    // A stated link: one value named by both, and onsets that belong together.
    near && old.terms.iter().any(|t| t.attribute != "type" && new.terms.contains(t))
}
