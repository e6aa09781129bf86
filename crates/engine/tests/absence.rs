//! When it is we who were away, nobody was silent.
#![allow(clippy::unwrap_used)]

mod shops;

use domain::finding::FindingKind;
use jiff::{SignedDuration, Timestamp};
use shops::{Form, Shops, all, at};

/// Twelve shops on a Monday at eleven; ticks come each five seconds.
fn at_eleven() -> Shops {
    let mut shops = Shops::new(12, 6, "2026-02-02T00:00:00Z", "2026-02-16T00:00:00Z");
    shops.heartbeat_s = 60;
    shops.until("2026-02-14T00:00:00Z", 300, Form::Moments, 20.0, &all);
    shops.until("2026-02-16T08:00:00Z", 30, Form::Moments, 20.0, &all);
    shops.until("2026-02-16T11:00:00Z", 5, Form::Moments, 20.0, &all);
    shops.said.clear();
    shops
}

/// Goes on after `minutes` in which nothing was taken in, and all that was sent is gone.
fn away(shops: &mut Shops, minutes: i64) -> Timestamp {
    let back = at("2026-02-16T11:00:00Z") + SignedDuration::from_mins(minutes);
    shops.skip(back);
    back
}

#[test]
fn ten_minutes_in_which_we_were_down_are_no_silence_of_the_shops() {
    let mut shops = at_eleven();
    shops.engine.set_away_after(SignedDuration::from_secs(10));
    away(&mut shops, 10);
    shops.until("2026-02-16T13:00:00Z", 5, Form::Moments, 20.0, &all);
    assert!(shops.wide().is_empty(), "{:#?}", shops.said);
    assert_eq!(shops.engine.health().absences, 1);
}

#[test]
fn without_a_word_of_our_absence_it_would_be_one() {
    let mut shops = at_eleven();
    away(&mut shops, 10);
    shops.until("2026-02-16T11:30:00Z", 5, Form::Moments, 20.0, &all);
    assert!(!shops.wide().is_empty());
}

#[test]
fn what_died_while_we_were_away_is_found_soon_after() {
    let mut shops = at_eleven();
    shops.engine.set_away_after(SignedDuration::from_secs(10));
    let back = away(&mut shops, 10);
    shops.until("2026-02-16T11:40:00Z", 5, Form::Moments, 20.0, &|_, d, _| d % 3 != 1);
    let wide = shops.wide();
    let first = wide.first().expect("the dead are found");
    assert_eq!((first.kind, first.explanation[0].to_string().as_str()), (FindingKind::Silence, "firmware=bad"));
    assert!(first.started_at >= back && first.detected_at < back + SignedDuration::from_mins(8), "{first:#?}");
}
