//! What the pure crates reach through their dependencies, by `cargo tree`: nothing that does I/O, reads a clock or draws randomness.
//!
//! `libc` and its like on other systems are in the list because a library that calls the operating system links them: that
//! catches what no list of names can.

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// Package names, and what is wrong with them in a pure crate.
const IMPURE: &[(&str, &str)] = &[
    ("libc", "calls the operating system"),
    ("rustix", "calls the operating system"),
    ("linux-raw-sys", "calls the operating system"),
    ("windows-sys", "calls the operating system"),
    ("tokio", "an async runtime"),
    ("mio", "an async runtime"),
    ("futures-executor", "an async runtime"),
    ("hyper", "HTTP"),
    ("axum", "HTTP"),
    ("ureq", "HTTP"),
    ("reqwest", "HTTP"),
    ("socket2", "sockets"),
    ("rusqlite", "SQL"),
    ("libsqlite3-sys", "SQL"),
    ("tokio-postgres", "SQL"),
    ("sqlx", "SQL"),
    ("getrandom", "ambient randomness"),
    ("rand", "can draw ambient randomness"),
    ("fastrand", "ambient randomness"),
    ("ahash", "hashes with ambient randomness"),
    ("time", "reads the clock"),
    ("chrono", "reads the clock"),
    ("tracing", "writes a log: return a value instead"),
    ("log", "writes a log: return a value instead"),
];

/// Every impure package that a pure crate reaches, with the path to it.
pub fn problems(workspace: &Workspace, pure: &[&str]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for folder in pure {
        let Some(ours) = workspace.crates.iter().find(|ours| ours.folder == *folder) else {
            bail!("crates/{folder} is listed as pure, but is not there");
        };
        let reached = tree(workspace, &ours.package, &[])?;
        for (package, what) in impure(&reached) {
            let path = tree(workspace, &ours.package, &["--invert", package]).unwrap_or_default();
            found.push(format!("`{folder}` reaches `{package}`: {what}\n{path}"));
        }
    }
    Ok(found)
}

fn tree(workspace: &Workspace, package: &str, more: &[&str]) -> Result<String> {
    let mut command = workspace.cargo(&["tree", "--edges", "normal", "--all-features", "--target", "all"]);
    command.args(["--package", package, "--format", "{p}"]).args(more);
    if more.is_empty() {
        command.args(["--prefix", "none"]);
    }
    let output = command.output().context("cargo tree did not start")?;
    if !output.status.success() {
        bail!("cargo tree failed for {package}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).context("cargo tree printed something that is not UTF-8")
}

/// The impure packages in a listing of one `name version` a line.
fn impure(listing: &str) -> Vec<(&'static str, &'static str)> {
    let names: Vec<&str> = listing.lines().filter_map(|line| line.split_whitespace().next()).collect();
    IMPURE.iter().filter(|(package, _)| names.contains(package)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_impure_package_is_found_by_its_whole_name() {
        let listing = "samband-engine v0.1.0 (/somewhere)\nlibm v0.2.16\ntokio-stream v0.1.0\nlibc v0.2.1\n";
        assert_eq!(impure(listing), [("libc", "calls the operating system")]);
    }
}
