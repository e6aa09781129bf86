//! A fault that spreads from device to device over two hours is one finding that grows, however it looks meanwhile.
#![allow(clippy::unwrap_used)]

mod shops;

use domain::Finding;
use jiff::{SignedDuration, Timestamp};
use shops::{Form, Shops, all, at};
use std::collections::BTreeSet;

#[test]
fn an_update_that_takes_two_hours_to_reach_all_is_one_finding() {
    let mut shops = Shops::new(30, 6, "2026-02-02T00:00:00Z", "2026-02-16T00:00:00Z");
    shops.heartbeat_s = 60;
    shops.until("2026-02-14T00:00:00Z", 300, Form::Moments, 12.0, &all);
    shops.until("2026-02-16T10:30:00Z", 30, Form::Moments, 12.0, &all);
    shops.said.clear();
    // One provider's shops first, then the others, in an order that nothing explains.
    let reached = |s: usize, d: usize| {
        let minute = if s.is_multiple_of(4) { 4 * (s % 7) } else { 20 + (s * 29 + d * 17) % 100 };
        at("2026-02-16T10:30:00Z") + SignedDuration::from_mins(minute as i64)
    };
    let update = |s: usize, d: usize, now: Timestamp| d % 3 != 1 || now <= reached(s, d);
    shops.until("2026-02-16T14:00:00Z", 20, Form::Moments, 12.0, &update);
    let found: BTreeSet<_> = shops.said.iter().map(|f| &f.id).collect();
    assert_eq!(found.len(), 1, "{:#?}", shops.said);
    let (first, last) = (&shops.said[0], shops.said.last().unwrap());
    let names = |f: &Finding| f.explanation.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!((names(first).len(), names(last)), (2, vec!["firmware=bad".to_owned()]));
    assert!(last.affected.devices >= 54, "{} of 60", last.affected.devices);
}
