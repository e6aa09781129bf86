//! Runs the engine's independent parts at once: each on a thread of its own, the first on the caller's.

use engine::{Part, Runner};

/// One thread for each part, for as long as a step takes. Steps come a few times a second, so threads that wait would save nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Threads;

impl Runner for Threads {
    fn run(&self, parts: Vec<Part<'_>>) {
        let mut parts = parts.into_iter();
        let first = parts.next();
        std::thread::scope(|scope| {
            for part in parts {
                scope.spawn(part);
            }
            if let Some(first) = first {
                first();
            }
        });
    }
}
