//! Delay of stops and drops against the bound, many times over from snapshots at random open moments.

use crate::drive::Drive;
use crate::fleet::{DAY_MS, DrawnFleet, Group, START_MS};
use crate::stats::{error, mean, median, quantile};
use anyhow::Result;
use detect::bank::FALLS_SPREAD;
use detect::bound::DropTest;
use domain::finding::FindingKind;
use engine::{Engine, FalseAlarms, Policy};
use sim::dice::{Dice, Purpose};
use std::collections::BTreeMap;

/// Days that only teach.
pub const LEARNED_DAYS: i64 = 28;
/// Milliseconds between ticks.
pub const TICK_MS: i64 = 250;

/// What was measured of one group and depth.
#[derive(Default)]
pub struct Cell {
    /// Expected transactions from the onset to the finding, half a tick less.
    delays: Vec<f64>,
    /// Seconds of the same.
    seconds: Vec<f64>,
    /// Outages that were not found.
    missed: usize,
    /// Group that found it.
    by: BTreeMap<String, usize>,
    /// Own allotment: expected transactions between false alarms.
    gammas: Vec<f64>,
    /// Findings whose first explanation names the group.
    named: usize,
    /// Onset and delay of each, for those that took long.
    onsets: Vec<i64>,
}

/// An engine that has learned the fleet's four weeks.
pub fn learned(fleet: &DrawnFleet, allowed: FalseAlarms) -> Drive {
    let learn_until = START_MS + LEARNED_DAYS * DAY_MS;
    let policy = Policy { learn_until: Some(crate::drive::moment(learn_until)), false_alarms: allowed };
    let mut engine = Engine::new(policy, 1);
    fleet.changes().iter().for_each(|change| engine.apply_fleet(change));
    let mut drive = Drive::new(engine, &fleet.customer, TICK_MS, learn_until, START_MS);
    let interval_s = if fleet.devices() > 1_000 { 3_600 } else { 900 };
    for day in 0..LEARNED_DAYS {
        drive.run(&fleet.sums(day, interval_s), START_MS + (day + 1) * DAY_MS, |_| false);
    }
    drive
}

/// Measures a fleet at `moments` random open moments and prints a line for each group and depth.
pub fn measure(fleet: &DrawnFleet, allowed: FalseAlarms, moments: usize) -> Result<()> {
    let mut drive = learned(fleet, allowed);
    let groups: Vec<Group> = match fleet.sites {
        1 => vec![Group::Everything],
        _ => vec![Group::Everything, Group::Firmware, Group::Region, Group::Site(0)],
    };
    let cases: Vec<(Group, f64)> = groups.iter().flat_map(|g| [(*g, 0.0), (*g, 0.5)]).collect();
    let mut cells: Vec<Cell> = cases.iter().map(|_| Cell::default()).collect();
    let mut dice = Dice::new(fleet.seed, Purpose::Hit, 1, 1);
    // A day to come to live, then at most eight moments a day, in order.
    let mut at: Vec<i64> =
        (0..moments).map(|i| DrawnFleet::open_moment(&mut dice, LEARNED_DAYS + 1 + i as i64 / 8)).collect();
    at.sort_unstable();
    let mut busy = 0;
    for at in at {
        drive.run_drawn(fleet, at, None, |_| false);
        if drive.engine.health().open_findings > 0 {
            busy += 1;
            continue;
        }
        let snapshot = drive.engine.snapshot();
        let site = dice.below(fleet.sites as u64) as usize;
        for ((group, left), cell) in cases.iter().zip(&mut cells) {
            let group = if matches!(group, Group::Site(_)) { Group::Site(site) } else { *group };
            cell.try_once(fleet, drive.fork(&snapshot)?, (group, *left), at, allowed)?;
        }
    }
    for ((group, left), cell) in cases.iter().zip(&cells) {
        cell.print(fleet, *group, *left);
    }
    if busy > 0 {
        println!("    {busy} moments passed over: a false alarm was open");
    }
    Ok(())
}

impl Drive {
    /// Runs drawn live sales up to a moment, an hour at a time.
    pub fn run_drawn(
        &mut self,
        fleet: &DrawnFleet,
        until_ms: i64,
        hit: Option<(Group, f64)>,
        mut enough: impl FnMut(&domain::Finding) -> bool,
    ) -> Option<domain::Finding> {
        // Short stretches first: a large group is found within a second.
        let mut stretch = if hit.is_some() { 4_000 } else { 3_600_000 };
        while self.now_ms < until_ms {
            let to = (self.now_ms + stretch).min(until_ms);
            let found = self.run(&fleet.sales(self.now_ms + 1, to + 1, hit), to, &mut enough);
            if found.is_some() {
                return found;
            }
            stretch = (stretch * 4).min(3_600_000);
        }
        None
    }
}

impl Cell {
    fn try_once(
        &mut self,
        fleet: &DrawnFleet,
        mut fork: Drive,
        hit: (Group, f64),
        at: i64,
        allowed: FalseAlarms,
    ) -> Result<()> {
        let (group, left) = hit;
        let base = fleet.base_per_hour(group);
        // So late in the day that not even the bound is reached before closing, the stop is another day's: passed over by its onset alone.
        let days = if matches!(group, Group::Site(_)) {
            allowed.site_days * fleet.sites as f64
        } else {
            allowed.group_days * 30.0
        };
        let about = DropTest::new(left).bound(base * 14.0 * days * FALLS_SPREAD);
        if base * DrawnFleet::usual_hours(at, DrawnFleet::closing_ms(at)) < 2.5 * about {
            return Ok(());
        }
        // Drawing a day of 10,000 sites for one till is dear: large fleets get one day.
        let until = at + if fleet.sites > 1_000 { DAY_MS } else { 2 * DAY_MS };
        let found = fork.run_drawn(fleet, until, Some(hit), |f| {
            let stop = matches!(f.kind, FindingKind::Silence | FindingKind::Drop | FindingKind::ContactLost);
            stop && f.revision == 1 && f.sites.iter().any(|s| fleet.site(s).is_some_and(|s| fleet.holds(group, s)))
        });
        let Some(found) = found else {
            self.missed += 1;
            return Ok(());
        };
        let detected = found.detected_at.as_millisecond();
        self.onsets.push(at);
        let half_tick = base * DrawnFleet::usual_hours(at, at + TICK_MS) * 0.5;
        self.delays.push(base * DrawnFleet::usual_hours(at, detected) - half_tick);
        self.seconds.push((detected - at - TICK_MS / 2) as f64 / 1_000.0);
        let name = fleet.name(group);
        let own = found.evidence.group == name || fleet.sites == 1;
        if own {
            self.gammas.push(found.evidence.rate_per_hour * found.evidence.false_alarm_every_hours);
        }
        let terms: Vec<String> = found.explanation.iter().map(ToString::to_string).collect();
        self.named += usize::from(
            terms.join(" & ") == name || (group == Group::Everything && (terms.is_empty() || fleet.sites == 1)),
        );
        let kind =
            if own { "itself".to_owned() } else { found.evidence.group.split('=').next().unwrap_or("").to_owned() };
        *self.by.entry(kind).or_default() += 1;
        Ok(())
    }

    fn print(&self, fleet: &DrawnFleet, group: Group, left: f64) {
        let name = match group {
            Group::Everything => "everything",
            Group::Firmware => "firmware (1/4)",
            Group::Region => "region",
            Group::Site(_) => "one site",
        };
        let test = DropTest::new(left);
        let gamma = median(&self.gammas);
        let (bound, undivided) = (test.bound(gamma * FALLS_SPREAD), test.bound(gamma));
        let hidden = bound * stretch(left, test.threshold(gamma * FALLS_SPREAD), fleet.hidden_variance(group));
        println!(
            "{:>6} | {name:<14} | {:<9} | {:>6.2} +- {:.2} | {:>6.2} | {:>6.2} | {:>7.1} | {:>7.1} | {:>8.1} | {:>8.1} | {:>8.1} | {:>3} of {:>3} | {:>3.0} % | {:?}",
            fleet.sites,
            if left == 0.0 { "stop" } else { "to half" },
            mean(&self.delays) / bound,
            error(&self.delays) / bound,
            mean(&self.delays) / undivided,
            mean(&self.delays) / hidden,
            mean(&self.delays),
            bound,
            median(&self.seconds),
            quantile(&self.seconds, 0.9),
            mean(&self.seconds),
            self.delays.len(),
            self.delays.len() + self.missed,
            100.0 * self.named as f64 / self.delays.len().max(1) as f64,
            self.by
        );
        if std::env::args().any(|a| a == "--list") {
            let slow = self.onsets.iter().zip(&self.delays).filter(|(_, d)| **d > 2.5 * bound);
            slow.for_each(|(at, d)| println!("    began {}, found after {d:.0} expected", crate::drive::moment(*at)));
        }
    }
}

/// By how much a hidden level of this variance stretches the way to a threshold of `h` nats: the path on which exactly the share `left`
/// comes, on the level's predictive distribution, over the same on a known level.
fn stretch(left: f64, h: f64, variance: f64) -> f64 {
    if variance <= 0.0 {
        return 1.0;
    }
    let k = 1.0 / variance;
    let nats = |m: f64| {
        let ratio = ((k + m) / (k + left * m)).ln() * (k + left * m);
        if left > 0.0 { left * m * left.ln() + ratio } else { ratio }
    };
    let known = if left > 0.0 { h / (left * left.ln() + 1.0 - left) } else { h };
    let (mut low, mut high) = (known, known * 1e3);
    for _ in 0..60 {
        let mid = 0.5 * (low + high);
        if nats(mid) < h { low = mid } else { high = mid }
    }
    high / known
}

/// Heads the table.
pub fn heading() {
    println!(
        " sites | group          | fall      |   ratio        | undiv. |  level |  mean d |   bound | median s |    p90 s |   mean s |     found | named | found by"
    );
}
