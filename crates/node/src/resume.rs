//! How the engine goes on after a start: from its newest usable snapshot. Done on the engine's own thread, so that no page and no
//! sender waits for it.

use crate::gauges::{Gauges, Part};
use crate::judge::{Judge, Judges};
use crate::keeper::{SNAPSHOT_NAME, decode_state};
use desk::Desk;
use engine::Policy;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::inbox::{Inbox, Tick};
use store::snapshots::Snapshot;
use store::{Position, Seq, Snapshots};

/// Where the engine goes on from.
pub(crate) struct Resumed {
    pub(crate) judge: Box<dyn Judge>,
    pub(crate) position: Position,
    pub(crate) told: Seq,
    pub(crate) tick: Option<Tick>,
}

/// What is needed to go on.
pub(crate) struct Resuming {
    pub(crate) engines: Arc<dyn Judges>,
    pub(crate) policy: Policy,
    pub(crate) shards: usize,
    pub(crate) snapshots: Arc<dyn Snapshots>,
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) gauges: Arc<Gauges>,
}

impl Resuming {
    /// The engine as its newest usable snapshot has it, or one that knows nothing and reads the inbox from its oldest entry.
    pub(crate) fn resume(self) -> Resumed {
        let restored = self.newest().map(|snapshot| self.restore(&snapshot));
        match restored {
            Some(Ok(resumed)) => return resumed,
            Some(Err(why)) => {
                self.gauges.trouble(Part::Snapshots, format!("the newest snapshot cannot be taken up: {why}"));
            }
            None => {}
        }
        let oldest = self.inbox.usage().map_or(Position(1), |usage| usage.oldest);
        let judge = self.engines.fresh(self.policy, self.shards);
        Resumed { judge, position: Position(oldest.0.saturating_sub(1)), told: Seq(0), tick: None }
    }

    fn newest(&self) -> Option<Snapshot> {
        let version = self.engines.snapshot_version();
        match self.snapshots.latest(SNAPSHOT_NAME, &|found| found == version) {
            Ok(latest) => {
                for skipped in &latest.skipped {
                    tracing::error!(file = %skipped.file.display(), why = %skipped.why, "a snapshot was passed over");
                }
                latest.snapshot
            }
            Err(error) => {
                self.gauges.trouble(Part::Snapshots, error.to_string());
                None
            }
        }
    }

    fn restore(&self, snapshot: &Snapshot) -> Result<Resumed, String> {
        let (n, now, engine) = decode_state(&snapshot.body).ok_or("it has no head")?;
        let (position, told) = (snapshot.inbox_position, snapshot.journal_seq);
        let head = self.desk.journal().head().map_err(|error| error.to_string())?.seq;
        if told > head {
            // Told on from there, the engine would pass over what the journal says anew under these numbers.
            return Err(format!("it was told event {told} of a journal that ends at {head}"));
        }
        let judge = self.engines.restore(engine, self.shards)?;
        self.gauges.on_beat(|beat| {
            beat.covered = Some((position, now));
            beat.settled = position;
        });
        self.gauges.engine_at.store(position.0, Ordering::Release);
        Ok(Resumed { judge, position, told, tick: Some(Tick { n, now, journal_seq: told.0 }) })
    }
}
