//! Delay of stops and drops against the exact bound over fleets of 1 to 10,000 sites, and false alarms against those asked for.
//!
//! Four learned weeks of interval sums, then single sales, with device, site, region and common shocks by the day and the hour. The bound is
//! the one at the group's own allotment, the bank's six arms included; half a tick (of 250 ms) is subtracted. `--quick` is a few minutes,
//! `--sites N` one fleet, `--moments N`, `--only delay|quiet`, `--shared CV` (region and common shocks, 0.05), `--calm` (no shocks).

#[path = "bench/detect_delay.rs"]
mod detect_delay;
#[path = "bench/detect_quiet.rs"]
mod detect_quiet;
#[path = "bench/drive.rs"]
mod drive;
#[path = "bench/fleet.rs"]
mod fleet;
#[path = "bench/stats.rs"]
mod stats;

use anyhow::Result;
use clap::Parser;
use engine::FalseAlarms;
use fleet::DrawnFleet;
use sim::{Scale, Shocks};

/// Delay against the bound, and false alarms against those asked for.
#[derive(Debug, Parser)]
struct Args {
    /// A few minutes instead of an hour.
    #[arg(long)]
    quick: bool,
    /// One fleet of so many sites.
    #[arg(long)]
    sites: Option<usize>,
    /// Random moments at which each group is stopped and halved.
    #[arg(long)]
    moments: Option<usize>,
    /// `delay` or `quiet` alone.
    #[arg(long)]
    only: Option<String>,
    /// Coefficient of variation of region and common shocks.
    #[arg(long, default_value_t = 0.05)]
    shared: f64,
    /// No shocks at all.
    #[arg(long)]
    calm: bool,
    /// Mean days between false alarms at each level, for the delays; absent: the shipped policy.
    #[arg(long)]
    false_alarm_days: Option<f64>,
    /// Quiet days.
    #[arg(long)]
    days: Option<i64>,
    /// Everything is drawn from it.
    #[arg(long, default_value_t = 11)]
    seed: u64,
    /// List the false alarms.
    #[arg(long)]
    list: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let own = Scale { day: 0.07, hour: 0.07 };
    let shared = Scale { day: args.shared, hour: args.shared };
    let shocks = if args.calm {
        Shocks::none()
    } else {
        Shocks { device: own, site: own, region: shared, common: shared, weather: 0.0 }
    };
    let allowed = args.false_alarm_days.map_or_else(FalseAlarms::default, FalseAlarms::every);
    let chosen = |sites: usize| args.sites.is_none_or(|only| only == sites);
    if args.only.as_deref() != Some("quiet") {
        println!("delay in expected transactions over the bound; shocks: {shocks:?}");
        detect_delay::heading();
        for (sites, devices, quick, full) in
            [(1, 3, 60, 300), (10, 3, 60, 300), (200, 3, 40, 200), (1_300, 2, 16, 100), (10_000, 2, 8, 40)]
        {
            if chosen(sites) {
                let moments = args.moments.unwrap_or(if args.quick { quick } else { full });
                detect_delay::measure(&DrawnFleet::new(args.seed, sites, devices, shocks), allowed, moments)?;
            }
        }
    }
    if args.only.as_deref() != Some("delay") {
        println!("false alarms of quiet days, measured / asked:");
        for (sites, quick, full) in [(1, 100.0, 400.0), (10, 40.0, 120.0), (200, 8.0, 40.0)] {
            for asked in [1.0, 3.0, 10.0] {
                if chosen(sites) {
                    let days = args
                        .days
                        .unwrap_or((if args.quick { quick } else { full } * f64::max(asked / 2.0, 1.0)) as i64);
                    detect_quiet::measure(&DrawnFleet::new(args.seed, sites, 3, shocks), asked, days);
                }
            }
        }
    }
    Ok(())
}
