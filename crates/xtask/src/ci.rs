//! `cargo xtask ci`: every check there is, each under its heading, the tests last.
//!
//! A failed check does not hide the next one: all run, and the end names each that failed. When none did, the last thing
//! printed is the test runner's own summary.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace::{self, Workspace};
use crate::{ledger, licences, pure, suites, tidy, tools, vendor};

struct Check {
    name: &'static str,
    what: &'static str,
    run: fn(&Workspace) -> Result<()>,
}

/// In order: seconds before minutes, so that a slip is seen early, and the tests last.
const CHECKS: &[Check] = &[
    Check { name: "tools", what: "what the checks and tests need is installed", run: tools::install_all },
    Check { name: "fmt", what: "every file is formatted", run: fmt },
    Check { name: "tidy", what: "file openings, sizes, names, words and links", run: tidy::run },
    Check { name: "vendored", what: "the browser code of others is as pinned", run: vendored },
    Check {
        name: "arrows",
        what: "our crates depend on each other only in the direction laid down",
        run: pure::arrows,
    },
    Check { name: "pure", what: "domain, detect and engine reach no I/O, clock or randomness", run: pure::run },
    Check { name: "ledger", what: "each dependency has its reason, and each reason its dependency", run: ledger::run },
    Check { name: "licences", what: "licences, bans and sources of every dependency", run: licences::run },
    Check { name: "clippy", what: "no warning in any target", run: clippy },
    Check { name: "docs", what: "the documentation builds without a warning", run: docs },
    Check { name: "doctests", what: "the examples in the documentation run", run: suites::doctests },
    Check { name: "tests", what: "all tests", run: |workspace| suites::run(workspace, &[]) },
];

/// Runs the named checks, or all of them when none is named.
pub fn run(names: &[String]) -> Result<()> {
    let wanted = choose(names)?;
    let workspace = Workspace::load()?;
    let started = Instant::now();
    let mut took = Vec::new();
    let mut failed = Vec::new();
    for (position, check) in wanted.iter().enumerate() {
        if position + 1 == wanted.len() && !took.is_empty() {
            print_times(&took, started.elapsed());
        }
        eprintln!("\n=== {} ({}/{}): {}", check.name, position + 1, wanted.len(), check.what);
        let began = Instant::now();
        if let Err(error) = (check.run)(&workspace) {
            eprintln!("--- {} FAILED: {error:#}", check.name);
            failed.push(format!("{}: {error:#}", check.name));
        }
        took.push((check.name, began.elapsed()));
    }
    if failed.is_empty() {
        return Ok(());
    }
    print_times(&took, started.elapsed());
    bail!("{} of {} checks failed\n\n{}", failed.len(), wanted.len(), failed.join("\n\n"))
}

fn choose(names: &[String]) -> Result<Vec<&'static Check>> {
    if names.is_empty() {
        return Ok(CHECKS.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            CHECKS.iter().find(|check| check.name == name).with_context(|| {
                let known: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
                format!("there is no check `{name}`; there are: {}", known.join(", "))
            })
        })
        .collect()
}

fn print_times(took: &[(&str, Duration)], total: Duration) {
    eprintln!("\n=== time so far: {:.0} s", total.as_secs_f64());
    for (name, duration) in took {
        eprintln!("{:>8.1} s  {name}", duration.as_secs_f64());
    }
}

fn fmt(workspace: &Workspace) -> Result<()> {
    workspace::run(&mut workspace.cargo(&["fmt", "--all", "--check"])).context("run `cargo fmt --all`")
}

fn vendored(_: &Workspace) -> Result<()> {
    vendor::run(&["--check".to_owned()])
}

fn clippy(workspace: &Workspace) -> Result<()> {
    workspace::run(&mut workspace.cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn docs(workspace: &Workspace) -> Result<()> {
    workspace::run(workspace.cargo(&["doc", "--no-deps", "--workspace"]).env("RUSTDOCFLAGS", "-Dwarnings"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_tests_run_last_so_that_their_summary_ends_the_output() {
        assert_eq!(CHECKS.last().unwrap().name, "tests");
    }

    #[test]
    fn an_unknown_check_is_refused_with_the_names_of_those_there_are() {
        let refusal = choose(&["tidyy".to_owned()]).err().unwrap().to_string();
        assert!(refusal.contains("`tidyy`") && refusal.contains("tidy, vendored"), "{refusal}");
    }
}
