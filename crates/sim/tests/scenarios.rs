//! What a scenario says it did is what its signals show.
#![allow(clippy::unwrap_used)]

use domain::{DeviceCode, SignalBody};
use jiff::{SignedDuration, Timestamp};
use sim::{Reporting, Scenario, Stream, Timed, Trouble, Truth, World, WorldConfig};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A calm world without skew, so that times can be compared to the millisecond.
fn run(name: &str, sites: u32, start: &str, from: &str, to: &str) -> (Arc<World>, Truth, Vec<Timed>) {
    let config = WorldConfig { sites, ..WorldConfig::default() };
    let world = Arc::new(World::new(&config).unwrap());
    let injected = Scenario::shipped(name).unwrap().at(at(start));
    let truth = injected.truth(&world).unwrap();
    let reporting = Reporting { trouble: Trouble::none(), ..Reporting::live() };
    let mut stream = Stream::new(&world, &reporting, at(from), &[injected]).unwrap();
    let signals = stream.until(at(to)).collect();
    (world, truth, signals)
}

fn sold(signals: &[Timed], device: impl Fn(&DeviceCode) -> bool, from: Timestamp, to: Timestamp) -> u32 {
    let of = |t: &&Timed| device(t.signal.device.as_ref().unwrap()) && (from..to).contains(&t.signal.at);
    let count = |t: &Timed| if let SignalBody::Count(c) = &t.signal.body { c.count } else { 0 };
    signals.iter().filter(of).map(count).sum()
}

#[test]
fn s1_says_the_new_firmware_once_and_then_nothing_at_all() {
    let start = "2026-02-10T09:31:00Z";
    let (world, truth, signals) = run("s1", 60, start, "2026-02-10T08:00:00Z", "2026-02-10T11:00:00Z");
    let dead: BTreeMap<_, _> = truth.hits.iter().map(|h| (&h.device, h)).collect();
    let sites: BTreeSet<_> = truth.hits.iter().map(|h| &h.site).collect();
    assert_eq!(sites.len(), 48, "four shops in five");
    assert!(truth.hits.iter().all(|h| world.attribute(h.index, "vendor") == Some("Handvik")));
    assert_eq!(truth.first_dead_at.unwrap(), truth.hits.iter().map(|h| h.dead_at.unwrap()).min().unwrap());
    let mut told = 0;
    for t in &signals {
        let Some(hit) = dead.get(t.signal.device.as_ref().unwrap()) else { continue };
        assert!(t.signal.at < hit.dead_at.unwrap(), "{:?} after its death", t.signal);
        if let SignalBody::Observed(attributes) = &t.signal.body {
            assert_eq!(attributes["firmware"].as_deref(), Some("4.2.1"));
            assert_eq!(t.signal.at, hit.at);
            told += 1;
        }
    }
    assert_eq!(told, truth.hits.len());
}

#[test]
fn s1_moves_two_sales_in_five_to_the_tills() {
    let start = "2026-02-10T09:31:00Z";
    let (world, truth, signals) = run("s1", 60, start, "2026-02-10T09:00:00Z", "2026-02-10T12:00:00Z");
    let calm = Reporting { trouble: Trouble::none(), ..Reporting::live() };
    let mut quiet = Stream::new(&world, &calm, at("2026-02-10T09:00:00Z"), &[]).unwrap();
    let quiet: Vec<_> = quiet.until(at("2026-02-10T12:00:00Z")).collect();
    let dead: BTreeSet<_> = truth.hits.iter().map(|h| h.device.clone()).collect();
    let (from, to) = (at("2026-02-10T09:45:00Z"), at("2026-02-10T11:45:00Z"));
    let lost = sold(&quiet, |d| dead.contains(d), from, to);
    let till = |d: &DeviceCode| d.as_str().starts_with("till");
    let gained = sold(&signals, till, from, to) - sold(&quiet, till, from, to);
    let share = f64::from(gained) / f64::from(lost);
    assert!(lost > 5_000 && (share - 0.4).abs() < 0.03, "{gained} of {lost}");
}

#[test]
fn s5_is_silent_while_cut_and_tells_every_sale_afterwards() {
    let start = "2026-02-10T09:12:00Z";
    let (world, truth, signals) = run("s5", 20, start, "2026-02-10T09:00:00Z", "2026-02-10T10:30:00Z");
    let (first, back) =
        (truth.hits.iter().map(|h| h.at).min().unwrap(), truth.hits.iter().map(|h| h.until.unwrap()).min().unwrap());
    assert_eq!(back - first, SignedDuration::from_mins(45));
    let cut: BTreeSet<_> = truth.hits.iter().map(|h| &h.site).collect();
    assert_eq!(cut.len(), 9);
    let margin = SignedDuration::from_secs(6);
    let of_cut = |t: &&Timed| cut.contains(t.signal.site.as_ref().unwrap());
    assert!(!signals.iter().filter(of_cut).any(|t| (first + margin..back).contains(&t.received_at)));
    let calm = Reporting { trouble: Trouble::none(), ..Reporting::live() };
    let mut quiet = Stream::new(&world, &calm, at("2026-02-10T09:00:00Z"), &[]).unwrap();
    let sales = |signals: &[Timed]| -> BTreeSet<_> {
        let sale = |t: &Timed| matches!(t.signal.body, SignalBody::Count(_));
        let key = |t: &Timed| (t.signal.at, t.signal.device.clone());
        signals.iter().filter(|t| sale(t) && t.signal.at < at("2026-02-10T10:20:00Z")).map(key).collect()
    };
    let undisturbed: Vec<_> = quiet.until(at("2026-02-10T10:30:00Z")).collect();
    assert!(sales(&undisturbed) == sales(&signals), "no sale is lost, none invented");
    let backlog = signals.iter().filter(|t| t.signal.envelope.as_ref().is_some_and(|e| &*e.lane == "backlog"));
    let delays: Vec<_> = backlog.map(|t| t.received_at - t.signal.at).collect();
    assert!(delays.len() > 1_000 && delays.iter().any(|d| *d > SignedDuration::from_mins(44)));
}

#[test]
fn s9_hits_two_disjoint_sets_of_sites() {
    let world = World::new(&WorldConfig { sites: 100, ..WorldConfig::default() }).unwrap();
    let truth = Scenario::shipped("s9").unwrap().at(at("2026-02-10T09:12:00Z")).truth(&world).unwrap();
    let sites = |name| truth.of(name).map(|h| &h.site).collect::<BTreeSet<_>>();
    assert!(sites("provider").is_disjoint(&sites("bad firmware")));
    assert!(!sites("bad firmware").is_empty());
}

#[test]
fn s13_is_heard_only_by_its_absence() {
    let start = "2026-02-10T01:30:00Z";
    let (_, truth, signals) = run("s13", 40, start, "2026-02-10T01:00:00Z", "2026-02-10T04:30:00Z");
    let dead: BTreeSet<_> = truth.hits.iter().map(|h| &h.device).collect();
    let beats = |from, to| {
        let beat = |t: &&Timed| t.signal.body == SignalBody::Heartbeat && (at(from)..at(to)).contains(&t.signal.at);
        signals.iter().filter(beat).filter(|t| dead.contains(t.signal.device.as_ref().unwrap())).count()
    };
    assert!(beats("2026-02-10T01:00:00Z", "2026-02-10T01:30:00Z") >= 29 * dead.len());
    assert_eq!(beats("2026-02-10T01:40:09Z", "2026-02-10T04:30:00Z"), 0);
    assert!(sold(&signals, |_| true, at("2026-02-10T01:00:00Z"), at("2026-02-10T04:30:00Z")) < 30);
}

#[test]
fn s4_keeps_three_sales_in_five_and_every_heartbeat() {
    let start = "2026-02-10T10:40:00Z";
    let (world, truth, signals) = run("s4", 40, start, "2026-02-10T10:00:00Z", "2026-02-10T11:30:00Z");
    let calm = Reporting { trouble: Trouble::none(), ..Reporting::live() };
    let mut quiet = Stream::new(&world, &calm, at("2026-02-10T10:00:00Z"), &[]).unwrap();
    let quiet: Vec<_> = quiet.until(at("2026-02-10T11:30:00Z")).collect();
    let hit: BTreeSet<_> = truth.hits.iter().map(|h| h.device.clone()).collect();
    let (from, to) = (at("2026-02-10T10:41:00Z"), at("2026-02-10T11:20:00Z"));
    let of = |s: &[Timed]| f64::from(sold(s, |d| hit.contains(d), from, to));
    assert!((of(&signals) / of(&quiet) - 0.6).abs() < 0.03);
    let beats = |s: &[Timed]| s.iter().filter(|t| t.signal.body == SignalBody::Heartbeat).count();
    assert_eq!(beats(&signals), beats(&quiet));
}
