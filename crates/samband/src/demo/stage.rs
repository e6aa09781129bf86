//! A node that has four weeks of a world behind it, as a demo shows it and as tests of the whole begin.

use super::learn::{Progress, learn, register, remember};
use super::present::Present;
use crate::wall;
use anyhow::{Result, ensure};
use jiff::{SignedDuration, Timestamp};
use node::{Clock, DrivenClock, Node, NodeConfig, Ticks};
use sim::World;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// So much of the past is learned.
const LEARNED: SignedDuration = SignedDuration::from_hours(28 * 24);
/// The engine is ready within this, or something is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// A world, its node, and the clock that drives both.
pub struct Stage {
    /// The world.
    pub world: Arc<World>,
    /// The node that judges it.
    pub node: Arc<Node>,
    /// What tells it the time.
    pub clock: Arc<DrivenClock>,
    /// The world's running present.
    pub present: Arc<Present>,
}

impl Stage {
    /// Learns the weeks before `begins` and starts a node in `folder` at that moment.
    ///
    /// # Errors
    /// When the world or the node refuses, or `progress` wants no more.
    pub fn set(world: World, folder: &Path, begins: Timestamp, progress: Progress<'_>) -> Result<Self> {
        let world = Arc::new(world);
        let (engines, samples) = learn(&world, begins - LEARNED, begins, progress)?.split();
        let clock = Arc::new(DrivenClock::new(begins));
        let given: Arc<dyn Clock> = clock.clone();
        let mut config = NodeConfig::new(folder.to_owned(), given, wall::entropy());
        config.ticks = Ticks::Driven;
        config.engines = engines;
        config.stores.inbox.reserve_bytes = 64 << 20;
        config.snapshot_every_ticks = 2_000;
        let node = Arc::new(Node::start(config)?);
        ensure!(node.wait_caught_up(PATIENCE), "the engine does not start: {:?}", node.health().troubles);
        register(&node, &world)?;
        remember(&*node.history(), &samples)?;
        let present = Arc::new(Present::new(&world, begins)?);
        Ok(Self { world, node, clock, present })
    }

    /// Brings everything to a moment, a second at a time, and waits until what came of it is durable.
    ///
    /// # Errors
    /// When the node refuses, or does not keep up.
    pub fn advance(&self, until: Timestamp) -> Result<()> {
        let last = self.present.advance(&self.node, &self.clock, until, SignedDuration::from_secs(1))?;
        let settled = last.is_none_or(|last| self.node.wait_settled(last, PATIENCE));
        ensure!(settled, "the engine does not keep up: {:?}", self.node.health().troubles);
        Ok(())
    }
}
