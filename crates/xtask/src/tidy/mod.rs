//! The house rules a compiler does not know: file openings, sizes, names, words, links.
//!
//! Files of others that are vendored here are measured by their checksums, not by our taste.

mod links;
mod names;
mod opening;
mod sizes;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// Others' files, kept as they came.
const NOT_OURS: &[&str] = &["vendor/", "Cargo.lock", "LICENSE-"];

/// A file of ours with its text.
pub struct Page {
    /// Relative to the root.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

impl Page {
    fn is(&self, extension: &str) -> bool {
        self.path.extension().is_some_and(|ext| ext == extension)
    }
}

/// What a rule has to say about the files.
#[derive(Default)]
pub struct Verdict {
    /// Broken rules.
    pub problems: Vec<String>,
    /// What a reviewer should look at.
    pub warnings: Vec<String>,
}

/// Checks every file of ours.
pub fn run(workspace: &Workspace) -> Result<()> {
    let pages = read(workspace)?;
    let mut verdict = Verdict::default();
    for page in &pages {
        names::check(page, &mut verdict);
        words::check(page, &mut verdict);
        if page.is("rs") {
            opening::check(page, &mut verdict);
            sizes::check(page, &mut verdict);
        }
        if page.is("md") {
            links::check(page, &|target: &Path| workspace.root.join(target).exists(), &mut verdict);
        }
    }
    for warning in &verdict.warnings {
        eprintln!("warning: {warning}");
    }
    eprintln!("{} files looked at, {} warnings", pages.len(), verdict.warnings.len());
    if verdict.problems.is_empty() {
        return Ok(());
    }
    bail!("{} found\n  {}", verdict.problems.len(), verdict.problems.join("\n  "))
}

/// Our text files; what is not UTF-8 is a picture or an archive.
fn read(workspace: &Workspace) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for path in workspace.files()? {
        if NOT_OURS.iter().any(|mark| path.to_string_lossy().contains(mark)) {
            continue;
        }
        let bytes = fs::read(workspace.root.join(&path)).with_context(|| format!("cannot read {}", path.display()))?;
        if let Ok(text) = String::from_utf8(bytes) {
            pages.push(Page { path, text });
        }
    }
    Ok(pages)
}

#[cfg(test)]
pub(crate) fn check(rule: impl Fn(&Page, &mut Verdict), path: &str, text: &str) -> Verdict {
    let mut verdict = Verdict::default();
    rule(&Page { path: PathBuf::from(path), text: text.to_owned() }, &mut verdict);
    verdict
}
