//! What stays as it is for long: a fall that lasts is the new usual, and a stop that lasts is not.
#![allow(clippy::unwrap_used)]

mod shops;

use domain::finding::{Because, FindingKind, FindingStatus};
use jiff::Timestamp;
use shops::{Form, Shops, all};

const QUARTERS: Form = Form::ByDevice { interval_s: 900, zeros: true };

/// Half of the time, so that half is sold.
fn by_half(_: usize, _: usize, now: Timestamp) -> bool {
    (now.as_second() / 300) % 2 == 0
}

fn learned() -> Shops {
    let mut shops = Shops::new(6, 3, "2026-02-02T00:00:00Z", "2026-02-23T00:00:00Z");
    shops.until("2026-02-24T12:00:00Z", 300, QUARTERS, 30.0, &all);
    assert!(shops.said.is_empty(), "{:#?}", shops.said);
    shops
}

#[test]
fn a_fall_that_lasts_a_week_is_what_is_usual_from_then_on_and_a_stop_within_it_is_found() {
    let mut shops = learned();
    shops.until("2026-03-06T12:00:00Z", 300, QUARTERS, 30.0, &by_half);
    let last = shops.said.last().unwrap().clone();
    assert_eq!((last.kind, last.status), (FindingKind::Drop, FindingStatus::Closed));
    assert_eq!(last.evidence.because, Because::Settled);
    let lasted = last.revised_at.duration_since(last.detected_at).as_hours();
    assert!((6 * 24..9 * 24).contains(&lasted), "closed after {lasted} hours");
    let before = shops.said.len();
    shops.until("2026-03-10T12:00:00Z", 300, QUARTERS, 30.0, &by_half);
    assert_eq!(shops.said.len(), before, "{:#?}", &shops.said[before..]);
    let bad_stops = |s: usize, d: usize, now: Timestamp| d % 3 != 1 && by_half(s, d, now);
    shops.until("2026-03-10T16:00:00Z", 300, QUARTERS, 30.0, &bad_stops);
    let found = &shops.said[before];
    assert_eq!(found.explanation[0].to_string(), "firmware=bad", "{found:#?}");
    assert_eq!(found.kind, FindingKind::Silence);
}

#[test]
fn a_stop_that_lasts_is_never_what_is_usual() {
    let mut shops = learned();
    let bad_stops = |_: usize, d: usize, _: Timestamp| d % 3 != 1;
    shops.until("2026-03-10T12:00:00Z", 300, QUARTERS, 30.0, &bad_stops);
    let last = shops.said.last().unwrap();
    assert_eq!((last.kind, last.explanation[0].to_string().as_str()), (FindingKind::Silence, "firmware=bad"));
    assert_ne!(last.status, FindingStatus::Closed);
}
