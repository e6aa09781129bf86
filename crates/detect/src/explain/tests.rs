//! What an operator relies on when reading an explanation, on fleets small enough to check by hand.
#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;
use roaring::RoaringBitmap;

use super::*;

/// A table of `units` units; `value` gives each unit's value of each attribute.
fn table(attributes: &[&str], units: u32, value: impl Fn(u32, &str) -> Option<String>) -> AttributeTable {
    let mut table = AttributeTable::new();
    for attribute in attributes {
        table.column(attribute);
    }
    for unit in 0..units {
        table.add_unit().unwrap();
        for attribute in attributes {
            let column = table.column(attribute);
            table.set(unit, column, value(unit, attribute).as_deref()).unwrap();
        }
    }
    table
}

/// A number below `end` that unit and salt determine and nothing else explains.
fn dice(unit: u32, salt: u32, end: u32) -> u32 {
    let mixed = (u64::from(unit) * 7_919 + u64::from(salt) * 104_729 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as u32 % end
}

fn shop_fleet(units: u32) -> AttributeTable {
    table(&["firmware", "model", "region", "circuit", "site"], units, |unit, attribute| {
        Some(match attribute {
            "firmware" => format!("4.{}", dice(unit, 1, 6)),
            "model" => format!("PS{}", dice(unit, 2, 4)),
            "region" => format!("R{}", dice(unit / 8, 3, 21)),
            "circuit" => ["A", "B"][dice(unit, 4, 2) as usize].to_owned(),
            _ => format!("S{}", unit / 8),
        })
    })
}

fn is(table: &AttributeTable, unit: u32, attribute: &str, value: &str) -> bool {
    table.value(unit, table.find_column(attribute).unwrap()) == Some(value)
}

fn failed(table: &AttributeTable, options: &Options, fails: impl Fn(u32) -> bool) -> Explanation {
    let failing: RoaringBitmap = (0..table.units()).filter(|&unit| fails(unit)).collect();
    let population = (0..table.units()).collect();
    explain(table, &Evidence::Failed { failing: &failing, population: &population }, options)
}

fn causes(explanation: &Explanation) -> &[Cause] {
    match &explanation.verdict {
        Verdict::Causes(causes) => causes,
        other => panic!("no causes: {other:?}"),
    }
}

fn named(explanation: &Explanation) -> Vec<String> {
    let mut named: Vec<String> = match &explanation.verdict {
        Verdict::Causes(causes) => causes.iter().map(|cause| cause.conjunction.to_string()).collect(),
        _ => Vec::new(),
    };
    named.sort();
    named
}

#[test]
fn a_bad_firmware_is_named_with_all_it_covers_and_nothing_healthy() {
    let fleet = shop_fleet(2_000);
    let explanation = failed(&fleet, &Options::default(), |unit| is(&fleet, unit, "firmware", "4.2"));
    let cause = &causes(&explanation)[0];
    assert_eq!(named(&explanation), ["firmware=4.2"]);
    assert_eq!((cause.coverage, cause.purity, cause.failing), (1.0, 1.0, cause.units));
    assert!(cause.gain_nats > 500.0 && explanation.unexplained == 0.0);
    assert!(cause.runner_up.as_ref().unwrap().lost_by_nats > 100.0);
}

#[test]
fn a_circuit_of_one_site_is_a_conjunction_not_the_whole_site() {
    let fleet = table(&["site", "circuit"], 2_000, |unit, attribute| {
        Some(if attribute == "site" { format!("S{}", unit / 20) } else { format!("{}", unit % 2) })
    });
    let explanation = failed(&fleet, &Options::default(), |unit| unit / 20 == 17 && unit % 2 == 1);
    assert_eq!(named(&explanation), ["site=S17 & circuit=1"]);
}

#[test]
fn two_independent_faults_are_two_causes_each_with_its_share() {
    let fleet = shop_fleet(4_000);
    let explanation = failed(&fleet, &Options::default(), |unit| {
        is(&fleet, unit, "firmware", "4.2") || is(&fleet, unit, "region", "R7") && is(&fleet, unit, "circuit", "A")
    });
    assert_eq!(named(&explanation), ["firmware=4.2", "region=R7 & circuit=A"]);
    assert!(explanation.unexplained < 1e-9);
}

#[test]
fn two_narrow_faults_are_not_taken_for_the_broad_value_they_share() {
    let fleet = shop_fleet(8_000);
    let explanation = failed(&fleet, &Options::default(), |unit| {
        is(&fleet, unit, "model", "PS1") && (is(&fleet, unit, "firmware", "4.1") || is(&fleet, unit, "firmware", "4.4"))
    });
    assert_eq!(named(&explanation), ["firmware=4.1 & model=PS1", "firmware=4.4 & model=PS1"]);
}

#[test]
fn failures_without_pattern_have_no_known_common_factor_and_say_how_many_candidates_were_weighed() {
    let fleet = shop_fleet(4_000);
    for salt in 100..120 {
        let explanation = failed(&fleet, &Options::default(), |unit| dice(unit, salt, 40) == 0);
        let Verdict::NoKnownCommonFactor { nearest } = &explanation.verdict else { panic!("{explanation:?}") };
        assert!(explanation.examined > 100 && explanation.candidates > 1_000.0);
        assert!(nearest.as_ref().is_none_or(|nearest| nearest.short_by_nats > 0.0));
    }
}

#[test]
fn what_every_unit_bears_and_what_is_not_recorded_explain_nothing() {
    let fleet = table(&["customer", "rack", "firmware"], 400, |unit, attribute| match attribute {
        "customer" => Some("K1".to_owned()),
        "rack" => (unit % 3 != 0).then(|| format!("{}", dice(unit, 9, 5))),
        _ => Some(format!("{}", dice(unit, 8, 5))),
    });
    let all_down = failed(&fleet, &Options::default(), |_| true);
    assert!(matches!(all_down.verdict, Verdict::NoKnownCommonFactor { .. }));
    let unrecorded = failed(&fleet, &Options::default(), |unit| unit % 3 == 0);
    assert!(matches!(unrecorded.verdict, Verdict::NoKnownCommonFactor { .. }), "{unrecorded:?}");
    assert_eq!(failed(&fleet, &Options::default(), |_| false).verdict, Verdict::NothingFailed);
}

#[test]
fn a_serial_number_is_never_the_cause() {
    let fleet = table(&["serial", "firmware"], 500, |unit, attribute| {
        Some(if attribute == "serial" { format!("SN{unit}") } else { format!("{}", dice(unit, 5, 5)) })
    });
    for failing in 1..4 {
        let explanation = failed(&fleet, &Options::default(), |unit| unit < failing);
        assert!(!named(&explanation).iter().any(|name| name.contains("serial")), "{explanation:?}");
    }
}

#[test]
fn three_tills_that_sell_nothing_are_not_explained_by_their_serial_numbers() {
    let fleet = table(&["serial", "firmware"], 500, |unit, attribute| {
        Some(if attribute == "serial" { format!("SN{unit}") } else { format!("{}", dice(unit, 5, 5)) })
    });
    let rows: Vec<Shortfall> = (0..500)
        .map(|unit| Shortfall { unit, observed: if unit % 200 == 7 { 0.0 } else { 60.0 }, expected: 60.0 })
        .collect();
    let explanation =
        explain(&fleet, &Evidence::Shortfall { rows: &rows, dispersion: Dispersion::None }, &Options::default());
    assert!(!named(&explanation).iter().any(|name| name.contains("serial")), "{explanation:?}");
}

#[test]
fn one_failing_device_has_nothing_in_common_with_itself() {
    let fleet = table(&["tag"], 100_000, |unit, _| (unit == 7 || unit % 2 == 0).then(|| format!("{}", unit == 7)));
    let explanation = failed(&fleet, &Options::default(), |unit| unit == 7);
    assert!(matches!(explanation.verdict, Verdict::NoKnownCommonFactor { .. }), "{explanation:?}");
}

#[test]
fn attributes_that_name_the_same_units_are_all_listed_and_preference_decides_which_comes_first() {
    let fleet = table(&["received change", "firmware", "model"], 1_000, |unit, attribute| {
        let new = dice(unit, 3, 7) == 0;
        Some(match attribute {
            "received change" => format!("{new}"),
            "firmware" => if new { "4.2.1" } else { "4.2.0" }.to_owned(),
            _ => format!("{}", dice(unit, 4, 3)),
        })
    });
    let options = Options { priority: vec!["firmware".into()], ..Options::default() };
    for (options, first, second) in [
        (options, "firmware=4.2.1", "received change=true"),
        (Options::default(), "received change=true", "firmware=4.2.1"),
    ] {
        let explanation = failed(&fleet, &options, |unit| dice(unit, 3, 7) == 0);
        let cause = &causes(&explanation)[0];
        assert_eq!(cause.conjunction.to_string(), first);
        assert_eq!(cause.equivalent.iter().map(ToString::to_string).collect::<Vec<_>>(), [second]);
    }
}

#[test]
fn nested_attributes_are_both_named_with_the_devices_that_can_tell() {
    // All units of the model run the firmware; three units of other models run it too, and their state is not known.
    let fleet = table(&["firmware", "model"], 300, |unit, attribute| {
        let model = unit % 6;
        Some(match attribute {
            "model" => format!("M{model}"),
            _ => if model == 2 || [0, 7, 15].contains(&unit) { "new" } else { "old" }.to_owned(),
        })
    });
    let failing: RoaringBitmap = (0..300).filter(|unit| unit % 6 == 2).collect();
    let population: RoaringBitmap = (0..300).filter(|unit| ![7, 15].contains(unit)).collect();
    let explanation = explain(
        &fleet,
        &Evidence::Failed { failing: &failing, population: &population },
        &Options { priority: vec!["model".into()], ..Options::default() },
    );
    let cause = &causes(&explanation)[0];
    assert_eq!(cause.conjunction.to_string(), "model=M2");
    let rival = cause.runner_up.as_ref().unwrap();
    assert_eq!(rival.conjunction.to_string(), "firmware=new");
    assert_eq!(rival.why, Why::Nested { discordant: 3, look_at: vec![7, 15, 0] });
}

#[test]
fn a_population_of_one_region_is_explained_by_what_differs_within_it() {
    let fleet = shop_fleet(4_000);
    let population: RoaringBitmap = (0..4_000).filter(|&unit| is(&fleet, unit, "region", "R3")).collect();
    let failing: RoaringBitmap = (0..4_000).filter(|&unit| is(&fleet, unit, "firmware", "4.5")).collect();
    let evidence = Evidence::Failed { failing: &failing, population: &population };
    let explanation = explain(&fleet, &evidence, &Options::default());
    assert_eq!(named(&explanation), ["firmware=4.5"]);
    assert_eq!(explanation.population, population.len());
    assert_eq!(causes(&explanation)[0].failing, (&failing & &population).len());
}

#[test]
fn a_drop_to_half_at_one_model_is_found_from_counts() {
    let fleet = shop_fleet(2_000);
    let rows: Vec<Shortfall> = (0..2_000)
        .map(|unit| {
            let usual = f64::from(10 + dice(unit, 31, 9));
            let left = if is(&fleet, unit, "model", "PS3") { 0.5 } else { 1.0 };
            Shortfall {
                unit,
                observed: libm::round(usual * left) + f64::from(dice(unit, 32, 5)) - 2.0,
                expected: usual,
            }
        })
        .collect();
    let evidence = Evidence::Shortfall { rows: &rows, dispersion: Dispersion::Estimated };
    let explanation = explain(&fleet, &evidence, &Options::default());
    assert_eq!(named(&explanation), ["model=PS3"]);
    let cause = &causes(&explanation)[0];
    assert!((cause.purity - 0.5).abs() < 0.05 && cause.coverage > 0.9, "{cause:?}");
}

#[test]
fn counts_that_are_no_counts_are_refused_and_the_rest_still_explained() {
    let fleet = shop_fleet(1_000);
    let mut rows: Vec<Shortfall> = (0..1_000)
        .map(|unit| {
            let left = if is(&fleet, unit, "firmware", "4.0") { 0.0 } else { 20.0 };
            Shortfall { unit, observed: left, expected: 20.0 }
        })
        .collect();
    rows.push(Shortfall { unit: 3, observed: f64::NAN, expected: 1.0 });
    rows.push(Shortfall { unit: 3, observed: 1.0, expected: f64::INFINITY });
    rows.push(Shortfall { unit: 90_000, observed: 1.0, expected: 1.0 });
    let evidence = Evidence::Shortfall { rows: &rows, dispersion: Dispersion::None };
    let explanation = explain(&fleet, &evidence, &Options::default());
    assert_eq!((named(&explanation), explanation.refused), (vec!["firmware=4.0".to_owned()], 3));
}

#[test]
fn ten_thousand_attributes_stay_bounded_and_the_telling_one_is_still_found() {
    let mut fleet = AttributeTable::new();
    let columns: Vec<ColumnId> = (0..10_000).map(|at| fleet.column(&format!("tag {at}"))).collect();
    for unit in 0..3_000 {
        fleet.add_unit().unwrap();
        for salt in 0..6 {
            let column = columns[dice(unit, 50 + salt, 10_000) as usize];
            fleet.set(unit, column, Some("yes")).unwrap();
        }
        if unit % 25 == 0 {
            fleet.set(unit, columns[4_321], Some("bad")).unwrap();
        }
    }
    let explanation = failed(&fleet, &Options::default(), |unit| {
        is(&fleet, unit, "tag 4321", "bad") && unit % 50 == 0 || unit % 97 == 5
    });
    assert_eq!(named(&explanation), ["tag 4321=bad"]);
    assert!(fleet.heap_bytes() < 8_000_000);
}

#[test]
fn an_empty_table_and_an_empty_population_are_answered() {
    let nothing = AttributeTable::new();
    assert_eq!(failed(&nothing, &Options::default(), |_| true).verdict, Verdict::NothingFailed);
    let evidence = Evidence::Shortfall { rows: &[], dispersion: Dispersion::Estimated };
    assert_eq!(explain(&nothing, &evidence, &Options::default()).verdict, Verdict::NothingFailed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_planted_value_is_found_exactly_when_nothing_else_fails(salt in 0_u32..10_000, column in 0_u32..4, value in 0_u32..5) {
        let attributes = ["a", "b", "c", "d"];
        let code = |unit, at| dice(unit, salt * 4 + at, 5);
        let fleet = table(&attributes, 400, |unit, attribute| {
            let at = attributes.iter().position(|name| *name == attribute).unwrap() as u32;
            Some(format!("{}", code(unit, at)))
        });
        let explanation = failed(&fleet, &Options::default(), |unit| code(unit, column) == value);
        prop_assert_eq!(named(&explanation), [format!("{}={value}", attributes[column as usize])]);
    }

    #[test]
    fn the_order_in_which_units_came_does_not_matter(salt in 0_u32..10_000, counts in any::<bool>()) {
        let units = 600;
        let attributes = ["a", "b", "c"];
        let value = |unit: u32, attribute: &str| {
            let at = attributes.iter().position(|name| *name == attribute).unwrap() as u32;
            (dice(unit, salt + at, 9) > 0).then(|| format!("{}", dice(unit, salt + 7 + at, 6)))
        };
        let fails = |unit: u32| value(unit, "b").as_deref() == Some("3") && dice(unit, salt + 20, 3) > 0 || dice(unit, salt, 50) == 1;
        let ask = |order: &dyn Fn(u32) -> u32| {
            let fleet = table(&attributes, units, |unit, attribute| value(order(unit), attribute));
            if !counts {
                return failed(&fleet, &Options::default(), |unit| fails(order(unit)));
            }
            let rows: Vec<Shortfall> = (0..units)
                .map(|unit| {
                    let expected = f64::from(dice(order(unit), salt + 30, 40)) * 0.37 + 0.1;
                    Shortfall { unit, observed: if fails(order(unit)) { 0.0 } else { libm::round(expected) }, expected }
                })
                .collect();
            explain(&fleet, &Evidence::Shortfall { rows: &rows, dispersion: Dispersion::Estimated }, &Options::default())
        };
        // 7 is coprime to 600: a permutation.
        let (mut one, mut other) = (ask(&|unit| unit), ask(&|unit| (unit * 7 + 11) % units));
        for explanation in [&mut one, &mut other] {
            explanation.examined = 0;
            if let Verdict::Causes(causes) = &mut explanation.verdict {
                causes.iter_mut().filter_map(|cause| cause.runner_up.as_mut()).for_each(|rival| rival.why = Why::LowerPurity);
            }
        }
        prop_assert_eq!(one, other);
    }
}
