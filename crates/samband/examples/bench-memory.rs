//! Growth of resident memory for each device: 1,000,000 devices on 50,000 sites, 12 attributes, registered, and then learned.
//!
//! Options: `--sites N` (50,000), `--devices N` a site (20), `--days N` of learning in sums of six hours (7).

#[path = "bench/drive.rs"]
#[expect(dead_code, reason = "only its moments are needed here")]
mod drive;
#[path = "bench/large.rs"]
mod large;
#[path = "bench/process.rs"]
#[expect(dead_code, reason = "time is measured by another")]
mod process;

use anyhow::{Context, Result};
use clap::Parser;
use drive::moment;
use engine::{Engine, Policy};
use process::resident_bytes;
use std::time::Instant;

/// Growth of resident memory for each device.
#[derive(Debug, Parser)]
struct Args {
    /// Sites of the fleet.
    #[arg(long, default_value_t = 50_000)]
    sites: usize,
    /// Devices at each site.
    #[arg(long, default_value_t = 20)]
    devices: usize,
    /// Days of learning.
    #[arg(long, default_value_t = 7)]
    days: i64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let all = (args.sites * args.devices) as f64;
    let before = resident_bytes();
    let told = |what: &str, started: Instant| {
        println!(
            "{what}: {:.0} bytes a device, {:.1} s",
            (resident_bytes() - before) / all,
            started.elapsed().as_secs_f64()
        );
    };
    let started = Instant::now();
    let learn_until = moment(large::START_MS + args.days * 86_400_000);
    let mut engine = Engine::new(Policy { learn_until: Some(learn_until), ..Policy::default() }, 1);
    engine.set_charts(false);
    large::register(&mut engine, args.sites, args.devices);
    told("registered", started);
    let started = Instant::now();
    large::teach(&mut engine, args.sites, args.devices, args.days, 21_600, 20);
    engine.tick(learn_until + jiff::SignedDuration::from_secs(60));
    told("learned and judged", started);
    let started = Instant::now();
    let snapshot = engine.snapshot();
    println!("snapshot: {:.0} bytes a device, {:.1} s", snapshot.len() as f64 / all, started.elapsed().as_secs_f64());
    drop(engine);
    let started = Instant::now();
    let engine = Engine::restore(&snapshot, 1).context("the engine reads what it wrote")?;
    println!(
        "restored in {:.1} s: {} series, {} groups",
        started.elapsed().as_secs_f64(),
        engine.health().series,
        engine.health().groups
    );
    Ok(())
}
