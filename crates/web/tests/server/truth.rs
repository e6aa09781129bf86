//! What is not known is not stated: as sold or lost, as heard or shut, as nothing reported or as a sum.

use super::home::*;
use domain::account::Role;
use domain::finding::{Because, Contact};
use domain::{CustomerKey, DeviceCode, DeviceRecord, Finding, FindingKind, FindingStatus, Scope, SiteCode};
use jiff::{SignedDuration, Timestamp};
use store::history::{Additions, AttributeChange, Heard, Sample, Series};
use store::{History, Position, SeriesKey};

fn before(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

fn says(home: &Home, n: u64, change: impl FnOnce(&mut Finding)) {
    let mut said = finding("north", n);
    change(&mut said);
    home.desk.record_findings(Position(n), now(), &[said]).unwrap();
}

fn add_till(home: &Home) {
    let (customer, till) = (CustomerKey::new("north").unwrap(), DeviceCode::new("till-1").unwrap());
    let till = DeviceRecord::bare(till, Some(SiteCode::new("north-1").unwrap()));
    home.desk.import_devices(&desk::Caller::part("cli"), &customer, &[till], false, now()).unwrap();
}

fn samples(home: &Home, key: &str, heard: f32, observed: f64, minutes: &[i64]) {
    let scope = domain::RowScope::Customer(CustomerKey::new("north").unwrap());
    let series = Series { scope, key: SeriesKey::new(key).unwrap() };
    let sample = |ago: &i64| Sample {
        at: before(*ago),
        interval_s: 300,
        expected: 50.0,
        observed,
        expected_value_minor: 10_000_000,
        observed_value_minor: (observed * 200_000.0) as i64,
        heard: if heard > 0.0 { Heard::Share(heard) } else { Heard::Unknown },
        known_at: now(),
    };
    let samples = minutes.iter().map(|ago| (series.clone(), sample(ago))).collect();
    home.stores.history.append(Additions { samples, ..Additions::default() }).unwrap();
}

#[tokio::test]
async fn a_shop_whose_scanner_is_dead_and_whose_till_sells_is_partly_hit() {
    let home = Home::new();
    add_till(&home);
    says(&home, 1, |finding| finding.started_at = before(9));
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    let state = home.get("/api/v1/sites/north-1", &cookie).await.json()["state"].clone();
    assert_eq!(state, "partly", "before anything is measured");
    let home = Home::new();
    add_till(&home);
    says(&home, 1, |finding| finding.started_at = before(9));
    samples(&home, "site/north-1/sales", 1.0, 30.0, &[4]);
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    let page = home.get("/fleet/sites/north-1", &cookie).await;
    assert!(page.text.contains("1 of 2 devices are hit"), "{}", page.text);
}

#[tokio::test]
async fn a_finding_whose_contact_is_undecided_states_no_sum_and_calls_nobody_heard() {
    let home = Home::new();
    says(&home, 1, |finding| finding.evidence.contact = Contact::Undecided);
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    let page = plain(&home.get("/", &cookie).await.text);
    assert!(page.contains("Not selling or not heard where firmware = 4.2.1"), "{page}");
    assert!(page.contains("at most 2.10 MSEK/h") && !page.contains("1.84 MSEK/h"), "{page}");
    assert!(page.contains("Heard from 0 of 2 sites"), "{page}");
    assert_eq!(home.get("/api/v1/map", &cookie).await.json()["sites"][0][4], "unsure");
    for path in ["/incidents", "/incidents/i-1", "/findings/f-1"] {
        let page = plain(&home.get(path, &cookie).await.text);
        assert!(page.contains("Not selling or not heard where") && page.contains("at most"), "{path}: {page}");
    }
}

#[tokio::test]
async fn what_was_not_heard_is_unknown_until_it_comes_later() {
    let home = Home::new();
    let lost = |finding: &mut Finding| {
        finding.kind = FindingKind::ContactLost;
        finding.evidence.contact = Contact::Lost;
        finding.started_at = before(45);
        for money in finding.consequence.iter_mut() {
            (money.per_hour.minor, money.low.minor, money.so_far.minor) = (0, 0, 0);
        }
    };
    says(&home, 1, lost);
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    let page = plain(&home.get("/incidents/i-1", &cookie).await.text);
    assert!(page.contains("unknown so far") && page.contains("at most 2.10 MSEK/h"), "{page}");
    assert!(!page.contains("0 SEK so far"), "{page}");
    says(&home, 2, |finding| {
        *finding = super::home::finding("north", 1);
        lost(finding);
        (finding.revision, finding.status) = (2, FindingStatus::Closed);
        finding.ended_at = Some(before(7));
        (finding.expected, finding.observed) = (11_133.0, 9_817.0);
        (finding.evidence.late, finding.evidence.because) = (9_817.0, Because::Backlog);
    });
    let page = plain(&home.get("/incidents/i-1", &cookie).await.text);
    assert!(page.contains("9,817 of 11,133 expected transactions came later"), "{page}");
    assert!(page.contains("lasted 38 min"), "{page}");
    assert!(!page.contains(">0 SEK<"), "{page}");
    assert!(plain(&home.get("/incidents", &cookie).await.text).contains("88 %"), "in the list as well");
}

#[tokio::test]
async fn the_share_that_is_not_heard_is_no_lost_sale() {
    let home = Home::new();
    samples(&home, "all/sales", 0.6, 30.0, &[5, 10, 15]);
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    let curve = home.get("/api/v1/history?series=fleet", &cookie).await.json();
    let unheard: Vec<_> = curve["unheard"].as_array().unwrap().iter().filter_map(serde_json::Value::as_f64).collect();
    assert_eq!(unheard.len(), 3, "{curve}");
    assert!((unheard[0] - 0.48).abs() < 1e-6, "two fifths of 1.2 MSEK/h: {unheard:?}");
    let page = plain(&home.get("/", &cookie).await.text);
    assert!(page.contains("Of which 480 kSEK/h expected at 2 sites not heard"), "{page}");
    assert!(page.contains("Expected where not heard"), "the table has a column for it");
}

#[tokio::test]
async fn staff_are_told_what_is_known_of_their_shop_and_nothing_of_others() {
    let home = Home::new();
    assert!(home.get("/r/north-1", "").await.text.contains("We know of no trouble in this shop."));
    says(&home, 1, |finding| {
        finding.explanation[0] = domain::Term { attribute: "type".into(), value: "self-scanner".into() }
    });
    let sent = home.post("/r/north-1", "", &[("symptom", "self_scanning")]).await;
    let page = plain(&sent.text);
    for said in [
        "Self-scanning does not work here.",
        "Let customers use the tills.",
        "Since 10:43",
        "One more shop has the same trouble.",
        "One report has come in about it.",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("SEK") && !page.contains("north-2") && !page.contains("We know of no trouble"), "{page}");
    let report = home.desk.read(&Scope::All, |view| {
        let (_, part) = view.customers().next().unwrap();
        part.reports.newest().next().unwrap().report.report.clone()
    });
    let reference = domain::report::reference(&report);
    assert!(page.contains(&reference) && !page.contains(report.as_str()), "{reference}: {page}");
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    let hits = home.get(&format!("/api/v1/search?q={}", reference.to_lowercase()), &cookie).await.json();
    assert_eq!(hits["hits"][0]["href"], "/incidents/i-1", "{hits}");
}

#[tokio::test]
async fn a_report_that_explains_nothing_yet_is_still_shown_to_those_who_made_it() {
    let home = Home::new();
    let page = home.post("/r/north-1", "", &[("symptom", "tills")]).await;
    assert!(page.text.contains("Reported from here: Tills"), "{}", page.text);
    assert!(!page.text.contains("We know of no trouble"), "{}", page.text);
}

#[tokio::test]
async fn a_device_that_reported_its_firmware_was_heard() {
    let home = Home::new();
    let attributes = vec![AttributeChange {
        scope: domain::RowScope::Customer(CustomerKey::new("north").unwrap()),
        device: DeviceCode::new("ssu-north-1").unwrap(),
        attribute: "firmware".into(),
        value: Some("4.2.1".into()),
        at: before(3),
        known_at: before(3),
    }];
    home.stores.history.append(Additions { attributes, ..Additions::default() }).unwrap();
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    let page = plain(&home.get("/fleet/devices/ssu-north-1", &cookie).await.text);
    assert!(page.contains("3 min ago") && !page.contains("never heard"), "{page}");
}

#[tokio::test]
async fn a_title_that_a_person_gave_heads_the_incident() {
    let home = Home::new();
    home.finds("north", 1);
    let cookie = home.admin().await;
    let me = home.desk.session(cookie.split_once('=').unwrap().1, now()).unwrap().unwrap();
    let id = domain::IncidentId::new("i-1").unwrap();
    home.desk.rename(&me.caller(), &id, Some("Self-scanning down, chain-wide"), now()).unwrap();
    for path in ["/", "/incidents/i-1"] {
        let page = plain(&home.get(path, &cookie).await.text);
        assert!(page.contains("Self-scanning down, chain-wide"), "{path}: {page}");
        assert!(page.contains("No sales where firmware = 4.2.1"), "what was found stands under it");
    }
}

#[tokio::test]
async fn a_cost_can_be_asked_how_it_came_about() {
    let home = Home::new();
    home.finds("north", 1);
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    for path in ["/incidents/i-1", "/findings/f-1"] {
        let page = plain(&home.get(path, &cookie).await.text);
        for said in ["How the cost comes about", "0 transactions where 40 were expected", "1.84 MSEK/h"] {
            assert!(page.contains(said), "{path} does not say {said:?}: {page}");
        }
        assert!(!page.contains("no method could be sure"), "{path}");
    }
}
