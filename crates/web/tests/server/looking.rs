//! What is shown to whom: every address with another customer's ids is as if it were not there.

use super::home::*;
use axum::http::StatusCode;
use domain::account::Role;

const THEIRS: [&str; 16] = [
    "/incidents/i-2",
    "/incidents/i-2/sites.csv",
    "/findings/f-2",
    "/fleet/sites/south-1",
    "/fleet/devices/ssu-south-1",
    "/fragment/incidents/i-2/head",
    "/fragment/incidents/i-2/timeline",
    "/fragment/findings/f-2/body",
    "/fragment/fleet/sites/south-1/now",
    "/fragment/fleet/sites/south-1/devices",
    "/fragment/fleet/devices/ssu-south-1/body",
    "/api/v1/history?series=site:south-1",
    "/api/v1/history?series=incident:i-2",
    "/api/v1/history?series=finding:f-2",
    "/fleet/sites/north-1?customer=south",
    "/fragment/fleet/sites/south-1/findings",
];

#[tokio::test]
async fn another_customers_things_are_not_there() {
    let home = Home::new();
    home.finds("north", 1);
    home.finds("south", 2);
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    for path in THEIRS {
        assert_eq!(home.get(path, &cookie).await.status, StatusCode::NOT_FOUND, "{path}");
        let own = path.replace("south", "north").replace("i-2", "i-1").replace("f-2", "f-1");
        let got = home.get(&own, &cookie).await;
        assert_eq!(got.status, StatusCode::OK, "{own}: {}", got.text);
    }
    for path in [
        "/",
        "/incidents",
        "/fleet",
        "/fleet/unregistered",
        "/api/v1/map",
        "/api/v1/search?q=s",
        "/api/v1/search?q=4.2",
    ] {
        let got = home.get(path, &cookie).await;
        assert_eq!(got.status, StatusCode::OK, "{path}");
        assert!(
            !got.text.contains("south") && !got.text.contains("i-2"),
            "{path} shows another customer's: {}",
            got.text
        );
    }
    let commander = home.someone("cilla", Role::Commander, "north").await;
    for (path, fields) in [
        ("/incidents/i-2/notes", [("text", "hej")].as_slice()),
        ("/incidents/i-2/command", &[("version", "1")]),
        ("/incidents/i-2/phase", &[("phase", "active")]),
        ("/incidents/i-2/severity", &[("severity", "sev4"), ("reason", "x")]),
    ] {
        assert_eq!(home.post(path, &commander, fields).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_overview_and_the_map_show_what_is_silent() {
    let home = Home::new();
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    assert!(home.get("/", &cookie).await.text.contains("never"), "nobody was ever heard");
    home.finds("north", 1);
    let page = home.get("/", &cookie).await;
    assert!(page.text.contains("No sales where firmware\u{a0}=\u{a0}4.2.1"), "{}", page.text);
    let map = home.get("/api/v1/map", &cookie).await.json();
    assert_eq!(map["sites"][0], serde_json::json!(["north-1", "Jönköping A6", 57.78, 14.16, "silent"]));
    let hits = home.get("/api/v1/search?q=jonk", &cookie).await.json();
    assert_eq!(hits["hits"][0]["href"], "/fleet/sites/north-1");
    assert!(home.get("/fleet?q=a6&state=silent", &cookie).await.text.contains("north-1"));
    assert!(home.get("/fleet/unregistered", &cookie).await.text.contains("stray-1"));
}

#[tokio::test]
async fn a_curve_shows_what_was_not_heard_as_missing_and_never_as_zero() {
    use store::history::{Additions, Heard, Sample, Series};
    use store::{History, SeriesKey};
    let home = Home::new();
    let scope = domain::RowScope::Customer(domain::CustomerKey::new("north").unwrap());
    let all = Series { scope: scope.clone(), key: SeriesKey::new("all/sales").unwrap() };
    let site = Series { scope, key: SeriesKey::new("site/north-1/sales").unwrap() };
    let sample = |minutes: i64, heard| Sample {
        at: now() - jiff::SignedDuration::from_mins(minutes),
        interval_s: 300,
        expected: 50.0,
        observed: if heard == Heard::Unknown { 0.0 } else { 48.0 },
        expected_value_minor: 10_000_000,
        observed_value_minor: if heard == Heard::Unknown { 0 } else { 9_600_000 },
        heard,
        known_at: now(),
    };
    let series = |of: &Series| {
        vec![
            (of.clone(), sample(20, Heard::Share(1.0))),
            (of.clone(), sample(10, Heard::Unknown)),
            (of.clone(), sample(5, Heard::Share(1.0))),
        ]
    };
    let samples = [series(&all), series(&site)].concat();
    home.stores.history.append(Additions { samples, ..Additions::default() }).unwrap();
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    for name in ["fleet", "site:north-1"] {
        let curve = home.get(&format!("/api/v1/history?series={name}"), &cookie).await.json();
        assert_eq!((&curve["unit"], &curve["step_s"]), (&"MSEK/h".into(), &300.into()), "{curve}");
        let actual: Vec<_> = curve["actual"].as_array().unwrap().iter().rev().take(6).cloned().collect();
        let known: Vec<_> = actual.iter().filter_map(serde_json::Value::as_f64).collect();
        assert_eq!(known.len(), 2, "{actual:?}");
        assert!((known[0] - 1.152).abs() < 1e-9, "{known:?}");
        let expected = curve["expected"].as_array().unwrap().iter().filter(|v| !v.is_null()).count();
        assert_eq!(expected, 3, "what was expected while nobody was heard is known");
    }
    let page = home.get("/", &cookie).await;
    assert!(page.text.contains("1.15\u{202f}MSEK/h"), "the turnover now is on the page");
    assert!(home.get("/fleet/sites/north-1", &cookie).await.text.contains("data-chart"));
}

#[tokio::test]
async fn a_site_is_heard_from_its_first_heartbeat_on_and_unheard_when_it_falls_silent() {
    use store::History;
    use store::history::{Additions, Transition, TransitionTo};
    for (turns, state) in [
        (vec![], "never"),
        (vec![(TransitionTo::Heard, 60)], "selling"),
        (vec![(TransitionTo::Heard, 60), (TransitionTo::Unheard, 30)], "unheard"),
    ] {
        let home = Home::new();
        let transition = |(to, ago): (TransitionTo, i64)| Transition {
            scope: domain::RowScope::Customer(domain::CustomerKey::new("north").unwrap()),
            device: domain::DeviceCode::new("ssu-north-1").unwrap(),
            at: now() - jiff::SignedDuration::from_secs(ago),
            to,
            known_at: now(),
        };
        let transitions = turns.into_iter().map(transition).collect();
        home.stores.history.append(Additions { transitions, ..Additions::default() }).unwrap();
        let cookie = home.someone("vera", Role::Viewer, "north").await;
        assert_eq!(home.get("/api/v1/map", &cookie).await.json()["sites"][0][4], state);
        assert_eq!(home.get("/api/v1/sites/north-1", &cookie).await.json()["units"][0]["state"], state);
    }
}
