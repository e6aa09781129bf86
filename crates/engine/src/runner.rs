//! How the independent parts of a step are run. The engine starts no threads; who calls it may.

/// One part.
pub type Part<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Runs parts, in any order or at once, and returns when all are done.
pub trait Runner: std::fmt::Debug + Send + Sync {
    /// Runs all of them.
    fn run(&self, parts: Vec<Part<'_>>);
}

/// One after the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct InTurn;

impl Runner for InTurn {
    fn run(&self, parts: Vec<Part<'_>>) {
        parts.into_iter().for_each(|part| part());
    }
}
