//! From alarms to findings: the widest first, so that what one finding explains is out of the way of the narrower.

use super::blame::Blame;
use super::lattice::{COMMON_DOUBT, GroupKey, Tally};
use super::{Fleet, Open, Step, bears, name};
use crate::clock::{Ms, from_ms};
use crate::shard::{Context, DeviceAlarm, Member, SiteAlarm};
use crate::sums::Moved;
use detect::bank::{FALLS, FALLS_SPREAD, Verdict};
use domain::Term;
use domain::finding::{Affected, Because, Contact, Evidence, Finding, FindingKind, FindingStatus};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Findings that one tick opens at most for groups.
const MOST_AT_ONCE: usize = 16;
/// First look at a new finding after this time; then after twice that, and so on.
const FIRST_LOOK_MS: Ms = 2_000;

/// With less than this share of an alarm's nats missing since its onset, what is missing was due before.
const PRESENT: f64 = 0.5;

/// An alarm of any level.
#[derive(Debug, Clone)]
pub(super) struct Alarm {
    pub series: u32,
    pub name: String,
    pub terms: Vec<Term>,
    pub verdict: Verdict,
    pub ln_gamma: f64,
    pub rate: f64,
}

impl Fleet {
    /// Groups whose bank stands above its threshold.
    pub(super) fn group_alarms(&mut self, step: &mut Step<'_>) {
        for _ in 0..MOST_AT_ONCE {
            let Some(ix) = self.highest(step) else { return };
            let group = &self.lattice.groups[ix as usize];
            let alarm = self.alarm_of(ix, group.verdict(&step.tables.group.at(group.ln_gamma)));
            self.say(step, &alarm);
            // If what was said does not take the evidence out of this group, it starts anew: it has been heard.
            let group = &mut self.lattice.groups[ix as usize];
            if group.verdict(&step.tables.group.at(group.ln_gamma)).excess() >= -1e-9 {
                group.bank.reset(step.now);
            }
            group.queued = Ms::MAX;
            self.queue_group(ix, step);
        }
    }

    /// What a group's bank says, as an alarm.
    pub(super) fn alarm_of(&self, ix: u32, verdict: Verdict) -> Alarm {
        let group = &self.lattice.groups[ix as usize];
        let terms = match &group.key {
            GroupKey::Value { attribute, value } => vec![Term { attribute: attribute.clone(), value: value.clone() }],
            GroupKey::Total | GroupKey::Everything | GroupKey::Held(_) => Vec::new(),
        };
        let (name, rate) = (group.name(), group.rate());
        Alarm { series: group.series, name, terms, verdict, ln_gamma: group.ln_gamma, rate }
    }

    /// The group that stands highest above its threshold, of those that are due.
    fn highest(&mut self, step: &Step<'_>) -> Option<u32> {
        let mut due = Vec::new();
        while let Some(&std::cmp::Reverse((at, ix))) = self.queue.peek() {
            if at > step.now {
                break;
            }
            self.queue.pop();
            if self.lattice.groups[ix as usize].queued == at {
                due.push(ix);
            }
        }
        let mut best: Option<(u32, f64)> = None;
        for &ix in &due {
            let group = &mut self.lattice.groups[ix as usize];
            group.queued = Ms::MAX;
            if !group.judged {
                continue;
            }
            group.settle(step.now, &Moved::default());
            let excess = group.verdict(&step.tables.group.at(group.ln_gamma)).excess();
            if excess >= -1e-9 && best.is_none_or(|(_, b)| excess > b) {
                best = Some((ix, excess));
            }
        }
        for ix in due {
            if best.is_none_or(|(b, _)| b != ix) {
                self.queue_group(ix, step);
            }
        }
        best.map(|(ix, _)| ix)
    }

    /// Sites whose bank stands above its threshold, unless a finding of this tick explains them.
    pub(super) fn site_alarms(&mut self, step: &mut Step<'_>, alarms: &[SiteAlarm]) {
        for alarm in alarms {
            let site = &step.registry.sites[alarm.site as usize];
            let taken = site.slots.iter().all(|&m| self.is_held(step, m));
            let lost = self.open.iter().any(|o| o.closed.is_none() && o.lost.contains_key(&alarm.site));
            if taken || lost {
                continue;
            }
            let terms = vec![Term { attribute: "site".to_owned(), value: site.code.as_str().to_owned() }];
            let name = format!("site={}", site.code);
            let alarm = Alarm {
                series: alarm.series,
                name,
                terms,
                verdict: alarm.verdict,
                ln_gamma: alarm.ln_gamma,
                rate: alarm.rate,
            };
            self.say(step, &alarm);
        }
    }

    /// Devices whose bank stands above its threshold, unless a finding explains them.
    pub(super) fn device_alarms(&mut self, step: &mut Step<'_>, alarms: &[DeviceAlarm]) {
        for alarm in alarms {
            if self.is_held(step, alarm.member) {
                continue;
            }
            let Some(device) = &step.registry.members[alarm.member as usize].device else { continue };
            let terms = vec![Term { attribute: "device".to_owned(), value: device.as_str().to_owned() }];
            let name = format!("device={device}");
            let alarm = Alarm {
                series: alarm.series,
                name,
                terms,
                verdict: alarm.verdict,
                ln_gamma: alarm.ln_gamma,
                rate: alarm.rate,
            };
            self.say(step, &alarm);
        }
    }

    fn is_held(&self, step: &Step<'_>, member: u32) -> bool {
        self.open.iter().any(|o| o.closed.is_none() && o.group.is_some() && bears(step.registry, &o.terms, member))
    }

    /// Turns an alarm into one finding for each cause that stands by itself.
    fn say(&mut self, step: &mut Step<'_>, alarm: &Alarm) {
        let (since, members) = self.evidence_of(step, alarm);
        let narrow = alarm.terms.first().is_some_and(|t| t.attribute == "device");
        let mut blames = if narrow { Vec::new() } else { self.explain_shortfall(step, alarm.series, &members) };
        blames.retain(|b| self.stands(step, alarm, &b.terms, (since, &members)));
        if blames.is_empty() {
            blames.push(Blame { terms: self.own_terms(step, alarm, &members), ..Blame::default() });
        }
        for blame in blames {
            self.open(step, alarm, since, &blame, &members);
        }
    }

    /// Since when an alarm's evidence is, and the evidence of all members since.
    pub(super) fn evidence_of(&self, step: &Step<'_>, alarm: &Alarm) -> (Ms, Vec<Member>) {
        let free = |since: Ms| -> Vec<Member> {
            let members = self.gather(step, alarm.series, since).into_iter();
            members.filter(|m| m.held.is_none() && m.site_heard).collect()
        };
        let tau = alarm.verdict.tau_ms;
        let members = free(tau);
        let covered = || members.iter().filter(|m| bears(step.registry, &alarm.terms, m.member));
        let interval = covered().map(|m| m.interval_ms).max().unwrap_or(0);
        let (n, mu) = covered().fold((0.0, 0.0), |(n, mu), m| (n + m.n, mu + m.mu));
        if interval == 0 || mu - n >= PRESENT * alarm.verdict.w {
            return (tau, members);
        }
        // Intervals that never came were due before the others arrived, and show only now.
        let since = (tau - interval).div_euclid(interval) * interval;
        let earlier = free(since);
        let all = earlier.iter().filter(|m| bears(step.registry, &alarm.terms, m.member));
        let missing: f64 = all.map(|m| m.mu - m.n).sum();
        if missing > mu - n { (since, earlier) } else { (tau, members) }
    }

    /// The alarm's own group, or the only site there is.
    fn own_terms(&self, step: &Step<'_>, alarm: &Alarm, members: &[Member]) -> Vec<Term> {
        let first = members.first().map(|m| m.site);
        match first {
            Some(site) if alarm.terms.is_empty() && members.iter().all(|m| m.site == site) => {
                let code = step.registry.sites[site as usize].code.as_str().to_owned();
                vec![Term { attribute: "site".to_owned(), value: code }]
            }
            _ => alarm.terms.clone(),
        }
    }

    /// Whether a cause has evidence enough by itself.
    fn stands(&self, step: &Step<'_>, alarm: &Alarm, terms: &[Term], evidence: (Ms, &[Member])) -> bool {
        // It was chosen among many after the alarm; the alarm itself paid for most of that.
        self.gain(step, alarm.series, terms, evidence, (0.0, 0.0)) >= 0.6 * alarm.verdict.h
    }

    /// Nats for a fall since a moment of what the terms cover, on a level as uncertain as its composition makes it and as `before` (observed and expected)
    /// showed it.
    pub(super) fn gain(
        &self,
        step: &Step<'_>,
        series: u32,
        terms: &[Term],
        (since, members): (Ms, &[Member]),
        before: (f64, f64),
    ) -> f64 {
        let (v, odd) = (self.view.series[series as usize].components, self.odd_since(step, series, since));
        let (mut n, mut mu, mut device2) = (0.0, 0.0, 0.0);
        let mut sites: BTreeMap<u32, f64> = BTreeMap::new();
        for m in members.iter().filter(|m| bears(step.registry, terms, m.member)) {
            n += m.n;
            mu += m.mu;
            device2 += m.mu * m.mu;
            *sites.entry(m.site).or_default() += m.mu;
        }
        if mu <= 0.0 || n >= mu {
            return 0.0;
        }
        let site2: f64 = sites.values().map(|x| x * x).sum();
        let k = 1.0
            / (device2 / (mu * mu) * v.device
                + site2 / (mu * mu) * v.site
                + v.region * 0.3
                + COMMON_DOUBT * v.common
                + odd);
        let (k_n, k_m) = detect::bank::trusted_level(k, before.0, before.1);
        let gain = FALLS.rho.iter().map(|&rho| {
            let ratio = libm::log((k_m + mu) / (k_m + rho * mu));
            if n > 0.0 { n * libm::log(rho.max(1e-9)) + (k_n + n) * ratio } else { k_n * ratio }
        });
        gain.fold(0.0, f64::max)
    }

    /// Opens a finding: holds its members, takes their evidence out of every other group, and says it.
    pub(super) fn open(&mut self, step: &mut Step<'_>, alarm: &Alarm, since: Ms, blame: &Blame, members: &[Member]) {
        let fate = self.fate_now(step, alarm.series, &blame.terms, since, members, None);
        if fate.hit.is_empty() {
            return;
        }
        let number = self.open.len() as u32;
        let Some(group) = self.lattice.group(alarm.series, GroupKey::Held(number), step.now) else { return };
        let covered: Vec<&Member> = members.iter().filter(|m| bears(step.registry, &blame.terms, m.member)).collect();
        let mut before = Tally::default();
        for m in &covered {
            before.add(&Tally { n: m.n, mu: m.mu, value: m.n * m.value, mu_value: m.mu * m.value });
        }
        self.take_out(step, alarm.series, &covered, since);
        let customer = step.registry.series[alarm.series as usize].customer;
        let finding = self.first_revision(step, alarm, since, blame, &fate);
        let mut open = Open::new(finding, customer, blame.terms.clone(), since);
        (open.series, open.group, open.before) = (Some(alarm.series), Some(group), before);
        (open.next_look, open.gap) = (step.now + FIRST_LOOK_MS, FIRST_LOOK_MS);
        open.hit.clone_from(&fate.hit);
        self.hold(step, &open);
        self.merge_standing(step);
        self.open.push(open);
        self.describe(step, number as usize, &fate, Some(members));
        self.correlate(step, number as usize);
        step.out.findings.push(self.open[number as usize].finding.clone());
    }

    fn first_revision(
        &mut self,
        step: &Step<'_>,
        alarm: &Alarm,
        since: Ms,
        blame: &Blame,
        fate: &super::blame::Fate,
    ) -> Finding {
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
