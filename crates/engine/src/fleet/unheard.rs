//! Devices unheard while their siblings are heard: dead together, where they share something that chance would not.

use super::blame::{Blame, blame, options};
use super::contact::{LOOK_MS, TOGETHER_MS};
use super::{Fleet, Open, Step, bears};
use detect::explain::{Evidence, Verdict, explain};
use domain::Term;
use domain::finding::{Because, Contact, FindingKind};
use roaring::RoaringBitmap;
use std::collections::BTreeSet;

/// Devices that must be unheard together before they are a finding.
const FEWEST_DEVICES: u64 = 4;
/// Nats beyond its description that a common factor of unheard devices must bring.
const CLEARLY: f64 = 12.0;
/// Share of a finding's devices that a wider cause must cover to go on with it.
const MOST: f64 = 0.8;
/// How many times as many devices a wider cause must cover.
const WIDER: f64 = 1.5;
/// Share of a group that must be unheard where habits are unknown.
const NEARLY_ALL: f64 = 0.9;

impl Fleet {
    /// Devices unheard though their siblings are heard: dead, if they share something that chance would not.
    pub(super) fn look_at_unheard(&mut self, step: &mut Step<'_>) {
        let oldest = step.now - 2 * TOGETHER_MS;
        self.contacts.unheard.retain(|_, since| *since >= oldest);
        let mut expected = RoaringBitmap::new();
        let mut unknown = RoaringBitmap::new();
        for shard in step.shards.iter() {
            shard.expected_devices(step.registry, step.now, &mut expected, &mut unknown);
        }
        expected |= &unknown;
        let held: Vec<&Open> = self.open.iter().filter(|o| o.closed.is_none() && !o.is_by_heartbeats()).collect();
        let taken = |o: &Open, m: u32| {
            o.unheard.contains(&m)
                || o.hit.binary_search(&m).is_ok()
                || (o.group.is_some() && bears(step.registry, &o.terms, m))
        };
        let free = |m: u32| !held.iter().any(|o| taken(o, m));
        let new = self.contacts.unheard.keys().copied().filter(|&m| expected.contains(m) && free(m));
        let mut failing: RoaringBitmap = new.collect();
        if failing.len() < FEWEST_DEVICES {
            return;
        }
        self.contacts.next_look = Some(step.now + LOOK_MS);
        // What was said by heartbeats alone is asked again together with what came since.
        for open in self.open.iter().filter(|o| o.closed.is_none() && o.is_by_heartbeats()) {
            failing.extend(open.unheard.iter().filter(|m| expected.contains(**m)));
        }
        let population: RoaringBitmap = expected.iter().filter(|&m| free(m)).collect();
        let shown = Evidence::Failed { failing: &failing, population: &population };
        let explanation = explain(&step.registry.attributes, &shown, &options());
        let Verdict::Causes(causes) = explanation.verdict else { return };
        for cause in
            causes.iter().filter(|c| c.failing >= FEWEST_DEVICES && c.gain_nats >= c.description_nats + CLEARLY)
        {
            let blame = blame(cause, explanation.examined);
            let strange =
                failing.iter().filter(|&m| unknown.contains(m) && bears(step.registry, &blame.terms, m)).count() as u64;
            // Of devices whose nights are not known yet, many fall asleep together: only all of a group at once is strange.
            if strange * 2 > cause.failing && cause.purity < NEARLY_ALL {
                continue;
            }
            let dead: BTreeSet<u32> = failing.iter().filter(|&m| bears(step.registry, &blame.terms, m)).collect();
            self.open_unheard(step, blame, dead, cause.purity);
        }
    }

    /// Share of the devices that a finding's explanation covers that are not heard from.
    pub(super) fn share_unheard(&self, step: &Step<'_>, at: usize) -> f64 {
        let open = &self.open[at];
        let ours = |m: u32| {
            let registered = &step.registry.members[m as usize];
            let site = step.registry.sites.get(registered.site as usize);
            registered.device.is_some() && site.is_some_and(|s| s.customer == open.customer)
        };
        let all = 0..step.registry.members.len() as u32;
        let covered = all.filter(|&m| ours(m) && bears(step.registry, &open.terms, m)).count();
        open.unheard.len() as f64 / covered.max(1) as f64
    }

    /// The finding by heartbeats that a cause goes on with: of the same name, or most of whose devices it covers and many more.
    fn same_dead(&self, step: &Step<'_>, terms: &[Term], dead: &BTreeSet<u32>) -> Option<usize> {
        let by_heartbeats = |o: &Open| o.closed.is_none() && o.is_by_heartbeats();
        let named = self.open.iter().position(|o| by_heartbeats(o) && o.terms == terms);
        let wider = |o: &Open| {
            let both = o.unheard.iter().filter(|m| bears(step.registry, terms, **m)).count();
            both as f64 >= MOST * o.unheard.len() as f64 && dead.len() as f64 >= WIDER * o.unheard.len() as f64
        };
        named.or_else(|| self.open.iter().position(|o| by_heartbeats(o) && wider(o)))
    }

    fn open_unheard(&mut self, step: &mut Step<'_>, blame: Blame, dead: BTreeSet<u32>, purity: f64) {
        if let Some(at) = self.same_dead(step, &blame.terms, &dead) {
            for m in &dead {
                self.contacts.unheard.remove(m);
            }
            let open = &mut self.open[at];
            open.unheard.extend(dead);
            open.next_look = step.now;
            if open.terms != blame.terms {
                self.name_dead(step, at, blame, purity);
                self.revise(step, at, Because::Explanation);
            }
            return;
        }
        // Those of another finding are not said twice.
        let said = |m: &u32| self.open.iter().any(|o| o.closed.is_none() && o.unheard.contains(m));
        let dead: BTreeSet<u32> = dead.into_iter().filter(|m| !said(m)).collect();
        if (dead.len() as u64) < FEWEST_DEVICES {
            return;
        }
        let since = dead.iter().filter_map(|m| self.contacts.unheard.get(m)).min().copied().unwrap_or(step.now);
        let Some(customer) = dead
            .first()
            .and_then(|&m| step.registry.sites.get(step.registry.members[m as usize].site as usize))
            .map(|s| s.customer)
        else {
            return;
        };
        let at = self.open_contact(step, customer, blame.terms.clone(), since, FindingKind::Silence);
        for m in &dead {
            self.contacts.unheard.remove(m);
        }
        let open = &mut self.open[at];
        open.unheard = dead;
        self.name_dead(step, at, blame, purity);
        self.correlate(step, at);
        self.revise(step, at, Because::Detected);
        self.mark_first(step, at);
    }

    /// Gives a finding by heartbeats its explanation, and its figures.
    fn name_dead(&mut self, step: &Step<'_>, at: usize, blame: Blame, purity: f64) {
        let open = &mut self.open[at];
        open.terms.clone_from(&blame.terms);
        open.finding.explanation = blame.terms;
        open.finding.purity = purity;
        open.finding.evidence.equivalent = blame.equivalent;
        open.finding.evidence.runner_up = blame.runner_up;
        open.finding.evidence.candidates = blame.candidates;
        open.finding.evidence.contact = Contact::Heard;
        self.describe_contact(step, at);
    }
}
