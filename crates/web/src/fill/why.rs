//! How a finding's cost came about, in numbers.

use super::cost::basis_of;
use crate::charts;
use crate::format::MoneyInterval;
use crate::view::{Basis, SitesNow, WhyMoney};
use crate::visit::Visit;
use domain::finding::FindingStatus;
use domain::{Finding, Money};

/// The numbers behind a finding's cost; none when it has none, or is over.
pub(crate) fn why(visit: &Visit, finding: &Finding) -> Option<WhyMoney> {
    let c = finding.consequence?;
    if finding.status == FindingStatus::Closed {
        return None;
    }
    let basis = basis_of(finding);
    let remaining = finding.evidence.remaining.clamp(0.0, 1.0);
    let times = |money: Money, factor: f64| Money { minor: (money.minor as f64 * factor) as i64, ..money };
    // The engine says what is missing: the expected less the share that remains.
    let expected = match basis {
        Basis::NotHeard => c.high,
        Basis::Measured | Basis::Undecided if remaining < 1.0 => times(c.per_hour, 1.0 / (1.0 - remaining)),
        Basis::Measured | Basis::Undecided => c.per_hour,
    };
    Some(WhyMoney {
        expected,
        observed: times(expected, remaining),
        remaining,
        per_hour: MoneyInterval { estimate: c.per_hour, low: c.low, high: c.high },
        basis,
        counted: finding.observed,
        due: finding.expected,
        since: finding.started_at,
        as_of: finding.revised_at,
        sites: (basis == Basis::Measured).then(|| sites_now(visit, finding, c.per_hour)).flatten(),
    })
}

/// All that the affected sites sell, once a whole step was measured since the start.
fn sites_now(visit: &Visit, finding: &Finding, missing: Money) -> Option<SitesNow> {
    let curve = charts::curve(visit, &format!("finding:{}", finding.id)).ok()?;
    // At another hour than the one that the finding speaks of, the two are not to be compared.
    let now = curve.newest_since(finding.started_at).filter(|now| now.expected.minor >= missing.minor)?;
    let short = now.expected.minor - now.actual.minor;
    let moved = missing.minor - short.max(0);
    let moved = (moved > missing.minor / 20).then_some(Money { minor: moved, ..missing });
    Some(SitesNow { actual: now.actual, expected: now.expected, moved, at: now.at })
}
