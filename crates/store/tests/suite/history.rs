//! What every history promises.

use super::journal::customer;
use super::{Home, at};
use domain::{CustomerKey, DeviceCode, RowScope, Scope};
use jiff::{SignedDuration, Timestamp};
use store::history::{Additions, AttributeChange, Heard, Retention, Sample, Series, Span, Transition, TransitionTo};
use store::{History, HistoryError, SeriesKey};

pub fn series(of: &str, key: &str) -> Series {
    Series { scope: customer(of), key: SeriesKey::new(key).unwrap() }
}

fn start() -> Timestamp {
    at("2026-02-10T22:00:00Z")
}

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

/// The sample of the n-th minute after 22:00, known two seconds later.
pub fn sample(n: i64) -> Sample {
    let at = start() + minutes(n);
    Sample {
        at,
        interval_s: 60,
        expected: 17.25 + 0.1 * f64::from(i32::try_from(n).unwrap()),
        observed: f64::from(i32::try_from(n % 23).unwrap()),
        expected_value_minor: 220_000 + n,
        observed_value_minor: n * 1234 % 99_991,
        heard: if n % 7 == 0 { Heard::Unknown } else { Heard::Share(0.1) },
        known_at: at + SignedDuration::from_secs(2),
    }
}

fn samples_of(of: &Series, samples: impl IntoIterator<Item = Sample>) -> Additions {
    Additions { samples: samples.into_iter().map(|sample| (of.clone(), sample)).collect(), ..Additions::default() }
}

fn span(from: i64, to: i64) -> Span {
    Span { from: start() + minutes(from), to: start() + minutes(to), as_of: None }
}

fn everything() -> Span {
    Span { from: Timestamp::MIN, to: Timestamp::MAX, as_of: None }
}

pub fn samples_are_the_same_to_the_bit_before_and_after_they_are_packed<H: History>(home: &impl Home<H>) {
    let history = home.open();
    let sales = series("north", "site/0412/sales");
    let all: Vec<_> = (0..300).map(sample).collect();
    history.append(samples_of(&sales, all.clone())).unwrap();
    history.append(samples_of(&series("north", "site/0413/sales"), [sample(1)])).unwrap();
    let read = |history: &H, span| history.samples(&Scope::All, &sales, span, usize::MAX).unwrap();
    assert_eq!(read(&history, everything()), all);
    assert_eq!(read(&history, span(10, 20)), all[11..=20], "a span is (from, to]");
    // 22:00 to 02:59: two hours of the first day, three of the second. Only the first is over.
    let packed = history.compact(start() + minutes(180)).unwrap();
    assert_eq!((packed.chunks, packed.samples, packed.damaged), (2, 121, 0));
    assert_eq!(read(&history, everything()), all);
    assert_eq!(read(&history, span(100, 140)), all[101..=140]);
    history.compact(start() + minutes(60 * 48)).unwrap();
    drop(history);
    let history = home.open();
    assert_eq!(read(&history, everything()), all);
    assert_eq!(history.compact(start() + minutes(60 * 48)).unwrap().samples, 0, "what is packed is not packed again");
    assert_eq!(history.samples(&Scope::All, &sales, everything(), 5).unwrap(), all[..5]);
}

pub fn a_correction_changes_the_present_picture_and_not_the_past_one<H: History>(home: &impl Home<H>) {
    let history = home.open();
    let sales = series("north", "site/0412/sales");
    history.append(samples_of(&sales, (0..10).map(sample))).unwrap();
    let corrected = Sample { observed: 99.0, heard: Heard::Share(1.0), known_at: start() + minutes(600), ..sample(7) };
    let read = |as_of| history.samples(&Scope::All, &sales, Span { as_of, ..everything() }, 100).unwrap();
    for round in 0..3 {
        match round {
            0 => history.append(samples_of(&sales, [corrected])).unwrap(),
            // Packed apart first, then together: the picture must not move.
            1 => drop(history.compact(start() + minutes(60 * 48)).unwrap()),
            _ => history.append(samples_of(&sales, [corrected, sample(7), sample(3)])).unwrap(),
        }
        assert_eq!(read(None)[7], corrected);
        assert_eq!(read(Some(corrected.known_at))[7], corrected);
        assert_eq!(read(Some(corrected.known_at - SignedDuration::from_micros(1)))[7], sample(7));
        assert_eq!(read(Some(sample(7).known_at - SignedDuration::from_micros(1))).len(), 7, "not known yet");
        assert_eq!(read(None).len(), 10);
    }
    history.compact(start() + minutes(60 * 48)).unwrap();
    assert_eq!(read(None)[7], corrected);
    assert_eq!(read(None).len(), 10);
}

pub fn a_chart_of_many_samples_keeps_their_sums<H: History>(home: &impl Home<H>) {
    let history = home.open();
    let sales = series("north", "site/0412/sales");
    history.append(samples_of(&sales, (1..=240).map(sample))).unwrap();
    history.compact(start() + minutes(150)).unwrap();
    let points = |max| history.points(&Scope::All, &sales, span(0, 240), max).unwrap();
    assert_eq!(points(240).len(), 240);
    let thin = points(24);
    assert_eq!(thin.len(), 24);
    let value: i64 = (1..=240).map(|n| sample(n).observed_value_minor).sum();
    assert_eq!(thin.iter().map(|point| point.observed_value_minor).sum::<i64>(), value);
    assert_eq!(thin[0].to, start() + minutes(10));
    assert_eq!((thin[0].covered_s, thin[0].unknown_s), (600, 60), "the seventh minute is unknown");
}

pub fn another_customers_history_does_not_exist<H: History>(home: &impl Home<H>) {
    let history = home.open();
    let [north, south] = ["north", "south"].map(|of| series(of, "site/1/sales"));
    for of in [&north, &south] {
        let device = DeviceCode::new("till-1").unwrap();
        let (at, known_at, scope) = (start(), start(), of.scope.clone());
        let to = TransitionTo::Down;
        let change = AttributeChange {
            scope: scope.clone(),
            device: device.clone(),
            attribute: "firmware".into(),
            value: Some("4.2".into()),
            at,
            known_at,
        };
        let transitions = vec![Transition { scope, device, at, to, known_at }];
        history.append(Additions { transitions, attributes: vec![change], ..samples_of(of, [sample(1)]) }).unwrap();
    }
    let scope = Scope::customer(CustomerKey::new("north").unwrap());
    let till = DeviceCode::new("till-1").unwrap();
    for (of, seen) in [(&north, 1), (&south, 0)] {
        assert_eq!(history.samples(&scope, of, everything(), 9).unwrap().len(), seen);
        assert_eq!(history.points(&scope, of, everything(), 9).unwrap().len(), seen);
        assert_eq!(history.transitions(&scope, &of.scope, None, everything(), 9).unwrap().len(), seen);
        assert_eq!(history.attribute_changes(&scope, &of.scope, None, everything(), 9).unwrap().len(), seen);
        assert_eq!(history.attributes_at(&scope, &of.scope, &till, start(), None).unwrap().len(), seen);
    }
    assert_eq!(history.series(&scope, "", None, 9).unwrap(), std::slice::from_ref(&north));
    assert_eq!(history.series(&Scope::All, "site/", None, 9).unwrap(), [north.clone(), south.clone()]);
    assert_eq!(history.series(&Scope::All, "site/", Some(&north), 9).unwrap(), [south]);
    assert_eq!(history.series(&Scope::All, "sitf", None, 9).unwrap(), []);
}

pub fn what_a_device_was_can_be_asked_for_any_time<H: History>(home: &impl Home<H>) {
    let history = home.open();
    let scope = customer("north");
    let device = DeviceCode::new("till-1").unwrap();
    let change = |minute: i64, known: i64, attribute: &str, value: Option<&str>| AttributeChange {
        scope: scope.clone(),
        device: device.clone(),
        attribute: attribute.into(),
        value: value.map(str::to_owned),
        at: start() + minutes(minute),
        known_at: start() + minutes(known),
    };
    let attributes = vec![
        change(0, 0, "firmware", Some("4.1")),
        change(10, 10, "firmware", Some("4.2")),
        change(5, 60, "firmware", Some("4.1.9")),
        change(10, 70, "firmware", Some("4.2.1")),
        change(0, 0, "slot", Some("A")),
        change(20, 20, "slot", None),
    ];
    history.append(Additions { attributes, ..Additions::default() }).unwrap();
    let seen = |minute: i64, as_of: Option<i64>| {
        let as_of = as_of.map(|minute| start() + minutes(minute));
        let found = history.attributes_at(&Scope::All, &scope, &device, start() + minutes(minute), as_of).unwrap();
        let value = |name: &str| found.get(name).and_then(|change| change.value.clone());
        (value("firmware"), value("slot"))
    };
    let both = |firmware: &str, slot: Option<&str>| (Some(firmware.to_owned()), slot.map(str::to_owned));
    assert_eq!(seen(-1, None), (None, None));
    assert_eq!(seen(7, None), both("4.1.9", Some("A")));
    assert_eq!(seen(7, Some(30)), both("4.1", Some("A")));
    assert_eq!(seen(30, Some(30)), both("4.2", None));
    assert_eq!(seen(30, None), both("4.2.1", None));
    let all = history.attribute_changes(&Scope::All, &scope, Some(&device), span(-1, 9), 10).unwrap();
    assert_eq!(all.iter().map(|change| change.at).collect::<Vec<_>>(), [0, 0, 5].map(|n| start() + minutes(n)));
}

pub fn transitions_come_back_in_order_for_one_device_or_all<H: History>(home: &impl Home<H>) {
    let history = home.open();
    let transition = |device: &str, minute: i64, to| Transition {
        scope: customer("north"),
        device: DeviceCode::new(device).unwrap(),
        at: start() + minutes(minute),
        to,
        known_at: start() + minutes(minute + 1),
    };
    let all = [
        transition("b", 1, TransitionTo::Unheard),
        transition("a", 2, TransitionTo::Down),
        transition("b", 3, TransitionTo::Heard),
        transition("a", 4, TransitionTo::Up),
    ];
    let mut shuffled = all.to_vec();
    shuffled.reverse();
    history.append(Additions { transitions: shuffled.clone(), ..Additions::default() }).unwrap();
    history.append(Additions { transitions: shuffled, ..Additions::default() }).unwrap();
    let of = customer("north");
    let read = |device, span, limit| history.transitions(&Scope::All, &of, device, span, limit).unwrap();
    assert_eq!(read(None, everything(), 10), all);
    assert_eq!(read(None, everything(), 2), all[..2]);
    assert_eq!(read(None, span(1, 3), 10), all[1..3]);
    let known = Span { as_of: Some(start() + minutes(3)), ..everything() };
    assert_eq!(read(None, known, 10), all[..2]);
    assert_eq!(read(Some(&DeviceCode::new("a").unwrap()), everything(), 10), [all[1].clone(), all[3].clone()]);
}

pub fn what_is_too_old_goes_and_what_still_holds_stays<H: History>(home: &impl Home<H>) {
    let history = home.open();
    let sales = series("north", "site/1/sales");
    let day = 24 * 60;
    let of = customer("north");
    let device = DeviceCode::new("a").unwrap();
    for n in 0..5 {
        let transition = Transition {
            scope: of.clone(),
            device: device.clone(),
            at: start() + minutes(n * day),
            to: if n % 2 == 0 { TransitionTo::Up } else { TransitionTo::Down },
            known_at: start() + minutes(n * day),
        };
        let change = AttributeChange {
            scope: of.clone(),
            device: device.clone(),
            attribute: "firmware".into(),
            value: Some(n.to_string()),
            at: transition.at,
            known_at: transition.at,
        };
        let additions = samples_of(&sales, (0..100).map(|minute| sample(n * day + minute)));
        history.append(Additions { transitions: vec![transition], attributes: vec![change], ..additions }).unwrap();
    }
    history.compact(start() + minutes(3 * day)).unwrap();
    let keep_from = start() + minutes(2 * day);
    let dropped = history.retain(Retention { keep_from, max_bytes: u64::MAX }).unwrap();
    assert!(dropped.chunks == 2 && dropped.changes == 2, "{dropped:?}");
    assert_eq!(history.samples(&Scope::All, &sales, everything(), 1).unwrap()[0].at, sample(2 * day).at);
    assert_eq!(
        history.attributes_at(&Scope::All, &of, &device, keep_from, None).unwrap()["firmware"].value.as_deref(),
        Some("2")
    );
    let before = history.attributes_at(&Scope::All, &of, &device, start() + minutes(day + 60), None).unwrap();
    assert_eq!(before["firmware"].value.as_deref(), Some("1"), "what held when the kept days began is still known");
    history.retain(Retention { keep_from, max_bytes: 1 }).unwrap();
    let left = history.samples(&Scope::All, &sales, everything(), 1000).unwrap();
    assert_eq!((left.len(), left[0].at), (100, sample(4 * day).at), "the newest day stays");
}

pub fn what_is_no_measurement_is_refused_and_nothing_of_its_batch_is_kept<H: History>(home: &impl Home<H>) {
    let history = home.open();
    let sales = series("north", "site/1/sales");
    for bad in [
        Sample { expected: f64::NAN, ..sample(1) },
        Sample { observed: f64::INFINITY, ..sample(1) },
        Sample { heard: Heard::Share(f32::NAN), ..sample(1) },
        Sample { heard: Heard::Share(1.5), ..sample(1) },
    ] {
        let refused = history.append(samples_of(&sales, [sample(0), bad])).unwrap_err();
        assert!(matches!(refused, HistoryError::BadSample { .. }), "{refused}");
    }
    assert_eq!(history.samples(&Scope::All, &sales, everything(), 9).unwrap(), []);
    let organisation = Series { scope: RowScope::Organisation, ..sales };
    history.append(samples_of(&organisation, [sample(0)])).unwrap();
    assert_eq!(history.samples(&Scope::All, &organisation, everything(), 9).unwrap(), [sample(0)]);
}

/// All promises of a history as tests of one backend.
macro_rules! history_suite {
    ($make:path) => {
        crate::suite::suite_of!(
            history,
            $make,
            [
                samples_are_the_same_to_the_bit_before_and_after_they_are_packed,
                a_correction_changes_the_present_picture_and_not_the_past_one,
                a_chart_of_many_samples_keeps_their_sums,
                another_customers_history_does_not_exist,
                what_a_device_was_can_be_asked_for_any_time,
                transitions_come_back_in_order_for_one_device_or_all,
                what_is_too_old_goes_and_what_still_holds_stays,
                what_is_no_measurement_is_refused_and_nothing_of_its_batch_is_kept,
            ]
        );
    };
}
pub(crate) use history_suite;
