//! From alarms to findings: the widest first, so that what one finding explains is out of the way of the narrower.

use super::blame::Blame;
use super::lattice::{COMMON_DOUBT, GroupKey};
use super::{Fleet, Open, Step, bears};
use crate::clock::Ms;
use crate::shard::{DeviceAlarm, Member, SiteAlarm};
use crate::sums::Moved;
use detect::bank::{FALLS, Verdict};
use domain::Term;
use std::collections::BTreeMap;

/// Findings that one tick opens at most for groups.
const MOST_AT_ONCE: usize = 16;

/// With this share of an alarm's nats missing since the morning, the morning says it all.
const SUFFICES: f64 = 0.85;
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
            if self.is_held(step, alarm.member) || self.is_unheard(alarm.member) {
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

    /// Whether a finding says of a device already that it is not heard from.
    fn is_unheard(&self, member: u32) -> bool {
        self.open.iter().any(|o| o.closed.is_none() && o.unheard.contains(&member))
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
        let mut said: Vec<Vec<Term>> = Vec::new();
        for mut blame in blames {
            // A part of what heartbeats said is said of all that they said it of.
            if let Some(wider) = self.wider_by_heartbeats(&blame.terms) {
                if !self.stands(step, alarm, &wider, (since, &members)) {
                    continue;
                }
                blame.terms = wider;
            }
            if is_new(step, &blame.terms, &said, &members) {
                self.open(step, alarm, since, &blame, &members);
                said.push(blame.terms);
            }
        }
    }

    /// What a finding by heartbeats names of which these terms are a part.
    fn wider_by_heartbeats(&self, terms: &[Term]) -> Option<Vec<Term>> {
        let open = self.open.iter().filter(|o| o.closed.is_none() && o.is_by_heartbeats());
        let mut wider = open.map(|o| &o.terms).filter(|t| t.len() < terms.len() && t.iter().all(|t| terms.contains(t)));
        wider.next().cloned()
    }

    /// Evidence since a moment of all members that no finding holds and whose sites are heard. What a finding held in that time was said by it, and
    /// is no evidence of anything else.
    pub(super) fn free_since(&self, step: &Step<'_>, series: u32, since: Ms) -> Vec<Member> {
        let over = |o: &&Open| o.series == Some(series) && o.closed.is_some_and(|closed| closed > since);
        let over: Vec<&Open> = self.open.iter().filter(over).collect();
        let said = |m: u32| over.iter().any(|o| o.ever_hit.binary_search(&m).is_ok());
        let members = self.gather(step, series, since).into_iter();
        members.filter(|m| m.held.is_none() && m.site_heard && !said(m.member)).collect()
    }

    /// Since when an alarm's evidence is, and the evidence of all members since.
    pub(super) fn evidence_of(&self, step: &Step<'_>, alarm: &Alarm) -> (Ms, Vec<Member>) {
        let free = |since: Ms| self.free_since(step, alarm.series, since);
        let tau = alarm.verdict.tau_ms;
        if let Some((morning, members)) = self.since_morning(step, alarm) {
            return (morning, members);
        }
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

    /// The evidence since this morning, if it suffices by itself: then it was by night that it began, and what the evening showed is chance.
    fn since_morning(&self, step: &Step<'_>, alarm: &Alarm) -> Option<(Ms, Vec<Member>)> {
        let all = |g: &&super::lattice::Group| g.series == alarm.series && g.key == GroupKey::Everything;
        let morning = self.lattice.groups.iter().find(all)?.woke;
        if alarm.verdict.tau_ms >= morning {
            return None;
        }
        let members = self.free_since(step, alarm.series, morning);
        let covered = members.iter().filter(|m| bears(step.registry, &alarm.terms, m.member));
        let missing: f64 = covered.map(|m| m.mu - m.n).sum();
        (missing >= SUFFICES * alarm.verdict.w).then_some((morning, members))
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
}

/// Whether most of what a cause covers is covered by none that was said before it: what is hit hardest within another is no cause beside it.
fn is_new(step: &Step<'_>, terms: &[Term], said: &[Vec<Term>], members: &[Member]) -> bool {
    let covered = || members.iter().filter(|m| bears(step.registry, terms, m.member));
    let all: f64 = covered().map(|m| m.mu).sum();
    let new = covered().filter(|m| !said.iter().any(|terms| bears(step.registry, terms, m.member)));
    said.is_empty() || new.map(|m| m.mu).sum::<f64>() > 0.5 * all
}
