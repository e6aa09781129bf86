//! `cargo xtask bench NAME`: builds a benchmark in release and runs it.
//!
//! A benchmark is an example program named `bench-NAME` in the crate it measures: `crates/detect/examples/bench-delay.rs` is
//! `cargo xtask bench delay`. Adding one is adding the file; its first `//!` line is what the list says of it. Remaining
//! arguments go to it; one that measures the binary finds it in `SAMBAND_BIN`.

use std::path::Path;

use anyhow::{Result, bail};

use crate::workspace::{self, Workspace};

const PREFIX: &str = "bench-";

struct Bench {
    name: String,
    package: String,
    what: String,
}

/// Runs the named benchmark, or lists what there is.
pub fn run(args: &[String]) -> Result<()> {
    let workspace = Workspace::load()?;
    let benches = find(&workspace);
    let Some((name, rest)) = args.split_first() else {
        print!("{}", listing(&benches));
        return Ok(());
    };
    let Some(bench) = benches.iter().find(|bench| bench.name == *name) else {
        bail!("there is no benchmark `{name}`\n\n{}", listing(&benches));
    };
    let example = format!("{PREFIX}{}", bench.name);
    let mut command = workspace.cargo(&["run", "--release", "--package", &bench.package, "--example", &example, "--"]);
    command.args(rest);
    if bench.package == "samband" {
        workspace::run(&mut workspace.cargo(&["build", "--release", "--package", "samband"]))?;
        command.env("SAMBAND_BIN", workspace.target.join("release/samband"));
    }
    workspace::run(&mut command)
}

fn find(workspace: &Workspace) -> Vec<Bench> {
    let mut benches = Vec::new();
    for ours in &workspace.crates {
        for (example, source) in &ours.examples {
            if let Some(name) = example.strip_prefix(PREFIX) {
                benches.push(Bench { name: name.to_owned(), package: ours.package.clone(), what: first_line(source) });
            }
        }
    }
    benches.sort_by(|a, b| a.name.cmp(&b.name));
    benches
}

/// The first line of the file's `//!` opening.
fn first_line(source: &Path) -> String {
    let text = std::fs::read_to_string(source).unwrap_or_default();
    text.lines().next().and_then(|line| line.strip_prefix("//!")).map(|line| line.trim().to_owned()).unwrap_or_default()
}

fn listing(benches: &[Bench]) -> String {
    if benches.is_empty() {
        return "There is no benchmark yet: an example named bench-NAME in any crate becomes one.\n".to_owned();
    }
    let mut said = String::from("cargo xtask bench NAME [ARG...]\n\n");
    for bench in benches {
        said.push_str(&format!("  {:<10} {} ({})\n", bench.name, bench.what, bench.package));
    }
    said
}
