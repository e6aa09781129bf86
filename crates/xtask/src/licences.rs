//! Licences, bans and sources of everything we link, by `cargo deny` over `deny.toml`.
//!
//! The advisory database is a command of its own: it must be fetched, and a check that cannot run without the network
//! would either fail for no fault of ours or be skipped in silence.

use anyhow::{Context, Result};

use crate::tools;
use crate::workspace::{self, Workspace};

/// What can be checked from the lock file and the package sources alone.
pub fn run(workspace: &Workspace) -> Result<()> {
    let deny = tools::find(workspace, "cargo-deny").context("cargo-deny is missing: run `cargo xtask tools`")?;
    workspace::run(
        &mut workspace
            .command(&deny, &["--all-features", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"]),
    )
    .context("deny.toml says what is allowed, and why")?;
    eprintln!(
        "\nNOT CHECKED here: known vulnerabilities. `cargo xtask advisories` fetches the RustSec database and checks them."
    );
    Ok(())
}

/// Known vulnerabilities, unmaintained and yanked versions.
pub fn advisories(workspace: &Workspace) -> Result<()> {
    tools::install(workspace, &tools::CARGO_DENY)?;
    let deny = tools::find(workspace, "cargo-deny").context("cargo-deny is missing: run `cargo xtask tools`")?;
    workspace::run(&mut workspace.command(&deny, &["--all-features", "check", "advisories"]))
        .context("either an advisory concerns us, or the database could not be fetched; the lines above tell which")
}
