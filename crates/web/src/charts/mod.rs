//! Curves of expected against actual over 24 hours, out of history: for the fleet, a site, an incident or a finding. Summed on
//! a grid of five minutes, kept for a moment, since every viewer of a page asks for the same.

use crate::convert::not_found;
use crate::format::{money_rate_scale, money_rate_unit};
use crate::security::{Problem, ProblemKind};
use crate::view::{ChartView, HourLine, TurnoverNow};
use crate::visit::Visit;
use domain::{Currency, CustomerKey, Finding, FindingId, IncidentId, Money, RowScope, SiteCode};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::SeriesKey;
use store::history::{Point, Series, Span};
use utoipa::ToSchema;

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
/// 90 % of a normal lie within so many standard deviations.
const Z90: f64 = 1.645;

/// The standard deviation of a normal is so many times its median absolute deviation.
const MAD_TO_SIGMA: f64 = 1.4826;

/// One step of a curve. Rates are per hour, money in minor units.
#[derive(Debug, Clone, Copy, Default)]
struct Step {
    known_s: f64,
    expected: f64,
    observed: f64,
    expected_minor: f64,
    observed_minor: f64,
    samples: u32,
}

/// A curve over 24 hours.
#[derive(Debug)]
pub(crate) struct Curve {
    first_end_s: i64,
    steps: Vec<Step>,
    currency: Option<Currency>,
    now: Timestamp,
}

/// Curves made a moment ago.
#[derive(Default)]
pub(crate) struct ChartCache(Mutex<Kept>);

/// By scope and name: when it was made, and the curve.
type Kept = HashMap<(String, String), (Instant, Arc<Curve>)>;

/// A curve as the browser draws it: `null` is "not heard", never zero.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CurveBody {
    /// Unit of the values: `MSEK/h`.
    unit: String,
    /// Width of a step in seconds.
    step_s: i64,
    /// Ends of the steps, seconds since 1970.
    t: Vec<i64>,
    /// Observed.
    actual: Vec<Option<f64>>,
    /// Expected.
    expected: Vec<Option<f64>>,
    /// Lower end of where nine in ten would lie if all were as expected, on days that differ as this one does.
    low: Vec<Option<f64>>,
    /// Upper end.
    high: Vec<Option<f64>>,
    /// The present, seconds since 1970.
    now: i64,
}

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
    Some(ChartView { source, hours: curve.hours(currency) })
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
    Some(TurnoverNow { actual: money(newest.observed_minor), expected: money(newest.expected_minor) })
}

impl Curve {
    /// For the browser.
    pub(crate) fn body(&self, visit: &Visit) -> CurveBody {
        let largest = self.steps.iter().map(|s| s.expected_minor.max(s.observed_minor)).fold(0.0, f64::max);
        let like = self.currency.filter(|_| largest > 0.0).map(|currency| Money { minor: largest as i64, currency });
        let unit = like.map_or_else(|| visit.r.say("unit-transactions"), |like| money_rate_unit(visit.r.lang, like));
        let scale = like.map_or(1.0, money_rate_scale);
        let pick = |of_money: fn(&Step) -> f64, of_count: fn(&Step) -> f64| {
            move |step: &Step| if like.is_some() { of_money(step) / scale } else { of_count(step) }
        };
        let expected = pick(|s| s.expected_minor, |s| s.expected);
        let observed = pick(|s| s.observed_minor, |s| s.observed);
        let by_chance = |step: &Step| {
            // Arrivals as Poisson, values spread as an exponential's: a count of n has variance n, a sum of n values 2 n m^2.
            let n = step.expected * step.known_s.max(STEP_S as f64) / 3_600.0;
            let doubled = if like.is_some() { 2.0 } else { 1.0 };
            if n > 0.0 { doubled / n } else { 0.0 }
        };
        let of_the_day = self.stray(&expected, &observed, &by_chance);
        let spread = |step: &Step| if step.expected > 0.0 { Z90 * (by_chance(step) + of_the_day).sqrt() } else { 0.0 };
        let there = |step: &Step| step.samples > 0;
        let each = |value: &dyn Fn(&Step) -> Option<f64>| self.steps.iter().map(value).collect::<Vec<_>>();
        CurveBody {
            unit,
            step_s: STEP_S,
            t: (0..).zip(&self.steps).map(|(i, _)| self.first_end_s + i * STEP_S).collect(),
            actual: each(&|s| (there(s) && s.known_s > 0.0).then(|| observed(s))),
            expected: each(&|s| there(s).then(|| expected(s))),
            low: each(&|s| there(s).then(|| (expected(s) * (1.0 - spread(s))).max(0.0))),
            high: each(&|s| there(s).then(|| expected(s) * (1.0 + spread(s)))),
            now: self.now.as_second(),
        }
    }

    /// Relative variance beyond chance, as the steps before the last hour show it: days differ, and the band must not promise that they do
    /// not. By medians, so that a disruption within those hours does not widen it.
    fn stray(
        &self,
        expected: &impl Fn(&Step) -> f64,
        observed: &impl Fn(&Step) -> f64,
        by_chance: &impl Fn(&Step) -> f64,
    ) -> f64 {
        let before = self.steps.len().saturating_sub((3_600 / STEP_S) as usize);
        let known = self.steps.iter().take(before).filter(|step| step.known_s > 0.0 && step.expected > 0.0);
        let (off, chance): (Vec<f64>, Vec<f64>) = known
            .map(|step| ((observed(step) / expected(step).max(f64::MIN_POSITIVE) - 1.0).abs(), by_chance(step)))
            .unzip();
        match (median(off), median(chance)) {
            (Some(off), Some(chance)) => ((MAD_TO_SIGMA * off).powi(2) - chance).max(0.0),
            _ => 0.0,
        }
    }

    fn hours(&self, currency: Currency) -> Vec<HourLine> {
        let money = |minor: f64| Money { minor: minor.round() as i64, currency };
        let per_hour = (3_600 / STEP_S) as usize;
        let mut hours = Vec::new();
        for (i, steps) in self.steps.chunks(per_hour).enumerate() {
            let there: Vec<_> = steps.iter().filter(|step| step.samples > 0).collect();
            let known: Vec<_> = there.iter().filter(|step| step.known_s > 0.0).collect();
            let mean = |sum: f64, n: usize| (n > 0).then(|| money(sum / n as f64));
            let from = self.first_end_s - STEP_S + i as i64 * 3_600;
            hours.push(HourLine {
                from: Timestamp::from_second(from).unwrap_or(self.now),
                actual: mean(known.iter().map(|step| step.observed_minor).sum(), known.len()),
                expected: mean(there.iter().map(|step| step.expected_minor).sum(), there.len()),
            });
        }
        hours
    }
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

/// Adds a point to the step that holds its middle; one that is longer than a step to every step whose middle it covers.
fn add(steps: &mut [Step], point: &Point, from_s: i64) {
    let (begin, end) = (point.from.as_second(), point.to.as_second());
    let at = |second: i64| (second - from_s).div_euclid(STEP_S);
    let long = end - begin > STEP_S;
    let (first, last) = if long {
        (at(begin + STEP_S / 2), at(end - STEP_S / 2 - 1))
    } else {
        (at((begin + end) / 2), at((begin + end) / 2))
    };
    for step in first..=last {
        if let Some(step) = usize::try_from(step).ok().and_then(|step| steps.get_mut(step)) {
            step.add_point(point);
        }
    }
}

impl Step {
    fn add_point(&mut self, point: &Point) {
        self.samples += 1;
        let heard = match point.heard {
            store::history::Heard::Share(share) => share > 0.0,
            store::history::Heard::Unknown => point.observed > 0.0,
        };
        let seconds = point.covered_s as f64;
        self.known_s += if heard { seconds.min(STEP_S as f64) } else { 0.0 };
        let share = seconds.max(1.0);
        // Weighted by time: several short samples of a step are one rate.
        let n = f64::from(self.samples);
        let weigh = |sum: &mut f64, value: f64| *sum += (value * 3_600.0 / share - *sum) / n;
        weigh(&mut self.expected, point.expected);
        weigh(&mut self.observed, point.observed);
        weigh(&mut self.expected_minor, point.expected_value_minor as f64);
        weigh(&mut self.observed_minor, point.observed_value_minor as f64);
    }

    fn add_rates(&mut self, other: &Self) {
        self.samples += other.samples;
        self.known_s = self.known_s.max(other.known_s);
        self.expected += other.expected;
        self.observed += other.observed;
        self.expected_minor += other.expected_minor;
        self.observed_minor += other.observed_minor;
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn history_failed(error: &store::HistoryError) -> Problem {
    tracing::error!(%error, "history cannot be read");
    Problem::new(ProblemKind::Unavailable, "History cannot be read at this moment. Everything else works.")
        .with_retry_after_s(10)
}
