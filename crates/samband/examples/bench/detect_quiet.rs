//! False alarms of quiet days against what was asked for, level by level.

use crate::detect_delay::{LEARNED_DAYS, learned};
use crate::fleet::{DAY_MS, DrawnFleet, START_MS};
use engine::FalseAlarms;
use std::collections::BTreeMap;

/// Runs quiet days and prints measured over asked for each level.
pub fn measure(fleet: &DrawnFleet, asked_days: f64, days: i64) {
    let mut drive = learned(fleet, FalseAlarms::every(asked_days));
    let mut levels: BTreeMap<&str, usize> =
        BTreeMap::from([("device", 0), ("site", 0), ("group", 0), ("everything", 0)]);
    let mut shown = Vec::new();
    for day in 0..days {
        drive.run_drawn(fleet, START_MS + (LEARNED_DAYS + day + 1) * DAY_MS, None, |f| {
            if f.revision == 1 {
                let level = match f.evidence.group.split('=').next() {
                    Some("device") => "device",
                    Some("site") => "site",
                    Some("everything") => "everything",
                    _ => "group",
                };
                *levels.entry(level).or_default() += 1;
                shown.push(format!("{} {}", f.detected_at, f.evidence.group));
            }
            false
        });
    }
    let asked = days as f64 / asked_days;
    let told: Vec<String> = levels
        .iter()
        .map(|(level, n)| {
            let spread = (*n as f64).sqrt().max(1.0);
            format!("{level} {n} ({:.2} +- {:.2})", *n as f64 / asked, spread / asked)
        })
        .collect();
    println!(
        "{:>6} sites, one in {asked_days} days asked, {days} quiet days, {asked:.0} expected a level: {}",
        fleet.sites,
        told.join(", ")
    );
    if std::env::args().any(|a| a == "--list") {
        shown.iter().for_each(|line| println!("    {line}"));
    }
}
