//! Time to explain failures among 1,000,000 devices with 12 attributes, conjunctions up to three, on one core.

use std::time::Instant;

use detect::explain::{AttributeTable, Dispersion, Evidence, Options, Shortfall, Verdict, explain};
use roaring::RoaringBitmap;

const UNITS: u32 = 1_000_000;
const VALUES: [u32; 12] = [4, 12, 21, 60, 8, 5, 300, 40, 2, 10_000, 16, 500];

fn main() {
    let mut table = AttributeTable::new();
    let columns: Vec<_> = (0..VALUES.len()).map(|at| table.column(&format!("a{at}"))).collect();
    let code = |unit: u32, at: usize| (mix(unit, at as u32) * mix(unit, at as u32) * f64::from(VALUES[at])) as u32;
    let texts: Vec<String> = (0..10_000).map(|value| format!("v{value}")).collect();
    let started = Instant::now();
    for unit in 0..UNITS {
        table.add_unit().expect("below the limit");
        for (at, &column) in columns.iter().enumerate() {
            table.set(unit, column, Some(&texts[code(unit, at) as usize])).expect("unit and column exist");
        }
    }
    println!(
        "built in {:.2} s, {:.1} bytes a unit",
        started.elapsed().as_secs_f64(),
        table.heap_bytes() as f64 / f64::from(UNITS)
    );
    let chance = |unit: u32| mix(unit, 99);
    let is = |unit: u32, terms: &[(usize, u32)]| terms.iter().all(|&(at, value)| code(unit, at) == value);
    let run = |name: &str, fails: &dyn Fn(u32) -> bool| {
        let failing: RoaringBitmap = (0..UNITS).filter(|&unit| fails(unit)).collect();
        let population = (0..UNITS).collect();
        report(&table, name, &Evidence::Failed { failing: &failing, population: &population });
    };
    run("nothing in common, 0.5 %", &|unit| chance(unit) < 0.005);
    run("nothing in common, 30 %", &|unit| chance(unit) < 0.3);
    run("a3=v7, all", &|unit| is(unit, &[(3, 7)]));
    run("a0=v2, 60 %, 0.5 % noise", &|unit| chance(unit) < if is(unit, &[(0, 2)]) { 0.6 } else { 0.005 });
    run("a1=v3 & a7=v2 & a4=v1, 50 %, 0.5 % noise", &|unit| {
        chance(unit) < if is(unit, &[(1, 3), (7, 2), (4, 1)]) { 0.5 } else { 0.005 }
    });
    run("a6=v40 & a4=v1 ; a3=v9 ; a1=v2 & a2=v4 & a7=v5, 0.5 % noise", &|unit| {
        is(unit, &[(6, 40), (4, 1)])
            || is(unit, &[(3, 9)])
            || is(unit, &[(1, 2), (2, 4), (7, 5)])
            || chance(unit) < 0.005
    });
    run("80 units of a9=v77 & a0=v0", &|unit| is(unit, &[(9, 77), (0, 0)]) || chance(unit) < 0.001);
    let rows: Vec<Shortfall> = (0..UNITS)
        .map(|unit| {
            let left = if is(unit, &[(3, 7), (4, 1)]) { 0.5 } else { 1.0 };
            let observed = libm::round(40.0 * left * (0.8 + 0.4 * chance(unit)));
            Shortfall { unit, observed, expected: 40.0 }
        })
        .collect();
    let evidence = Evidence::Shortfall { rows: &rows, dispersion: Dispersion::Estimated };
    report(&table, "shortfall to half of a3=v7 & a4=v1", &evidence);
}

fn report(table: &AttributeTable, name: &str, evidence: &Evidence<'_>) {
    let mut times: Vec<f64> = Vec::new();
    let mut told = String::new();
    for _ in 0..5 {
        let started = Instant::now();
        let explanation = explain(table, evidence, &Options::default());
        times.push(started.elapsed().as_secs_f64() * 1e3);
        let named = match &explanation.verdict {
            Verdict::Causes(causes) => {
                causes.iter().map(|cause| cause.conjunction.to_string()).collect::<Vec<_>>().join(" ; ")
            }
            other => format!("{other:?}"),
        };
        told = format!("{named} ({} examined, bounded {})", explanation.examined, explanation.bounded);
    }
    times.sort_by(f64::total_cmp);
    println!("{name}\n  {told}\n  best {:.0} ms, median {:.0} ms, worst {:.0} ms", times[0], times[2], times[4]);
}

/// A number in 0..1 from a unit and a stream.
fn mix(unit: u32, stream: u32) -> f64 {
    let mut mixed = (u64::from(unit) << 32 | u64::from(stream)).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}
