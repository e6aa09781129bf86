//! Exact-cause F1 and time per case by family: `cargo run --release -p samband-detect --example explain_f1 [CASES] [-v]`.

mod cases;
mod score;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let verbose = arguments.iter().any(|argument| argument == "-v");
    let count = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(1_000);
    println!(
        "{:36} {:>7} {:>7} {:>7} {:>7} {:>9} {:>9}",
        "family", "F1", "right", "wrong", "missed", "ms mean", "ms max"
    );
    for (at, family) in cases::FAMILIES.iter().enumerate() {
        let score = score::measure(family, count, 1 + at as u64, |case, causes| {
            if verbose {
                println!("  truth: {}", list(case.truth.iter()));
                println!("  named: {}", list(causes.iter().map(|cause| &cause.conjunction)));
                for cause in causes {
                    println!(
                        "     {} gain {:.1} dl {:.1} pure {:.2} units {} same {}",
                        cause.conjunction,
                        cause.gain_nats,
                        cause.description_nats,
                        cause.purity,
                        cause.units,
                        list(cause.equivalent.iter())
                    );
                }
            }
        });
        println!(
            "{:36} {:>7.4} {:>7} {:>7} {:>7} {:>9.2} {:>9.2}{}",
            family.name,
            score.f1(),
            score.right,
            score.wrong,
            score.missed,
            score.spent.as_secs_f64() * 1e3 / count as f64,
            score.longest.as_secs_f64() * 1e3,
            if score.bounded > 0 { format!("  ({} bounded)", score.bounded) } else { String::new() }
        );
    }
}

fn list<T: ToString>(items: impl Iterator<Item = T>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(" ; ")
}
