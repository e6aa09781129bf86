//! Outages cut into real receipts: delay against the exact bound and against what users do today.
//!
//! `online-retail.csv` is one shop, `complete-journey-sample.csv` a chain cut as a whole and by regions made of its shops. Both are looked
//! for in the folder named by `SAMBAND_SHARED` (default: `shared` beside the checkout), under `data/transactions`. Options: `--cuts N` (200), `--days N` (30).

#[path = "bench/drive.rs"]
mod drive;
#[path = "bench/openings.rs"]
mod openings;
#[path = "bench/peers.rs"]
mod peers;
#[path = "bench/real_case.rs"]
mod real_case;
#[path = "bench/stats.rs"]
mod stats;

use anyhow::{Context, Result};
use domain::{Signal, SiteCode};
use ingest::transactions;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use real_case::{Case, Target};
use std::path::{Path, PathBuf};

/// Regions made of the chain's shops.
const REGIONS: usize = 6;

fn main() -> Result<()> {
    let cuts = option("--cuts", 200.0)? as usize;
    let days = option("--days", 30.0)?;
    let shared = std::env::var_os("SAMBAND_SHARED").map_or_else(|| Path::new("..").join("shared"), PathBuf::from);
    let folder = shared.join("data/transactions");
    let mut ran = 0;
    for (file, case) in
        [("online-retail.csv", shop as fn(&Path) -> Result<Case>), ("complete-journey-sample.csv", chain)]
    {
        let path = folder.join(file);
        if !path.exists() {
            eprintln!("SKIPPED: {} is not there; say where with SAMBAND_SHARED", path.display());
            continue;
        }
        case(&path)?.measure(cuts, days)?;
        ran += 1;
    }
    anyhow::ensure!(ran > 0, "nothing was measured: there are no data");
    Ok(())
}

/// One shop that sells to the world from London.
fn shop(path: &Path) -> Result<Case> {
    let zone = TimeZone::get("Europe/London")?;
    let signals = read(path, &zone, "GBP")?;
    let learn_until: Timestamp = "2011-05-31T23:00:00Z".parse()?;
    let targets = vec![Target {
        name: "the shop".to_owned(),
        sites: None,
        share: 1.0,
        open_h: 8,
        groups: vec!["site=shop", "everything"],
    }];
    Ok(Case { name: "online-retail: one shop", zone, signals, regions: Vec::new(), learn_until, targets })
}

/// A chain of sparse shops in the United States.
fn chain(path: &Path) -> Result<Case> {
    let zone = TimeZone::get("America/New_York")?;
    // The recorded clock is UTC: the busiest hour moves with summer time, and the quietest is three in the morning only so.
    let signals = read(path, &TimeZone::UTC, "USD")?;
    let learn_until: Timestamp = "2017-07-01T04:00:00Z".parse()?;
    let mut sites: Vec<SiteCode> = signals.iter().filter_map(|s| s.site.clone()).collect();
    sites.sort();
    sites.dedup();
    let mut regions: Vec<Vec<SiteCode>> = vec![Vec::new(); REGIONS];
    for (i, site) in sites.into_iter().enumerate() {
        regions[i % REGIONS].push(site);
    }
    let mut targets = vec![Target {
        name: "whole chain".to_owned(),
        sites: None,
        share: 1.0,
        open_h: 12,
        groups: vec!["everything"],
    }];
    targets.push(Target {
        name: format!("a region of {REGIONS}"),
        sites: Some(regions.clone()),
        share: 1.0 / REGIONS as f64,
        open_h: 48,
        groups: vec!["region=R0", "region=R1", "region=R2", "region=R3", "region=R4", "region=R5"],
    });
    Ok(Case { name: "complete-journey: a chain of sparse shops", zone, signals, regions, learn_until, targets })
}

fn read(path: &Path, zone: &TimeZone, currency: &str) -> Result<Vec<Signal>> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let options = transactions::Options {
        timezone: Some(zone.clone()),
        site: Some(SiteCode::new("shop")?),
        currency: Some(currency.parse()?),
        returns: transactions::Returns::PassOver,
        limits: ingest::Limits { signals: usize::MAX, ..ingest::Limits::default() },
        ..transactions::Options::default()
    };
    let mut signals = transactions::parse(&bytes, &options)?.signals;
    signals.sort_by_key(|s| s.at);
    Ok(signals)
}

fn option(name: &str, default: f64) -> Result<f64> {
    let args: Vec<String> = std::env::args().collect();
    match args.iter().position(|a| a == name) {
        Some(at) => args.get(at + 1).and_then(|v| v.parse().ok()).with_context(|| format!("{name} takes a number")),
        None => Ok(default),
    }
}
