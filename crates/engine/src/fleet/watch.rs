//! Open findings are followed: sharpened while more comes in, decided when contact is, revised by what comes late, closed when activity
//! is back.

use super::blame::{Fate, MOSTLY_GONE, RECENT_MS};
use super::lattice::Tally;
use super::nightly::REVISED_MS;
use super::{Fleet, Open, Step, bears};
use crate::clock::{Ms, from_ms};
use crate::shard::{Late, Member};
use crate::sums::Moved;
use domain::finding::{Because, FindingKind, FindingStatus};

/// Longest time between two looks at a young finding.
const LONGEST_GAP_MS: Ms = 60_000;
/// An older one is looked at once in this part of its age.
const OLDER: Ms = 30;
/// Every finding is looked at this often.
const RAREST_MS: Ms = 900_000;
/// Nats for "it is back" over "it is still down" that close a finding.
const BACK: f64 = 5.3;
/// A finding whose activity is all back is closed within about this time, if enough is expected.
const CLOSED_IN_MS: f64 = 300_000.0;
/// Nats for "it is back" from which on a recovery is under way, and who is hit is no longer asked: what came since and what did not before would
/// be taken together for a fall.
const COMING_BACK: f64 = 1.0;
/// With more than this share of the members hit still silent, a finding is not over.
const PART_LEFT: f64 = 0.12;
/// Share of the usual that counts as back.
const USUAL: f64 = 0.9;
/// An explanation may change this long after detection; then it stands.
const SHARPEN_MS: Ms = 1_800_000;
/// Late signals are told when none came for this long.
const LATE_QUIET_MS: Ms = 30_000;
/// Share of the missing activity that has to come late for a finding to be withdrawn.
const WITHDRAWN: f64 = 0.5;

impl Fleet {
    /// Something moved in what a finding holds: is it back?
    pub(super) fn held_moved(&mut self, number: u32, now: Ms) {
        let Some(open) = self.open.get_mut(number as usize) else { return };
        let Some(group) = open.group else { return };
        let held = self.lattice.groups[group as usize].held;
        let (n, mu) = (held.n - open.seen.n, held.mu - open.seen.mu);
        open.seen = held;
        if open.closed.is_some() || !open.lost.is_empty() {
            return;
        }
        let still = still_down(open, self.lattice.groups[group as usize].rate());
        open.back = (open.back + n * libm::log(USUAL / still) - (USUAL - still) * mu).max(0.0);
        if open.back <= 0.0 {
            open.back_since = now;
        }
        if open.back >= BACK {
            open.next_look = now;
        }
    }

    /// Transactions that came late belong to the finding that spans their time.
    pub(super) fn hear_late(&mut self, late: &[Late], now: Ms) {
        for l in late {
            let hit = |o: &&mut Open| {
                o.series.is_none_or(|s| s == l.series)
                    && o.ever_hit.binary_search(&l.member).is_ok()
                    && l.at >= o.since
                    && o.closed.is_none_or(|c| l.at <= c)
            };
            if let Some(open) = self.open.iter_mut().rev().find(hit) {
                open.late.n += f64::from(l.n);
                open.late.value += l.value as f64;
                open.late_at = Some(now);
                open.next_look = open.next_look.min(now + LATE_QUIET_MS);
            }
        }
    }

    /// Looks at every finding that is due.
    pub(super) fn watch(&mut self, step: &mut Step<'_>) {
        for at in 0..self.open.len() {
            if self.open[at].next_look > step.now {
                continue;
            }
            if self.open[at].closed.is_some() {
                self.look_back(step, at);
            } else {
                self.look(step, at);
            }
        }
    }

    fn look_back(&mut self, step: &mut Step<'_>, at: usize) {
        let open = &mut self.open[at];
        open.next_look = Ms::MAX;
        let Some(late_at) = open.late_at else { return };
        if late_at + LATE_QUIET_MS > step.now {
            open.next_look = late_at + LATE_QUIET_MS;
            return;
        }
        open.late_at = None;
        if open.closed.is_some_and(|c| c + REVISED_MS < step.now) || open.finding.revision == 0 {
            return;
        }
        open.finding.status = FindingStatus::Closed;
        self.tell_late(at);
        self.revise(step, at, Because::Backlog);
    }

    fn look(&mut self, step: &mut Step<'_>, at: usize) {
        let open = &mut self.open[at];
        let age = step.now - open.finding.detected_at.as_millisecond();
        open.gap = (open.gap * 2).min((age / OLDER).clamp(LONGEST_GAP_MS, RAREST_MS));
        open.next_look = step.now + open.gap;
        let quiet = open.late_at.is_some_and(|l| l + LATE_QUIET_MS <= step.now);
        if quiet {
            open.late_at = None;
            if self.withdrawn(at) {
                self.tell_late(at);
                self.close(step, at, Because::Backlog);
                return;
            }
            self.tell_late(at);
            self.revise(step, at, Because::Backlog);
            return;
        }
        let Some(group) = open.group else {
            self.look_at_contact(step, at);
            return;
        };
        self.lattice.groups[group as usize].settle(step.now, &Moved::default());
        self.held_moved(at as u32, step.now);
        let open = &self.open[at];
        if open.finding.kind == FindingKind::ContactLost && open.regained.len() > 9 * open.lost.len() {
            self.close(step, at, Because::Heard);
            return;
        }
        if self.open[at].finding.kind != FindingKind::ContactLost && self.open[at].back <= 0.0 && self.fold(step, at) {
            return;
        }
        let open = &self.open[at];
        let is_back = open.back >= BACK && open.finding.kind != FindingKind::ContactLost;
        if is_back && self.still_stopped(step, at) < PART_LEFT {
            self.close(step, at, Because::Recovered);
            return;
        }
        let open = &self.open[at];
        // Once contact is what was lost, nothing is known until it is back. While some are still waited for, it is said how many.
        if open.finding.kind != FindingKind::ContactLost && (open.back < COMING_BACK || is_back) {
            self.sharpen(step, at);
        }
    }

    /// Share of the members hit that did nothing since activity began to come back, beyond what chance would have.
    fn still_stopped(&self, step: &Step<'_>, at: usize) -> f64 {
        let open = &self.open[at];
        let (Some(series), FindingKind::Silence) = (open.series, open.finding.kind) else { return 0.0 };
        // No longer back: who had stopped before need not come back with the others.
        let members = self.gather(step, series, open.back_since.max(step.now - RECENT_MS));
        let hit = members.iter().filter(|m| m.mu > 0.0 && open.hit.binary_search(&m.member).is_ok());
        let (mut silent, mut expected, mut variance, mut all) = (0.0, 0.0, 0.0, 0.0);
        for m in hit {
            let chance = libm::exp(-m.mu);
            silent += f64::from(m.n < 0.5);
            expected += chance;
            variance += chance * (1.0 - chance);
            all += 1.0 - chance;
        }
        let beyond = silent - expected;
        if beyond > 3.0 * libm::sqrt(variance) { beyond / all } else { 0.0 }
    }

    /// Explains anew from everything since the onset; says so if the answer is another.
    fn sharpen(&mut self, step: &mut Step<'_>, at: usize) {
        let open = &self.open[at];
        let Some(series) = open.series else { return };
        let young = step.now - open.finding.detected_at.as_millisecond() <= SHARPEN_MS;
        let since = open.since.max(step.now - RECENT_MS);
        let group = open.group;
        let members: Vec<Member> = self.gather(step, series, since);
        let mine: Vec<Member> = members.iter().filter(|m| m.held.is_none() || m.held == group).copied().collect();
        let device = open.terms.first().is_some_and(|t| t.attribute == "device");
        let mut because = None;
        if young && !device {
            let heard: Vec<Member> = mine.iter().filter(|m| m.site_heard || m.held == group).copied().collect();
            if let Some(better) = self.better_blame(step, at, series, &heard) {
                self.change_terms(step, at, better);
                because = Some(Because::Explanation);
            }
        }
        let told = group.map(|g| (g, self.open[at].finding.kind));
        let fate = self.fate_now(step, series, &self.open[at].terms, since, &mine, told);
        if fate.hit.is_empty() {
            return;
        }
        let before = self.open[at].finding.clone();
        self.describe(step, at, &fate, Some(&mine));
        let after = &self.open[at].finding;
        if before.evidence.contact != after.evidence.contact || before.kind != after.kind {
            because.get_or_insert(Because::Contact);
        }
        let (was, is) = (
            f64::from(before.affected.devices + before.affected.sites),
            f64::from(after.affected.devices + after.affected.sites),
        );
        if (is - was).abs() > 0.05 * was.max(1.0) || costs_otherwise(&before, after, step.now) {
            because.get_or_insert(Because::Extent);
        }
        match because {
            Some(because) => self.revise(step, at, because),
            None => self.open[at].finding = before,
        }
    }

    /// An explanation that covers the same failing members better than the present one.
    fn better_blame(&self, step: &Step<'_>, at: usize, series: u32, members: &[Member]) -> Option<super::blame::Blame> {
        let open = &self.open[at];
        let blames = self.explain_shortfall(step, series, members);
        let short = |m: &&Member| m.mu > m.n;
        let missing = |terms: &[domain::Term]| -> f64 {
            members.iter().filter(short).filter(|m| bears(step.registry, terms, m.member)).map(|m| m.mu - m.n).sum()
        };
        let mine = missing(&open.terms);
        let overlap = |terms: &[domain::Term]| -> f64 {
            let both = members
                .iter()
                .filter(short)
                .filter(|m| bears(step.registry, terms, m.member) && bears(step.registry, &open.terms, m.member));
            both.map(|m| m.mu - m.n).sum()
        };
        let blame = blames.into_iter().max_by(|a, b| overlap(&a.terms).total_cmp(&overlap(&b.terms)))?;
        let taken = self
            .open
            .iter()
            .enumerate()
            .any(|(i, o)| i != at && o.closed.is_none() && o.terms == blame.terms && o.series == open.series);
        let both = overlap(&blame.terms);
        let better = scan_gain(step, &blame.terms, members) - scan_gain(step, &open.terms, members);
        // What it adds must fall short by itself, beyond how much such sums stray, and not only because it was looked for among many.
        let added: Vec<Member> =
            members.iter().filter(|m| !bears(step.registry, &open.terms, m.member)).copied().collect();
        let adds = added.iter().any(|m| m.mu > 0.0 && bears(step.registry, &blame.terms, m.member));
        let searched = CLEARLY + libm::log(blame.candidates.max(1) as f64);
        if adds && self.gain(step, series, &blame.terms, (open.since, &added), (0.0, 0.0)) < searched {
            return None;
        }
        // Each must be mostly the other: a site is not its region because the region had a quiet hour.
        (blame.terms != open.terms
            && !taken
            && both >= 0.5 * mine
            && both >= 0.5 * missing(&blame.terms)
            && better >= CLEARLY)
            .then_some(blame)
    }

    fn change_terms(&mut self, step: &mut Step<'_>, at: usize, better: super::blame::Blame) {
        let old = self.open[at].clone();
        self.release(step, &old);
        let open = &mut self.open[at];
        open.terms.clone_from(&better.terms);
        open.finding.explanation = better.terms;
        open.finding.evidence.equivalent = better.equivalent;
        open.finding.evidence.runner_up = better.runner_up;
        open.finding.evidence.candidates = better.candidates;
        let new = open.clone();
        self.hold(step, &new);
        self.merge_standing(step);
    }

    /// Whether so much came late that there was no stop after all.
    fn withdrawn(&self, at: usize) -> bool {
        let open = &self.open[at];
        let missing = open.finding.expected - open.finding.observed;
        missing > 0.0 && open.late.n >= WITHDRAWN * (missing + open.late.n)
    }

    /// Adds what came late to what was observed.
    fn tell_late(&mut self, at: usize) {
        let open = &mut self.open[at];
        open.finding.observed += open.late.n;
        open.finding.evidence.late += open.late.n;
        open.before.n += open.late.n;
        open.before.value += open.late.value;
        open.late = Tally::default();
        if let (Some(c), true) = (&mut open.finding.consequence, open.finding.expected > 0.0) {
            let left = (1.0 - open.finding.observed / open.finding.expected).clamp(0.0, 1.0);
            let scale = |minor: i64| (minor as f64 * left) as i64;
            (c.per_hour.minor, c.low.minor, c.so_far.minor) =
                (scale(c.per_hour.minor), scale(c.low.minor), scale(c.so_far.minor));
        }
    }

    /// Says a revision.
    pub(super) fn revise(&mut self, step: &mut Step<'_>, at: usize, because: Because) {
        let finding = &mut self.open[at].finding;
        finding.revision += 1;
        finding.revised_at = from_ms(step.now);
        finding.evidence.because = because;
        if finding.status != FindingStatus::Closed {
            finding.status = FindingStatus::Revised;
        }
        step.out.findings.push(finding.clone());
    }

    /// Closes a finding: lets its members go, and every group that contains them starts from zero.
    pub(super) fn close(&mut self, step: &mut Step<'_>, at: usize, because: Because) {
        let open = self.open[at].clone();
        self.release(step, &open);
        if let Some(series) = open.series {
            let mut groups = std::collections::BTreeSet::new();
            for &member in &open.ever_hit {
                groups.extend(self.lattice.groups_of(step.registry, series, member, step.now));
            }
            for ix in groups {
                let group = &mut self.lattice.groups[ix as usize];
                group.settle(step.now, &Moved::default());
                group.bank.reset(step.now);
            }
        }
        self.merge_standing(step);
        let open = &mut self.open[at];
        open.closed = Some(step.now);
        open.next_look = if open.late_at.is_some() { step.now + LATE_QUIET_MS } else { Ms::MAX };
        open.finding.status = FindingStatus::Closed;
        open.finding.ended_at = Some(from_ms(step.now));
        let seen = open.group.map(|g| self.lattice.groups[g as usize].held).unwrap_or_default();
        if open.group.is_some() && because != Because::Backlog {
            open.finding.expected = open.before.mu + seen.mu;
            open.finding.observed = (open.before.n + seen.n).round();
            if let Some(cost) =
                open.finding.consequence.as_mut().filter(|_| open.finding.kind != FindingKind::ContactLost)
            {
                let missing = open.before.mu_value + seen.mu_value - open.before.value - seen.value;
                cost.so_far.minor = (missing * (1.0 - open.moved)).max(0.0) as i64;
            }
        }
        self.revise(step, at, because);
    }
}

/// Nats by which another explanation must be better to take the place of the one that was said.
const CLEARLY: f64 = 3.0;

/// Log likelihood of a lower rate in what the terms cover, over the expected one.
fn scan_gain(step: &Step<'_>, terms: &[domain::Term], members: &[Member]) -> f64 {
    let covered = members.iter().filter(|m| bears(step.registry, terms, m.member));
    let (n, mu) = covered.fold((0.0, 0.0), |(n, mu), m| (n + m.n, mu + m.mu));
    if n >= mu {
        return 0.0;
    }
    if n > 0.0 { n * libm::log(n / mu) + mu - n } else { mu }
}

/// The share of activity that still counts as down, at a rate per millisecond: the more is expected, the surer can one be that all is back
/// and not only a part.
fn still_down(open: &Open, rate: f64) -> f64 {
    let remaining = open.finding.evidence.remaining.clamp(0.0, 1.0);
    if open.hit.len() <= 1 {
        return 0.3_f64.max(0.5 * (remaining + USUAL)).min(0.35);
    }
    let told_in_time = |still: &&f64| {
        let nats = libm::log(USUAL / **still) - (USUAL - **still);
        nats * rate * CLOSED_IN_MS >= BACK
    };
    let surest = [0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5].iter().find(told_in_time).copied();
    (0.5 * (remaining + USUAL)).clamp(0.4, 0.8).max(surest.unwrap_or(0.0))
}

/// Share by which what it costs may be off what was said before it is said anew.
const STALE: f64 = 0.15;

/// Whether what it costs now, or has cost so far, is no longer what the last revision lets one reckon.
fn costs_otherwise(said: &domain::Finding, is: &domain::Finding, now: Ms) -> bool {
    let (Some(before), Some(after)) = (said.consequence, is.consequence) else {
        return said.consequence.is_some() != is.consequence.is_some();
    };
    let off = |a: i64, b: f64| (a as f64 - b).abs() > STALE * (a as f64).max(b);
    let hours = (now - said.revised_at.as_millisecond()) as f64 / 3_600_000.0;
    let reckoned = before.so_far.minor as f64 + before.per_hour.minor as f64 * hours;
    let doubled = after.so_far.minor > 2 * before.so_far.minor;
    doubled || off(after.per_hour.minor, before.per_hour.minor as f64) || off(after.so_far.minor, reckoned)
}

/// What a fate makes of a finding's kind; lost contact stays what it is.
pub(super) fn kind_of(open: &Open, fate: &Fate) -> FindingKind {
    match open.finding.kind {
        FindingKind::ContactLost => FindingKind::ContactLost,
        // What was said to have stopped is not called a mere drop while next to nothing is back, or while it comes back.
        FindingKind::Silence if fate.remaining < MOSTLY_GONE || open.back > 0.0 => FindingKind::Silence,
        _ if fate.stopped => FindingKind::Silence,
        _ => FindingKind::Drop,
    }
}
