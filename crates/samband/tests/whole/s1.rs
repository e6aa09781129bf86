//! S1: the self-scanners that stopped.

use crate::house::{House, within};
use domain::finding::FindingKind;
use jiff::SignedDuration;
use std::time::Duration;

#[test]
fn s1_is_one_incident_that_names_the_firmware_on_the_page_and_in_the_live_feed() {
    let house = House::new(60, "2026-02-10T10:25:00+01:00");
    let heard = house.listen();
    house.advance(SignedDuration::from_mins(2), 1);
    assert!(house.incidents_on_page().is_empty(), "before anything happened: {:?}", house.said());
    let truth = house.inject("s1", house.now());
    house.advance(SignedDuration::from_mins(8), 1);
    let said = house.said();
    let names_it =
        |f: &&domain::Finding| f.explanation.iter().any(|term| term.attribute == "firmware" && term.value == "4.2.1");
    let first = said.iter().find(names_it).unwrap_or_else(|| panic!("nobody named the firmware: {said:?}"));
    let delay = first.revised_at.duration_since(truth.first_hit_at.unwrap());
    println!("the firmware was named {delay:#} after the first unit was hit, by a {:?}", first.kind);
    // The units fall one by one over two and a half minutes, in a chain of 60 shops.
    assert!(delay <= SignedDuration::from_secs(180), "{delay:#}");
    assert!(matches!(first.kind, FindingKind::Silence | FindingKind::Drop), "{:?}", first.kind);
    let last = said.iter().rfind(names_it).unwrap();
    let begun = last.started_at.duration_since(truth.first_hit_at.unwrap());
    assert!(begun.abs() <= SignedDuration::from_secs(180), "it is said to have begun {begun:#} after it did");
    assert!(last.purity > 0.7 && last.observed < 0.4 * last.expected, "{last:?}");
    assert!(last.consequence.unwrap().per_hour.minor > 1_000_000, "{last:?}");
    assert_eq!(house.incidents().len(), 1, "{:?}", house.incidents());
    let on_page = house.incidents_on_page();
    assert_eq!(on_page.len(), 1, "{on_page:?}");
    let page = house.page(&format!("/incidents/{}", on_page.first().unwrap()));
    assert!(page.contains("firmware") && page.contains("4.2.1") && page.contains("SEK/h"), "{page}");
    within(Duration::from_secs(10), "the live feed names the incident", || {
        heard.lock().unwrap().iter().any(|line| line.starts_with("data:") && line.contains("\"incident:i-"))
    });
}
