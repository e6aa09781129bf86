//! A link in our documentation to a file of ours leads to a file that exists.

use std::path::{Component, Path, PathBuf};

use super::{Page, Verdict};

/// `exists` answers for a path relative to the root.
pub fn check(page: &Page, exists: &dyn Fn(&Path) -> bool, verdict: &mut Verdict) {
    for (index, line) in page.text.lines().enumerate() {
        for target in targets(line) {
            if !exists(&resolve(&page.path, target)) {
                verdict.problems.push(format!(
                    "{}:{}: links to `{target}`, which is not there",
                    page.path.display(),
                    index + 1
                ));
            }
        }
    }
}

/// The relative file targets of `[text](target)` links on a line.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|after| after.split([')', '#', ' ']).next())
        .filter(|target| !target.is_empty() && !target.contains(':') && !target.starts_with('/'))
}

/// The target as seen from the root, `..` taken out.
fn resolve(from: &Path, target: &str) -> PathBuf {
    let mut resolved = from.parent().unwrap_or(Path::new("")).to_path_buf();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => {
                resolved.pop();
            }
            Component::Normal(name) => resolved.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check as verdict_of;

    #[test]
    fn a_link_that_leads_nowhere_is_named_and_one_to_the_web_is_not_followed() {
        let exists = |path: &Path| path == Path::new("ARCHITECTURE.md");
        let rule = |page: &Page, verdict: &mut Verdict| check(page, &exists, verdict);
        let text = "[a](../../ARCHITECTURE.md#crates) [b](https://example.org) [c](gone.md)\n";
        assert_eq!(
            verdict_of(rule, "docs/adr/1.md", text).problems,
            ["docs/adr/1.md:1: links to `gone.md`, which is not there"]
        );
    }
}
