//! What the loops ask of an engine, as traits: so that they can be tested with one whose answers are known, or that breaks.

use crate::threads::Threads;
use domain::fleet::FleetChange;
use domain::signal::Envelope;
use domain::{CustomerKey, Signal};
use engine::{BatchOutcome, Engine, EngineHealth, Policy, TickOutput, Unregistered};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// An engine, as the loops see it. The same calls in the same order give the same answers.
pub trait Judge: Send {
    /// One batch of one customer.
    fn batch(
        &mut self,
        customer: &CustomerKey,
        received_at: Timestamp,
        envelope: Option<&Envelope>,
        signals: &[Signal],
    ) -> BatchOutcome;
    /// Ends a stretch of time.
    fn tick(&mut self, now: Timestamp) -> TickOutput;
    /// New settings.
    fn set_policy(&mut self, policy: Policy);
    /// The registered fleet changed.
    fn apply_fleet(&mut self, change: &FleetChange);
    /// Everything it knows, as bytes.
    fn snapshot(&self) -> Vec<u8>;
    /// What sends and is not registered.
    fn unregistered(&self) -> Vec<Unregistered>;
    /// Counters.
    fn health(&self) -> EngineHealth;
}

/// Makes engines.
pub trait Judges: Send + Sync {
    /// The version of the snapshots it writes and reads.
    fn snapshot_version(&self) -> u32;
    /// One that knows nothing.
    fn fresh(&self, policy: Policy, shards: usize) -> Box<dyn Judge>;
    /// One that goes on from a snapshot.
    ///
    /// # Errors
    /// What is wrong with the snapshot.
    fn restore(&self, snapshot: &[u8], shards: usize) -> Result<Box<dyn Judge>, String>;
}

/// The real engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Engines;

impl Judges for Engines {
    fn snapshot_version(&self) -> u32 {
        Engine::SNAPSHOT_VERSION
    }

    fn fresh(&self, policy: Policy, shards: usize) -> Box<dyn Judge> {
        Box::new(as_here(Engine::new(policy, shards)))
    }

    fn restore(&self, snapshot: &[u8], shards: usize) -> Result<Box<dyn Judge>, String> {
        match Engine::restore(snapshot, shards) {
            Ok(engine) => Ok(Box::new(as_here(engine))),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Ticks come several times a second; farther apart than this, the node was down or held up and heard nobody.
pub const AWAY_AFTER: SignedDuration = SignedDuration::from_secs(10);

fn as_here(mut engine: Engine) -> Engine {
    engine.set_runner(Arc::new(Threads));
    engine.set_away_after(AWAY_AFTER);
    engine
}

impl Judge for Engine {
    fn batch(
        &mut self,
        customer: &CustomerKey,
        received_at: Timestamp,
        envelope: Option<&Envelope>,
        signals: &[Signal],
    ) -> BatchOutcome {
        Engine::batch(self, customer, received_at, envelope, signals)
    }
    fn tick(&mut self, now: Timestamp) -> TickOutput {
        Engine::tick(self, now)
    }
    fn set_policy(&mut self, policy: Policy) {
        Engine::set_policy(self, policy);
    }
    fn apply_fleet(&mut self, change: &FleetChange) {
        Engine::apply_fleet(self, change);
    }
    fn snapshot(&self) -> Vec<u8> {
        Engine::snapshot(self)
    }
    fn unregistered(&self) -> Vec<Unregistered> {
        Engine::unregistered(self)
    }
    fn health(&self) -> EngineHealth {
        Engine::health(self)
    }
}
