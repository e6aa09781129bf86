//! One suite per trait, for every backend: what a store promises, whatever it is made of.
//!
//! A backend gives a [`Home`]: something that can be opened, closed and opened again. `inbox_suite!(make)` and its
//! sisters turn every promise into a test of that backend.

pub mod history;
pub mod inbox;
pub mod journal;
pub mod snapshots;
pub mod vault;

use jiff::Timestamp;

/// Where a store lives between openings.
pub trait Home<S> {
    /// Opens it, as after a restart.
    fn open(&self) -> S;
}

impl<S, F: Fn() -> S> Home<S> for F {
    fn open(&self) -> S {
        self()
    }
}

/// A time in the days the tests play in.
pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a test's time is well formed")
}

/// Makes one test per promise of a suite: `suite_of!(inbox_tests, inbox, make, [promise, ...])`.
macro_rules! suite_of {
    ($suite:ident, $make:path, [$($promise:ident),* $(,)?]) => {$(
        #[test]
        fn $promise() {
            let home = $make();
            $crate::suite::$suite::$promise(&home);
        }
    )*};
}
pub(crate) use suite_of;
