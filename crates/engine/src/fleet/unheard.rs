//! Devices unheard while their siblings are heard: dead together, where they share something that chance would not.

use super::blame::{Blame, blame, options};
use super::contact::LOOK_MS;
use super::losses::TOGETHER_MS;
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
        // A site that is lost alone may be one whose devices are all dead.
        let alone: Vec<usize> = self.recent_losses().into_iter().filter(|&at| !self.open[at].is_common()).collect();
        let held: Vec<&Open> = (0..self.open.len())
            .filter(|at| !alone.contains(at))
            .map(|at| &self.open[at])
            .filter(|o| o.closed.is_none() && !o.is_by_heartbeats())
            .collect();
        let taken = |o: &Open, m: u32| {
            o.unheard.contains(&m)
                || o.hit.binary_search(&m).is_ok()
                || (o.group.is_some() && bears(step.registry, &o.terms, m))
        };
        let free = |m: u32| !held.iter().any(|o| taken(o, m));
        let new = self.contacts.unheard.keys().copied().filter(|&m| expected.contains(m) && free(m));
        let mut failing: RoaringBitmap = new.collect();
        let of_lost: RoaringBitmap = alone.iter().flat_map(|&at| self.devices_lost(step, at)).collect();
        failing |= &of_lost;
        expected |= &of_lost;
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
            // What is named after its place may as well be a line that is down.
            if dead.iter().any(|m| of_lost.contains(*m)) && !self.is_of_devices(step, &blame.terms, &dead) {
                continue;
            }
            let at = self.open_unheard(step, blame, dead, cause.purity);
            if let Some(at) = at {
                self.take_in_dead_sites(step, at, &alone);
            }
        }
    }

    /// Devices of the sites that a finding says are lost.
    fn devices_lost(&self, step: &Step<'_>, at: usize) -> Vec<u32> {
        let slots = self.open[at].lost.keys().flat_map(|&s| &step.registry.sites[s as usize].slots);
        slots.copied().filter(|&m| step.registry.members[m as usize].device.is_some()).collect()
    }

    /// Whether terms name something of the devices, and not only of the sites where they stand.
    fn is_of_devices(&self, step: &Step<'_>, terms: &[Term], dead: &BTreeSet<u32>) -> bool {
        let sites = dead.iter().filter_map(|&m| {
            let site = step.registry.members[m as usize].site;
            step.registry.sites.get(site as usize).map(|s| s.slots[0])
        });
        let mut sites = sites.collect::<BTreeSet<u32>>().into_iter();
        sites.any(|site| !bears(step.registry, terms, site))
    }

    /// Sites of which all devices are dead are part of that, and not lost for a reason of their own.
    fn take_in_dead_sites(&mut self, step: &mut Step<'_>, at: usize, alone: &[usize]) {
        for &other in alone {
            let devices = self.devices_lost(step, other);
            if !devices.is_empty() && devices.iter().all(|m| self.open[at].unheard.contains(m)) {
                self.open[other].lost.clear();
                self.take_in(step, at, other);
                self.open[at].finding.evidence.contact = Contact::Undecided;
            }
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

    fn open_unheard(&mut self, step: &mut Step<'_>, blame: Blame, dead: BTreeSet<u32>, purity: f64) -> Option<usize> {
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
            return Some(at);
        }
        // Those of another finding are not said twice.
        let said = |m: &u32| self.open.iter().any(|o| o.closed.is_none() && o.unheard.contains(m));
        let dead: BTreeSet<u32> = dead.into_iter().filter(|m| !said(m)).collect();
        if (dead.len() as u64) < FEWEST_DEVICES {
            return None;
        }
        let lost = self.open.iter().filter(|o| o.is_loss()).flat_map(|o| &o.lost);
        let lost = lost.filter(|(s, _)| dead.iter().any(|&m| step.registry.members[m as usize].site == **s));
        let since = dead.iter().filter_map(|m| self.contacts.unheard.get(m)).chain(lost.map(|(_, last)| last)).min();
        let since = since.copied().unwrap_or(step.now);
        let first = dead.first().map(|&m| step.registry.members[m as usize].site);
        let customer = first.and_then(|site| step.registry.sites.get(site as usize)).map(|s| s.customer)?;
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
        Some(at)
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
