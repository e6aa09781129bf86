//! What a node is given: where its data lies, what tells the time, how fast the engine beats, and its bounds.

use crate::clock::Clock;
use crate::judge::{Engines, Judges};
use engine::Policy;
use jiff::SignedDuration;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::{DataDirConfig, Entropy};

/// When the engine beats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ticks {
    /// By itself, this often by the wall.
    Every(Duration),
    /// Only when [`crate::Node::tick`] is called: for tests, and to run through weeks of simulated time.
    Driven,
}

/// What a node is given.
pub struct NodeConfig {
    /// Where its data lies.
    pub data_dir: PathBuf,
    /// How its stores are kept.
    pub stores: DataDirConfig,
    /// How detection judges until a policy is set.
    pub policy: Policy,
    /// Into how many parts the engine is split.
    pub shards: usize,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where ids, secrets and keys come from; asked for twice, for the stores and for the desk.
    pub entropy: Box<dyn FnMut() -> Box<dyn Entropy + Send> + Send>,
    /// What makes engines.
    pub engines: Arc<dyn Judges>,
    /// When the engine beats.
    pub ticks: Ticks,
    /// A snapshot is taken every so many ticks.
    pub snapshot_every_ticks: u64,
    /// Batches that were handed in and are not durable yet may weigh so much together, in bytes; more is refused.
    pub intake_bytes: usize,
    /// So many events are kept for pages that were away.
    pub feed_bound: usize,
    /// How long history is kept.
    pub keep_history: SignedDuration,
    /// How much history is kept, in bytes.
    pub history_bytes: u64,
    /// Version of the program, as the journal names it.
    pub version: String,
}

impl NodeConfig {
    /// The usual settings for a data directory.
    #[must_use]
    pub fn new(
        data_dir: PathBuf,
        clock: Arc<dyn Clock>,
        entropy: Box<dyn FnMut() -> Box<dyn Entropy + Send> + Send>,
    ) -> Self {
        Self {
            data_dir,
            stores: DataDirConfig::default(),
            policy: Policy::default(),
            shards: 1,
            clock,
            entropy,
            engines: Arc::new(Engines),
            ticks: Ticks::Every(Duration::from_millis(150)),
            snapshot_every_ticks: 240,
            intake_bytes: 24 << 20,
            feed_bound: 4_096,
            keep_history: SignedDuration::from_hours(24 * 400),
            history_bytes: 32 << 30,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
