//! Every Rust file opens by saying what it is for.

use super::{Page, Verdict};

pub fn check(page: &Page, verdict: &mut Verdict) {
    let says_something =
        page.text.lines().next().and_then(|line| line.strip_prefix("//!")).is_some_and(|rest| !rest.trim().is_empty());
    if !says_something {
        verdict
            .problems
            .push(format!("{}:1: opens without `//!`: say what the file is for and why it is so", page.path.display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check as verdict_of;

    #[test]
    fn a_file_that_does_not_say_what_it_is_for_is_named() {
        assert_eq!(verdict_of(check, "a.rs", "use std::fmt;\n").problems.len(), 1);
        assert_eq!(verdict_of(check, "a.rs", "//!\nuse std::fmt;\n").problems.len(), 1);
        assert!(verdict_of(check, "a.rs", "//! Why.\nuse std::fmt;\n").problems.is_empty());
    }
}
