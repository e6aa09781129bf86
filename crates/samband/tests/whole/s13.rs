//! S13: the night.

use crate::house::House;
use jiff::{SignedDuration, Timestamp};

#[test]
fn s13_is_found_before_six_though_nothing_sells() {
    let house = House::new(60, "2026-02-10T01:30:00+01:00");
    house.advance(SignedDuration::from_mins(60), 15);
    house.inject("s13", house.now());
    let six: Timestamp = "2026-02-10T06:00:00+01:00".parse().unwrap();
    house.advance(six.duration_since(house.now()), 15);
    let said = house.said();
    let named = said.iter().find(|f| f.explanation.iter().any(|t| t.attribute == "firmware" && t.value == "4.2.1"));
    let named = named.unwrap_or_else(|| panic!("not found by six: {said:#?}"));
    println!("found at {} as {:?}", named.detected_at, named.kind);
    assert_eq!(house.incidents().len(), 1, "{:#?}", house.incidents());
}
