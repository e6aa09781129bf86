//! The residual test: what one finding says is taken out of another; when nothing stands of that other by itself, it was a first guess at the
//! same disruption, and folds into the one that explains it.

use super::lattice::Tally;
use super::{Fleet, Step, bears};
use crate::clock::Ms;
use crate::shard::Member;
use domain::finding::Because;

/// Findings that were detected further apart than this do not guess at the same.
const TOGETHER_MS: Ms = 3_600_000;
/// Share of its threshold that a finding must reach without the other's members to stand by itself.
const STANDS: f64 = 0.5;
/// Share of what a finding misses that the other must cover.
const SHARED: f64 = 0.3;

impl Fleet {
    /// Folds a finding into another that explains it; says whether it did.
    pub(super) fn fold(&mut self, step: &mut Step<'_>, at: usize) -> bool {
        let Some(series) = self.open[at].series else { return false };
        let others: Vec<usize> = (0..self.open.len()).filter(|&other| self.may_explain(other, at)).collect();
        if others.is_empty() {
            return false;
        }
        let members = self.gather(step, series, self.open[at].since);
        let Some(other) = others.into_iter().find(|&other| self.explains(step, (other, at), series, &members)) else {
            return false;
        };
        self.fold_into(step, at, other, series);
        true
    }

    /// Whether two findings are of the same time and activity, and the other is about more than one device.
    fn may_explain(&self, other: usize, at: usize) -> bool {
        let (a, b) = (&self.open[at], &self.open[other]);
        let apart = (a.finding.detected_at.as_millisecond() - b.finding.detected_at.as_millisecond()).abs();
        other != at
            && b.closed.is_none()
            && b.group.is_some()
            && b.series == a.series
            && b.customer == a.customer
            && apart <= TOGETHER_MS
            && b.back <= 0.0
            && b.terms.first().is_none_or(|t| t.attribute != "device")
    }

    fn explains(&self, step: &Step<'_>, (other, at): (usize, usize), series: u32, members: &[Member]) -> bool {
        let (a, b) = (&self.open[at], &self.open[other]);
        let missing = |of: &[&Member]| of.iter().map(|m| m.mu - m.n).sum::<f64>();
        let mine: Vec<&Member> = members.iter().filter(|m| bears(step.registry, &a.terms, m.member)).collect();
        let (both, rest): (Vec<&Member>, Vec<&Member>) =
            mine.iter().partition(|m| bears(step.registry, &b.terms, m.member));
        if missing(&both) < SHARED * missing(&mine) {
            return false;
        }
        // Each by the evidence since its own onset.
        let stands = |open: &super::Open, rest: Vec<Member>| {
            self.gain(step, series, &open.terms, (open.since, &rest), (0.0, 0.0))
                >= STANDS * open.finding.evidence.threshold
        };
        if stands(a, rest.into_iter().copied().collect()) {
            return false;
        }
        let without_a =
            self.gather(step, series, b.since).into_iter().filter(|m| !bears(step.registry, &a.terms, m.member));
        stands(b, without_a.collect())
    }

    fn fold_into(&mut self, step: &mut Step<'_>, at: usize, other: usize, series: u32) {
        let group = self.open[at].group;
        let members = self.gather(step, series, self.open[other].since);
        self.open[at].finding.incident = self.open[other].finding.incident.clone();
        self.close(step, at, Because::ExplainedAway);
        // What the folded one held is the other's now, from its beginning.
        let taker = self.open[other].clone();
        for m in members.iter().filter(|m| m.held == group && bears(step.registry, &taker.terms, m.member)) {
            let taken = Tally { n: m.n, mu: m.mu, value: m.n * m.value, mu_value: m.mu * m.value };
            self.open[other].before.add(&taken);
        }
        self.release(step, &taker);
        self.hold(step, &taker);
        self.merge_standing(step);
        self.open[other].next_look = step.now;
    }
}
