//! What the engine says when something breaks, and what it does not say when nothing does.
#![allow(clippy::unwrap_used)]

mod chain;

use chain::{Present, at, chain, inject};
use domain::finding::{Because, Contact, FindingKind, FindingStatus};
use std::collections::BTreeSet;

#[test]
fn an_update_that_kills_self_scanners_is_named_by_its_firmware_and_is_one_incident() {
    let chain = chain();
    let bad = inject("s1", "2026-02-10T10:31:00+01:00");
    let truth = bad.truth(&chain.world).unwrap();
    let mut present = Present::new(chain, 2, &[bad]);
    present.until(at("2026-02-10T10:50:00+01:00"));
    let named = present.naming("firmware");
    let first = named.first().expect("the firmware is named");
    assert_eq!(first.explanation[0].value, "4.2.1");
    let dead = truth.first_dead_at.unwrap();
    assert!(
        first.detected_at > dead && first.detected_at.duration_since(dead).as_secs() < 180,
        "{}",
        first.detected_at
    );
    let last = named.last().unwrap();
    assert_eq!(last.kind, FindingKind::Silence);
    assert_eq!(last.evidence.contact, Contact::Heard);
    let hit: BTreeSet<_> = truth.hits.iter().map(|h| h.device.clone()).collect();
    let said: BTreeSet<_> = last.devices.clone().unwrap().into_iter().collect();
    assert!(said.intersection(&hit).count() * 100 >= hit.len() * 95, "{} of {}", said.len(), hit.len());
    assert!(said.difference(&hit).count() * 20 <= said.len(), "{} too many", said.difference(&hit).count());
    assert!(last.consequence.unwrap().per_hour.minor > 0);
    assert!(last.coverage > 0.95 && last.purity > 0.9, "coverage {}, purity {}", last.coverage, last.purity);
    let incidents: BTreeSet<_> =
        present.said.iter().filter(|f| f.affected.sites > 1).map(|f| f.incident.clone()).collect();
    assert_eq!(incidents.len(), 1, "{}", present.transcript());
}

#[test]
fn a_provider_that_goes_down_is_lost_contact_and_never_lost_sales() {
    let chain = chain();
    let mut present = Present::new(chain, 1, &[inject("s5", "2026-02-10T10:31:00+01:00")]);
    present.until(at("2026-02-10T11:45:00+01:00"));
    let named = present.naming("isp");
    let first = named.first().expect("the provider is named");
    assert!(first.detected_at < at("2026-02-10T10:32:00+01:00"), "{}", first.detected_at);
    let early = first.started_at.duration_since(at("2026-02-10T10:31:00+01:00")).as_secs();
    assert!((-60..10).contains(&early), "it is said to have begun at {}", first.started_at);
    assert!(matches!((first.kind, first.evidence.contact), (FindingKind::Silence, Contact::Undecided)), "{first:?}");
    let decided = named.iter().find(|f| f.kind == FindingKind::ContactLost).expect("decided at the deadline");
    assert!(decided.revised_at < at("2026-02-10T10:34:00+01:00"), "{}", decided.revised_at);
    let last = named.last().unwrap();
    assert_eq!((last.kind, last.status), (FindingKind::ContactLost, FindingStatus::Closed));
    assert_eq!(last.evidence.because, Because::Backlog);
    assert!(last.observed > 0.7 * last.expected, "{} of {}", last.observed, last.expected);
    assert!(named.iter().all(|f| f.id == first.id), "one finding from the first word to the last");
}

#[test]
fn two_disruptions_at_once_stay_two() {
    let chain = chain();
    let mut present = Present::new(chain, 1, &[inject("s9", "2026-02-10T10:31:00+01:00")]);
    present.until(at("2026-02-10T11:15:00+01:00"));
    let (isp, firmware) = (present.naming("isp"), present.naming("firmware"));
    assert!(!isp.is_empty() && !firmware.is_empty(), "{}", present.transcript());
    assert_ne!(isp[0].incident, firmware[0].incident);
}

#[test]
fn a_shop_without_power_is_one_finding_about_that_shop() {
    let chain = chain();
    let cut = inject("power", "2026-02-10T10:31:00+01:00");
    let site = cut.truth(&chain.world).unwrap().hits[0].site.clone();
    let mut present = Present::new(chain, 1, &[cut]);
    present.until(at("2026-02-10T10:45:00+01:00"));
    let about: Vec<_> = present.said.iter().filter(|f| f.sites.contains(&site)).collect();
    assert!(!about.is_empty() && about.iter().all(|f| f.id == about[0].id), "{}", present.transcript());
    assert_eq!(about[0].explanation[0].value, site.as_str());
}

#[test]
fn a_quiet_day_with_its_usual_troubles_has_no_finding_about_more_than_one_shop() {
    let chain = chain();
    let mut present = Present::new(chain, 1, &[]);
    present.until(at("2026-02-11T00:00:00+01:00"));
    let wide: Vec<_> = present.said.iter().filter(|f| f.affected.sites > 1).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}
