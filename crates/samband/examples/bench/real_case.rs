//! One recorded fleet: judged once as it was, and once more from a moment before each cut.

use crate::drive::{Drive, moment};
use crate::openings::Openings;
use crate::peers::{Rule, Series};
use crate::stats::{error, mean, median, quantile};
use anyhow::Result;
use detect::bound::stop_delay;
use domain::finding::FindingKind;
use domain::fleet::{CustomerRecord, FleetChange};
use domain::{CustomerKey, Finding, FindingStatus, RegionCode, Signal, SiteCode, SiteRecord};
use engine::{Engine, FalseAlarms, Policy};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sim::dice::{Dice, Purpose};
use std::collections::BTreeMap;

const DAY_S: i64 = 86_400;
const WEEK_S: i64 = 604_800;

/// Recorded receipts, and what to cut out of them.
pub struct Case {
    /// What they are.
    pub name: &'static str,
    /// Where.
    pub zone: TimeZone,
    /// The receipts in order of time.
    pub signals: Vec<Signal>,
    /// Shops of each region.
    pub regions: Vec<Vec<SiteCode>>,
    /// When learning ends.
    pub learn_until: Timestamp,
    /// What is cut.
    pub targets: Vec<Target>,
}

/// A kind of cut.
pub struct Target {
    /// What is cut.
    pub name: String,
    /// Groups of shops, one of which is cut; everything where absent.
    pub sites: Option<Vec<Vec<SiteCode>>>,
    /// Share of the allowed false alarms that one such group has.
    pub share: f64,
    /// Open hours for which nothing comes.
    pub open_h: i64,
    /// What the engine calls the groups.
    pub groups: Vec<&'static str>,
}

/// A cut: when, which group, until when.
#[derive(Clone)]
struct Cut {
    at: i64,
    group: usize,
    end: i64,
}

/// What the engine said of a cut.
struct Found {
    at: i64,
    by: String,
    /// Expected transactions between false alarms of the group that found it.
    gamma: f64,
    bound_s: f64,
}

/// Delay of one cut.
#[derive(Default)]
struct Delays {
    minutes: Vec<f64>,
    missed: Vec<f64>,
    over_closing: Vec<bool>,
    of: usize,
}

impl Case {
    /// Measures every kind of cut and prints it.
    pub fn measure(&self, cuts: usize, days: f64) -> Result<()> {
        let receipts: Vec<i64> = self.signals.iter().map(|s| s.at.as_second()).collect();
        let openings = Openings::read(&receipts, self.learn_until.as_second(), &self.zone);
        let (first, last) = (receipts[0], receipts[receipts.len() - 1]);
        let learned = self.learn_until.as_second();
        let open_h = (openings.elapsed(last) - openings.elapsed(learned)) / 3_600;
        println!(
            "\n{}: {} receipts, {} from {} on, open {open_h} h",
            self.name,
            receipts.len(),
            receipts.iter().filter(|r| **r > learned).count(),
            self.learn_until
        );
        let mut planned: Vec<(usize, Cut)> = Vec::new();
        for (t, target) in self.targets.iter().enumerate() {
            let mut dice = Dice::new(7, Purpose::Hit, t as u64, 0);
            let from = openings.elapsed(learned + WEEK_S);
            let span = openings.elapsed(last) - target.open_h * 3_600 - from;
            for _ in 0..cuts {
                let open = from + (dice.unit() * span as f64) as i64;
                let group = dice.below(target.sites.as_ref().map_or(1, Vec::len) as u64) as usize;
                planned.push((t, Cut { at: openings.at(open), group, end: openings.at(open + target.open_h * 3_600) }));
            }
        }
        planned.sort_by_key(|(_, cut)| cut.at);
        let (found, quiet) = self.judge(&planned, days, last)?;
        let months = (last - learned) as f64 / DAY_S as f64 / 30.0;
        print_quiet(&quiet, months, days);
        let learn_days = (learned - first - WEEK_S) as f64 / DAY_S as f64;
        for (t, target) in self.targets.iter().enumerate() {
            let of: Vec<(&Cut, &Option<Found>)> = planned
                .iter()
                .zip(&found)
                .filter(|((p, _), f)| *p == t && f.is_some())
                .filter_map(|((_, cut), f)| Some((cut, f.as_ref()?)))
                .collect();
            self.report(
                target,
                &of,
                &receipts,
                &openings,
                (first + WEEK_S, learned, last),
                (learn_days / days, months),
            );
        }
        Ok(())
    }

    /// Judges the recording, and each cut from a snapshot; a cut whose group was under a finding already is passed over (outer `None`).
    #[expect(clippy::type_complexity, reason = "one list an answer")]
    fn judge(
        &self,
        planned: &[(usize, Cut)],
        days: f64,
        last: i64,
    ) -> Result<(Vec<Option<Option<Found>>>, Vec<Finding>)> {
        let customer = CustomerKey::new("real")?;
        let policy = Policy { learn_until: Some(self.learn_until), false_alarms: FalseAlarms::every(days) };
        let mut engine = Engine::new(policy, 1);
        self.register(&customer).iter().for_each(|change| engine.apply_fleet(change));
        let start = self.signals[0].at.as_millisecond() / 60_000 * 60_000;
        let mut drive = Drive::new(engine, &customer, 1_000, self.learn_until.as_millisecond(), start);
        let (mut quiet, mut open): (Vec<Finding>, BTreeMap<String, Finding>) = (Vec::new(), BTreeMap::new());
        let mut found = Vec::with_capacity(planned.len());
        let mut at = 0;
        for cut in planned.iter().map(Some).chain([None]) {
            let until = cut.map_or(last, |c| c.1.at) * 1_000;
            let to = self.signals.partition_point(|s| s.at.as_millisecond() <= until);
            drive.run(&self.signals[at..to], until, |f| {
                if f.revision == 1 {
                    quiet.push(f.clone());
                }
                match f.status {
                    FindingStatus::Closed => drop(open.remove(f.id.as_str())),
                    FindingStatus::Open | FindingStatus::Revised => {
                        drop(open.insert(f.id.as_str().to_owned(), f.clone()));
                    }
                }
                false
            });
            at = to;
            let Some((t, cut)) = cut else { break };
            let group = self.targets[*t].sites.as_ref().map(|groups| &groups[cut.group]);
            let hit = |s: &SiteCode| group.is_none_or(|g| g.contains(s));
            // One shop that is silent by itself does not hide a chain; a finding over half of the group does.
            let size = group.map_or(self.sites().len(), Vec::len);
            if open.values().any(|f| f.sites.iter().filter(|s| hit(s)).count() * 2 >= size) {
                found.push(None);
                continue;
            }
            let mut fork = drive.fork(&drive.engine.snapshot())?;
            let left = self.signals[at..].iter().take_while(|s| s.at.as_second() <= cut.end);
            let left: Vec<Signal> = left.filter(|s| !s.site.as_ref().is_some_and(&hit)).cloned().collect();
            let said = fork.run(&left, cut.end * 1_000, |f| {
                f.revision == 1
                    && is_stop(f)
                    && f.sites.iter().filter(|s| hit(s)).count() * 2 >= size.min(f.sites.len().max(1))
                    && (f.sites.len() > 1 || size == 1)
            });
            found.push(Some(said.map(|f| Found {
                at: f.detected_at.as_second(),
                by: f.evidence.group.clone(),
                gamma: f.evidence.false_alarm_every_hours * f.evidence.rate_per_hour,
                bound_s: f.evidence.bound_s,
            })));
        }
        Ok((found, quiet))
    }

    fn sites(&self) -> Vec<SiteCode> {
        let mut sites: Vec<SiteCode> = self.signals.iter().filter_map(|s| s.site.clone()).collect();
        sites.sort();
        sites.dedup();
        sites
    }

    fn register(&self, customer: &CustomerKey) -> Vec<FleetChange> {
        let currency = domain::money::SEK;
        let timezone = self.zone.iana_name().unwrap_or("UTC").to_owned();
        let record = CustomerRecord { key: customer.clone(), name: self.name.to_owned(), currency, timezone };
        let region = |site: &SiteCode| self.regions.iter().position(|r| r.contains(site));
        let sites = self.sites().into_iter().map(|code| SiteRecord {
            region: region(&code).and_then(|r| RegionCode::new(format!("R{r}")).ok()),
            ..SiteRecord::bare(code)
        });
        vec![FleetChange::Customer(record), FleetChange::Sites { customer: customer.clone(), sites: sites.collect() }]
    }

    fn report(
        &self,
        target: &Target,
        of: &[(&Cut, &Option<Found>)],
        all: &[i64],
        openings: &Openings,
        (from, learned, last): (i64, i64, i64),
        (allowed, months): (f64, f64),
    ) {
        let groups: Vec<Vec<i64>> = match &target.sites {
            None => vec![all.to_vec()],
            Some(groups) => groups
                .iter()
                .map(|g| {
                    self.signals
                        .iter()
                        .filter(|s| s.site.as_ref().is_some_and(|s| g.contains(s)))
                        .map(|s| s.at.as_second())
                        .collect()
                })
                .collect(),
        };
        let series: Vec<Series<'_>> = groups.iter().map(|receipts| Series { receipts, openings }).collect();
        println!("\n  cut: {} ({} outages of {} open hours)", target.name, of.len(), target.open_h);
        let mut engine = Delays::default();
        let mut by: BTreeMap<&str, usize> = BTreeMap::new();
        let (mut gammas, mut bounds_s) = (Vec::new(), Vec::new());
        for (cut, found) in of {
            engine.add(cut, found.as_ref().map(|f| f.at), &series[cut.group]);
            if let Some(f) = found {
                *by.entry(f.by.as_str()).or_default() += 1;
                if target.groups.contains(&f.by.as_str()) {
                    gammas.push(f.gamma);
                    bounds_s.push(f.bound_s / 60.0);
                }
            }
        }
        let (own, undivided) = (stop_delay(median(&gammas) * detect::bank::FALLS_SPREAD), stop_delay(median(&gammas)));
        println!(
            "    bound at the group's own allotment: {own:.1} expected receipts (undivided {undivided:.1}); about {:.0} min (median over rates at detection)",
            median(&bounds_s)
        );
        println!(
            "    ratio of the mean delay to it: {:.2} +- {:.2} (undivided {:.2}); found by {by:?}",
            mean(&engine.missed) / own,
            error(&engine.missed) / own,
            mean(&engine.missed) / undivided
        );
        engine.print("engine");
        let (day, night) = engine.by_closing();
        println!(
            "      found without a closing between: {} outages, ratio {:.2}; over a closing: {}, ratio {:.2}",
            day.len(),
            mean(&day) / own,
            night.len(),
            mean(&night) / own
        );
        self.report_peers(target, of, &series, (from, learned, last), (allowed, months));
    }

    /// What users do today, tuned to the same rate of false alarms.
    fn report_peers(
        &self,
        target: &Target,
        of: &[(&Cut, &Option<Found>)],
        series: &[Series<'_>],
        (from, learned, last): (i64, i64, i64),
        (allowed, months): (f64, f64),
    ) {
        let times = [
            ("tuned on the learning half", from, learned, allowed),
            ("tuned in hindsight on what it judges", learned, last, months),
        ];
        for (when, from, to, allowed) in times {
            let allowed = (allowed * target.share).round() as usize;
            let tuned: Vec<[Rule; 2]> = series
                .iter()
                .map(|s| [s.tune_gap(allowed, from, to), s.tune_last_week(allowed, from, to, target.open_h * 3_600)])
                .collect();
            for (kind, name) in [(0, "no sale for N minutes"), (1, "same hour last week")] {
                let mut delays = Delays::default();
                for (cut, _) in of {
                    delays.add(
                        cut,
                        series[cut.group].found(&tuned[cut.group][kind], cut.at, cut.end),
                        &series[cut.group],
                    );
                }
                delays.print(name);
                let alarms: usize = series.iter().zip(&tuned).map(|(s, t)| s.alarms(&t[kind], learned, last)).sum();
                let settings: Vec<String> = tuned.iter().map(|t| t[kind].to_string()).collect();
                println!("      {when}: {:.2} false alarms a month; {}", alarms as f64 / months, settings.join(" | "));
            }
        }
    }
}

impl Delays {
    fn add(&mut self, cut: &Cut, found: Option<i64>, series: &Series<'_>) {
        self.of += 1;
        let Some(at) = found else { return };
        self.minutes.push((series.openings.elapsed(at) - series.openings.elapsed(cut.at)) as f64 / 60.0);
        let index = |t: i64| series.receipts.partition_point(|r| *r <= t);
        self.missed.push((index(at) - index(cut.at)) as f64);
        self.over_closing.push(!series.openings.holds(cut.at, at));
    }

    /// Receipts missed where no closing lay between cut and finding, and where one did.
    fn by_closing(&self) -> (Vec<f64>, Vec<f64>) {
        let of = |over: bool| {
            self.missed.iter().zip(&self.over_closing).filter(|(_, o)| **o == over).map(|(m, _)| *m).collect()
        };
        (of(false), of(true))
    }

    fn print(&self, name: &str) {
        let within =
            |h: f64| 100.0 * self.minutes.iter().filter(|m| **m <= h * 60.0).count() as f64 / self.of.max(1) as f64;
        let q = |p: f64| quantile(&self.minutes, p);
        println!(
            "    {name:<24} open minutes: mean {:.0}, median {:.0}, p10 {:.0}, p90 {:.0}; receipts missed: mean {:.1}, median {:.0}; found {:.0} % (within 1 h {:.0} %, 2 h {:.0} %, 4 h {:.0} %)",
            mean(&self.minutes),
            median(&self.minutes),
            q(0.1),
            q(0.9),
            mean(&self.missed),
            median(&self.missed),
            within(1e9),
            within(1.0),
            within(2.0),
            within(4.0)
        );
    }
}

fn is_stop(f: &Finding) -> bool {
    matches!(f.kind, FindingKind::Silence | FindingKind::Drop | FindingKind::ContactLost)
}

/// What was said of the recording as it is.
fn print_quiet(quiet: &[Finding], months: f64, days: f64) {
    let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
    for f in quiet {
        *levels.entry(f.evidence.group.split('=').next().unwrap_or("")).or_default() += 1;
    }
    println!(
        "  uncut: {} findings in {months:.1} months, {:.2} a month; asked: one in {days} days at each level; by level {levels:?}",
        quiet.len(),
        quiet.len() as f64 / months
    );
    for f in quiet.iter().take(40) {
        println!(
            "    {} {:?} {} w {:.1} of {:.1}, observed {} of {:.1} since {}",
            moment(f.detected_at.as_millisecond()),
            f.kind,
            f.evidence.group,
            f.evidence.log_likelihood_ratio,
            f.evidence.threshold,
            f.observed,
            f.expected,
            f.started_at
        );
    }
}
