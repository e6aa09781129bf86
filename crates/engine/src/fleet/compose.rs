//! A finding's figures: whom it hits, what was expected and observed, what it costs, and whether the affected are heard from.

use super::blame::Fate;
use super::moved::{Moved, moved};
use super::watch::kind_of;
use super::{Fleet, Step, bears};
use crate::clock::Ms;
use crate::shard::Member;
use crate::sums;
use domain::finding::{Affected, Consequence, Contact, FindingKind, MAX_LISTED_DEVICES};
use domain::{DeviceCode, Money, SiteCode};

/// Half the width of a 90 % interval in standard deviations.
const Z90: f64 = 1.645;

/// Transactions that must have been missing while heartbeats came, for it to be said that they are heard and do nothing.
const HEARD_NATS: f64 = 7.0;

impl Fleet {
    /// Fills in a finding from its members' fate. `members` is the evidence since its onset.
    pub(super) fn describe(&mut self, step: &Step<'_>, at: usize, fate: &Fate, members: Option<&[Member]>) {
        let members = members.unwrap_or(&[]);
        let kind = kind_of(&self.open[at], fate);
        let covered: Vec<&Member> =
            members.iter().filter(|m| bears(step.registry, &self.open[at].terms, m.member)).collect();
        let (contact, kind) = contact_of(&covered, fate, kind, (self.open[at].since, step.now));
        // Who was heard and did nothing is not in doubt again because a line is slow.
        let known = self.open[at].finding.evidence.contact;
        let contact = if known == Contact::Heard && contact == Contact::Undecided { known } else { contact };
        let moved = moved(step, &self.open[at].terms, members);
        let consequence = self.consequence(step, at, fate, &covered, (kind, moved));
        let missing: f64 = covered.iter().map(|m| m.mu - m.n).sum::<f64>().max(0.0);
        let elsewhere = missing_elsewhere(
            members.iter().filter(|m| !bears(step.registry, &self.open[at].terms, m.member)),
            fate.stopped,
        );
        let held = self.open[at].group.map(|g| {
            let group = &mut self.lattice.groups[g as usize];
            group.settle(step.now, &sums::Moved::default());
            group.held
        });
        let open = &mut self.open[at];
        let mut hit = fate.hit.clone();
        if kind == FindingKind::Silence {
            // What should have sold nothing yet may be known to be dead all the same.
            hit.extend(&open.unheard);
        }
        open.hits(hit);
        open.moved = moved.share;
        let finding = &mut open.finding;
        finding.kind = kind;
        finding.purity = round(fate.purity);
        finding.coverage = if missing > 0.0 { round(missing / (missing + elsewhere)) } else { 1.0 };
        finding.evidence.contact = contact;
        // While activity comes back, how much was left before it did is known already.
        if open.back <= 0.0 || fate.remaining < finding.evidence.remaining {
            finding.evidence.remaining = fate.remaining;
        }
        if let Some(held) = held {
            finding.expected = round(open.before.mu + held.mu);
            finding.observed = open.before.n.round() + held.n;
        }
        finding.consequence = consequence;
        (finding.affected, finding.sites, finding.devices) = listed(step, &open.hit);
    }

    fn consequence(
        &self,
        step: &Step<'_>,
        at: usize,
        fate: &Fate,
        covered: &[&Member],
        (kind, moved): (FindingKind, Moved),
    ) -> Option<Consequence> {
        let open = &self.open[at];
        let currency = step.registry.customers[open.customer as usize].currency;
        let per_ms: f64 = covered.iter().map(|m| m.rate * m.value).sum();
        if per_ms <= 0.0 {
            return None;
        }
        let per_hour = per_ms * 3_600_000.0;
        let gone = (1.0 - fate.remaining).clamp(0.0, 1.0);
        let held = open.group.map(|g| self.lattice.groups[g as usize].held).unwrap_or_default();
        let missing = open.before.mu_value + held.mu_value - open.before.value - held.value;
        let left = 1.0 - moved.share;
        let so_far = (missing * left).max(0.0);
        let money = |x: f64| Money { minor: x as i64, currency };
        if kind == FindingKind::ContactLost {
            // Sales are unknown: nothing is said to be missing, and everything may be.
            return Some(Consequence {
                per_hour: money(0.0),
                low: money(0.0),
                high: money(per_hour),
                so_far: money(0.0),
            });
        }
        let v = open.series.map_or(0.02, |s| {
            let (c, odd) = (self.view.series[s as usize].components, self.view.series[s as usize].odd);
            c.common + odd + c.region + (c.site + c.device) / covered.len().max(1) as f64
        });
        let expected: f64 = covered.iter().map(|m| m.mu).sum();
        let (now, unsure) = (per_hour * gone * left, per_hour * gone);
        let spread =
            Z90 * libm::sqrt((v + 1.0 / (expected + 10.0)) * per_hour * per_hour + moved.variance * unsure * unsure);
        Some(Consequence {
            per_hour: money(now),
            low: money((now - spread).max(0.0)),
            high: money(now + spread),
            so_far: money(so_far),
        })
    }
}

/// What others miss that chance does not explain: where some stopped, the expectation of those that did nothing, beyond that of those that
/// do nothing by chance; else the shortfall of all. Two standard deviations of it are chance.
fn missing_elsewhere<'a>(others: impl Iterator<Item = &'a Member>, stopped: bool) -> f64 {
    let (mut missing, mut variance) = (0.0, 0.0);
    for m in others.filter(|m| m.mu > 0.0) {
        if stopped {
            let chance = libm::exp(-m.mu);
            missing += if m.n < 0.5 { m.mu } else { 0.0 } - chance * m.mu;
            variance += chance * (1.0 - chance) * m.mu * m.mu;
        } else {
            missing += m.mu - m.n;
            variance += m.mu;
        }
    }
    (missing - 2.0 * libm::sqrt(variance)).max(0.0)
}

/// Whether the affected are heard from, and what that makes of the finding.
fn contact_of(covered: &[&Member], fate: &Fate, kind: FindingKind, (since, now): (Ms, Ms)) -> (Contact, FindingKind) {
    let hit = || covered.iter().filter(|m| fate.hit.binary_search(&m.member).is_ok());
    let mut sites: Vec<&Member> = hit().copied().collect();
    sites.dedup_by_key(|m| m.site);
    let beating = sites.iter().filter(|m| m.site_beats).count();
    if beating * 2 < sites.len() || beating == 0 {
        return (Contact::CountsOnly, kind);
    }
    let lost = sites.iter().filter(|m| m.site_beats && !m.site_heard).count();
    let is_fresh = |m: &&&Member| m.site_beats && m.site_heard && m.site_proven_ms > since + 1_000 && m.site_fresh;
    let fresh = sites.iter().filter(is_fresh).count();
    // One heartbeat right after the last sale says little: what was missing up to the last ones must be more than chance.
    let share = |m: &Member| (m.site_proven_ms.min(now) - since).max(0) as f64 / (now - since).max(1) as f64;
    let missing_while_heard: f64 = hit().map(|m| m.mu * share(m)).sum();
    if lost * 2 >= beating {
        (Contact::Lost, FindingKind::ContactLost)
    } else if fresh * 4 >= beating * 3 && missing_while_heard >= HEARD_NATS {
        (Contact::Heard, kind)
    } else {
        (Contact::Undecided, kind)
    }
}

/// Codes of members: how many sites and devices, and which.
pub(super) fn listed(step: &Step<'_>, hit: &[u32]) -> (Affected, Vec<SiteCode>, Option<Vec<DeviceCode>>) {
    let mut sites: Vec<u32> = hit.iter().map(|&m| step.registry.members[m as usize].site).collect();
    sites.sort_unstable();
    sites.dedup();
    let mut codes: Vec<SiteCode> =
        sites.iter().filter_map(|&s| step.registry.sites.get(s as usize)).map(|s| s.code.clone()).collect();
    codes.sort();
    let mut devices: Vec<DeviceCode> =
        hit.iter().filter_map(|&m| step.registry.members[m as usize].device.clone()).collect();
    devices.sort();
    let affected = Affected { sites: codes.len() as u32, devices: devices.len() as u32 };
    (affected, codes, (devices.len() <= MAX_LISTED_DEVICES).then_some(devices))
}

fn round(x: f64) -> f64 {
    (x * 1_000.0).round() / 1_000.0
}
