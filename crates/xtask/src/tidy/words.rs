//! Text that must not be committed: paths of one machine, left-over conflicts, promises without a number.

use super::{Page, Verdict};

/// Put together so that this file does not hold them.
const REFUSED: &[(&str, &str)] = &[
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/tmp/", "target"), "a path of one machine"),
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("/ho", "me/"), "a path of one machine"),
    (concat!("../sha", "red"), "a folder that is not in this repository"),
    (concat!("shar", "ed/DESIGN"), "a folder that is not in this repository"),
    (concat!("<<<<<", "<< "), "a conflict that was not resolved"),
    (concat!(">>>>>", ">> "), "a conflict that was not resolved"),
    (concat!("FIX", "ME"), "fix it, or open an issue and name it"),
    (concat!("XX", "X:"), "fix it, or open an issue and name it"),
];

/// Allowed when an issue's number follows: `(#12)`.
const PROMISE: &str = concat!("TO", "DO");

pub fn check(page: &Page, verdict: &mut Verdict) {
    for (index, line) in page.text.lines().enumerate() {
        let place = format!("{}:{}", page.path.display(), index + 1);
        for (refused, why) in REFUSED {
            if line.contains(refused) {
                verdict.problems.push(format!("{place}: `{refused}`: {why}"));
            }
        }
        if line.split(|c: char| !c.is_alphanumeric()).any(|word| word == PROMISE) && !line.contains("(#") {
            verdict.problems.push(format!("{place}: `{PROMISE}` without the number of an issue"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check as verdict_of;

    #[test]
    fn a_path_of_one_machine_is_found_in_any_file() {
        let problems = verdict_of(check, "docs/a.md", concat!("fine\nsee /wo", "rk/main\n")).problems;
        assert_eq!(problems, [concat!("docs/a.md:2: `/wo", "rk/`: a path of one machine")]);
    }

    #[test]
    fn a_promise_needs_the_number_of_an_issue() {
        assert_eq!(verdict_of(check, "a.rs", concat!("// TO", "DO later\n")).problems.len(), 1);
        assert!(verdict_of(check, "a.rs", concat!("// TO", "DO(#12) later\n")).problems.is_empty());
    }
}
