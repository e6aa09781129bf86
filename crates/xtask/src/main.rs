//! `cargo xtask`: what a developer and CI run, written once, in Rust, so that both run the same thing.
//!
//! It knows none of our crates: a broken crate must not stop the tool that reports it.

mod bench;
mod ci;
mod ledger;
mod licences;
mod pure;
mod suites;
mod tidy;
mod tools;
mod vendor;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <command>

  ci [CHECK...]        everything CI runs, the tests last; with names, only those checks
  test [ARG...]        installs what the tests need where it may, then runs them all; ARGs go to the runner
  bench [NAME [ARG]]   a benchmark, in release; without a name, what there is
  advisories           known vulnerabilities in our dependencies (needs the network)
  vendor [--check]     fetches the pinned browser code anew, or only compares it with its checksums
  tools                installs what ci and test need
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> anyhow::Result<()> {
    let Some((command, rest)) = args.split_first() else {
        print!("{USAGE}");
        return Ok(());
    };
    match command.as_str() {
        "ci" => ci::run(rest),
        "test" => suites::run(&workspace::Workspace::load()?, rest),
        "bench" => bench::run(rest),
        "advisories" => licences::advisories(&workspace::Workspace::load()?),
        "vendor" => vendor::run(rest),
        "tools" => tools::install_all(&workspace::Workspace::load()?),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        unknown => anyhow::bail!("there is no command `{unknown}`\n\n{USAGE}"),
    }
}
