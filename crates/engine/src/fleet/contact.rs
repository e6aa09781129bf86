//! Contact on the lattice: uplinks lost together, and devices unheard while their siblings are heard.

use super::blame::Fate;
use super::losses::ALONE_MS;
use super::{Fleet, Open, Step, bears};
use crate::clock::Ms;
use crate::shard::{Context, Heard};
use domain::Term;
use domain::finding::{Because, Contact, FindingKind, FindingStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Time between two looks at unheard devices.
pub(super) const LOOK_MS: Ms = 10_000;
/// Share of unheard devices that counts as all of them heard again.
const HEARD_AGAIN: f64 = 0.1;

/// Devices unheard and not yet part of a finding.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Contacts {
    pub(super) unheard: BTreeMap<u32, Ms>,
    /// When the last uplink was lost.
    pub(super) lost_at: Option<Ms>,
    pub(super) next_look: Option<Ms>,
}

impl Contacts {
    /// We were away ourselves: what was not heard then is asked anew.
    pub fn come_back(&mut self) {
        self.unheard.clear();
        (self.lost_at, self.next_look) = (None, None);
    }

    /// When the pool is looked at next.
    #[must_use]
    pub fn next_due(&self) -> Option<Ms> {
        self.next_look
    }
}

impl Fleet {
    /// Takes in who is lost, unheard, or heard again.
    pub(super) fn hear_contact(&mut self, step: &mut Step<'_>, heard: &Heard) {
        for &site in &heard.regained {
            self.hear_again(step, site);
        }
        for member in &heard.heard {
            self.contacts.unheard.remove(member);
            for open in self.open.iter_mut().filter(|o| o.closed.is_none()) {
                if open.unheard.remove(member) {
                    open.next_look = open.next_look.min(step.now + LOOK_MS);
                }
            }
        }
        if !self.view.judging {
            return;
        }
        if !heard.lost.is_empty() {
            self.lost(step, &heard.lost);
        }
        for &(member, since) in &heard.unheard {
            self.hear_silence(step, member, since);
        }
        if self.contacts.next_look.is_some_and(|at| at <= step.now) {
            self.contacts.next_look = None;
            self.look_at_unheard(step);
        }
    }

    /// A site is heard again: what was expected of it meanwhile is known, and its devices are not dead.
    fn hear_again(&mut self, step: &Step<'_>, site: u32) {
        for at in 0..self.open.len() {
            let open = &self.open[at];
            if open.closed.is_some() {
                continue;
            }
            let since = open.lost.get(&site).copied();
            let meanwhile = since.map_or(0.0, |since| self.expected_of(step, open.customer, site, since));
            let open = &mut self.open[at];
            if since.is_some() {
                open.lost.remove(&site);
                open.regained.insert(site);
                open.next_look = step.now;
                if open.group.is_none() {
                    open.before.mu += meanwhile;
                }
            }
            if !open.unheard.is_empty() {
                let before = open.unheard.len();
                open.unheard.retain(|&m| step.registry.members[m as usize].site != site);
                if open.unheard.len() != before {
                    open.next_look = open.next_look.min(step.now + LOOK_MS);
                }
            }
        }
    }

    /// Transactions that were expected of a site from a moment until now, of the activity that contact is judged with.
    fn expected_of(&self, step: &Step<'_>, customer: u32, site: u32, since: Ms) -> f64 {
        let context = Context { registry: step.registry, view: &self.view, now: step.now };
        let series = step.registry.series.iter().position(|s| s.customer == customer);
        let of = |series: usize| {
            step.shards.iter().map(|shard| shard.site_expects(context, series as u32, site, since)).sum()
        };
        series.map_or(0.0, of)
    }

    /// A device's deadline passed: one more of a finding that said so of its like, or yet to be explained.
    fn hear_silence(&mut self, step: &Step<'_>, member: u32, since: Ms) {
        let alike = |o: &&mut Open| {
            o.closed.is_none() && o.group.is_some() && !o.unheard.is_empty() && bears(step.registry, &o.terms, member)
        };
        if let Some(open) = self.open.iter_mut().find(alike) {
            open.unheard.insert(member);
        } else {
            self.contacts.unheard.insert(member, since);
            self.contacts.next_look.get_or_insert(step.now + 2_000);
        }
    }

    /// Uplinks whose deadline passed: they decide findings that were undecided; the others are findings of their own.
    fn lost(&mut self, step: &mut Step<'_>, lost: &[(u32, Ms)]) {
        self.contacts.lost_at = Some(step.now);
        for &(site, last) in lost {
            let own = step.registry.sites[site as usize].slots.clone();
            let holder = self.open.iter_mut().find(|o| {
                o.closed.is_none()
                    && o.group.is_some()
                    && own.iter().any(|m| o.hit.binary_search(m).is_ok())
                    && o.since >= last - 120_000
            });
            if let Some(open) = holder {
                open.lost.insert(site, last);
                open.next_look = step.now;
                continue;
            }
            self.site_lost(step, site, last);
        }
        self.name_common_loss(step);
        // Whole sites may be dead devices.
        self.contacts.next_look.get_or_insert(step.now + 2_000);
    }

    fn site_lost(&mut self, step: &mut Step<'_>, site: u32, last: Ms) {
        let registered = &step.registry.sites[site as usize];
        // A group's finding that is open takes it in.
        let own = registered.slots[0];
        let group = self.open.iter().position(|o| {
            o.closed.is_none()
                && o.finding.kind == FindingKind::ContactLost
                && o.group.is_none()
                && o.is_common()
                && bears(step.registry, &o.terms, own)
        });
        if let Some(at) = group {
            self.open[at].lost.insert(site, last);
            self.open[at].next_look = self.open[at].next_look.min(step.now + LOOK_MS);
            return;
        }
        let terms = vec![Term { attribute: "site".to_owned(), value: registered.code.as_str().to_owned() }];
        let at = self.open_contact(step, registered.customer, terms, last, FindingKind::ContactLost);
        self.open[at].lost.insert(site, last);
        self.open[at].next_look = step.now + ALONE_MS;
        self.describe_contact(step, at);
        self.correlate(step, at);
        // Whether it is alone is known once no more are lost.
    }

    /// A finding that is said for the first time is open, not revised.
    pub(super) fn mark_first(&mut self, step: &mut Step<'_>, at: usize) {
        let finding = &mut self.open[at].finding;
        finding.status = FindingStatus::Open;
        if let Some(last) = step.out.findings.last_mut() {
            last.status = FindingStatus::Open;
        }
    }

    /// A finding about contact alone, not yet said.
    pub(super) fn open_contact(
        &mut self,
        step: &Step<'_>,
        customer: u32,
        terms: Vec<Term>,
        since: Ms,
        kind: FindingKind,
    ) -> usize {
        let mut finding = self.unsaid(step, customer, &terms, since, kind);
        finding.evidence.contact = Contact::Lost;
        let mut open = Open::new(finding, customer, terms, since);
        open.next_look = step.now + LOOK_MS;
        open.gap = LOOK_MS;
        self.open.push(open);
        self.open.len() - 1
    }

    /// Whom a finding about contact hits, and what is expected of them.
    pub(super) fn describe_contact(&mut self, step: &Step<'_>, at: usize) {
        let open = &self.open[at];
        let mut hit: Vec<u32> = open
            .lost
            .keys()
            .chain(&open.regained)
            .flat_map(|&s| step.registry.sites[s as usize].slots.iter().copied())
            .collect();
        hit.extend(&open.unheard);
        hit.sort_unstable();
        hit.dedup();
        let series = step.registry.series.iter().position(|s| s.customer == open.customer);
        let members = series.map(|s| self.gather(step, s as u32, open.since)).unwrap_or_default();
        let mine: Vec<_> = members.iter().filter(|m| hit.binary_search(&m.member).is_ok()).copied().collect();
        let purity = if open.unheard.is_empty() { open.finding.purity } else { self.share_unheard(step, at) };
        let fate = Fate { remaining: 0.0, stopped: true, purity, hit };
        let (mut expected, observed) = mine.iter().fold((0.0, 0.0), |(mu, n), m| (mu + m.mu, n + m.n));
        if open.unheard.is_empty() {
            let lost = open.lost.iter().map(|(&site, &last)| self.expected_of(step, open.customer, site, last));
            expected = open.before.mu + lost.sum::<f64>();
        }
        let (kind, coverage, contact) = (open.finding.kind, open.finding.coverage, open.finding.evidence.contact);
        let unheard = !open.unheard.is_empty();
        self.describe(step, at, &fate, Some(&mine));
        let finding = &mut self.open[at].finding;
        finding.kind = kind;
        finding.coverage = coverage;
        finding.evidence.contact = contact;
        // What was expected so far stays so, whoever is heard again.
        finding.expected = ((expected * 1_000.0).round() / 1_000.0).max(if unheard { finding.expected } else { 0.0 });
        finding.observed = observed.round() + finding.evidence.late;
        if unheard {
            finding.evidence.group =
                finding.explanation.iter().map(ToString::to_string).collect::<Vec<_>>().join(" & ");
        } else if let Some(c) = &mut finding.consequence {
            (c.per_hour.minor, c.low.minor, c.so_far.minor) = (0, 0, 0);
        }
    }

    /// Looks at a finding about contact: grown, or heard again.
    pub(super) fn look_at_contact(&mut self, step: &mut Step<'_>, at: usize) {
        let open = &self.open[at];
        let devices = open.hit.len().max(open.unheard.len()) as f64;
        let over = if open.finding.kind == FindingKind::ContactLost {
            open.lost.is_empty()
        } else {
            open.unheard.len() as f64 <= HEARD_AGAIN * devices
        };
        if open.finding.revision == 0 {
            // Heard again before anybody was told: nothing happened.
            if over {
                self.open[at].closed = Some(step.now);
                self.open[at].next_look = Ms::MAX;
                self.open[at].hit.clear();
            } else {
                self.describe_contact(step, at);
                self.name_common_loss(step);
            }
            return;
        }
        if over {
            self.close(step, at, Because::Heard);
            return;
        }
        let before = open.hit.len();
        self.describe_contact(step, at);
        let after = self.open[at].hit.len();
        if (after as f64 - before as f64).abs() > 0.2 * before as f64 {
            self.revise(step, at, Because::Extent);
        }
    }
}
