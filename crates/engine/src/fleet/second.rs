//! Second-order groups: conjunctions are too many to be watched one by one, so they earn their watch. Once a minute the group that falls
//! short most, though not enough for an alarm of its own, is asked whether a conjunction within it falls short enough for one.

use super::alarm::Alarm;
use super::blame::Blame;
use super::{Fleet, GroupKey, Open, Step, bears};
use crate::clock::Ms;
use crate::shard::{LEAST_GAMMA, Member};
use detect::bank::{FALLS_SPREAD, Verdict};
use serde::{Deserialize, Serialize};

/// Share of its own threshold that a group must reach to be asked.
const ASKED: f64 = 0.25;
/// Share of the highest group's height from which on another is asked in its place.
const NEARLY: f64 = 0.8;
/// A group that was asked is asked again when it has risen by so many nats, or after so many minutes.
const RISEN_NATS: f64 = 1.0;
/// See [`RISEN_NATS`].
const AGAIN_MINUTES: i64 = 10;
/// Nats below which a group is as usual.
const USUAL_NATS: f64 = 4.5;
/// Members of which a search a minute is made; with more, it comes more seldom.
const MEMBERS_A_MINUTE: i64 = 20_000;
/// The level before the fall is taken from this time before it.
const LEVEL_MS: i64 = 3_600_000;
/// Hours of a week in which a shop sells.
const HOURS_A_WEEK: f64 = 80.0;

/// When a group was last asked, and where it stood.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Question {
    minute: i64,
    w: f64,
}

impl Question {
    /// Not asked yet.
    pub const NONE: Self = Self { minute: i64::MIN / 2, w: 0.0 };

    fn is_worth_more(&self, w: f64, minute: i64) -> bool {
        w >= self.w + RISEN_NATS || minute >= self.minute + AGAIN_MINUTES
    }
}

impl Fleet {
    /// Every minute: one search in each series whose turn it is.
    pub(super) fn ask_conjunctions(&mut self, step: &mut Step<'_>, minute: i64) {
        for series in 0..self.view.series.len() as u32 {
            let Some(alarm) = self.nearest(step, series, minute) else { continue };
            let (since, mut members) = self.evidence_of(step, &alarm);
            // A shop that opens late is no evidence of what it shares with another.
            members.retain(|m| !m.waiting);
            let before = self.gather(step, series, since - LEVEL_MS);
            for blame in self.explain_shortfall(step, series, &members).into_iter().filter(|b| b.terms.len() > 1) {
                if let Some(alarm) = self.earned(step, &alarm, &blame, (since, &members, &before)) {
                    self.open(step, &alarm, since, &blame, &members);
                }
            }
        }
    }

    /// The group of a series that stands highest below its threshold, or nearly so, if it is worth a question: one that rose since it was
    /// asked last, or was not for a while.
    fn nearest(&mut self, step: &Step<'_>, series: u32, minute: i64) -> Option<Alarm> {
        let mut high: Vec<(f64, usize, Verdict)> = Vec::new();
        for (ix, group) in self.lattice.groups.iter_mut().enumerate().filter(|(_, g)| g.series == series && g.judged) {
            if group.key == GroupKey::Everything && minute % (1 + group.standing.members / MEMBERS_A_MINUTE) != 0 {
                return None;
            }
            group.settle(step.now, &crate::sums::Moved::default());
            let verdict = group.verdict(&step.tables.group.at(group.ln_gamma));
            let height = verdict.w / verdict.h;
            // By night nothing moves, and nothing new can be asked.
            if group.is_awake() && verdict.w >= USUAL_NATS && (ASKED..1.0).contains(&height) {
                high.push((height, ix, verdict));
            }
        }
        high.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let highest = high.first()?.0;
        let (_, ix, verdict) = high
            .into_iter()
            .take_while(|(height, ..)| *height >= NEARLY * highest)
            .find(|(_, ix, verdict)| self.lattice.groups[*ix].asked.is_worth_more(verdict.w, minute))?;
        self.lattice.groups[ix].asked = Question { minute, w: verdict.w };
        Some(self.alarm_of(ix as u32, verdict))
    }

    /// The alarm of a conjunction, if what it covers falls short enough for one by itself at the budget of all that could be named.
    fn earned(
        &self,
        step: &Step<'_>,
        alarm: &Alarm,
        blame: &Blame,
        (since, members, before): (Ms, &[Member], &[Member]),
    ) -> Option<Alarm> {
        let sums = |all: &[Member]| {
            let covered = all.iter().filter(|m| bears(step.registry, &blame.terms, m.member));
            covered.fold((0.0, 0.0), |(n, mu), m| (n + m.n, mu + m.mu))
        };
        let covered = || members.iter().filter(|m| bears(step.registry, &blame.terms, m.member));
        let rate: f64 = covered().map(|m| m.rate).sum();
        // A part of what is said already is nothing new.
        let within = |o: &Open| !o.terms.is_empty() && o.terms.iter().all(|t| blame.terms.contains(t));
        if covered().count() < 2 || self.open.iter().any(|o| o.closed.is_none() && within(o)) {
            return None;
        }
        let weekly = rate * HOURS_A_WEEK * 3_600_000.0;
        let days = step.policy.false_alarms.group_days * blame.candidates.max(1) as f64;
        let ln_gamma = libm::log((weekly * days / 7.0).max(LEAST_GAMMA));
        let h = detect::bound::stop_delay(libm::exp(ln_gamma) * FALLS_SPREAD);
        let (now, all) = (sums(members), sums(before));
        let level = ((all.0 - now.0).max(0.0), (all.1 - now.1).max(0.0));
        let w = self.gain(step, alarm.series, &blame.terms, (since, members), level);
        let names: Vec<String> = blame.terms.iter().map(ToString::to_string).collect();
        (w >= h).then(|| Alarm {
            series: alarm.series,
            name: names.join(" & "),
            terms: blame.terms.clone(),
            verdict: Verdict { w, h, ..alarm.verdict },
            ln_gamma,
            rate,
        })
    }
}
