//! Sites not heard from: said once it is known whether they are alone, and under one name if they are not.
#![allow(clippy::unwrap_used)]

mod shops;

use domain::finding::{FindingKind, FindingStatus};
use domain::{DeviceCode, Metric, Signal, SignalBody};
use engine::{Engine, TransitionKind};
use jiff::{SignedDuration, Timestamp};
use shops::{Form, Plan, Shops, all, at, customer};
use std::collections::BTreeSet;

/// Twenty-four shops that sell little and send heartbeats, on the morning of their ninth day.
fn heard() -> Shops {
    let mut shops = Shops::new(24, 3, "2026-02-02T00:00:00Z", "2026-02-11T00:00:00Z");
    shops.until("2026-02-10T12:00:00Z", 300, Form::ByDevice { interval_s: 900, zeros: true }, 2.0, &all);
    shops.heartbeat_s = 60;
    shops.until("2026-02-11T10:00:00Z", 15, Form::Moments, 2.0, &all);
    shops.said.clear();
    shops
}

fn cut(s: usize, _: usize, now: Timestamp) -> bool {
    !s.is_multiple_of(4) || now <= at("2026-02-11T10:05:00Z") || now > at("2026-02-11T10:40:00Z")
}

#[test]
fn sites_lost_together_are_named_together_the_first_time_they_are_said() {
    let mut shops = heard();
    shops.until("2026-02-11T11:00:00Z", 1, Form::Moments, 2.0, &cut);
    let lost: Vec<_> = shops.said.iter().filter(|f| f.kind == FindingKind::ContactLost).collect();
    let first = lost.first().expect("the loss is said");
    assert_eq!((first.explanation[0].to_string().as_str(), first.status), ("isp=west", FindingStatus::Open));
    assert_eq!(first.detected_at, first.revised_at);
    assert!(first.detected_at < at("2026-02-11T10:08:30Z"), "{}", first.detected_at);
    let incidents: BTreeSet<_> = lost.iter().map(|f| f.incident.clone()).collect();
    assert_eq!(incidents.len(), 1, "{lost:#?}");
    assert_eq!(lost.last().unwrap().status, FindingStatus::Closed);
}

#[test]
fn a_site_lost_alone_is_said_soon_after_its_deadline() {
    let alone = |s: usize, d: usize, now: Timestamp| s != 5 || cut(0, d, now);
    let mut shops = heard();
    shops.until("2026-02-11T10:20:00Z", 1, Form::Moments, 2.0, &alone);
    let lost: Vec<_> = shops.said.iter().filter(|f| f.kind == FindingKind::ContactLost).collect();
    assert_eq!(lost.len(), 1, "{lost:#?}");
    assert_eq!(lost[0].explanation[0].to_string(), "site=s5");
    assert!(lost[0].detected_at < at("2026-02-11T10:08:10Z"), "{}", lost[0].detected_at);
}

#[test]
fn sites_whose_every_device_died_of_one_firmware_are_one_finding_that_names_it() {
    // One device at each, so that whoever loses it is not heard at all.
    let plan = Plan { sites: 24, devices: 1, hours: "Mo-Su 08:00-22:00", bad: |s, _| s % 2 == 1 };
    let mut shops = Shops::of(&plan, "2026-02-02T00:00:00Z", "2026-02-11T00:00:00Z");
    shops.until("2026-02-10T12:00:00Z", 300, Form::ByDevice { interval_s: 900, zeros: true }, 8.0, &all);
    shops.heartbeat_s = 60;
    shops.until("2026-02-11T10:00:00Z", 15, Form::Moments, 8.0, &all);
    shops.said.clear();
    let dead = |s: usize, _: usize, now: Timestamp| s.is_multiple_of(2) || now <= at("2026-02-11T10:05:00Z");
    shops.until("2026-02-11T10:30:00Z", 1, Form::Moments, 8.0, &dead);
    let incidents: BTreeSet<_> = shops.said.iter().map(|f| f.incident.clone()).collect();
    assert_eq!(incidents.len(), 1, "{:#?}", shops.said);
    let first = &shops.said[0];
    assert_eq!((first.kind, first.explanation[0].to_string().as_str()), (FindingKind::Silence, "firmware=bad"));
    assert_eq!(first.affected.sites, 12);
    assert!(first.detected_at < at("2026-02-11T10:10:00Z"), "{}", first.detected_at);
}

#[test]
fn what_was_expected_of_lost_sites_is_said_in_full_when_they_are_heard_again() {
    let mut shops = heard();
    shops.until("2026-02-11T11:00:00Z", 1, Form::Moments, 2.0, &cut);
    let last = shops.said.iter().rfind(|f| f.kind == FindingKind::ContactLost).expect("the loss is said");
    // Six shops of three devices with two sales an hour, for 35 minutes and until they are heard.
    assert_eq!(last.status, FindingStatus::Closed);
    assert!((19.0..26.0).contains(&last.expected), "{}", last.expected);
}

/// What one device of a quiet shop did, told one signal at each of these seconds.
fn told(signals: &[(i64, SignalBody)]) -> Vec<(i64, TransitionKind)> {
    let mut shops = Shops::new(1, 2, "2026-02-02T00:00:00Z", "2026-02-11T00:00:00Z");
    let start = at("2026-02-02T10:00:00Z");
    let mut done = Vec::new();
    for (second, body) in signals {
        let now = start + SignedDuration::from_secs(*second);
        let device = Some(DeviceCode::new("d0-0").unwrap());
        let one = Signal { at: now, received_at: None, site: None, device, envelope: None, body: body.clone() };
        shops.engine.batch(&customer(), now, None, &[one]);
        for transition in shops.engine.tick(now).transitions {
            done.push((transition.at.duration_since(start).as_secs(), transition.what));
        }
        let state = shops.engine.snapshot();
        shops.engine = Engine::restore(&state, 1).unwrap();
    }
    done
}

fn link(up: bool) -> SignalBody {
    SignalBody::Link { up, reason: None }
}

#[test]
fn the_first_sign_of_life_of_a_device_is_a_transition_and_the_second_is_none() {
    use TransitionKind::{Down, Heard, Up};
    assert_eq!(told(&[(1, SignalBody::Heartbeat), (61, SignalBody::Heartbeat)]), [(1, Heard)]);
    let gauge = || SignalBody::Gauge { metric: Metric::new("disk").unwrap(), value: 0.5 };
    assert_eq!(told(&[(1, gauge()), (2, gauge())]), [(1, Heard)]);
    assert_eq!(told(&[(1, link(true)), (2, SignalBody::Heartbeat)]), [(1, Up)]);
    assert_eq!(told(&[(1, link(false)), (2, SignalBody::Heartbeat)]), [(1, Down), (2, Heard)]);
}

#[test]
fn a_link_that_comes_up_again_is_said_once() {
    use TransitionKind::{Down, Heard, Up};
    let done = told(&[(1, SignalBody::Heartbeat), (5, link(false)), (9, link(true)), (12, link(true))]);
    assert_eq!(done, [(1, Heard), (5, Down), (9, Up)]);
}
