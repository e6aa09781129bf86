//! The engine: an ordered input of batches and ticks in, findings out. Pure: no clock, no I/O, no randomness.

mod output;
mod policy;

pub use output::{BatchOutcome, EngineHealth, Sample, SeriesKey, TickOutput, Transition, TransitionKind, Unregistered};
pub use policy::{FalseAlarms, Policy};

use domain::fleet::FleetChange;
use domain::signal::Envelope;
use domain::{CustomerKey, Signal};
use jiff::Timestamp;

/// A snapshot that cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Its bytes do not decode.
    #[error("engine snapshot does not decode: {0}")]
    Decode(#[from] postcard::Error),
}

/// The engine.
#[derive(Debug)]
pub struct Engine {
    policy: Policy,
}

impl Engine {
    /// Version of the form of [`Engine::snapshot`].
    pub const SNAPSHOT_VERSION: u32 = 1;
    /// An engine that knows nothing.
    #[must_use]
    pub fn new(policy: Policy, _shards: usize) -> Self {
        Self { policy }
    }
    /// Takes up a snapshot.
    ///
    /// # Errors
    /// [`SnapshotError`] when its bytes do not decode.
    pub fn restore(snapshot: &[u8], _shards: usize) -> Result<Self, SnapshotError> {
        Ok(Self { policy: postcard::from_bytes(snapshot)? })
    }
    /// Everything it knows, as bytes.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        postcard::to_stdvec(&self.policy).unwrap_or_default()
    }
    /// New settings.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
    }
    /// The fleet changed.
    pub fn apply_fleet(&mut self, _change: &FleetChange) {}
    /// One batch of one customer.
    pub fn batch(&mut self, _customer: &CustomerKey, _received_at: Timestamp, _envelope: Option<&Envelope>, _signals: &[Signal]) -> BatchOutcome {
        BatchOutcome::default()
    }
    /// Ends a stretch of time.
    pub fn tick(&mut self, _now: Timestamp) -> TickOutput {
        TickOutput::default()
    }
    /// What sends and is not registered.
    #[must_use]
    pub fn unregistered(&self) -> Vec<Unregistered> {
        Vec::new()
    }
    /// Counters.
    #[must_use]
    pub fn health(&self) -> EngineHealth {
        EngineHealth::default()
    }
}
