//! Names that say nothing are refused, so that the folder tree stays the first documentation.

use super::{Page, Verdict};

/// Module names that would take in anything.
const FILES: &[&str] = &["manager", "helper", "helpers", "util", "utils", "data", "info", "common", "misc", "stuff"];
/// Endings that hide what a type is.
const TYPES: &[&str] = &["Manager", "Helper", "Util", "Utils"];

pub fn check(page: &Page, verdict: &mut Verdict) {
    if !page.is("rs") {
        return;
    }
    let path = page.path.display();
    let stem = page.path.file_stem().unwrap_or_default().to_string_lossy();
    let folder_of_module =
        page.path.parent().and_then(|parent| parent.file_name()).unwrap_or_default().to_string_lossy();
    let module = if stem == "mod" { folder_of_module } else { stem };
    if FILES.contains(&module.as_ref()) {
        verdict.problems.push(format!("{path}: `{module}` says nothing: name it after the thing a user would name"));
    }
    for (index, line) in page.text.lines().enumerate() {
        if let Some(name) = declared(line, &["struct ", "enum ", "trait ", "type "])
            && TYPES.iter().any(|ending| name.ends_with(ending))
        {
            verdict
                .problems
                .push(format!("{path}:{}: `{name}`: say what it is, not that it does something", index + 1));
        }
        if let Some(name) = declared(line, &["fn "])
            && name.starts_with("handle_")
        {
            verdict.problems.push(format!("{path}:{}: `{name}`: say what it does with it", index + 1));
        }
    }
}

/// The name declared on this line by one of these keywords.
fn declared<'t>(line: &'t str, keywords: &[&str]) -> Option<&'t str> {
    let code = line.split("//").next().unwrap_or_default();
    let after = keywords.iter().find_map(|keyword| {
        let (before, after) = code.split_once(keyword)?;
        before
            .trim()
            .split(' ')
            .all(|word| word.is_empty() || word.starts_with("pub") || word == "async")
            .then_some(after)
    })?;
    after.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check as verdict_of;

    #[test]
    fn a_file_that_would_take_in_anything_is_refused_as_file_and_as_folder() {
        assert_eq!(verdict_of(check, "crates/a/src/utils.rs", "").problems.len(), 1);
        assert_eq!(verdict_of(check, "crates/a/src/utils/mod.rs", "").problems.len(), 1);
        assert!(verdict_of(check, "crates/a/src/database.rs", "").problems.is_empty());
    }

    #[test]
    fn a_type_or_function_that_hides_what_it_is_is_refused_where_it_is_declared() {
        let problems = verdict_of(check, "a.rs", "pub struct SessionManager;\npub async fn handle_it() {}\n").problems;
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(verdict_of(check, "a.rs", "use other::SessionManager;\n// a Manager\n").problems.is_empty());
    }
}
