//! S5: a region's network.

use crate::house::House;
use domain::finding::{FindingKind, FindingStatus};
use domain::incident::Severity;
use jiff::SignedDuration;

#[test]
fn s5_is_contact_lost_and_never_sales_stopped_and_is_revised_once_the_backlog_is_in() {
    let house = House::new(60, "2026-02-10T09:50:00+01:00");
    // Long enough for the beat of each device to be known.
    house.advance(SignedDuration::from_mins(20), 5);
    let truth = house.inject("s5", house.now());
    house.advance(SignedDuration::from_mins(8), 1);
    let cut: std::collections::BTreeSet<_> = truth.hits.iter().map(|hit| hit.site.clone()).collect();
    let said = house.said();
    let lost = said.iter().rfind(|f| f.kind == FindingKind::ContactLost && f.status != FindingStatus::Closed);
    let lost = lost.unwrap_or_else(|| panic!("contact was not found lost: {said:#?}"));
    assert!(lost.explanation.iter().any(|t| t.attribute == "isp" && t.value == "Nordlink"), "{:?}", lost.explanation);
    assert!(lost.sites.iter().filter(|site| cut.contains(*site)).count() * 10 >= cut.len() * 9, "{:?}", lost.sites);
    assert_eq!(house.incidents().len(), 1, "{:?}", house.incidents());
    let worst = house.incidents().iter().map(|incident| incident.severity.current()).min().unwrap();
    assert!(worst >= Severity::Sev2, "unheard is not known to have stopped: {worst:?}");
    house.advance(SignedDuration::from_mins(60), 5);
    let said = house.said();
    let newest = said.iter().rfind(|f| f.id == lost.id).unwrap();
    assert_eq!(newest.status, FindingStatus::Closed, "{newest:#?}");
    let stopped = |f: &&domain::Finding| {
        let is_stop = matches!(f.kind, FindingKind::Silence | FindingKind::Drop);
        is_stop && f.status == FindingStatus::Open && f.sites.iter().any(|site| cut.contains(site))
    };
    let newest_of = |f: &domain::Finding| said.iter().rfind(|g| g.id == f.id).unwrap().clone();
    let still: Vec<_> =
        said.iter().filter(stopped).map(newest_of).filter(|f| f.status == FindingStatus::Open).collect();
    assert!(still.is_empty(), "sales went on, and that is known by now: {still:#?}");
}
