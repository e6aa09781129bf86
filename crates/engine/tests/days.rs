//! From one day to the next, and on days unlike others.
#![allow(clippy::unwrap_used)]

mod shops;

use domain::finding::FindingKind;
use jiff::Timestamp;
use shops::{Form, Plan, Shops, all, at, device_code};

/// Twelve shops after two weeks of single sales, at midnight before the present.
fn learned(start: &str, present: &str) -> Shops {
    let mut shops = Shops::new(12, 6, start, present);
    shops.until(present, 300, Form::Moments, 8.0, &all);
    shops
}

#[test]
fn what_stopped_in_the_evening_is_found_in_the_morning() {
    let mut shops = learned("2026-02-02T00:00:00Z", "2026-02-16T00:00:00Z");
    let one = |s: usize, d: usize, now: Timestamp| (s, d) != (3, 2) || now < at("2026-02-16T20:40:00Z");
    shops.until("2026-02-17T09:15:00Z", 15, Form::Moments, 8.0, &one);
    let about: Vec<_> = shops.said.iter().filter(|f| f.devices == Some(vec![device_code(3, 2)])).collect();
    let first = about.first().expect("found before a whole morning is over");
    assert_eq!(first.kind, FindingKind::Silence);
    let since = first.started_at;
    assert!(since > at("2026-02-16T19:00:00Z") && since < at("2026-02-16T20:41:00Z"), "{since}");
    assert!(first.expected > 10.0 && first.expected < 25.0 && first.observed == 0.0, "{first:#?}");
}

/// A holiday on which the doors are open from ten to six.
fn doors(now: Timestamp) -> bool {
    now > at("2025-12-25T10:00:00Z") && now <= at("2025-12-25T18:00:00Z")
}

#[test]
fn a_quiet_holiday_is_no_drop() {
    let mut shops = learned("2025-12-08T00:00:00Z", "2025-12-22T00:00:00Z");
    shops.until("2025-12-25T00:00:00Z", 300, Form::Moments, 8.0, &all);
    shops.said.clear();
    shops.until("2025-12-26T00:00:00Z", 15, Form::Moments, 8.0 * 0.6, &|_, _, now| doors(now));
    assert!(shops.wide().is_empty(), "{:#?}", shops.wide());
}

#[test]
fn what_stops_on_a_holiday_is_found() {
    let mut shops = learned("2025-12-08T00:00:00Z", "2025-12-22T00:00:00Z");
    shops.until("2025-12-25T00:00:00Z", 300, Form::Moments, 8.0, &all);
    let update = |_: usize, d: usize, now: Timestamp| doors(now) && (d % 3 != 1 || now < at("2025-12-25T13:00:00Z"));
    shops.until("2025-12-25T14:00:00Z", 15, Form::Moments, 8.0 * 0.6, &update);
    let named: Vec<_> = shops.wide().into_iter().filter(|f| f.detected_at > at("2025-12-25T13:00:00Z")).collect();
    assert_eq!(named.first().expect("the update is found").explanation[0].to_string(), "firmware=bad");
}

#[test]
fn what_heartbeats_say_by_night_and_sales_in_the_morning_is_one_finding() {
    let mut shops = Shops::new(12, 6, "2026-02-02T00:00:00Z", "2026-02-16T00:00:00Z");
    shops.heartbeat_s = 60;
    shops.until("2026-02-13T00:00:00Z", 300, Form::Moments, 8.0, &all);
    shops.until("2026-02-17T02:30:00Z", 20, Form::Moments, 8.0, &all);
    shops.said.clear();
    // One after the other within five minutes.
    let dead = |s: usize, d: usize, now: Timestamp| {
        let from = at("2026-02-17T02:30:00Z") + jiff::SignedDuration::from_secs((s * 25) as i64);
        d % 3 != 1 || now <= from
    };
    shops.until("2026-02-17T12:00:00Z", 20, Form::Moments, 8.0, &dead);
    let first = shops.said.first().expect("found by their heartbeats");
    assert!(first.detected_at < at("2026-02-17T02:45:00Z"), "{}", first.detected_at);
    assert_eq!(first.explanation[0].to_string(), "firmware=bad");
    assert!(shops.said.iter().all(|f| f.id == first.id), "{:#?}", shops.said);
    let last = shops.said.last().unwrap();
    assert!(last.revision > 1 && last.metric.is_some(), "sales say it too: {last:#?}");
    assert_eq!((last.affected.devices, last.detected_at), (24, first.detected_at));
}

#[test]
fn a_day_that_is_stated_to_be_shorter_is_no_stop_after_one_week_of_learning() {
    let plan = Plan { sites: 30, devices: 3, hours: "Mo-Sa 08:00-22:00; Su 11:00-18:00", bad: |_, _| false };
    let mut shops = Shops::of(&plan, "2026-02-02T00:00:00Z", "2026-02-12T00:00:00Z");
    let open = |_: usize, _: usize, now: Timestamp| {
        let (day, second) = (now.as_second().div_euclid(86_400), now.as_second().rem_euclid(86_400));
        // 1970 began with a Thursday.
        day.rem_euclid(7) != 3 || (39_601..=64_800).contains(&second)
    };
    shops.until("2026-02-12T00:00:00Z", 300, Form::Moments, 8.0, &open);
    shops.until("2026-02-16T00:00:00Z", 15, Form::Moments, 8.0, &open);
    assert!(shops.wide().is_empty(), "{:#?}", shops.wide());
}

#[test]
fn a_stop_that_ends_on_a_slow_day_is_over_soon_and_never_called_a_fall() {
    let plan = Plan { sites: 5, devices: 2, hours: "Mo-Su 08:00-22:00", bad: |_, _| false };
    let mut shops = Shops::of(&plan, "2026-02-02T00:00:00Z", "2026-02-16T00:00:00Z");
    shops.until("2026-02-16T00:00:00Z", 300, Form::Moments, 8.0, &all);
    let stopped =
        |_: usize, _: usize, now: Timestamp| now < at("2026-02-16T13:40:00Z") || now > at("2026-02-16T14:40:00Z");
    shops.until("2026-02-16T18:00:00Z", 15, Form::Moments, 7.0, &stopped);
    let said = shops.wide();
    assert!(said.iter().all(|f| f.id == said[0].id && f.kind == FindingKind::Silence), "{said:#?}");
    let last = said.last().expect("the stop is found");
    assert!(last.ended_at.is_some_and(|end| end < at("2026-02-16T15:45:00Z")), "{last:#?}");
    let cost = |f: &domain::Finding| f.expected - f.observed;
    assert!(said.windows(2).all(|pair| pair[1].expected >= pair[0].expected) && cost(last) > 50.0, "{said:#?}");
}
