//! A simulated year in which nothing happens: 200 shops with their everyday trouble, and what would have been said of it.
//!
//! S10: reboots, flat batteries, shops offline, late openings, late and duplicated signals, Christmas, midsummer, summer time. Counted are findings
//! by kind, and incidents that the shipped policy makes sev1 or sev2. Options: `--days N` (365), `--from DATE`, `--sites N` (200), `--seed N`, `--heartbeat N` s (300).

#[path = "bench/drive.rs"]
#[expect(dead_code, reason = "nothing is forked here")]
mod drive;

use anyhow::Result;
use clap::Parser;
use domain::fleet::FleetChange;
use domain::incident::{FleetSize, Severity, SeverityPolicy};
use domain::{Finding, Signal};
use drive::Drive;
use engine::{Engine, Policy};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use sim::{Reporting, Stream, Timed, World, WorldConfig};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A simulated year.
#[derive(Debug, Parser)]
struct Args {
    /// Days that are judged, after four weeks that teach.
    #[arg(long, default_value_t = 365)]
    days: i64,
    /// The day on which learning begins, four weeks before judging does.
    #[arg(long, default_value = "2026-01-05")]
    from: Date,
    /// Shops.
    #[arg(long, default_value_t = 200)]
    sites: u32,
    /// Everything is drawn from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds between heartbeats; 0: none.
    #[arg(long, default_value_t = 300)]
    heartbeat: u32,
    /// List the findings of more than one site, and grave ones.
    #[arg(long)]
    list: bool,
}

/// What was said in all.
#[derive(Default)]
struct Said {
    kinds: BTreeMap<String, BTreeMap<&'static str, usize>>,
    incidents: BTreeSet<String>,
    severity: BTreeMap<String, Severity>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let config = WorldConfig { seed: args.seed, sites: args.sites, ..WorldConfig::default() };
    let world = Arc::new(World::new(&config)?);
    let from: Timestamp = args.from.in_tz("Europe/Stockholm")?.timestamp();
    let live_from = from + SignedDuration::from_hours(28 * 24);
    let mut engine = Engine::new(Policy { learn_until: Some(live_from), ..Policy::default() }, 1);
    world.fleet_changes().iter().for_each(|change: &FleetChange| engine.apply_fleet(change));
    let mut drive = Drive::new(engine, &config.customer, 1_000, live_from.as_millisecond(), from.as_millisecond());
    let size = FleetSize { sites: world.sites.len() as u32, devices: world.devices.len() as u32 };
    let (mut said, mut signals) = (Said::default(), 0_u64);
    let mut history = sim::history(&world, from, live_from, 900)?.peekable();
    let reporting = Reporting { heartbeat_s: args.heartbeat, ..Reporting::live() };
    let mut live = Stream::new(&world, &reporting, live_from, &[])?;
    let hours = (28 + args.days) * 24;
    for hour in 1..=hours {
        let until = from + SignedDuration::from_hours(hour);
        let mut batch: Vec<Signal> = Vec::new();
        while let Some(timed) = history.next_if(|t| t.received_at < until) {
            batch.push(received(timed));
        }
        if until > live_from {
            batch.extend(live.until(until).map(received));
            // The last sums of what is learned from arrive just after the first single sales.
            batch.sort_by_key(|s| s.received_at);
        }
        signals += batch.len() as u64;
        drive.run(&batch, until.as_millisecond(), |f| {
            said.hear(f, size, args.list);
            false
        });
        if hour % (24 * 30) == 0 {
            eprintln!("day {}: {signals} signals, {} incidents", hour / 24 - 28, said.incidents.len());
        }
    }
    said.print(&args, size, signals);
    Ok(())
}

fn received(timed: Timed) -> Signal {
    Signal { received_at: Some(timed.received_at), ..timed.signal }
}

impl Said {
    fn hear(&mut self, f: &Finding, size: FleetSize, list: bool) {
        let incident = f.incident.as_str().to_owned();
        let severity = SeverityPolicy::default().assess(f, size);
        let worst = self.severity.entry(incident.clone()).or_insert(severity);
        *worst = worst.graver(severity);
        self.incidents.insert(incident);
        let share = f64::from(f.affected.sites) / f64::from(size.sites);
        if f.revision == 1 {
            let extent = match f.affected.sites {
                0 | 1 if f.affected.devices <= 1 => "one device",
                0 | 1 => "one site",
                _ if share < 0.05 => "several sites",
                _ => "5 % of the sites or more",
            };
            *self.kinds.entry(format!("{:?}", f.kind)).or_default().entry(extent).or_default() += 1;
        }
        if list && (f.affected.sites > 1 || severity <= Severity::Sev2) {
            println!(
                "{} r{} {:?} {:?} {} {} sites, {} devices, observed {} of {:.0} {severity:?} since {} {:?} {:?}",
                f.revised_at,
                f.revision,
                f.status,
                f.kind,
                f.evidence.group,
                f.affected.sites,
                f.affected.devices,
                f.observed,
                f.expected,
                f.started_at,
                f.evidence.contact,
                f.evidence.because,
            );
        }
    }

    fn print(&self, args: &Args, size: FleetSize, signals: u64) {
        println!(
            "{} sites, {} devices, {} judged days, {signals} signals, seed {}",
            size.sites, size.devices, args.days, args.seed
        );
        for (kind, extents) in &self.kinds {
            println!("  {kind}: {extents:?}");
        }
        let of = |wanted: Severity| self.severity.values().filter(|s| **s == wanted).count();
        let told: Vec<String> = Severity::ALL.iter().map(|s| format!("{} {}", s.name(), of(*s))).collect();
        println!(
            "  {} incidents: {} (at most one sev1 or sev2 in a year is the aim)",
            self.incidents.len(),
            told.join(", ")
        );
    }
}
