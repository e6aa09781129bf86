//! In whatever form sales are reported, nothing is found where nothing is wrong, and what is wrong is found as soon as the form allows.
#![allow(clippy::unwrap_used)]

mod shops;

use domain::finding::{FindingKind, FindingStatus};
use engine::{Sample, SeriesKey};
use jiff::Timestamp;
use shops::{Form, Shops, all, at};

const QUARTERS: Form = Form::ByDevice { interval_s: 900, zeros: true };

/// Twelve shops after two weeks of quarter-hour sums, on a Monday morning.
fn learned(form: Form) -> Shops {
    let mut shops = Shops::new(12, 6, "2026-02-02T00:00:00Z", "2026-02-16T00:00:00Z");
    shops.until("2026-02-16T00:00:00Z", 300, form, 8.0, &all);
    shops
}

/// The devices with the bad firmware die at 10:30 on that Monday, and are mended at noon.
fn update(_: usize, d: usize, now: Timestamp) -> bool {
    d % 3 != 1 || now <= at("2026-02-16T10:30:00Z") || now > at("2026-02-16T12:00:00Z")
}

#[test]
fn quarter_hours_by_site_bring_no_finding_in_a_quiet_week() {
    let mut shops = learned(Form::BySite { interval_s: 900 });
    shops.until("2026-02-23T00:00:00Z", 60, Form::BySite { interval_s: 900 }, 8.0, &all);
    assert!(shops.wide().is_empty(), "{:#?}", shops.wide());
}

#[test]
fn minutes_without_sales_need_not_be_reported() {
    let mut shops = learned(Form::ByDevice { interval_s: 900, zeros: false });
    shops.until("2026-02-17T00:00:00Z", 15, Form::ByDevice { interval_s: 60, zeros: false }, 8.0, &all);
    assert!(shops.wide().is_empty(), "{:#?}", shops.wide());
}

#[test]
fn minutes_that_are_under_way_for_seconds_bring_no_finding() {
    let mut shops = Shops::new(30, 4, "2026-02-02T00:00:00Z", "2026-02-16T00:00:00Z");
    shops.until("2026-02-16T00:00:00Z", 300, Form::ByDevice { interval_s: 900, zeros: false }, 6.0, &all);
    shops.under_way_s = 9;
    shops.until("2026-02-16T08:00:00Z", 60, Form::ByDevice { interval_s: 60, zeros: false }, 6.0, &all);
    shops.until("2026-02-16T12:00:00Z", 1, Form::ByDevice { interval_s: 60, zeros: false }, 6.0, &all);
    assert!(shops.wide().is_empty(), "{:#?}", shops.wide());
}

#[test]
fn going_over_from_sums_to_single_sales_at_noon_is_no_silence() {
    let mut shops = learned(QUARTERS);
    shops.until("2026-02-16T12:00:00Z", 15, QUARTERS, 8.0, &all);
    shops.until("2026-02-16T14:00:00Z", 1, Form::Moments, 8.0, &all);
    assert!(shops.wide().is_empty(), "{:#?}", shops.wide());
}

#[test]
fn a_chart_has_no_step_where_sums_give_way_to_single_sales() {
    let mut shops = learned(QUARTERS);
    shops.engine.set_charts(true);
    shops.until("2026-02-16T12:07:00Z", 15, QUARTERS, 8.0, &all);
    shops.until("2026-02-16T14:00:00Z", 15, Form::Moments, 8.0, &all);
    let shop = SeriesKey::Site(shops::site_code(3));
    let samples: Vec<&Sample> = shops.samples.iter().filter(|s| s.series == shop).collect();
    let began = |s: &Sample| s.at - jiff::SignedDuration::from_secs(i64::from(s.interval_s));
    assert!(samples.windows(2).all(|pair| began(pair[1]) == pair[0].at), "{samples:#?}");
    for sample in samples.iter().filter(|s| began(s) >= at("2026-02-16T09:00:00Z")) {
        let strays = (sample.observed - sample.expected).abs() / sample.expected.max(1.0).sqrt();
        assert!(strays < 4.5, "{sample:#?}");
    }
    assert!(samples.last().unwrap().at >= at("2026-02-16T13:45:00Z"));
}

#[test]
fn quarter_hours_that_never_come_are_found_when_the_first_is_overdue() {
    let mut shops = learned(QUARTERS);
    shops.until("2026-02-16T12:30:00Z", 15, QUARTERS, 8.0, &update);
    let first = shops.wide().into_iter().next().expect("the update is found").clone();
    assert_eq!(first.explanation[0].to_string(), "firmware=bad");
    assert_eq!(first.kind, FindingKind::Silence);
    assert!(first.detected_at <= at("2026-02-16T10:47:30Z"), "{}", first.detected_at);
    assert_eq!(first.started_at, at("2026-02-16T10:30:00Z"));
    assert_eq!(first.affected.devices, 24);
}

#[test]
fn a_stop_is_one_finding_that_is_closed_only_when_all_is_back() {
    // Half of the devices are mended at 11:30, the others at noon.
    let mended = |s: usize, d: usize, now: Timestamp| {
        update(s, d, now) || s.is_multiple_of(2) && now > at("2026-02-16T11:30:00Z")
    };
    let mut shops = learned(QUARTERS);
    shops.until("2026-02-16T10:00:00Z", 15, Form::Moments, 8.0, &all);
    shops.until("2026-02-16T12:30:00Z", 1, Form::Moments, 8.0, &mended);
    let said = shops.wide();
    assert!(said.iter().all(|f| f.id == said[0].id), "{said:#?}");
    let closed: Vec<_> = said.iter().filter(|f| f.status == FindingStatus::Closed).collect();
    assert_eq!(closed.len(), 1);
    assert!(closed[0].revised_at > at("2026-02-16T12:00:00Z"), "{}", closed[0].revised_at);
}
