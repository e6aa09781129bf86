//! The explanation names exactly the planted causes, often enough: a small fixed share of `examples/explain_f1`.

#[path = "../examples/explain_f1/cases.rs"]
mod cases;
#[path = "../examples/explain_f1/score.rs"]
mod score;

#[test]
fn exact_causes_are_named_with_an_f1_of_095_without_noise_and_090_with() {
    for (at, family) in cases::FAMILIES.iter().enumerate().filter(|(_, family)| family.demanding) {
        let score = score::measure(family, 30, 4_711 + at as u64, |_, _| {});
        let least = if family.noise > 0.0 { 0.9 } else { 0.95 };
        assert!(score.f1() >= least, "{}: F1 {:.3}", family.name, score.f1());
    }
}
