//! Contact on the lattice: uplinks lost together, and devices unheard while their siblings are heard.

use super::blame::{Blame, Fate, blame, options};
use super::lattice::Tally;
use super::{Fleet, Open, Step, bears, name};
use crate::clock::{Ms, from_ms};
use crate::shard::Heard;
use detect::explain::{Evidence as Shown, Verdict, explain};
use domain::Term;
use domain::finding::{Affected, Because, Contact, Evidence, Finding, FindingKind, FindingStatus};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Losses within this time may have one cause.
const TOGETHER_MS: Ms = 900_000;
/// Devices that must be unheard together before they are a finding.
const FEWEST_DEVICES: u64 = 4;
/// Uplinks that must be lost together before a common factor is named.
const FEWEST_SITES: u64 = 3;
/// Share of a group that must be unheard where habits are unknown.
const NEARLY_ALL: f64 = 0.9;
/// Time between two looks at unheard devices.
const LOOK_MS: Ms = 10_000;
/// Share of unheard devices that counts as all of them heard again.
const HEARD_AGAIN: f64 = 0.1;

/// Devices unheard and not yet part of a finding.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Contacts {
    unheard: BTreeMap<u32, Ms>,
    next_look: Option<Ms>,
}

impl Contacts {
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
            for open in self.open.iter_mut().filter(|o| o.closed.is_none()) {
                if open.lost.remove(&site).is_some() {
                    open.regained.insert(site);
                    open.next_look = step.now;
                }
            }
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
            self.contacts.unheard.insert(member, since);
            self.contacts.next_look.get_or_insert(step.now + 2_000);
        }
        if self.contacts.next_look.is_some_and(|at| at <= step.now) {
            self.contacts.next_look = None;
            self.look_at_unheard(step);
        }
    }

    /// Uplinks whose deadline passed: they decide findings that were undecided; the others are findings of their own.
    fn lost(&mut self, step: &mut Step<'_>, lost: &[(u32, Ms)]) {
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
    }

    fn site_lost(&mut self, step: &mut Step<'_>, site: u32, last: Ms) {
        let registered = &step.registry.sites[site as usize];
        // A group's finding that is open takes it in.
        let own = registered.slots[0];
        let group = self.open.iter().position(|o| {
            o.closed.is_none()
                && o.finding.kind == FindingKind::ContactLost
                && o.group.is_none()
                && is_common(o)
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
        self.describe_contact(step, at);
        self.correlate(step, at);
        // Whether it is alone is known once all losses of this tick are in.
    }

    /// Names what sites lost together share, and says what is new.
    fn name_common_loss(&mut self, step: &mut Step<'_>) {
        let alone: Vec<usize> = (0..self.open.len())
            .filter(|&at| {
                let o = &self.open[at];
                o.closed.is_none()
                    && o.finding.kind == FindingKind::ContactLost
                    && o.group.is_none()
                    && !is_common(o)
                    && !o.lost.is_empty()
            })
            .collect();
        let recent: Vec<usize> =
            alone.iter().copied().filter(|&at| self.open[at].since >= step.now - TOGETHER_MS).collect();
        if recent.len() as u64 >= FEWEST_SITES {
            self.merge_losses(step, &recent);
        }
        for at in alone {
            if self.open[at].closed.is_none() && self.open[at].finding.revision == 0 {
                self.revise(step, at, Because::Detected);
                self.mark_first(step, at);
            }
        }
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
        for cause in causes.iter().filter(|c| c.failing >= FEWEST_SITES) {
            let blame = blame(cause, explanation.examined);
            let mine: Vec<usize> = recent
                .iter()
                .copied()
                .filter(|&at| {
                    self.open[at].closed.is_none()
                        && self.open[at].lost.keys().all(|&s| bears(step.registry, &blame.terms, unit(s)))
                })
                .collect();
            if mine.len() as u64 >= FEWEST_SITES {
                self.merge_into_first(step, &mine, blame);
            }
        }
    }

    /// The first of several findings takes the others in under their common name.
    fn merge_into_first(&mut self, step: &mut Step<'_>, mine: &[usize], blame: Blame) {
        let (first, others) = (mine[0], &mine[1..]);
        for &other in others {
            let lost = std::mem::take(&mut self.open[other].lost);
            let since = self.open[other].since;
            self.open[first].lost.extend(lost);
            self.open[first].since = self.open[first].since.min(since);
            self.open[other].closed = Some(step.now);
            self.open[other].next_look = Ms::MAX;
            self.open[other].finding.incident = self.open[first].finding.incident.clone();
            if self.open[other].finding.revision > 0 {
                self.open[other].finding.status = FindingStatus::Closed;
                self.open[other].finding.ended_at = Some(from_ms(step.now));
                self.revise(step, other, Because::ExplainedAway);
            }
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
        self.revise(step, first, if said { Because::Explanation } else { Because::Detected });
        if !said {
            self.mark_first(step, first);
        }
    }

    /// A finding that is said for the first time is open, not revised.
    fn mark_first(&mut self, step: &mut Step<'_>, at: usize) {
        let finding = &mut self.open[at].finding;
        finding.status = FindingStatus::Open;
        if let Some(last) = step.out.findings.last_mut() {
            last.status = FindingStatus::Open;
        }
    }

    /// Devices unheard though their siblings are heard: dead, if they share something that chance would not.
    fn look_at_unheard(&mut self, step: &mut Step<'_>) {
        let oldest = step.now - 2 * TOGETHER_MS;
        self.contacts.unheard.retain(|_, since| *since >= oldest);
        let mut expected = RoaringBitmap::new();
        let mut unknown = RoaringBitmap::new();
        for shard in step.shards.iter() {
            shard.expected_devices(step.registry, step.now, &mut expected, &mut unknown);
        }
        expected |= &unknown;
        let held: Vec<&Open> = self.open.iter().filter(|o| o.closed.is_none()).collect();
        let taken = |o: &Open, m: u32| {
            o.unheard.contains(&m)
                || o.hit.binary_search(&m).is_ok()
                || (o.group.is_some() && bears(step.registry, &o.terms, m))
        };
        let free = |m: u32| !held.iter().any(|o| taken(o, m));
        let failing: RoaringBitmap =
            self.contacts.unheard.keys().copied().filter(|&m| expected.contains(m) && free(m)).collect();
        if failing.len() < FEWEST_DEVICES {
            return;
        }
        self.contacts.next_look = Some(step.now + LOOK_MS);
        let population: RoaringBitmap = expected.iter().filter(|&m| free(m)).collect();
        let shown = Shown::Failed { failing: &failing, population: &population };
        let explanation = explain(&step.registry.attributes, &shown, &options());
        let Verdict::Causes(causes) = explanation.verdict else { return };
        for cause in causes.iter().filter(|c| c.failing >= FEWEST_DEVICES && c.gain_nats >= c.description_nats + 12.0) {
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

    fn open_unheard(&mut self, step: &mut Step<'_>, blame: Blame, dead: BTreeSet<u32>, purity: f64) {
        // An open finding with the same explanation takes them in.
        if let Some(at) = self
            .open
            .iter()
            .position(|o| o.closed.is_none() && o.group.is_none() && !o.unheard.is_empty() && o.terms == blame.terms)
        {
            for m in &dead {
                self.contacts.unheard.remove(m);
            }
            self.open[at].unheard.extend(dead);
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
        open.finding.purity = purity;
        open.finding.evidence.equivalent = blame.equivalent;
        open.finding.evidence.runner_up = blame.runner_up;
        open.finding.evidence.candidates = blame.candidates;
        open.finding.evidence.contact = Contact::Heard;
        self.describe_contact(step, at);
        self.correlate(step, at);
        self.revise(step, at, Because::Detected);
        self.mark_first(step, at);
    }

    /// A finding about contact alone, not yet said.
    fn open_contact(
        &mut self,
        step: &Step<'_>,
        customer: u32,
        terms: Vec<Term>,
        since: Ms,
        kind: FindingKind,
    ) -> usize {
        let id = name::finding_id(step.now, self.ordinal);
        let incident = name::incident_id(step.now, self.ordinal);
        self.ordinal += 1;
        let finding = Finding {
            id,
            revision: 0,
            kind,
            detected_at: from_ms(step.now),
            revised_at: from_ms(step.now),
            started_at: from_ms(since),
            ended_at: None,
            status: FindingStatus::Open,
            customer: step.registry.customers[customer as usize].key.clone(),
            metric: None,
            explanation: terms.clone(),
            coverage: 1.0,
            purity: 1.0,
            affected: Affected::default(),
            sites: Vec::new(),
            devices: None,
            expected: 0.0,
            observed: 0.0,
            consequence: None,
            evidence: Evidence {
                group: terms.iter().map(ToString::to_string).collect::<Vec<_>>().join(" & "),
                log_likelihood_ratio: 0.0,
                threshold: 0.0,
                remaining: 0.0,
                rate_per_hour: 0.0,
                false_alarm_every_hours: 0.0,
                bound_s: 0.0,
                delay_s: (step.now - since) as f64 / 1_000.0,
                contact: Contact::Lost,
                runner_up: None,
                equivalent: Vec::new(),
                candidates: 0,
                because: Because::Detected,
                late: 0.0,
            },
            incident,
        };
        self.open.push(Open {
            finding,
            customer,
            series: None,
            terms,
            group: None,
            since,
            next_look: step.now + LOOK_MS,
            gap: LOOK_MS,
            before: Tally::default(),
            back: 0.0,
            seen: Tally::default(),
            hit: Vec::new(),
            lost: BTreeMap::new(),
            regained: BTreeSet::new(),
            unheard: BTreeSet::new(),
            late: Tally::default(),
            late_at: None,
            closed: None,
        });
        self.open.len() - 1
    }

    /// Whom a finding about contact hits, and what is expected of them.
    fn describe_contact(&mut self, step: &Step<'_>, at: usize) {
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
        let fate = Fate { remaining: 0.0, stopped: true, purity: open.finding.purity, hit };
        let (expected, observed) = mine.iter().fold((0.0, 0.0), |(mu, n), m| (mu + m.mu, n + m.n));
        let (kind, coverage, contact) = (open.finding.kind, open.finding.coverage, open.finding.evidence.contact);
        let unheard = !open.unheard.is_empty();
        self.describe(step, at, &fate, Some(&mine));
        let finding = &mut self.open[at].finding;
        finding.kind = kind;
        finding.coverage = coverage;
        finding.evidence.contact = contact;
        finding.expected = (expected * 1_000.0).round() / 1_000.0;
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

/// Whether a finding names more than one site.
fn is_common(open: &Open) -> bool {
    open.terms.iter().all(|t| t.attribute != "site")
}
