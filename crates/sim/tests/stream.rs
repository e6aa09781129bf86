//! A stream is one and the same however it is cut: from the seed, from the middle, step by step, with a scenario let loose late.
#![allow(clippy::unwrap_used)]

use domain::SignalBody;
use jiff::{SignedDuration, Timestamp};
use sim::{BadStream, Reporting, Sales, Scenario, Stream, Timed, Trouble, World, WorldConfig, history};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn world(seed: u64, sites: u32) -> Arc<World> {
    Arc::new(World::new(&WorldConfig { seed, sites, ..WorldConfig::default() }).unwrap())
}

/// Trouble so frequent that a few sites for a few hours see all of it.
fn stormy() -> Reporting {
    let trouble = Trouble {
        reboots_per_day: 0.8,
        flat_per_day: 0.3,
        offline_per_day: 0.9,
        late: 0.05,
        duplicated: 0.02,
        ..Trouble::default()
    };
    Reporting { trouble, ..Reporting::live() }
}

fn all(world: &Arc<World>, reporting: &Reporting, from: &str, to: &str, scenario: Option<sim::Injected>) -> Vec<Timed> {
    let injected: Vec<_> = scenario.into_iter().collect();
    Stream::new(world, reporting, at(from), &injected).unwrap().until(at(to)).collect()
}

const FROM: &str = "2026-02-09T22:10:00Z";
const TO: &str = "2026-02-10T10:00:00Z";

#[test]
fn the_same_seed_gives_the_same_signals_and_another_seed_others() {
    let run = |seed| all(&world(seed, 4), &stormy(), FROM, TO, None);
    let (one, same, other) = (run(1), run(1), run(2));
    assert!(one.len() > 10_000);
    assert_eq!(one, same);
    assert_ne!(one, other);
    assert!(one.windows(2).all(|w| w[0].received_at <= w[1].received_at));
}

#[test]
fn a_stream_begun_in_the_middle_goes_on_as_the_whole_one_did() {
    let world = world(3, 8);
    for reporting in
        [stormy(), Reporting { envelopes: false, ..stormy() }, Reporting { sales: Sales::Interval(300), ..stormy() }]
    {
        let cut = Scenario::shipped("s5").unwrap().at(at("2026-02-10T06:30:00Z"));
        let whole = all(&world, &reporting, FROM, TO, Some(cut.clone()));
        for middle in
            ["2026-02-09T23:00:00Z", "2026-02-10T06:55:03.333Z", "2026-02-10T07:15:03Z", "2026-02-10T09:59:00Z"]
        {
            let rest: Vec<_> = whole.iter().filter(|t| t.received_at >= at(middle)).cloned().collect();
            assert!(rest == all(&world, &reporting, middle, TO, Some(cut.clone())), "restart at {middle} differs");
        }
    }
}

#[test]
fn step_by_step_is_the_same_as_at_once() {
    let world = world(3, 3);
    let whole = all(&world, &stormy(), FROM, TO, None);
    let mut stream = Stream::new(&world, &stormy(), at(FROM), &[]).unwrap();
    let (mut now, mut steps) = (at(FROM), Vec::new());
    let mut step_ms = 1;
    while now < at(TO) {
        now = (now + SignedDuration::from_millis(step_ms)).min(at(TO));
        step_ms = step_ms * 7 % 600_011 + 1;
        let got = stream.advance(now);
        assert!(got.iter().all(|t| t.received_at < now));
        steps.extend(got);
    }
    assert!(whole == steps);
}

#[test]
fn a_scenario_let_loose_late_is_as_if_it_had_been_planned() {
    let world = world(3, 8);
    let s1 = || Scenario::shipped("s1").unwrap().at(at("2026-02-10T08:00:00.500Z"));
    let planned = all(&world, &stormy(), FROM, TO, Some(s1()));
    let mut stream = Stream::new(&world, &stormy(), at(FROM), &[]).unwrap();
    let mut late = stream.advance(at("2026-02-10T08:00:00.250Z"));
    stream.inject(s1()).unwrap();
    late.extend(stream.until(at(TO)));
    assert!(planned == late);
    let past = stream.inject(s1()).unwrap_err();
    assert!(matches!(past, BadStream::Past { .. }), "{past}");
}

#[test]
fn what_is_put_right_boots_and_sells_again() {
    let world = world(3, 8);
    let s1 = Scenario::shipped("s1").unwrap().at(at("2026-02-10T08:00:00Z"));
    let dead: BTreeSet<_> = s1.truth(&world).unwrap().hits.into_iter().map(|h| h.device).collect();
    let calm = Reporting { trouble: Trouble::none(), ..Reporting::live() };
    let mut stream = Stream::new(&world, &calm, at("2026-02-10T07:00:00Z"), &[s1]).unwrap();
    stream.advance(at("2026-02-10T09:00:00Z"));
    stream.end_all().unwrap();
    let after = stream.advance(at("2026-02-10T10:00:00Z"));
    let by = |f: fn(&SignalBody) -> bool| -> BTreeSet<_> {
        after.iter().filter(|t| f(&t.signal.body)).filter_map(|t| t.signal.device.clone()).collect()
    };
    assert_eq!(by(|b| matches!(b, SignalBody::Link { up: true, .. })), dead);
    assert!(by(|b| matches!(b, SignalBody::Count(_))).is_superset(&dead));
}

#[test]
fn envelopes_number_every_signal_of_a_lane_once_and_without_gaps() {
    let world = world(5, 6);
    let day = all(&world, &stormy(), "2026-02-09T23:00:00Z", "2026-02-11T09:00:00Z", None);
    let mut lanes: BTreeMap<(Box<str>, Box<str>), BTreeMap<u64, u32>> = BTreeMap::new();
    for t in &day {
        let e = t.signal.envelope.clone().unwrap();
        if &*e.boot == "2026-02-10" {
            *lanes.entry((e.origin, e.lane)).or_default().entry(e.seq).or_default() += 1;
        }
    }
    assert!(lanes.keys().any(|(_, lane)| &**lane == "backlog"));
    assert!(lanes.values().any(|seqs| seqs.values().any(|n| *n == 2)), "some are sent twice");
    for ((origin, lane), seqs) in lanes {
        let last = *seqs.keys().next_back().unwrap();
        assert_eq!(seqs.len() as u64, last + 1, "{origin} {lane}");
    }
}

#[test]
fn sums_over_intervals_are_the_sums_of_the_single_sales() {
    let world = world(3, 5);
    let calm = |sales| Reporting { sales, heartbeat_s: 0, envelopes: false, trouble: Trouble::none() };
    // Read from a little before to a little after, and take what belongs between.
    let (from, to) = ("2026-02-09T23:59:00Z", "2026-02-11T00:01:00Z");
    let day = at("2026-02-10T00:00:00Z")..at("2026-02-11T00:00:00Z");
    let totals = |reporting: &Reporting| {
        let mut out: BTreeMap<_, (u64, i64)> = BTreeMap::new();
        for t in all(&world, reporting, from, to, None) {
            if let SignalBody::Count(c) = &t.signal.body {
                // A sum belongs where its interval lies, not where it ends.
                let inside = t.signal.at - SignedDuration::from_secs(c.interval_s.unwrap_or(0).into());
                if !day.contains(&inside) {
                    continue;
                }
                let of = out.entry(t.signal.device.clone().unwrap()).or_default();
                of.0 += u64::from(c.count);
                of.1 += c.value.unwrap().minor;
            }
        }
        out
    };
    let single = totals(&calm(Sales::Single));
    assert!(single.len() > 30);
    for interval in [60, 300, 900] {
        let mut sums = totals(&calm(Sales::Interval(interval)));
        sums.retain(|_, (n, _)| *n > 0);
        assert_eq!(single, sums);
    }
}

#[test]
fn an_interval_that_does_not_fit_is_refused_by_name() {
    let refused = history(&world(1, 1), at(FROM), at(TO), 420).unwrap_err().to_string();
    assert_eq!(refused, "interval_s must divide 900 seconds, 420 does not");
}

#[test]
fn history_is_of_exactly_the_time_asked_for_and_joins_without_a_hole() {
    let world = world(4, 4);
    let count = |from, to| -> u64 {
        let counted = |t: Timed| if let SignalBody::Count(c) = t.signal.body { u64::from(c.count) } else { 0 };
        history(&world, at(from), at(to), 900).unwrap().map(counted).sum()
    };
    let (a, b, c) = ("2026-02-10T09:00:00Z", "2026-02-10T12:00:00Z", "2026-02-10T15:00:00Z");
    assert!(count(a, b) > 500);
    assert_eq!(count(a, b) + count(b, c), count(a, c));
}
