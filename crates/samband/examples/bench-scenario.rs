//! A shipped scenario on a large chain: what was said first, how long after the first device died, and in how many incidents.
//!
//! Four weeks are learned from quarter-hour sums, the day of the scenario runs with single sales, heartbeats and everyday trouble. Options:
//! the scenario's name (s1), `--sites N` (1300), `--seed N`, `--days N` of learning (28), `--minutes N` after the beginning (20).

#[path = "bench/drive.rs"]
#[expect(dead_code, reason = "nothing is forked here")]
mod drive;

use anyhow::Result;
use clap::Parser;
use domain::finding::Contact;
use domain::{Finding, Signal};
use drive::Drive;
use engine::{Engine, Policy};
use jiff::{SignedDuration, Timestamp};
use sim::{Injected, Reporting, Scenario, Stream, Timed, World, WorldConfig};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A shipped scenario on a large chain.
#[derive(Debug, Parser)]
struct Args {
    /// Which.
    #[arg(default_value = "s1")]
    scenario: String,
    /// Shops.
    #[arg(long, default_value_t = 1_300)]
    sites: u32,
    /// Everything is drawn from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Days that teach.
    #[arg(long, default_value_t = 28)]
    days: i64,
    /// Minutes that are watched once it has begun.
    #[arg(long, default_value_t = 20)]
    minutes: i64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let config = WorldConfig { seed: args.seed, sites: args.sites, ..WorldConfig::default() };
    let world = Arc::new(World::new(&config)?);
    let morning: Timestamp = "2026-02-10T00:00:00+01:00".parse()?;
    let begins: Timestamp = "2026-02-10T10:31:00+01:00".parse()?;
    let from = morning - SignedDuration::from_hours(24 * args.days);
    let mut engine = Engine::new(Policy { learn_until: Some(morning), ..Policy::default() }, 2);
    engine.set_runner(Arc::new(node::Threads));
    world.fleet_changes().iter().for_each(|change| engine.apply_fleet(change));
    let mut drive = Drive::new(engine, &config.customer, 250, morning.as_millisecond(), from.as_millisecond());
    let mut history = sim::history(&world, from, morning, 900)?.peekable();
    for hour in 1..=24 * args.days {
        let until = from + SignedDuration::from_hours(hour);
        let batch: Vec<Signal> = std::iter::from_fn(|| history.next_if(|t| t.received_at < until)).map(told).collect();
        drive.run(&batch, until.as_millisecond(), |_| false);
    }
    let injected: Injected = Scenario::shipped(&args.scenario)?.at(begins);
    let truth = injected.truth(&world)?;
    let dead = truth.first_dead_at.unwrap_or(begins);
    println!(
        "{}: {} sites, {} devices, {} of them hit, the first at {dead}",
        args.scenario,
        world.sites.len(),
        world.devices.len(),
        truth.hits.len()
    );
    let mut live = Stream::new(&world, &Reporting::live(), morning, &[injected])?;
    let (mut incidents, mut wide) = (BTreeSet::new(), BTreeSet::new());
    // Five minutes at a time, so that signals arrive as they would and none is held long.
    let mut until = morning;
    while until < begins + SignedDuration::from_mins(args.minutes) {
        until += SignedDuration::from_mins(5);
        let batch: Vec<Signal> = live.until(until).map(told).collect();
        drive.run(&batch, until.as_millisecond(), |f| {
            if f.detected_at >= begins {
                tell(f, dead);
                incidents.insert(f.incident.clone());
                if f.affected.sites > 1 {
                    wide.insert(f.incident.clone());
                }
            }
            false
        });
    }
    println!("{} incidents, {} of them of more than one site", incidents.len(), wide.len());
    Ok(())
}

fn told(timed: Timed) -> Signal {
    Signal { received_at: Some(timed.received_at), ..timed.signal }
}

fn tell(f: &Finding, dead: Timestamp) {
    let terms: Vec<String> = f.explanation.iter().map(ToString::to_string).collect();
    let contact = if f.evidence.contact == Contact::Undecided { ", contact undecided" } else { "" };
    println!(
        "{:>7.1} s  {} r{} {:?} {:?} {}: {} sites, {} devices, observed {} of {:.1} expected, purity {:.2}, coverage {:.2}{contact}, {}",
        f.revised_at.duration_since(dead).as_secs_f64(),
        f.id,
        f.revision,
        f.status,
        f.kind,
        terms.join(" & "),
        f.affected.sites,
        f.affected.devices,
        f.observed,
        f.expected,
        f.purity,
        f.coverage,
        f.incident
    );
}
