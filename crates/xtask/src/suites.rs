//! `cargo xtask test`: all tests, with what the heavier ones need installed first, or each left-out suite said loudly.
//!
//! A test that needs a program beyond the toolchain carries the suite's mark in its name or module
//! (`fn an_incident_appears_in_chromium`), which is how it is left out where that program cannot be had. In CI leaving out is a failure.

use anyhow::{Result, bail};

use crate::tools::{self, Tool};
use crate::workspace::{self, Workspace};

struct Suite {
    /// In the name of each of its tests, and of no other.
    mark: &'static str,
    what: &'static str,
    needs: &'static [&'static Tool],
}

const SUITES: &[Suite] = &[Suite {
    mark: "chromium",
    what: "the pages, in a real browser",
    needs: &[&tools::CHROMIUM, &tools::CHROMEDRIVER],
}];

/// Runs the tests; `args` go to the test runner.
pub fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    let left_out = install_needs(workspace);
    let outcome = run_tests(workspace, args, &left_out);
    if left_out.is_empty() {
        return outcome;
    }
    let mut said = String::from("tests were LEFT OUT, because something they need is missing:");
    for (suite, why) in &left_out {
        said.push_str(&format!("\n  *{}* ({}): {why}", suite.mark, suite.what));
    }
    if in_ci() {
        bail!(
            "{said}\nCI leaves nothing out{}",
            outcome.map_or_else(|error| format!("; and {error:#}"), |()| String::new())
        );
    }
    eprintln!("\n{said}");
    outcome
}

/// The examples in the documentation, which the test runner proper does not know.
pub fn doctests(workspace: &Workspace) -> Result<()> {
    workspace::run(&mut workspace.cargo(&["test", "--workspace", "--doc", "--quiet"]))
}

fn install_needs(workspace: &Workspace) -> Vec<(&'static Suite, String)> {
    let mut left_out = Vec::new();
    for suite in SUITES {
        let missing: Vec<String> = suite
            .needs
            .iter()
            .filter_map(|tool| {
                tools::install(workspace, tool).err().map(|error| format!("{}: {error:#}", tool.program))
            })
            .collect();
        if !missing.is_empty() {
            left_out.push((suite, missing.join("; ")));
        }
    }
    left_out
}

fn run_tests(workspace: &Workspace, args: &[String], left_out: &[(&Suite, String)]) -> Result<()> {
    let runner: &[&str] = if tools::find(workspace, "cargo-nextest").is_some() {
        &["nextest", "run", "--workspace", "--no-fail-fast"]
    } else {
        &["test", "--workspace", "--all-targets", "--no-fail-fast"]
    };
    let mut command = workspace.cargo(runner);
    command.args(args).args(skips(args, left_out.iter().map(|(suite, _)| *suite)));
    workspace::run(&mut command)
}

/// What keeps these suites out, in the words both runners understand.
fn skips<'s>(args: &[String], left_out: impl Iterator<Item = &'s Suite>) -> Vec<&'static str> {
    let mut skips: Vec<&'static str> = left_out.flat_map(|suite| ["--skip", suite.mark]).collect();
    if !skips.is_empty() && !args.iter().any(|arg| arg == "--") {
        skips.insert(0, "--");
    }
    skips
}

fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUITE: Suite = Suite { mark: "chromium", what: "", needs: &[] };

    #[test]
    fn suites_left_out_are_skipped_by_their_marks_after_the_separator() {
        assert_eq!(skips(&[], [&SUITE].into_iter()), ["--", "--skip", "chromium"]);
        assert_eq!(skips(&["--".to_owned(), "storm".to_owned()], [&SUITE].into_iter()), ["--skip", "chromium"]);
    }

    #[test]
    fn nothing_is_skipped_when_nothing_is_missing() {
        assert!(skips(&[], std::iter::empty()).is_empty());
    }
}
