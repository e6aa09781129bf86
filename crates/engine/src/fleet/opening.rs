//! A finding is said for the first time: its members are held, and their evidence leaves every other group.

use super::alarm::Alarm;
use super::blame::{Blame, Fate};
use super::lattice::{GroupKey, Tally};
use super::{Fleet, Open, Step, bears, name};
use crate::clock::{Ms, from_ms};
use crate::shard::{Context, Member};
use crate::sums::Moved;
use detect::bank::{FALLS, FALLS_SPREAD};
use domain::Term;
use domain::finding::{Affected, Because, Contact, Evidence, Finding, FindingKind, FindingStatus};
use rustc_hash::FxHashMap;

/// First look at a new finding after this time; then after twice that, and so on.
const FIRST_LOOK_MS: Ms = 2_000;

impl Fleet {
    /// Opens a finding: holds its members, takes their evidence out of every other group, and says it.
    pub(super) fn open(&mut self, step: &mut Step<'_>, alarm: &Alarm, since: Ms, blame: &Blame, members: &[Member]) {
        let customer = step.registry.series[alarm.series as usize].customer;
        let known = self.dead_by_heartbeats(customer, &blame.terms);
        // What heartbeats said began earlier.
        let earlier = known.map(|at| self.open[at].since).filter(|first| *first < since);
        let all = earlier.map(|first| self.free_since(step, alarm.series, first));
        let (since, members) = (earlier.unwrap_or(since), all.as_deref().unwrap_or(members));
        let fate = self.fate_now(step, alarm.series, &blame.terms, since, members, None);
        if fate.hit.is_empty() {
            return;
        }
        let number = known.unwrap_or(self.open.len());
        let Some(group) = self.lattice.group(alarm.series, GroupKey::Held(number as u32), step.now) else { return };
        let covered: Vec<&Member> = members.iter().filter(|m| bears(step.registry, &blame.terms, m.member)).collect();
        let mut before = Tally::default();
        for m in &covered {
            before.add(&Tally { n: m.n, mu: m.mu, value: m.n * m.value, mu_value: m.mu * m.value });
        }
        self.take_out(step, alarm.series, &covered, since);
        let finding = self.first_revision(step, alarm, since, blame, &fate);
        let mut open = Open::new(finding, customer, blame.terms.clone(), since);
        (open.series, open.group, open.before) = (Some(alarm.series), Some(group), before);
        (open.next_look, open.gap) = (step.now + FIRST_LOOK_MS, FIRST_LOOK_MS);
        open.hits(fate.hit.clone());
        self.hold(step, &open);
        self.merge_standing(step);
        match known {
            Some(at) => {
                open.go_on_from(&self.open[at]);
                self.open[at] = open;
                self.describe(step, at, &fate, Some(members));
                self.revise(step, at, Because::Extent);
            }
            None => {
                self.open.push(open);
                self.describe(step, number, &fate, Some(members));
                self.correlate(step, number);
                step.out.findings.push(self.open[number].finding.clone());
            }
        }
    }

    /// The open finding that already says of the same devices that they are not heard from.
    fn dead_by_heartbeats(&self, customer: u32, terms: &[Term]) -> Option<usize> {
        self.open.iter().position(|o| {
            o.closed.is_none()
                && o.group.is_none()
                && !o.unheard.is_empty()
                && o.customer == customer
                && o.terms == terms
        })
    }

    fn first_revision(&mut self, step: &Step<'_>, alarm: &Alarm, since: Ms, blame: &Blame, fate: &Fate) -> Finding {
        let registered = &step.registry.series[alarm.series as usize];
        let kind = if fate.stopped { FindingKind::Silence } else { FindingKind::Drop };
        let gamma = libm::exp(alarm.ln_gamma);
        let rate = alarm.rate.max(1e-12);
        let mut finding = self.unsaid(step, registered.customer, &blame.terms, since, kind);
        finding.revision = 1;
        finding.metric = Some(registered.metric.clone());
        finding.purity = fate.purity;
        let evidence = &mut finding.evidence;
        evidence.group.clone_from(&alarm.name);
        evidence.log_likelihood_ratio = alarm.verdict.w;
        evidence.threshold = alarm.verdict.h;
        evidence.remaining = fate.remaining;
        evidence.rate_per_hour = alarm.rate * 3_600_000.0;
        evidence.false_alarm_every_hours = gamma / rate / 3_600_000.0;
        evidence.bound_s = detect::bound::stop_delay(gamma * FALLS_SPREAD) / rate / 1_000.0;
        evidence.runner_up.clone_from(&blame.runner_up);
        evidence.equivalent.clone_from(&blame.equivalent);
        evidence.candidates = blame.candidates;
        finding
    }

    /// A finding of which nothing is said yet but what, whose, and since when.
    pub(super) fn unsaid(
        &mut self,
        step: &Step<'_>,
        customer: u32,
        terms: &[Term],
        since: Ms,
        kind: FindingKind,
    ) -> Finding {
        let id = name::finding_id(step.now, self.ordinal);
        let incident = name::incident_id(step.now, self.ordinal);
        self.ordinal += 1;
        Finding {
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
            explanation: terms.to_vec(),
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
                contact: Contact::CountsOnly,
                runner_up: None,
                equivalent: Vec::new(),
                candidates: 0,
                because: Because::Detected,
                late: 0.0,
            },
            incident,
        }
    }

    /// Takes members' evidence since the onset out of every group they give to.
    fn take_out(&mut self, step: &Step<'_>, series: u32, covered: &[&Member], since: Ms) {
        let mut sums: FxHashMap<u32, (f64, f64)> = FxHashMap::default();
        let mut order = Vec::new();
        for m in covered {
            for group in self.lattice.groups_of(step.registry, series, m.member, step.now) {
                let sum = sums.entry(group).or_insert_with(|| {
                    order.push(group);
                    (0.0, 0.0)
                });
                sum.0 += m.n;
                sum.1 += m.mu;
            }
        }
        for ix in order {
            let group = &mut self.lattice.groups[ix as usize];
            group.settle(step.now, &Moved::default());
            if group.judged {
                let (n, mu) = sums[&ix];
                let prior = group.prior();
                // An overdue interval was credited at once, whenever the evidence began.
                let lumpy = group.is_lumpy();
                group.bank.remove(n, mu, if lumpy { step.now - 1 } else { since }, step.now, prior, &FALLS);
                group.queued = Ms::MAX;
                self.queue_group(ix, step);
            }
        }
    }

    /// Holds everything that an open finding's terms cover.
    pub(super) fn hold(&self, step: &mut Step<'_>, open: &Open) {
        let (Some(series), Some(group)) = (open.series, open.group) else { return };
        let shards = step.shards.len() as u32;
        let context = Context { registry: step.registry, view: &self.view, now: step.now };
        for (ix, site) in step.registry.sites.iter().enumerate().filter(|(_, s)| s.customer == open.customer) {
            let ix = ix as u32;
            let stands_here = |slot: u32, member: u32| {
                let m = &step.registry.members[member as usize];
                m.site == ix && m.slot == slot && bears(step.registry, &open.terms, member)
            };
            let slots: Vec<u32> = site
                .slots
                .iter()
                .enumerate()
                .filter(|(slot, m)| stands_here(*slot as u32, **m))
                .map(|(slot, _)| slot as u32)
                .collect();
            if !slots.is_empty() {
                step.shards[(ix % shards) as usize].hold(context, ix, &slots, series, group, open.since);
            }
        }
    }

    /// Lets go everything that an open finding holds.
    pub(super) fn release(&self, step: &mut Step<'_>, open: &Open) {
        let (Some(series), Some(group)) = (open.series, open.group) else { return };
        let shards = step.shards.len() as u32;
        let context = Context { registry: step.registry, view: &self.view, now: step.now };
        for (ix, _) in step.registry.sites.iter().enumerate().filter(|(_, s)| s.customer == open.customer) {
            step.shards[ix % shards as usize].release(context, ix as u32, series, group);
        }
    }
}
