//! The proof that the architecture is what `ARCHITECTURE.md` says: which crate may know which, and that the pure ones are pure.

mod arrows;
mod reach;
mod source;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// The crates that hold no I/O, clock or randomness.
const PURE: &[&str] = &["domain", "detect", "engine"];

/// Our crates depend on each other only in the direction laid down.
pub fn arrows(workspace: &Workspace) -> Result<()> {
    report(&arrows::problems(&workspace.crates))
}

/// The pure crates reach nothing impure, neither by a dependency nor through `std`.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut problems = reach::problems(workspace, PURE)?;
    problems.extend(source::problems(workspace, PURE)?);
    report(&problems)
}

fn report(problems: &[String]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{} found\n  {}", problems.len(), problems.join("\n  "))
}
