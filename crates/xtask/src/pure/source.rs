//! What the pure crates take straight from `std`, which no dependency graph shows: clocks, files, sockets, threads, random hashing.
//!
//! Floating point belongs here too: `f64::ln` may differ in the last bit between machines, `libm::log` does not, and the same
//! input log must give the same findings to the byte. Every other library crate is held to one rule: it reads no wall clock.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Refused in a pure crate: the text, and what to do instead.
const IMPURE: &[(&str, &str)] = &[
    ("Instant::now", "time is an argument"),
    ("std::fs", "the caller reads and writes files"),
    ("std::net", "the caller talks to the network"),
    ("std::process", "the caller starts and ends processes"),
    ("std::thread", "the caller decides on threads"),
    ("std::env", "configuration is an argument"),
    ("std::io::stdin", "input is an argument"),
    ("println!", "return a value and let the caller print it"),
    ("eprintln!", "return a value and let the caller print it"),
    ("thread_rng", "randomness comes from a seeded generator that is passed in"),
    ("RandomState", "iterates in another order each run: BTreeMap, or rustc_hash with a sort"),
    ("collections::HashMap", "iterates in another order each run: BTreeMap, or rustc_hash with a sort"),
    ("collections::HashSet", "iterates in another order each run: BTreeSet, or rustc_hash with a sort"),
    (".ln()", "libm::log: std's may differ between machines"),
    (".ln_1p()", "libm::log1p: std's may differ between machines"),
    (".log10()", "libm::log10: std's may differ between machines"),
    (".log2()", "libm::log2: std's may differ between machines"),
    (".exp()", "libm::exp: std's may differ between machines"),
    (".exp_m1()", "libm::expm1: std's may differ between machines"),
    (".powf(", "libm::pow: std's may differ between machines"),
    (".powi(", "libm::pow: std's may differ between machines"),
    (".sin()", "libm::sin: std's may differ between machines"),
    (".cos()", "libm::cos: std's may differ between machines"),
    (".tanh()", "libm::tanh: std's may differ between machines"),
    (".cbrt()", "libm::cbrt: std's may differ between machines"),
    (".mul_add(", "write a * b + c: fused or not depends on the machine"),
];

/// Refused in every library crate.
const CLOCK: &[(&str, &str)] = &[
    ("SystemTime::now", "only the composition root reads the clock: take `now` as an argument"),
    ("Timestamp::now", "only the composition root reads the clock: take `now` as an argument"),
    ("Zoned::now", "only the composition root reads the clock: take `now` as an argument"),
];

/// The crates that may read the clock: the composition root, and this one.
const READ_THE_CLOCK: &[&str] = &["samband", "xtask"];

/// Every line of code that breaks a rule of its crate; tests at the end of a file are not code in this sense.
pub fn problems(workspace: &Workspace, pure: &[&str]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for file in workspace.files()? {
        let Some(folder) = crate_of_source(&file) else { continue };
        let text = fs::read_to_string(workspace.root.join(&file))
            .with_context(|| format!("cannot read {}", file.display()))?;
        if pure.contains(&folder) {
            breaches(&file, &text, IMPURE, &mut found);
        }
        if !READ_THE_CLOCK.contains(&folder) {
            breaches(&file, &text, CLOCK, &mut found);
        }
    }
    Ok(found)
}

/// The crate's folder when this is a source file of one that is not all tests.
fn crate_of_source(file: &Path) -> Option<&str> {
    let mut parts = file.iter().map(|part| part.to_str().unwrap_or_default());
    let (crates, folder, src) = (parts.next()?, parts.next()?, parts.next()?);
    let is_code =
        file.extension().is_some_and(|ext| ext == "rs") && !parts.any(|part| part == "tests" || part == "tests.rs");
    (crates == "crates" && src == "src" && is_code).then_some(folder)
}

fn breaches(file: &Path, text: &str, rules: &[(&str, &str)], found: &mut Vec<String>) {
    for (position, line) in code(text) {
        for (refused, instead) in rules {
            if contains_word(line, refused) {
                found.push(format!("{}:{position}: `{refused}`: {instead}", file.display()));
            }
        }
    }
}

/// The numbered lines of a file up to its tests, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
}

/// Whether `line` holds `word` and not only a longer word that ends in it (`eprintln!` is not `println!`).
fn contains_word(line: &str, word: &str) -> bool {
    let part_of_a_name = |c: char| c.is_alphanumeric() || c == '_';
    let starts_as_a_name = word.starts_with(part_of_a_name);
    line.match_indices(word).any(|(at, _)| !starts_as_a_name || !line[..at].ends_with(part_of_a_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches_in(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        breaches(Path::new("crates/detect/src/cusum.rs"), text, IMPURE, &mut found);
        found
    }

    #[test]
    fn a_logarithm_from_std_is_named_with_its_line_and_its_remedy() {
        let found = breaches_in("//! Why.\nfn f(x: f64) -> f64 {\n    x.ln()\n}\n");
        assert_eq!(found, ["crates/detect/src/cusum.rs:3: `.ln()`: libm::log: std's may differ between machines"]);
    }

    #[test]
    fn comments_and_tests_are_not_code() {
        assert!(
            breaches_in("// x.ln() would differ\n#[cfg(test)]\nmod tests {\n    fn f() { println!(); }\n}\n")
                .is_empty()
        );
    }

    #[test]
    fn a_longer_word_is_another_word() {
        assert_eq!(breaches_in("eprintln!(\"x\");\n").len(), 1);
        assert!(breaches_in("my_thread_rng();\n").is_empty());
    }

    #[test]
    fn only_source_files_of_crates_are_looked_at() {
        assert_eq!(crate_of_source(Path::new("crates/detect/src/a/b.rs")), Some("detect"));
        assert_eq!(crate_of_source(Path::new("crates/detect/src/a/tests.rs")), None);
        assert_eq!(crate_of_source(Path::new("crates/detect/tests/b.rs")), None);
        assert_eq!(crate_of_source(Path::new("docs/a/src/b.rs")), None);
    }
}
