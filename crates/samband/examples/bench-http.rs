//! Signals a second through the real server: acknowledged as durable, over loopback, and how soon live pages are told of them.
//!
//! Batches of 500 count signals over kept connections, the clients on the same cores. First as fast as answers come, then at a steady
//! rate with a listener on the live feed: from a request's first byte to the frame that names its place. Options: `--seconds N` (20),
//! `--rate N` (50,000), `--senders N` (8), `--sites N` (10,000), `--devices N` a site (5), `--tick-ms N` (the server's own).

#[path = "bench/home.rs"]
mod home;
#[path = "bench/senders.rs"]
mod senders;
#[path = "bench/server.rs"]
#[expect(dead_code, reason = "start-up is measured by another")]
mod server;

use anyhow::{Result, ensure};
use clap::Parser;
use home::Home;
use senders::{BATCH, Connection, Load, Sent, position_in};
use server::{Server, cpu_s};
use std::io::BufRead;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long it is warmed up.
const WARM_S: f64 = 3.0;
/// How long the engine may take to read what was acknowledged.
const PATIENCE: Duration = Duration::from_secs(120);

/// Signals through the real server.
#[derive(Debug, Parser)]
struct Args {
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 20.0)]
    seconds: f64,
    /// Signals a second while latency is measured.
    #[arg(long, default_value_t = 50_000.0)]
    rate: f64,
    /// Connections.
    #[arg(long, default_value_t = 8)]
    senders: usize,
    /// Registered sites.
    #[arg(long, default_value_t = 10_000)]
    sites: usize,
    /// Registered devices at each.
    #[arg(long, default_value_t = 5)]
    devices: usize,
    /// Milliseconds between ticks, where not as the server has it.
    #[arg(long)]
    tick_ms: Option<u32>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let home = Home::open(&data)?;
    home.register(args.sites, args.devices)?;
    let (token, session) = (home.token()?, home.session()?);
    drop(home);
    let settings: Vec<_> = args.tick_ms.map(|ms| ("SAMBAND_ENGINE_TICK_MS", ms.to_string())).into_iter().collect();
    let server = Server::start(&data, &settings)?;
    println!("{} sites, {} devices; {} senders", args.sites, args.sites * args.devices, args.senders);
    let load = Load {
        address: server.address(),
        token: &token,
        senders: args.senders,
        fleet: (args.sites, args.devices),
        every: None,
        seconds: WARM_S,
    };
    load.run()?;
    sustained(&server, Load { seconds: args.seconds, ..load })?;
    let every = Duration::from_secs_f64(BATCH as f64 * args.senders as f64 / args.rate);
    live(&server, &session, Load { seconds: args.seconds, every: Some(every), ..load })?;
    server.end()
}

/// As fast as answers come.
fn sustained(server: &Server, load: Load<'_>) -> Result<()> {
    let (began, server_before, own_before) = (Instant::now(), server.cpu_s(), cpu_s("self"));
    let seen = load.run()?;
    let wall = began.elapsed().as_secs_f64();
    let (server_cpu, own_cpu) = (server.cpu_s() - server_before, cpu_s("self") - own_before);
    let million = (seen.sent.len() * BATCH) as f64 / 1e6;
    let newest = seen.sent.iter().map(|sent| sent.position).max().unwrap_or(0);
    let behind = newest as f64 - server.metric("samband_engine_position_total")?;
    let caught_up = Instant::now();
    wait_read(server, newest)?;
    println!(
        "acknowledged: {:.0} signals/s over {wall:.0} s ({million:.1} M, {} batches refused); server {:.2} CPU s a million, clients {:.2}",
        1e6 * million / wall,
        seen.refused,
        server_cpu / million,
        own_cpu / million
    );
    println!(
        "answers after {}; at the end {behind:.0} batches were unread by the engine, read {:.1} s later; {:.0} MB resident",
        quantiles(seen.sent.iter().map(|sent| sent.answered - sent.at)),
        caught_up.elapsed().as_secs_f64(),
        server.resident_bytes() / 1e6
    );
    Ok(())
}

fn wait_read(server: &Server, position: u64) -> Result<()> {
    let began = Instant::now();
    while server.metric("samband_engine_position_total")? < position as f64 {
        ensure!(began.elapsed() < PATIENCE, "the engine does not read what was acknowledged");
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// At a steady rate, with a listener.
fn live(server: &Server, session: &str, load: Load<'_>) -> Result<()> {
    let frames = listen(server.address(), session)?;
    let (server_before, began) = (server.cpu_s(), Instant::now());
    let seen = load.run()?;
    let (wall, cpu) = (began.elapsed().as_secs_f64(), server.cpu_s() - server_before);
    thread::sleep(Duration::from_secs(1));
    let frames = frames.lock().unwrap_or_else(PoisonError::into_inner);
    let told = |sent: &Sent| {
        let at = frames.partition_point(|(_, position)| *position < sent.position);
        frames.get(at).map(|(told, _)| told.saturating_duration_since(sent.at))
    };
    let delays: Vec<_> = seen.sent.iter().filter_map(told).collect();
    let signals = (seen.sent.len() * BATCH) as f64;
    println!(
        "live at {:.0} signals/s ({:.2} CPU s a million, {} batches refused):",
        signals / wall,
        cpu / signals * 1e6,
        seen.refused
    );
    println!("answers after {}", quantiles(seen.sent.iter().map(|sent| sent.answered - sent.at)));
    println!("frames after {} ({} of {} requests)", quantiles(delays.iter().copied()), delays.len(), seen.sent.len());
    Ok(())
}

type Frames = Arc<Mutex<Vec<(Instant, u64)>>>;

/// Listens to the live feed: when which place in the inbox was told.
fn listen(address: &str, session: &str) -> Result<Frames> {
    let request = format!(
        "GET /api/v1/live HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {session}\r\nAccept: text/event-stream\r\n\r\n"
    );
    let lines = Connection::open(address)?.begin(request.as_bytes())?.lines();
    let frames = Frames::default();
    let into = Arc::clone(&frames);
    thread::spawn(move || {
        for line in lines.map_while(std::io::Result::ok) {
            if let Ok(position) = position_in(line.as_bytes()) {
                into.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), position));
            }
        }
    });
    Ok(frames)
}

fn quantiles(durations: impl Iterator<Item = Duration>) -> String {
    let mut ms: Vec<f64> = durations.map(|duration| duration.as_secs_f64() * 1e3).collect();
    ms.sort_by(f64::total_cmp);
    let at = |share: f64| ms.get(((ms.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(f64::NAN);
    format!("p50 {:.1}, p90 {:.1}, p99 {:.1}, worst {:.1} ms", at(0.5), at(0.9), at(0.99), at(1.0))
}
