//! Which of our crates may know which, and the check that none knows more.
//!
//! A crate is there to enforce a direction of dependency; this table is that direction. A new crate gets a row here and in
//! `ARCHITECTURE.md`, in the same commit.

use crate::workspace::Crate;

/// A crate's folder, and those of ours it may depend on.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("detect", &["domain"]),
    ("engine", &["domain", "detect"]),
    ("ingest", &["domain"]),
    ("store", &["domain"]),
    ("desk", &["domain", "store"]),
    ("node", &["domain", "engine", "desk", "store", "ingest"]),
    ("web", &["domain", "ingest", "desk", "store"]),
    ("sim", &["domain"]),
    ("samband", &["domain", "detect", "engine", "ingest", "store", "desk", "node", "web", "sim"]),
    ("xtask", &[]),
];

/// What tests, examples and benchmarks may know beyond that. Everyone's may take their world from `sim`; `sim`'s read back through
/// `ingest` what it writes.
const TESTS_MAY_KNOW: &[(&str, &[&str])] = &[
    ("detect", &["sim"]),
    ("engine", &["sim"]),
    ("store", &["sim"]),
    ("desk", &["sim"]),
    ("node", &["sim"]),
    ("web", &["sim"]),
    ("sim", &["ingest"]),
];

/// Every arrow that points the wrong way, and every crate without a row.
pub fn problems(crates: &[Crate]) -> Vec<String> {
    let mut found = Vec::new();
    for ours in crates {
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(folder, _)| *folder == ours.folder) else {
            found.push(format!(
                "crates/{} has no row in crates/xtask/src/pure/arrows.rs: say what it may know",
                ours.folder
            ));
            continue;
        };
        for dependency in &ours.dependencies {
            let Some(target) = crates.iter().find(|other| other.package == dependency.package) else { continue };
            let known_to_tests = dependency.dev && row(TESTS_MAY_KNOW, &ours.folder).contains(&target.folder.as_str());
            if !known_to_tests && target.folder != ours.folder && !allowed.contains(&target.folder.as_str()) {
                let may = if allowed.is_empty() { "none of ours".to_owned() } else { allowed.join(", ") };
                found.push(format!("`{}` depends on `{}`, but may know only: {may}", ours.folder, target.folder));
            }
        }
    }
    found
}

fn row(table: &'static [(&str, &'static [&'static str])], folder: &str) -> &'static [&'static str] {
    table.iter().find(|(name, _)| *name == folder).map_or(&[], |(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn a_crate(folder: &str, arrows: &[(&str, bool)]) -> Crate {
        let dependencies =
            arrows.iter().map(|(to, dev)| Dependency { package: format!("samband-{to}"), dev: *dev }).collect();
        Crate { package: format!("samband-{folder}"), folder: folder.to_owned(), dependencies, examples: Vec::new() }
    }

    #[test]
    fn an_arrow_in_the_direction_laid_down_passes() {
        let crates = [a_crate("domain", &[]), a_crate("store", &[("domain", false), ("tokio", false)])];
        assert_eq!(problems(&crates), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_from_the_engine_to_the_store_is_named() {
        let crates = [a_crate("engine", &[("store", false)]), a_crate("store", &[])];
        assert_eq!(problems(&crates), ["`engine` depends on `store`, but may know only: domain, detect"]);
    }

    #[test]
    fn tests_may_take_their_world_from_sim_and_code_may_not() {
        let sim = || a_crate("sim", &[]);
        assert!(problems(&[a_crate("detect", &[("sim", true)]), sim()]).is_empty());
        assert_eq!(problems(&[a_crate("detect", &[("sim", false)]), sim()]).len(), 1);
    }

    #[test]
    fn a_crate_nobody_gave_a_row_is_named() {
        assert!(problems(&[a_crate("cellar", &[])])[0].contains("crates/cellar has no row"));
    }
}
