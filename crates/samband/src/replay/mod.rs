//! `samband replay`: recorded signals through the real engine, in event time, at full speed.
//!
//! Signals arrive when they reached us (`received_at`), else in file order at their own time. The engine ticks every second of that time;
//! seconds in which nothing can happen are passed over, which changes nothing that is said.

mod arrival;
mod fleet;
mod input;
mod print;

use anyhow::{Context, Result};
use clap::Args as ClapArgs;
use domain::{Currency, CustomerKey, Metric, SiteCode};
use engine::{Engine, FalseAlarms, Policy};
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Arguments of `samband replay`.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Recorded signals: NDJSON, a JSON array, or a CSV of transactions; `-` for standard input.
    #[arg(required = true)]
    signals: Vec<PathBuf>,
    /// Registered sites; without them every site in the signals counts as registered.
    #[arg(long)]
    sites: Option<PathBuf>,
    /// Registered devices; without them every device in the signals counts as registered.
    #[arg(long)]
    devices: Option<PathBuf>,
    /// Until this moment everything teaches and nothing is judged (RFC 3339, or a date in `--timezone`).
    #[arg(long)]
    learn_until: Option<String>,
    /// Go on until this moment though the signals end before.
    #[arg(long)]
    until: Option<String>,
    /// Zone of times that have no offset, and of sites that name none.
    #[arg(long, default_value = "Europe/Stockholm")]
    timezone: String,
    /// Currency of amounts that name none, and of the customer's turnover.
    #[arg(long, default_value = "SEK")]
    currency: Currency,
    /// The site of CSV rows that name none.
    #[arg(long)]
    site: Option<String>,
    /// What the rows of a CSV count.
    #[arg(long, default_value = "sales")]
    metric: String,
    /// Customer that the signals belong to, where the fleet files name none.
    #[arg(long, default_value = "main")]
    customer: String,
    /// Mean days between false alarms at each level (devices, sites, groups, everything); absent: 30, 60, 1000 and 3650.
    #[arg(long)]
    false_alarm_days: Option<f64>,
    /// Shards to split the fleet into; the answer is the same for any number.
    #[arg(long, default_value_t = 1)]
    shards: usize,
    /// One JSON object for each finding and each revision of one.
    #[arg(long)]
    json: bool,
    /// Say nothing but findings.
    #[arg(long, short)]
    quiet: bool,
}

/// Runs it.
pub fn run(args: &Args) -> Result<ExitCode> {
    let zone = jiff::tz::TimeZone::get(&args.timezone)
        .with_context(|| format!("--timezone {:?} is not an IANA time zone", args.timezone))?;
    let moment = |text: &Option<String>, flag: &str| {
        text.as_deref().map(|t| input::moment(t, &zone).with_context(|| flag.to_owned())).transpose()
    };
    let (learn_until, until) = (moment(&args.learn_until, "--learn-until")?, moment(&args.until, "--until")?);
    let customer = CustomerKey::new(args.customer.as_str()).context("--customer")?;
    let metric = Metric::new(args.metric.as_str()).context("--metric")?;
    let site = args.site.as_deref().map(SiteCode::new).transpose().context("--site")?;
    let options = input::Options { zone: zone.clone(), currency: args.currency, metric, site };
    let mut signals = input::read_all(&args.signals, &options)?;
    for refused in &signals.refused {
        eprintln!("samband: {refused}");
    }
    if !args.quiet {
        signals.notes.iter().for_each(|note| eprintln!("samband: note: {note}"));
    }
    let fleet = fleet::Fleet::read(
        args.sites.as_deref(),
        args.devices.as_deref(),
        &customer,
        &args.timezone,
        args.currency,
        &signals.list,
    )?;
    let mut policy = Policy { learn_until, ..Policy::default() };
    if let Some(days) = args.false_alarm_days {
        anyhow::ensure!(days > 0.0 && days.is_finite(), "--false-alarm-days must be a positive number of days");
        policy.false_alarms = FalseAlarms::every(days);
    }
    let mut engine = Engine::new(policy, args.shards);
    engine.set_charts(false);
    engine.set_runner(Arc::new(node::Threads));
    fleet.changes.iter().for_each(|change| engine.apply_fleet(change));
    let arrivals = arrival::order(&mut signals.list, &signals.starts);
    for path in arrivals.unordered.iter().filter_map(|&file| args.signals.get(file)).filter(|_| !args.quiet) {
        eprintln!("samband: note: {} is in no order of time; each signal arrives at its own", path.display());
    }
    let mut out = print::Printer::new(args.json);
    let mut run = Run { engine: &mut engine, fleet: &fleet, learn_until, out: &mut out };
    run.through(&signals.list, &arrivals.list, until)?;
    if !args.quiet {
        out.summary(&engine, &signals);
    }
    Ok(if signals.refused_total > 0 { ExitCode::from(2) } else { ExitCode::SUCCESS })
}

struct Run<'a> {
    engine: &'a mut Engine,
    fleet: &'a fleet::Fleet,
    learn_until: Option<Timestamp>,
    out: &'a mut print::Printer,
}

/// While nothing is judged, ticks come once a minute.
const LEARNING_TICK: SignedDuration = SignedDuration::from_secs(60);

impl Run<'_> {
    fn through(
        &mut self,
        signals: &[domain::Signal],
        order: &[arrival::Arrival],
        until: Option<Timestamp>,
    ) -> Result<()> {
        let mut at = 0;
        let last = order.last().map(|a| a.at);
        let Some(end) = until.into_iter().chain(last).max() else { return Ok(()) };
        let mut now = order.first().map_or(end, |a| whole_second(a.at));
        let mut batch = Vec::new();
        loop {
            let from = at;
            while order.get(at).is_some_and(|a| a.at <= now) {
                at += 1;
            }
            for (customer, signal) in
                order[from..at].iter().map(|a| &signals[a.index as usize]).map(|s| (self.fleet.customer_of(s), s))
            {
                match batch.last_mut() {
                    Some((c, list)) if *c == customer => {
                        let list: &mut Vec<domain::Signal> = list;
                        list.push(signal.clone());
                    }
                    _ => batch.push((customer, vec![signal.clone()])),
                }
            }
            for (customer, list) in batch.drain(..) {
                self.engine.batch(customer, now, None, &list);
            }
            for finding in self.engine.tick(now).findings {
                self.out.finding(&finding)?;
            }
            if now >= end {
                return Ok(());
            }
            now = self.next(now, order.get(at).map(|a| a.at), end);
        }
    }

    /// The next second in which anything can happen.
    fn next(&self, now: Timestamp, arrival: Option<Timestamp>, end: Timestamp) -> Timestamp {
        let step = SignedDuration::from_secs(1);
        if self.learn_until.is_some_and(|until| now < until) {
            let next = now + LEARNING_TICK;
            return self.learn_until.map_or(next, |until| next.min(until)).min(whole_second(end));
        }
        let due = [arrival, self.engine.next_due()].into_iter().flatten().min().unwrap_or(end);
        whole_second(due).max(now + step).min(whole_second(end).max(now + step))
    }
}

/// The first whole second not before a moment.
fn whole_second(at: Timestamp) -> Timestamp {
    let second = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(second).unwrap_or(at)
}
