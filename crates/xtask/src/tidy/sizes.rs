//! Files and functions stay small enough to be read whole.
//!
//! Functions are measured by indentation, which `cargo fmt` has made reliable: from `fn` to the brace that closes at the same depth.

use super::{Page, Verdict};

/// A file above this is looked at in review.
const FILE_LINES_REVIEWED: usize = 300;
/// A file above this is split.
const FILE_LINES_MAX: usize = 500;
/// A function above this is split, tests excepted.
const FUNCTION_LINES_MAX: usize = 70;

/// Tables and generated code: long because what they list is long.
const TABLES: &[&str] = &["crates/domain/src/fleet/holidays.rs"];

pub fn check(page: &Page, verdict: &mut Verdict) {
    let path = page.path.to_string_lossy();
    if TABLES.contains(&path.as_ref()) {
        return;
    }
    let lines: Vec<&str> = page.text.lines().collect();
    if lines.len() > FILE_LINES_MAX {
        verdict.problems.push(format!("{path}: {} lines, split above {FILE_LINES_MAX}", lines.len()));
    } else if lines.len() > FILE_LINES_REVIEWED {
        verdict.warnings.push(format!("{path}: {} lines, reviewed above {FILE_LINES_REVIEWED}", lines.len()));
    }
    if path.contains("/tests/") || path.ends_with("tests.rs") {
        return;
    }
    for (name, start, length) in functions(&lines) {
        if length > FUNCTION_LINES_MAX {
            verdict
                .problems
                .push(format!("{path}:{start}: `{name}` has {length} lines, split above {FUNCTION_LINES_MAX}"));
        }
    }
}

/// Name, first line and length of each function that is not in the tests at the end of the file.
fn functions<'t>(lines: &[&'t str]) -> Vec<(&'t str, usize, usize)> {
    let end = lines.iter().position(|line| *line == "#[cfg(test)]").unwrap_or(lines.len());
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate().take(end) {
        let Some(name) = function_name(line) else { continue };
        let closing = format!("{}}}", " ".repeat(line.len() - line.trim_start().len()));
        let body = &lines[start..end];
        let length = body.iter().position(|line| *line == closing).map_or(1, |at| at + 1);
        found.push((name, start + 1, length));
    }
    found
}

/// The name when this line begins a function with a body.
fn function_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    if rest.ends_with('}') || rest.ends_with(';') {
        return None;
    }
    for qualifier in ["pub ", "pub(crate) ", "pub(super) ", "const ", "async ", "unsafe "] {
        rest = rest.strip_prefix(qualifier).unwrap_or(rest);
    }
    let name = rest.strip_prefix("fn ")?;
    name.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check as verdict_of;

    fn file_of(lines: usize) -> String {
        "// x\n".repeat(lines)
    }

    #[test]
    fn a_long_file_is_warned_of_and_a_longer_one_refused() {
        assert!(verdict_of(check, "a.rs", &file_of(300)).warnings.is_empty());
        assert_eq!(verdict_of(check, "a.rs", &file_of(301)).warnings.len(), 1);
        assert!(verdict_of(check, "a.rs", &file_of(500)).problems.is_empty());
        assert_eq!(verdict_of(check, "a.rs", &file_of(501)).problems.len(), 1);
    }

    #[test]
    fn a_function_is_measured_to_its_own_closing_brace() {
        let text = format!(
            "impl A {{\n    pub fn long(\n        a: u8,\n    ) {{\n{}    }}\n\n    fn b() {{\n    }}\n}}\n",
            "        x();\n".repeat(70)
        );
        let problems = verdict_of(check, "a.rs", &text).problems;
        assert_eq!(problems, ["a.rs:2: `long` has 74 lines, split above 70"]);
    }

    #[test]
    fn a_long_test_is_left_alone() {
        let text = format!("#[cfg(test)]\nmod tests {{\n    fn long() {{\n{}    }}\n}}\n", "        x();\n".repeat(80));
        assert!(verdict_of(check, "a.rs", &text).problems.is_empty());
    }
}
