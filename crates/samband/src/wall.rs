//! The only place that reads the wall clock and makes randomness; everything else is handed both.

use jiff::Timestamp;
use node::Clock;
use store::Entropy;

/// The wall's time.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("an operating system without randomness cannot keep a secret");
    }
}

/// As a node asks for it.
pub fn entropy() -> Box<dyn FnMut() -> Box<dyn Entropy + Send> + Send> {
    Box::new(|| Box::new(SystemEntropy))
}
