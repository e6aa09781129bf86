//! Sites lost together: what they share, whether they are lost or their devices dead, and when that is said.

use super::blame::{Blame, blame, options};
use super::{Fleet, Step, bears};
use crate::clock::{Ms, from_ms};
use detect::explain::{Evidence as Shown, Verdict, explain};
use domain::finding::{Because, FindingStatus};
use roaring::RoaringBitmap;

/// Losses within this time of each other may have one cause.
pub(super) const TOGETHER_MS: Ms = 900_000;
/// Uplinks that must be lost together before a common factor is named.
const FEWEST_SITES: usize = 3;
/// While further losses come in at least this often, it is not known yet whether a site is lost alone.
pub(super) const ALONE_MS: Ms = 20_000;
/// A site is said to be lost after this time, whether others follow or not: heartbeats that come once a minute are missed within one.
const LONGEST_WAIT_MS: Ms = 150_000;

impl Fleet {
    /// Names what sites lost together share, and says what is new.
    pub(super) fn name_common_loss(&mut self, step: &mut Step<'_>) {
        let recent = self.recent_losses();
        if recent.iter().map(|&at| self.open[at].lost.len()).sum::<usize>() >= FEWEST_SITES {
            self.merge_losses(step, &recent);
        }
        let quiet = self.contacts.lost_at.is_none_or(|last| last + ALONE_MS <= step.now);
        for at in 0..self.open.len() {
            let open = &mut self.open[at];
            if !open.is_loss() || open.is_common() || open.finding.revision > 0 {
                continue;
            }
            if quiet || open.finding.detected_at.as_millisecond() + LONGEST_WAIT_MS <= step.now {
                self.say_first(step, at);
            } else {
                open.next_look = step.now + ALONE_MS;
            }
        }
    }

    /// Says a finding for the first time: it is detected now.
    fn say_first(&mut self, step: &mut Step<'_>, at: usize) {
        let finding = &mut self.open[at].finding;
        finding.detected_at = from_ms(step.now);
        finding.evidence.delay_s = (step.now - finding.started_at.as_millisecond()) as f64 / 1_000.0;
        self.revise(step, at, Because::Detected);
        self.mark_first(step, at);
    }

    fn merge_losses(&mut self, step: &mut Step<'_>, recent: &[usize]) {
        let customer = self.open[recent[0]].customer;
        let unit = |site: u32| step.registry.sites[site as usize].slots[0];
        let mut failing = RoaringBitmap::new();
        for &at in recent {
            failing.extend(self.open[at].lost.keys().map(|&s| unit(s)));
        }
        let mut population = RoaringBitmap::new();
        for shard in step.shards.iter() {
            population.extend(
                shard.beating_sites().filter(|&s| step.registry.sites[s as usize].customer == customer).map(unit),
            );
        }
        population |= &failing;
        let shown = Shown::Failed { failing: &failing, population: &population };
        let explanation = explain(&step.registry.attributes, &shown, &options());
        let Verdict::Causes(causes) = explanation.verdict else { return };
        for cause in causes.iter().filter(|c| c.failing >= FEWEST_SITES as u64) {
            let blame = blame(cause, explanation.examined);
            let mine: Vec<usize> = recent
                .iter()
                .copied()
                .filter(|&at| {
                    self.open[at].is_loss()
                        && self.open[at].lost.keys().all(|&s| bears(step.registry, &blame.terms, unit(s)))
                })
                .collect();
            let sites: usize = mine.iter().map(|&at| self.open[at].lost.len()).sum();
            if mine.len() > 1 && sites >= FEWEST_SITES {
                self.merge_into_first(step, &mine, blame);
            }
        }
    }

    /// Open findings about lost sites, alone or under a common name, that began about when the newest did.
    pub(super) fn recent_losses(&self) -> Vec<usize> {
        let losses: Vec<usize> = (0..self.open.len()).filter(|&at| self.open[at].is_loss()).collect();
        let newest = losses.iter().map(|&at| self.open[at].since).max().unwrap_or(Ms::MIN);
        losses.into_iter().filter(|&at| self.open[at].since >= newest - TOGETHER_MS).collect()
    }

    /// The first of several findings takes the others in under their common name.
    fn merge_into_first(&mut self, step: &mut Step<'_>, mine: &[usize], blame: Blame) {
        let (first, others) = (mine[0], &mine[1..]);
        for &other in others {
            let lost = std::mem::take(&mut self.open[other].lost);
            let since = self.open[other].since;
            self.open[first].lost.extend(lost);
            self.open[first].since = self.open[first].since.min(since);
            self.take_in(step, first, other);
        }
        let open = &mut self.open[first];
        open.terms.clone_from(&blame.terms);
        open.finding.explanation = blame.terms;
        open.finding.evidence.equivalent = blame.equivalent;
        open.finding.evidence.runner_up = blame.runner_up;
        open.finding.evidence.candidates = blame.candidates;
        open.finding.started_at = from_ms(open.since);
        let said = open.finding.revision > 0;
        self.describe_contact(step, first);
        if said {
            self.revise(step, first, Because::Explanation);
        } else {
            self.say_first(step, first);
        }
    }

    /// One finding is another's from now on: it is closed, if it was ever said, and what comes late belongs to the one that took it in.
    pub(super) fn take_in(&mut self, step: &mut Step<'_>, into: usize, other: usize) {
        self.open[other].closed = Some(step.now);
        self.open[other].next_look = Ms::MAX;
        self.open[other].hit.clear();
        self.open[other].ever_hit.clear();
        self.open[other].finding.incident = self.open[into].finding.incident.clone();
        if self.open[other].finding.revision > 0 {
            self.open[other].finding.status = FindingStatus::Closed;
            self.open[other].finding.ended_at = Some(from_ms(step.now));
            self.revise(step, other, Because::ExplainedAway);
        }
    }
}
