//! What disruptions cost: of the findings of an incident those that hit most, each site counted once, and only for as long as their
//! sites are open.

use super::lines::Taken;
use super::opening::{OpenNow, Opening};
use crate::format::MoneyInterval;
use crate::view::{Basis, CameLater, Cost};
use crate::visit::Visit;
use domain::finding::{Consequence, Contact, FindingStatus};
use domain::{Finding, FindingKind, Money, SiteCode};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What an incident costs.
pub(crate) fn cost_of(taken: &Taken, visit: &Visit) -> Cost {
    let now = OpenNow::of(visit);
    let nothing = Opening::default();
    let opening = |finding: &Finding| taken.opening.get(&finding.id).unwrap_or(&nothing);
    let mut by_size: Vec<(&Finding, Consequence)> =
        taken.findings.iter().filter_map(|finding| Some((&**finding, finding.consequence?))).collect();
    by_size.sort_by_key(|(finding, c)| (std::cmp::Reverse(c.so_far.minor.max(c.per_hour.minor)), &finding.id));
    let mut counted: BTreeSet<&SiteCode> = BTreeSet::new();
    let mut sum = Cost::default();
    for (finding, _) in by_size {
        if finding.sites.iter().any(|site| counted.contains(site)) {
            continue;
        }
        counted.extend(&finding.sites);
        let own = one(finding, opening(finding), &now);
        sum.so_far = plus(sum.so_far, own.so_far);
        sum.per_hour = match (sum.per_hour, own.per_hour) {
            (Some(a), Some(b)) => Some(added(a, b)),
            (a, b) => a.or(b),
        };
    }
    let open: Vec<_> = taken.findings.iter().filter(|finding| finding.status != FindingStatus::Closed).collect();
    let leading = taken.leading();
    sum.basis = if open.is_empty() {
        leading.map_or(Basis::Measured, |finding| basis_of(finding))
    } else if open.iter().any(|finding| basis_of(finding) == Basis::Undecided) {
        Basis::Undecided
    } else if sum.per_hour.is_some_and(|per_hour| per_hour.is_unknown()) {
        Basis::NotHeard
    } else {
        Basis::Measured
    };
    let shut = |finding: &&std::sync::Arc<Finding>| now.all_shut(opening(finding));
    let shut: Option<Vec<_>> = open.iter().map(shut).collect();
    sum.shut = shut.and_then(|all| all.into_iter().min_by_key(|shut| shut.opens_at.unwrap_or(Timestamp::MAX)));
    sum.is_over = open.is_empty() && !taken.findings.is_empty();
    sum.later = leading.and_then(|finding| later(finding)).filter(|_| sum.is_over);
    sum
}

/// What one finding costs.
pub(crate) fn cost_of_finding(finding: &Finding, opening: &Opening, visit: &Visit) -> Cost {
    one(finding, opening, &OpenNow::of(visit))
}

/// When the last of an incident's findings was over, if all are.
pub(crate) fn over_since(taken: &Taken) -> Option<Timestamp> {
    let ended: Option<Vec<_>> = taken.findings.iter().map(|finding| finding.ended_at).collect();
    ended?.into_iter().max()
}

fn one(finding: &Finding, opening: &Opening, now: &OpenNow<'_>) -> Cost {
    let is_over = finding.status == FindingStatus::Closed;
    let basis = basis_of(finding);
    let later = later(finding).filter(|_| is_over);
    let shut = if is_over { None } else { now.all_shut(opening) };
    let Some(c) = finding.consequence else { return Cost { basis, is_over, later, shut, ..Cost::default() } };
    // Shut now, it says what it will be when they are open.
    let factor = if shut.is_some() { 1.0 } else { now.factor(opening, finding.revised_at) };
    let scaled = |money: Money| Money { minor: (money.minor as f64 * factor) as i64, ..money };
    let per_hour = MoneyInterval { estimate: scaled(c.per_hour), low: scaled(c.low), high: scaled(c.high) };
    let so_far = match basis {
        // A finding of lost contact counts nothing: what was sold meanwhile is not known.
        Basis::NotHeard => None,
        Basis::Measured | Basis::Undecided if is_over => Some(c.so_far),
        Basis::Measured | Basis::Undecided => {
            let hours = now.hours_since(opening, finding.revised_at);
            let more = (c.per_hour.minor as f64 * hours) as i64;
            Some(Money { minor: c.so_far.minor.saturating_add(more), ..c.so_far })
        }
    };
    Cost { per_hour: (!is_over).then_some(per_hour), so_far, basis, shut, is_over, later }
}

/// What a finding's cost rests on.
pub(crate) fn basis_of(finding: &Finding) -> Basis {
    match finding.evidence.contact {
        _ if finding.kind == FindingKind::ContactLost => Basis::NotHeard,
        Contact::Lost => Basis::NotHeard,
        Contact::Undecided => Basis::Undecided,
        Contact::Heard | Contact::CountsOnly => Basis::Measured,
    }
}

/// What came later of what a finding did not hear.
pub(crate) fn later(finding: &Finding) -> Option<CameLater> {
    let came = finding.evidence.late;
    let unheard = basis_of(finding) == Basis::NotHeard;
    (unheard && came > 0.0).then_some(CameLater { came, expected: finding.expected })
}

fn plus(a: Option<Money>, b: Option<Money>) -> Option<Money> {
    match (a, b) {
        (Some(a), Some(b)) => Some(sum(a, b)),
        (a, b) => a.or(b),
    }
}

fn added(a: MoneyInterval, b: MoneyInterval) -> MoneyInterval {
    MoneyInterval { estimate: sum(a.estimate, b.estimate), low: sum(a.low, b.low), high: sum(a.high, b.high) }
}

fn sum(a: Money, b: Money) -> Money {
    if a.currency == b.currency { Money { minor: a.minor.saturating_add(b.minor), ..a } } else { a }
}
