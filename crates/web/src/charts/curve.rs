//! A curve on a grid of five minutes: steps summed from points of history, and what is read off them.

use super::{NOTEWORTHY, STEP_S, STEPS};
use crate::format::{money_rate_scale, money_rate_unit};
use crate::view::HourLine;
use crate::visit::Visit;
use domain::{Currency, Money};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use store::history::{Heard, Point};
use utoipa::ToSchema;

/// 90 % of a normal lie within so many standard deviations.
const Z90: f64 = 1.645;

/// The standard deviation of a normal is so many times its median absolute deviation.
const MAD_TO_SIGMA: f64 = 1.4826;

/// A step is busy when this share of the busiest is expected in it.
const BUSY: f64 = 0.05;
/// One step of a curve. Rates are per hour, money in minor units.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step {
    pub(super) known_s: f64,
    pub(super) expected: f64,
    pub(super) observed: f64,
    pub(super) expected_minor: f64,
    pub(super) observed_minor: f64,
    /// Of the expected, what was expected where nobody was heard.
    pub(super) unheard: f64,
    pub(super) unheard_minor: f64,
    pub(super) samples: u32,
}

/// A curve over 24 hours.
#[derive(Debug)]
pub(crate) struct Curve {
    pub(super) first_end_s: i64,
    pub(super) steps: Vec<Step>,
    pub(super) currency: Option<Currency>,
    pub(super) now: Timestamp,
}

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
    /// Of the expected, what was expected where nobody was heard: neither sold nor lost, but unknown.
    unheard: Vec<Option<f64>>,
    /// Lower end of where nine in ten would lie if all were as expected, on days that differ as this one does.
    low: Vec<Option<f64>>,
    /// Upper end.
    high: Vec<Option<f64>>,
    /// The present, seconds since 1970.
    now: i64,
}

/// What was measured in one step, per hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measured {
    pub(crate) actual: Money,
    pub(crate) expected: Money,
    /// End of the step.
    pub(crate) at: Timestamp,
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
        let unheard = pick(|s| s.unheard_minor, |s| s.unheard);
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
            unheard: each(&|s| there(s).then(|| unheard(s))),
            low: each(&|s| there(s).then(|| (expected(s) * (1.0 - spread(s))).max(0.0))),
            high: each(&|s| there(s).then(|| expected(s) * (1.0 + spread(s)))),
            now: self.now.as_second(),
        }
    }

    /// The newest step that lies wholly after a moment, if all of it was heard.
    pub(crate) fn newest_since(&self, since: Timestamp) -> Option<Measured> {
        let currency = self.currency?;
        let money = |minor: f64| Money { minor: minor.round() as i64, currency };
        let (i, step) =
            (0_i64..).zip(&self.steps).filter(|(_, step)| step.known_s > 0.0 && step.expected_minor > 0.0).last()?;
        let end = self.first_end_s + i * STEP_S;
        let heard = step.unheard_minor <= NOTEWORTHY * step.expected_minor;
        (heard && end - STEP_S >= since.as_second()).then(|| Measured {
            actual: money(step.observed_minor),
            expected: money(step.expected_minor),
            at: Timestamp::from_second(end).unwrap_or(self.now),
        })
    }

    /// Whether much is usually sold at a moment; of one before these 24 hours, at that time of day.
    pub(crate) fn is_busy(&self, at: Timestamp) -> bool {
        let first = self.first_end_s - STEP_S;
        let step = (at.as_second() - first).div_euclid(STEP_S).rem_euclid(STEPS);
        let busiest = self.steps.iter().map(|step| step.expected).fold(0.0, f64::max);
        let expected = usize::try_from(step).ok().and_then(|step| self.steps.get(step)).map_or(0.0, |s| s.expected);
        // The newest steps are not measured yet; they are as the one before.
        let known = self.steps.iter().rev().find(|step| step.samples > 0).map_or(0.0, |step| step.expected);
        let behind = self.now.as_second() - at.as_second();
        let expected = if expected == 0.0 && (0..=1_800).contains(&behind) { known } else { expected };
        busiest <= 0.0 || expected >= BUSY * busiest
    }

    /// Seconds between two moments in which much is usually sold.
    pub(crate) fn busy_s(&self, from: Timestamp, to: Timestamp) -> f64 {
        const MOST_STEPS: i64 = STEPS * 60;
        let length = (to.as_second() - from.as_second()).max(0);
        let steps = (length / STEP_S).clamp(1, MOST_STEPS);
        let at = |i: i64| Timestamp::from_second(from.as_second() + length * (2 * i + 1) / (2 * steps)).unwrap_or(from);
        let busy = (0..steps).filter(|i| self.is_busy(at(*i))).count();
        length as f64 * busy as f64 / steps as f64
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
        let all_heard = |step: &&Step| step.unheard <= NOTEWORTHY * step.expected;
        let known = self.steps.iter().take(before).filter(|step| step.known_s > 0.0 && step.expected > 0.0);
        let known = known.filter(all_heard);
        let (off, chance): (Vec<f64>, Vec<f64>) = known
            .map(|step| ((observed(step) / expected(step).max(f64::MIN_POSITIVE) - 1.0).abs(), by_chance(step)))
            .unzip();
        match (median(off), median(chance)) {
            (Some(off), Some(chance)) => ((MAD_TO_SIGMA * off).powi(2) - chance).max(0.0),
            _ => 0.0,
        }
    }

    /// As hours of the clock of a zone, for the table; the first and the last may be parts of one.
    pub(super) fn hours(&self, currency: Currency, zone: &TimeZone) -> Vec<HourLine> {
        let money = |minor: f64| Money { minor: minor.round() as i64, currency };
        let begins = |i: usize| self.first_end_s - STEP_S + i as i64 * STEP_S;
        let hour_of = |second: i64| {
            let offset = Timestamp::from_second(second).map_or(0, |at| i64::from(zone.to_offset(at).seconds()));
            (second + offset).div_euclid(3_600) * 3_600 - offset
        };
        let numbered: Vec<_> = self.steps.iter().enumerate().collect();
        let mut hours = Vec::new();
        for steps in numbered.chunk_by(|(a, _), (b, _)| hour_of(begins(*a)) == hour_of(begins(*b))) {
            let Some(from) = steps.first().map(|(i, _)| hour_of(begins(*i))) else { continue };
            let steps = steps.iter().map(|(_, step)| *step);
            let there: Vec<_> = steps.filter(|step| step.samples > 0).collect();
            let known: Vec<_> = there.iter().filter(|step| step.known_s > 0.0).collect();
            let mean = |sum: f64, n: usize| (n > 0).then(|| money(sum / n as f64));
            let unheard = mean(there.iter().map(|step| step.unheard_minor).sum(), there.len());
            let expected = mean(there.iter().map(|step| step.expected_minor).sum(), there.len());
            hours.push(HourLine {
                from: Timestamp::from_second(from).unwrap_or(self.now),
                actual: mean(known.iter().map(|step| step.observed_minor).sum(), known.len()),
                unheard: unheard
                    .filter(|money| money.minor as f64 > NOTEWORTHY * expected.map_or(0.0, |all| all.minor as f64)),
                expected,
            });
        }
        hours
    }
}

/// Adds a point to the step that holds its middle; one that is longer than a step to every step whose middle it covers.
pub(super) fn add(steps: &mut [Step], point: &Point, from_s: i64) {
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
            Heard::Share(share) => share > 0.0,
            Heard::Unknown => point.observed > 0.0,
        };
        // A share of nothing heard is no share; what came all the same is not missing.
        let missing = match point.heard {
            Heard::Share(share) => 1.0 - f64::from(share).clamp(0.0, 1.0),
            Heard::Unknown => 1.0,
        };
        let part = |expected: f64, observed: f64| (expected * missing).min((expected - observed).max(0.0));
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
        weigh(&mut self.unheard, part(point.expected, point.observed));
        weigh(&mut self.unheard_minor, part(point.expected_value_minor as f64, point.observed_value_minor as f64));
    }

    /// Adds the rates of another series.
    pub(super) fn add_rates(&mut self, other: &Self) {
        self.samples += other.samples;
        self.known_s = self.known_s.max(other.known_s);
        self.expected += other.expected;
        self.observed += other.observed;
        self.expected_minor += other.expected_minor;
        self.observed_minor += other.observed_minor;
        self.unheard += other.unheard;
        self.unheard_minor += other.unheard_minor;
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
