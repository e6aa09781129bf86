//! Curves of expected against actual over 24 hours, out of history: for the fleet, a site, an incident or a finding. Summed on
//! a grid of five minutes, kept for a moment, since every viewer of a page asks for the same.

mod curve;

pub(crate) use curve::{Curve, CurveBody};

use crate::convert::not_found;
use crate::security::{Problem, ProblemKind};
use crate::view::{ChartView, TurnoverNow};
use crate::visit::Visit;
use curve::{Step, add};
use domain::{Currency, CustomerKey, Finding, FindingId, IncidentId, Money, RowScope, SiteCode};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::SeriesKey;
use store::history::{Series, Span};

/// Width of a step.
const STEP_S: i64 = 300;
/// How far back a curve goes.
const STEPS: i64 = 288;
/// A curve is kept for so long.
const KEPT_FOR: Duration = Duration::from_secs(3);
/// So many are kept.
const KEPT: usize = 256;
/// Sites beyond this many are not summed one by one.
const MOST_SITES: usize = 3_000;
/// A share of the expected that is not heard is worth a word from here on.
const NOTEWORTHY: f64 = 0.01;
/// Curves made a moment ago.
#[derive(Default)]
pub(crate) struct ChartCache(Mutex<Kept>);

/// By scope and name: when it was made, and the curve.
type Kept = HashMap<(String, String), (Instant, Arc<Curve>)>;

/// Which series of history a curve sums, and in which currency.
struct Source {
    series: Vec<Series>,
    currency: Option<Currency>,
}

/// The curve of a series: `fleet`, `site:CODE`, `incident:ID` or `finding:ID`.
pub(crate) fn curve(visit: &Visit, name: &str) -> Result<Arc<Curve>, Problem> {
    let key = (format!("{:?}", visit.scope()), name.to_owned());
    let cache = &visit.app.charts.0;
    {
        let cached = cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, curve)) = cached.get(&key).filter(|(made, _)| made.elapsed() < KEPT_FOR) {
            return Ok(Arc::clone(curve));
        }
    }
    let source = source(visit, name)?;
    let curve = Arc::new(sum(visit, &source)?);
    let mut cached = cache.lock().unwrap_or_else(PoisonError::into_inner);
    if cached.len() >= KEPT {
        cached.retain(|_, (made, _)| made.elapsed() < KEPT_FOR);
    }
    if cached.len() < KEPT {
        cached.insert(key, (Instant::now(), Arc::clone(&curve)));
    }
    Ok(curve)
}

/// A chart for a page: where its data comes from, and the hours as a table. None while history has nothing.
pub(crate) fn chart(visit: &Visit, name: &str) -> Option<ChartView> {
    let curve = curve(visit, name).ok()?;
    let currency = curve.currency?;
    if curve.steps.iter().all(|step| step.samples == 0) {
        return None;
    }
    let source = format!("/api/v1/history?series={}", crate::visit::encode(name));
    Some(ChartView { source, hours: curve.hours(currency, &visit.r.zone), later: None })
}

/// Turnover of all that the reader sees, in the newest step that is known; none when that is more than twenty minutes old.
pub(crate) fn turnover(visit: &Visit) -> Option<TurnoverNow> {
    let curve = curve(visit, "fleet").ok()?;
    let currency = curve.currency?;
    let newest = curve.steps.iter().rev().take(5).find(|step| step.samples > 0 && step.known_s > 0.0)?;
    if newest.expected_minor <= 0.0 && newest.observed_minor <= 0.0 {
        return None;
    }
    let money = |minor: f64| Money { minor: minor.round() as i64, currency };
    let unheard = (newest.unheard_minor > NOTEWORTHY * newest.expected_minor).then(|| money(newest.unheard_minor));
    Some(TurnoverNow { actual: money(newest.observed_minor), expected: money(newest.expected_minor), unheard })
}

fn source(visit: &Visit, name: &str) -> Result<Source, Problem> {
    let unknown = || {
        let detail = format!("series {name:?} is none of fleet, site:CODE, incident:ID, finding:ID");
        Problem::new(ProblemKind::NotFound, detail)
    };
    match name.split_once(':') {
        None if name == "fleet" => fleet(visit),
        Some(("site", code)) => {
            let code = SiteCode::new(code).map_err(|_| unknown())?;
            let customer = super::fill::places::customer_of_site(visit, &code)?;
            sites(visit, &customer, &BTreeSet::from([code]))
        }
        Some(("finding", id)) => {
            let id = FindingId::new(id).map_err(|_| unknown())?;
            let finding = visit.app.desk.read(visit.scope(), |view| view.finding(&id).map(|e| Arc::clone(&e.latest)));
            let finding = finding.ok_or_else(|| not_found("finding", id.as_str()))?;
            sites(visit, &finding.customer, &finding.sites.iter().cloned().collect())
        }
        Some(("incident", id)) => {
            let id = IncidentId::new(id).map_err(|_| unknown())?;
            let found = visit.app.desk.read(visit.scope(), |view| {
                let incident = &view.incident(&id)?.incident;
                let part = view.customer(&incident.customer)?;
                let hit = incident.attached().filter_map(|id| part.findings.get(id));
                let hit: BTreeSet<_> = hit.flat_map(|entry| sites_of(&entry.latest)).collect();
                Some((incident.customer.clone(), hit))
            });
            let (customer, hit) = found.ok_or_else(|| not_found("incident", id.as_str()))?;
            sites(visit, &customer, &hit)
        }
        _ => Err(unknown()),
    }
}

fn sites_of(finding: &Finding) -> impl Iterator<Item = SiteCode> + use<'_> {
    finding.sites.iter().cloned()
}

/// All series of whole customers that the reader sees, of those in the currency of the first.
fn fleet(visit: &Visit) -> Result<Source, Problem> {
    let customers = visit.app.desk.read(visit.scope(), |view| {
        let known = view.customers().filter_map(|(key, part)| Some((key.clone(), part.record.as_ref()?.currency)));
        known.collect::<HashMap<_, _>>()
    });
    let mut currencies: Vec<_> = customers.values().copied().collect();
    currencies.sort_unstable();
    let currency = currencies.first().copied();
    let mut series =
        visit.app.history.series(visit.scope(), "all/", None, 1_000).map_err(|error| history_failed(&error))?;
    series.retain(|series| match &series.scope {
        RowScope::Customer(key) => customers.get(key).copied() == currency,
        RowScope::Organisation => false,
    });
    Ok(Source { series, currency })
}

fn sites(visit: &Visit, customer: &CustomerKey, sites: &BTreeSet<SiteCode>) -> Result<Source, Problem> {
    let currency = visit
        .app
        .desk
        .read(visit.scope(), |view| view.customer(customer)?.record.as_ref().map(|record| record.currency));
    let scope = RowScope::Customer(customer.clone());
    let metrics: Vec<String> = visit
        .app
        .history
        .series(&domain::Scope::customer(customer.clone()), "all/", None, 100)
        .map_err(|error| history_failed(&error))?
        .iter()
        .filter_map(|series| series.key.as_str().strip_prefix("all/").map(str::to_owned))
        .collect();
    let named = |site: &SiteCode, metric: &str| {
        let key = SeriesKey::new(format!("site/{site}/{metric}")).ok()?;
        Some(Series { scope: scope.clone(), key })
    };
    let series = sites.iter().take(MOST_SITES).flat_map(|site| metrics.iter().filter_map(move |m| named(site, m)));
    Ok(Source { series: series.collect(), currency })
}

fn sum(visit: &Visit, source: &Source) -> Result<Curve, Problem> {
    let now = visit.now();
    let last_end_s = now.as_second().div_euclid(STEP_S) * STEP_S + STEP_S;
    let from_s = last_end_s - STEPS * STEP_S;
    let from = Timestamp::from_second(from_s).unwrap_or(Timestamp::MIN);
    let span = Span { from, to: now.saturating_add(SignedDuration::from_secs(1)).unwrap_or(now), as_of: None };
    let mut steps = vec![Step::default(); STEPS as usize];
    for series in &source.series {
        let points =
            visit.app.history.points(visit.scope(), series, span, 2_000).map_err(|error| history_failed(&error))?;
        let mut own = vec![Step::default(); STEPS as usize];
        for point in &points {
            add(&mut own, point, from_s);
        }
        for (sum, own) in steps.iter_mut().zip(own) {
            sum.add_rates(&own);
        }
    }
    Ok(Curve { first_end_s: from_s + STEP_S, steps, currency: source.currency, now })
}

fn history_failed(error: &store::HistoryError) -> Problem {
    tracing::error!(%error, "history cannot be read");
    Problem::new(ProblemKind::Unavailable, "History cannot be read at this moment. Everything else works.")
        .with_retry_after_s(10)
}
