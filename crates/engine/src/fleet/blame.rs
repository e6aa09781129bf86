//! From an alarm to what the failing share: evidence of all members since the onset, the explanation, and which members it hits.

use super::{Fleet, Step, bears};
use crate::clock::Ms;
use crate::shard::{Context, Member};
use detect::explain::{Cause, Conjunction, Dispersion, Evidence, Options, Shortfall, Verdict, Why, explain};
use domain::Term;
use domain::finding::{FindingKind, RunnerUp};

/// Evidence further back than this is not kept by member: the evening before a day of closing.
pub const REACH_MS: Ms = 48 * 3_600_000;
/// How members fare now is told from no more than this.
pub const RECENT_MS: Ms = 3 * 3_600_000;

/// What an explanation says, in the words of a finding.
#[derive(Debug, Clone, Default)]
pub struct Blame {
    /// What covers the failing.
    pub terms: Vec<Term>,
    /// Other names of exactly the same members.
    pub equivalent: Vec<Vec<Term>>,
    /// The next best.
    pub runner_up: Option<RunnerUp>,
    /// Candidates examined.
    pub candidates: u64,
}

/// How the members that an explanation covers fare.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fate {
    /// Share of activity that remains over all covered.
    pub remaining: f64,
    /// Whether it is that some stopped (rather than that all fell).
    pub stopped: bool,
    /// Covered members that are hit, sorted.
    pub hit: Vec<u32>,
    /// Share of the covered expectation that is hit.
    pub purity: f64,
}

/// Names first what a person would change or call: the things that updates and suppliers bring, then places.
pub fn options() -> Options {
    let first = [
        "firmware",
        "software",
        "version",
        "os_version",
        "os",
        "model",
        "vendor",
        "psp",
        "isp",
        "circuit",
        "type",
        "region",
        "site",
    ];
    Options { priority: first.iter().map(|s| (*s).to_owned()).collect(), ..Options::default() }
}

/// With less than this left, what was said to have stopped has not merely fallen.
pub const MOSTLY_GONE: f64 = 0.4;
/// With less than this left, that some stopped is likelier beforehand than that all fell alike.
const NEXT_TO_NOTHING: f64 = 0.33;
/// Nats by which "some stopped" must fit better than "all fell": all but one in a hundred falls of all alike show less.
const STOPPED: f64 = 3.0;
/// The same where it was said before that all fell: a finding is looked at many times.
const SAID_OTHERWISE: f64 = 6.0;
/// Expected transactions that the later half of the evidence must hold to speak alone.
const TELLING: f64 = 5.0;

impl Fleet {
    /// How covered members fare *now*: by the later half of the time since the onset, if that holds enough; a fault that spreads shows
    /// in the earlier half what was still alive. `told` is the group that holds them, and what was said of them.
    pub(super) fn fate_now(
        &self,
        step: &Step<'_>,
        series: u32,
        terms: &[Term],
        since: Ms,
        members: &[Member],
        told: Option<(u32, FindingKind)>,
    ) -> Fate {
        let (held, kind) = told.unzip();
        let half = since.max(step.now - RECENT_MS) / 2 + step.now / 2;
        let mut later = self.gather(step, series, half);
        later.retain(|m| m.held.is_none() && m.site_heard || m.held == held && held.is_some());
        let mu: f64 = later.iter().filter(|m| bears(step.registry, terms, m.member)).map(|m| m.mu).sum();
        if mu < TELLING {
            return fate(step, terms, members, kind);
        }
        fate(step, terms, &later, kind)
    }

    /// Evidence of all members of a series since `since`, in the order of members.
    pub(super) fn gather(&self, step: &Step<'_>, series: u32, since: Ms) -> Vec<Member> {
        let context = Context { registry: step.registry, view: &self.view, now: step.now };
        let mut members = Vec::new();
        for shard in step.shards.iter() {
            shard.evidence(context, series, since.max(step.now - REACH_MS), &mut members);
        }
        members.sort_unstable_by_key(|m| m.member);
        members
    }

    /// What explains the shortfall of these members, the one that explains most first.
    pub(super) fn explain_shortfall(&self, step: &Step<'_>, series: u32, members: &[Member]) -> Vec<Blame> {
        let rows: Vec<Shortfall> = members
            .iter()
            .filter(|m| m.mu > 0.0)
            .map(|m| Shortfall { unit: m.member, observed: m.n, expected: m.mu })
            .collect();
        let v = self.view.series[series as usize].components;
        let evidence = Evidence::Shortfall { rows: &rows, dispersion: Dispersion::Known(v.device + v.site) };
        let explanation = explain(&step.registry.attributes, &evidence, &options());
        match explanation.verdict {
            Verdict::Causes(causes) => causes.iter().map(|c| blame(c, explanation.examined)).collect(),
            Verdict::NothingFailed | Verdict::NoKnownCommonFactor { .. } => Vec::new(),
        }
    }
}

/// A cause in the words of a finding.
pub fn blame(cause: &Cause, candidates: u64) -> Blame {
    let runner_up = cause.runner_up.as_ref().map(|r| RunnerUp {
        explanation: terms(&r.conjunction),
        behind: r.lost_by_nats,
        why: match r.why {
            Why::LowerCoverage => "lower_coverage",
            Why::LowerPurity => "lower_purity",
            Why::LongerDescription => "longer",
            Why::Nested { .. } => "nested",
        }
        .to_owned(),
    });
    Blame {
        terms: terms(&cause.conjunction),
        equivalent: cause.equivalent.iter().map(terms).collect(),
        runner_up,
        candidates,
    }
}

fn terms(conjunction: &Conjunction) -> Vec<Term> {
    conjunction.0.iter().map(|t| Term { attribute: t.attribute.clone(), value: t.value.clone() }).collect()
}

/// Which covered members are hit: those that stopped, if a mixture of stopped and healthy fits better than one common fall.
pub fn fate(step: &Step<'_>, terms: &[Term], members: &[Member], said: Option<FindingKind>) -> Fate {
    let covered: Vec<&Member> =
        members.iter().filter(|m| m.mu > 0.0 && bears(step.registry, terms, m.member)).collect();
    let (n, mu) = covered.iter().fold((0.0, 0.0), |(n, mu), m| (n + m.n, mu + m.mu));
    if mu <= 0.0 {
        return Fate { hit: covered.iter().map(|m| m.member).collect(), ..Fate::default() };
    }
    let remaining = n / mu;
    let dead = share_stopped(&covered);
    // While little is expected of each member the two can't be told apart: then what remains decides.
    let margin = match said {
        _ if remaining < NEXT_TO_NOTHING => -3.0,
        Some(FindingKind::Silence) => 0.0,
        Some(_) => SAID_OTHERWISE,
        None => STOPPED,
    };
    let stopped = dead > 0.0 && mixture_gain(&covered, dead, remaining.min(1.0)) >= margin;
    if !stopped {
        let hit: Vec<u32> = covered.iter().map(|m| m.member).collect();
        return Fate { remaining, stopped: remaining < 0.1, hit, purity: (1.0 - remaining).clamp(0.0, 1.0) };
    }
    let is_hit = |m: &&&Member| m.n < 0.5 && dead >= (1.0 - dead) * libm::exp(-m.mu);
    let hit_mu: f64 = covered.iter().filter(is_hit).map(|m| m.mu).sum();
    let hit = covered.iter().filter(is_hit).map(|m| m.member).collect();
    Fate { remaining, stopped, hit, purity: hit_mu / mu }
}

/// Share of members that stopped, by a few rounds of expectation and maximisation.
fn share_stopped(covered: &[&Member]) -> f64 {
    let mut dead = 0.5;
    for _ in 0..30 {
        let mut sum = 0.0;
        for m in covered.iter().filter(|m| m.n < 0.5) {
            sum += dead / (dead + (1.0 - dead) * libm::exp(-m.mu));
        }
        dead = sum / covered.len().max(1) as f64;
    }
    dead
}

/// Log likelihood of "some stopped, the others are as usual" over "all fell to the same share".
fn mixture_gain(covered: &[&Member], dead: f64, remaining: f64) -> f64 {
    let rho = remaining.max(1e-6);
    covered
        .iter()
        .map(|m| {
            let common = m.n * libm::log(rho) - rho * m.mu;
            let alive = libm::log((1.0 - dead).max(1e-12)) - m.mu;
            let mixture = if m.n < 0.5 {
                let stopped = libm::log(dead.max(1e-12));
                let (high, low) = if stopped > alive { (stopped, alive) } else { (alive, stopped) };
                high + libm::log1p(libm::exp(low - high))
            } else {
                alive
            };
            mixture - common
        })
        .sum()
}
