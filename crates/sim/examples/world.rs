//! Writes a synthetic chain and its signals to files: `sites.csv`, `devices.csv`, `signals.ndjson`, and `truth.json` of scenarios.
//!
//! `cargo run --release -p samband-sim --example world -- --sites 200 --days 28 --until 2026-02-10T12:00:00+01:00 --scenario s1 --out /tmp/w`

use anyhow::{Context, Result};
use clap::Parser;
use domain::Signal;
use ingest::native::encode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sim::{Injected, Reporting, Sales, Scenario, Stream, Timed, Trouble, World, WorldConfig, history};
use std::fs::{File, create_dir_all, write};
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Writes a synthetic chain of shops and its signals.
#[derive(Debug, Parser)]
struct Args {
    /// Number of shops; a scenario's own wish where absent, else 200.
    #[arg(long)]
    sites: Option<u32>,
    /// Everything follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// First moment, RFC 3339; absent: `--days` before the end.
    #[arg(long)]
    from: Option<Timestamp>,
    /// End, RFC 3339.
    #[arg(long, default_value = "2026-02-10T12:00:00+01:00")]
    until: Timestamp,
    /// Days to write where `--from` is absent.
    #[arg(long, default_value_t = 1)]
    days: i64,
    /// Interval sums of so many seconds; absent: one signal a sale.
    #[arg(long)]
    interval_s: Option<u32>,
    /// Undisturbed interval sums (900 s where not said) up to this moment, single sales and heartbeats after it.
    #[arg(long)]
    live_from: Option<Timestamp>,
    /// Send heartbeats, every 60 s or so many. With `--live-from` only after it.
    #[arg(long, default_value_t = 0, default_missing_value = "60", num_args = 0..=1)]
    heartbeats: u32,
    /// Number signals by envelopes and duplicate some.
    #[arg(long)]
    envelopes: bool,
    /// No background trouble.
    #[arg(long)]
    calm: bool,
    /// Scenario by name or path of a TOML file; may be given several times.
    #[arg(long)]
    scenario: Vec<String>,
    /// When each scenario begins; the last one counts for the rest. Absent: at its own time of the last day.
    #[arg(long)]
    scenario_at: Vec<Timestamp>,
    /// Write no signals: count the signals and say how fast they were made.
    #[arg(long)]
    dry: bool,
    /// Folder to write to.
    #[arg(long, default_value = "world")]
    out: PathBuf,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let scenarios = args.scenario.iter().map(|s| read(s)).collect::<Result<Vec<_>>>()?;
    let mut config = WorldConfig { seed: args.seed, ..WorldConfig::default() };
    for s in &scenarios {
        config = s.world(&config);
    }
    config.sites = args.sites.unwrap_or(config.sites);
    let world = Arc::new(World::new(&config)?);
    let mut injected: Vec<Injected> = Vec::new();
    for (i, s) in scenarios.into_iter().enumerate() {
        let at = args.scenario_at.get(i).or(args.scenario_at.last()).copied();
        let at = at.unwrap_or_else(|| own_time(&world, &s, args.until));
        injected.push(s.at(at));
    }
    create_dir_all(&args.out).with_context(|| format!("folder {}", args.out.display()))?;
    write(args.out.join("sites.csv"), world.sites_csv())?;
    write(args.out.join("devices.csv"), world.devices_csv())?;
    write(args.out.join("truth.json"), truth(&world, &injected)?)?;
    let from = args.from.unwrap_or(args.until - SignedDuration::from_hours(24 * args.days));
    let mut out = BufWriter::with_capacity(1 << 20, File::create(args.out.join("signals.ndjson"))?);
    let trouble = if args.calm { Trouble::none() } else { Trouble::default() };
    let live_from = args.live_from.unwrap_or(from);
    let learned = args.live_from.map(|live| history(&world, from, live, args.interval_s.unwrap_or(900))).transpose()?;
    let sales = args.interval_s.filter(|_| args.live_from.is_none()).map_or(Sales::Single, Sales::Interval);
    let reporting = Reporting { sales, heartbeat_s: args.heartbeats, envelopes: args.envelopes, trouble };
    let mut stream = Stream::new(&world, &reporting, live_from, &injected)?;
    let (began, mut lines, mut text) = (std::time::Instant::now(), 0_u64, Vec::new());
    for timed in merged(learned.into_iter().flatten(), stream.until(args.until)) {
        lines += 1;
        if !args.dry {
            text.clear();
            encode(&Signal { received_at: Some(timed.received_at), ..timed.signal }, &mut text)?;
            out.write_all(&text)?;
        }
    }
    out.flush()?;
    let (sites, devices) = (world.sites.len(), world.devices.len());
    let pace = lines as f64 / began.elapsed().as_secs_f64();
    println!("{sites} sites, {devices} devices, {lines} signals in {}, {pace:.0} a second", args.out.display());
    Ok(())
}

/// Two streams in order of arrival: the last sums of what is learned from arrive just after the first single sales.
fn merged(first: impl Iterator<Item = Timed>, second: impl Iterator<Item = Timed>) -> impl Iterator<Item = Timed> {
    let (mut first, mut second) = (first.peekable(), second.peekable());
    std::iter::from_fn(move || match (first.peek(), second.peek()) {
        (Some(a), Some(b)) if b.received_at < a.received_at => second.next(),
        (Some(_), _) => first.next(),
        (None, _) => second.next(),
    })
}

fn read(name: &str) -> Result<Scenario> {
    let is_file = std::path::Path::new(name).extension().is_some_and(|e| e == "toml");
    if is_file {
        let text = std::fs::read_to_string(name).with_context(|| format!("scenario file {name}"))?;
        return Scenario::parse(&text).with_context(|| name.to_owned());
    }
    Ok(Scenario::shipped(name)?)
}

/// A scenario's own time of day on the last day that lies before the end.
fn own_time(world: &World, scenario: &Scenario, until: Timestamp) -> Timestamp {
    let zone = world.zone();
    let time = scenario.time.unwrap_or(jiff::civil::time(10, 0, 0, 0));
    let on = |date: jiff::civil::Date| zone.to_timestamp(date.to_datetime(time)).unwrap_or(until);
    let last = zone.to_datetime(until).date();
    let at = on(last);
    if at < until { at } else { last.yesterday().map_or(at, on) }
}

fn truth(world: &World, injected: &[Injected]) -> Result<String> {
    let mut all = Vec::new();
    for one in injected {
        let truth = one.truth(world)?;
        let hits: Vec<Value> = truth
            .hits
            .iter()
            .map(|h| {
                json!({"break": h.of, "device": h.device, "site": h.site, "at": h.at, "until": h.until,
                    "dead_at": h.dead_at, "cut_at": h.cut_at})
            })
            .collect();
        all.push(json!({"scenario": one.scenario.name, "at": one.at, "first_hit_at": truth.first_hit_at,
            "first_dead_at": truth.first_dead_at, "hits": hits}));
    }
    Ok(serde_json::to_string_pretty(&all)?)
}
