//! Signals a second through the engine in memory: count signals, 10,000 sites, 12 attributes, a learned and judged fleet.
//!
//! Parsed signals in batches of 500, a tick each 250 ms of event time holding what comes in 250 ms at the target rate, so that event time
//! and wall time are alike at 2,000,000 a second. Only `batch` and `tick` are timed. Options: `--seconds N` (60), `--devices N` a site (5).

#[path = "bench/drive.rs"]
#[expect(dead_code, reason = "only its moments are needed here")]
mod drive;
#[path = "bench/large.rs"]
mod large;
#[path = "bench/process.rs"]
#[expect(dead_code, reason = "memory is measured by another")]
mod process;

use anyhow::{Context, Result};
use clap::Parser;
use domain::Signal;
use drive::moment;
use engine::{Engine, Policy};
use std::sync::Arc;
use std::time::Instant;

/// Sites of the fleet.
const SITES: usize = 10_000;
/// Signals a second that event time is scaled for.
const TARGET: f64 = 2e6;
/// Event time of a tick.
const TICK_MS: i64 = 250;
/// Signals of a batch.
const BATCH: usize = 500;
/// Batches made before they are handed in.
const AT_HAND: usize = 1;
/// Days that teach: a class is ready after six.
const LEARNED_DAYS: i64 = 8;

/// Signals a second through the engine.
#[derive(Debug, Parser)]
struct Args {
    /// Seconds of wall time to sustain, for each number of shards.
    #[arg(long, default_value_t = 60.0)]
    seconds: f64,
    /// Devices at each site.
    #[arg(long, default_value_t = 5)]
    devices: usize,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let a_tick = (TARGET * TICK_MS as f64 / 1_000.0) as usize;
    let devices = SITES * args.devices;
    let learn_until = large::START_MS + LEARNED_DAYS * 86_400_000;
    let mut engine = Engine::new(Policy { learn_until: Some(moment(learn_until)), ..Policy::default() }, 1);
    engine.set_charts(false);
    large::register(&mut engine, SITES, args.devices);
    // The rate that will come is the rate that is learned.
    let usual = TARGET / devices as f64 * 3_600.0;
    large::teach(&mut engine, SITES, args.devices, LEARNED_DAYS, 3_600, usual as u32);
    let snapshot = engine.snapshot();
    println!(
        "{SITES} sites, {devices} devices, {} series, {} groups; learned, snapshot of {:.0} MB",
        engine.health().series,
        engine.health().groups,
        snapshot.len() as f64 / 1e6
    );
    drop(engine);
    // Every device as often as usual, neighbours far apart: a pattern that repeats and favours some would be a real drop of the others.
    let places = (0..a_tick).map(|i| i * 7_919 % devices);
    let mut signals: Vec<Signal> = places.map(|d| large::count(d % SITES, d / SITES, 0, 1, None)).collect();
    for shards in [1, 2] {
        let mut engine = Engine::restore(&snapshot, shards).context("the engine reads what it wrote")?;
        engine.set_runner(Arc::new(node::Threads));
        sustain(engine, shards, &mut signals, learn_until + 2_000, args.seconds);
    }
    Ok(())
}

fn sustain(mut engine: Engine, shards: usize, signals: &mut [Signal], from_ms: i64, seconds: f64) {
    engine.set_charts(false);
    let customer = large::customer();
    let (mut now, mut wall, mut cpu, mut ticking, mut done, mut findings) = (from_ms, 0.0, 0.0, 0.0, 0_u64, 0_usize);
    let mut worst: f64 = 0.0;
    while wall < seconds {
        let all = signals.len() as i64;
        for (i, signal) in signals.iter_mut().enumerate() {
            signal.at = moment(now + i as i64 * TICK_MS / all);
        }
        now += TICK_MS;
        for some in signals.chunks(BATCH * AT_HAND) {
            // As a parser hands them over: just made, and not fetched from far away in memory.
            let batches: Vec<Vec<Signal>> = some.chunks(BATCH).map(<[Signal]>::to_vec).collect();
            let before = process::thread_cpu_s();
            let started = Instant::now();
            for batch in &batches {
                engine.batch(&customer, moment(now), None, batch);
            }
            wall += started.elapsed().as_secs_f64();
            cpu += process::thread_cpu_s() - before;
        }
        let (ticked, before) = (Instant::now(), process::cpu_s());
        findings += engine.tick(moment(now)).findings.len();
        ticking += ticked.elapsed().as_secs_f64();
        worst = worst.max(ticked.elapsed().as_secs_f64());
        wall += ticked.elapsed().as_secs_f64();
        cpu += process::cpu_s() - before;
        done += signals.len() as u64;
    }
    let million = done as f64 / 1e6;
    println!(
        "{shards} shard(s), each on a thread: {:.2} M signals/s over {wall:.0} s ({million:.0} M), {:.3} CPU s a million, ticks {:.0} % of it (mean {:.0} ms, worst {:.0} ms), {findings} findings said",
        million / wall,
        cpu / million,
        100.0 * ticking / wall,
        1e3 * ticking / (done as f64 / signals.len() as f64),
        1e3 * worst
    );
}
