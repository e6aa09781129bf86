//! How long the real server takes to start: cold with nothing there, and with a million devices and a million journal events.
//!
//! From the start of the process to the first page that is answered; and to ready, when the engine has taken up its snapshot too. The
//! large directory is made first, which takes some minutes; `--data DIR` keeps it for the next time. Options: `--sites N` (10,000),
//! `--devices N` a site (100), `--events N` (1,000,000), `--rounds N` (5).

#[path = "bench/home.rs"]
mod home;
#[path = "bench/journal.rs"]
mod journal;
#[path = "bench/server.rs"]
#[expect(dead_code, reason = "processor time is measured by another")]
mod server;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use home::Home;
use server::{Server, binary};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Nothing takes longer than this, or something is broken.
const PATIENCE: Duration = Duration::from_secs(600);

/// Start-up of the real server.
#[derive(Debug, Parser)]
struct Args {
    /// Registered sites.
    #[arg(long, default_value_t = 10_000)]
    sites: usize,
    /// Registered devices at each.
    #[arg(long, default_value_t = 100)]
    devices: usize,
    /// Events of the journal, those of the fleet among them.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Starts of each kind; the median is said.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where the large directory lies or is to lie.
    #[arg(long)]
    data: Option<PathBuf>,
}

/// One start.
#[derive(Debug, Clone, Copy)]
struct Start {
    named: Duration,
    page: Duration,
    ready: Duration,
    resident_bytes: f64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    println!("binary: {:.1} MB", std::fs::metadata(binary()?)?.len() as f64 / 1e6);
    let folder = tempfile::tempdir()?;
    let cold = (0..args.rounds).map(|round| start(&folder.path().join(round.to_string()), None, false));
    say("cold, nothing there", &cold.collect::<Result<Vec<_>>>()?);
    let data = args.data.clone().unwrap_or_else(|| folder.path().join("large"));
    let session = large(&args, &data)?;
    let with = (0..args.rounds).map(|_| start(&data, Some(&session), false));
    say("large, with snapshots", &with.collect::<Result<Vec<_>>>()?);
    remove_projections(&data)?;
    say("large, journal folded from its beginning", &[start(&data, Some(&session), true)?]);
    Ok(())
}

/// Starts it; killed afterwards, so that the next start finds the same.
fn start(data: &Path, session: Option<&str>, end: bool) -> Result<Start> {
    let began = Instant::now();
    let server = Server::start(data, &[])?;
    let path = if session.is_some() { "/" } else { "/login" };
    let mut request = ureq::get(format!("{}{path}", server.base)).header("Accept", "text/html");
    if let Some(session) = session {
        request = request.header("Authorization", format!("Bearer {session}"));
    }
    let mut answer = request.call().context("no page")?;
    ensure!(answer.body_mut().read_to_string()?.contains("</html>"), "the page is not whole");
    let page = began.elapsed();
    while ureq::get(format!("{}/readyz", server.base)).call().is_err() {
        ensure!(began.elapsed() < PATIENCE, "it does not become ready");
        thread::sleep(Duration::from_millis(5));
    }
    let (ready, named, resident_bytes) = (began.elapsed(), server.named_after, server.resident_bytes());
    if end {
        server.end()?;
    }
    Ok(Start { named, page, ready, resident_bytes })
}

fn say(what: &str, starts: &[Start]) {
    let ms = |of: fn(&Start) -> Duration| {
        let mut all: Vec<_> = starts.iter().map(of).collect();
        all.sort();
        let at = |at: usize| all.get(at).map_or(f64::NAN, |duration| duration.as_secs_f64() * 1e3);
        format!("{:.0} ms ({:.0} to {:.0})", at(all.len() / 2), at(0), at(all.len().saturating_sub(1)))
    };
    let (named, page, ready) = (ms(|s| s.named), ms(|s| s.page), ms(|s| s.ready));
    let resident = starts.iter().map(|start| start.resident_bytes).fold(0.0, f64::max) / 1e6;
    println!("{what}: listening after {named}, first page {page}, ready {ready}; {resident:.0} MB resident");
}

/// Makes the large directory unless it is there; the answer is the session to look with.
fn large(args: &Args, data: &Path) -> Result<String> {
    let note = data.with_extension("session");
    if let Ok(session) = std::fs::read_to_string(&note) {
        return Ok(session.trim().to_owned());
    }
    let began = Instant::now();
    let home = Home::open(data)?;
    home.register(args.sites, args.devices)?;
    home.token()?;
    let session = home.session()?;
    journal::fill(&home, args.sites, args.events)?;
    drop(home);
    println!("made in {:.0} s; folded, taken up and written down in:", began.elapsed().as_secs_f64());
    // The engine learns of the fleet at its first tick, and writes its snapshot at the end, as the desk does.
    let began = Instant::now();
    let server = Server::start(data, &[])?;
    while server.metric("samband_engine_ticks_total")? < 8.0 {
        ensure!(began.elapsed() < PATIENCE, "the engine does not tick");
        thread::sleep(Duration::from_millis(200));
    }
    server.end()?;
    println!("  {:.0} s", began.elapsed().as_secs_f64());
    for entry in std::fs::read_dir(data.join("snapshots"))? {
        let entry = entry?;
        println!("  {} {:.1} MB", entry.file_name().display(), entry.metadata()?.len() as f64 / 1e6);
    }
    std::fs::write(note, &session)?;
    Ok(session)
}

fn remove_projections(data: &Path) -> Result<()> {
    for entry in std::fs::read_dir(data.join("snapshots"))? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(desk::SNAPSHOT_NAME)) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}
