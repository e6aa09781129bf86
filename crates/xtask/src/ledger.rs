//! The ledger of dependencies, `docs/adr/0002-dependencies.md`, against what is really depended on.
//!
//! A dependency without a row has no reason; a row, or a line in the root `Cargo.toml`, without a user is dead.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

const LEDGER: &str = "docs/adr/0002-dependencies.md";

/// Compares crates, ledger and root manifest.
pub fn run(workspace: &Workspace) -> Result<()> {
    let read =
        |name: &str| fs::read_to_string(workspace.root.join(name)).with_context(|| format!("cannot read {name}"));
    let ours: BTreeSet<&str> = workspace.crates.iter().map(|one| one.package.as_str()).collect();
    let arrows = workspace.crates.iter().flat_map(|one| &one.dependencies).map(|arrow| arrow.package.as_str());
    let used: BTreeSet<&str> = arrows.filter(|package| !ours.contains(package)).collect();
    let (ledger, manifest) = (read(LEDGER)?, read("Cargo.toml")?);
    let problems = compare(&used, &rows(&ledger), &declared(&manifest));
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{} found\n  {}", problems.len(), problems.join("\n  "))
}

fn compare(used: &BTreeSet<&str>, rows: &BTreeSet<&str>, declared: &BTreeSet<&str>) -> Vec<String> {
    let without_a_row =
        used.difference(rows).map(|name| format!("`{name}` has no row in {LEDGER}: say what it replaces"));
    let rows_without_use =
        rows.difference(used).map(|name| format!("`{name}` has a row in {LEDGER}, but no crate uses it"));
    let lines_without_use =
        declared.difference(used).map(|name| format!("`{name}` is declared in Cargo.toml, but no crate uses it"));
    without_a_row.chain(rows_without_use).chain(lines_without_use).collect()
}

/// The packages that open a row of a table.
fn rows(ledger: &str) -> BTreeSet<&str> {
    ledger.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect()
}

/// The packages of others that the root manifest declares for the workspace.
fn declared(manifest: &str) -> BTreeSet<&str> {
    manifest
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#') && !line.contains("path ="))
        .filter_map(|line| line.split_once('=').map(|(name, _)| name.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_reason_and_what_has_no_user_are_both_named() {
        let ledger = "| package | brings |\n| --- | --- |\n| `serde` | 6 |\n| `governor` | 22 |\n";
        let manifest = "[workspace.dependencies]\n# Ours.\ndomain = { path = \"x\" }\nserde = \"1\"\nurl = \"2\"\n\n[profile.dev]\ndebug = 1\n";
        let problems = compare(&BTreeSet::from(["serde", "url2"]), &rows(ledger), &declared(manifest));
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].contains("`url2` has no row"));
        assert!(problems[1].contains("`governor` has a row"));
        assert!(problems[2].contains("`url` is declared"));
    }
}
