//! The explanation that came second, and the reason it lost, so that an operator can disagree.

use super::account::Account;
use super::bits::Bits;
use super::conjunction::Key;
use super::explanation::{RunnerUp, Why};
use super::frame::Frame;
use super::lattice::Candidate;
use super::model::Sums;
use super::weight::{coverage, purity};

/// Units named for someone to look at.
const LOOK_AT_MAX: usize = 8;

/// The best candidate that covers other units than the cause; a mere lengthening of it only if there is nothing else.
pub(crate) fn runner_up(frame: &Frame<'_>, account: &Account, at: usize, rivals: &[Candidate]) -> Option<RunnerUp> {
    let scope = account.uncovered(frame, Some(at));
    let within = |key: &Key| {
        let mut cover = frame.cover(key);
        cover.intersect(&scope);
        cover
    };
    let total = frame.sum(&scope);
    let weigh = |key: &Key, cover: &Bits| {
        let sums = frame.sum(cover);
        let gain = frame.model.gain(sums, total, frame.model.best(total));
        Candidate { key: *key, sums, gain, score: gain - frame.cost[key.len()] }
    };
    let (key, cover) = (account.causes[at], within(&account.causes[at]));
    let chosen = weigh(&key, &cover);
    let others: Vec<&Candidate> = rivals
        .iter()
        .filter(|rival| !account.causes.contains(&rival.key) && !rival.key.contains(&key))
        .chain(rivals.iter().filter(|rival| rival.key != key && rival.key.contains(&key)))
        .collect();
    let (rival, rival_cover) =
        others.into_iter().map(|rival| (rival.key, within(&rival.key))).find(|(_, theirs)| *theirs != cover)?;
    let rival = weigh(&rival, &rival_cover);
    Some(RunnerUp {
        conjunction: rival.key.named(frame.table),
        coverage: coverage(frame, rival.sums, account.rest),
        purity: purity(frame, rival.sums),
        lost_by_nats: chosen.score - rival.score,
        why: why(frame, &chosen, &cover, &rival, &rival_cover),
    })
}

fn why(frame: &Frame<'_>, chosen: &Candidate, cover: &Bits, rival: &Candidate, rival_cover: &Bits) -> Why {
    let longer = rival.key.len() > chosen.key.len();
    if longer && rival.gain >= chosen.gain {
        return Why::LongerDescription;
    }
    if cover.is_within(rival_cover) || rival_cover.is_within(cover) {
        return nested(frame, &chosen.key, &rival.key);
    }
    let covered = |sums: Sums| coverage(frame, sums, sums);
    let coverage_lost = covered(rival.sums) / covered(chosen.sums).max(f64::MIN_POSITIVE);
    let purity_lost = purity(frame, rival.sums) / purity(frame, chosen.sums).max(f64::MIN_POSITIVE);
    if coverage_lost < purity_lost { Why::LowerCoverage } else { Why::LowerPurity }
}

/// Units of the whole table that satisfy one of two conjunctions and not the other.
fn nested(frame: &Frame<'_>, one: &Key, other: &Key) -> Why {
    let mut discordant = satisfying(frame, one);
    discordant.exclude_common(&satisfying(frame, other));
    let (mut unknown, mut known) = (Vec::new(), Vec::new());
    for unit in discordant.ones().map(|unit| unit as u32) {
        if known.len() == LOOK_AT_MAX && (unknown.len() == LOOK_AT_MAX || frame.is_whole()) {
            break;
        }
        let found = if frame.has(unit) { &mut known } else { &mut unknown };
        if found.len() < LOOK_AT_MAX {
            found.push(unit);
        }
    }
    unknown.extend(known);
    unknown.truncate(LOOK_AT_MAX);
    Why::Nested { discordant: discordant.count(), look_at: unknown }
}

/// The units of the whole table that satisfy a conjunction.
fn satisfying(frame: &Frame<'_>, key: &Key) -> Bits {
    let units = frame.table.units() as usize;
    let mut satisfying = Bits::all(units);
    for &(column, code) in key.terms() {
        satisfying.intersect(&frame.table.columns()[column as usize].codes().bearers(code, units));
    }
    satisfying
}
