//! The keeper: writes snapshots, lets go of the inbox behind them, and once a day packs history and drops what is too old.

use crate::gauges::{Gauges, Part};
use crate::projections::Projections;
use desk::Desk;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;
use store::history::Retention;
use store::inbox::{Inbox, Tick};
use store::snapshots::Snapshot;
use store::{History, Position, Seq, Snapshots};

/// The name of the engine's snapshots.
pub(crate) const SNAPSHOT_NAME: &str = "engine";
/// The inbox is kept back to the snapshot before the newest: if the newest cannot be read, that one serves.
const COVERED_BY: usize = 2;
/// Days of history are packed once they ended this long ago: late data may still come until then.
const PACK_AFTER: SignedDuration = SignedDuration::from_hours(48);
/// Upkeep is done this often, by the engine's time.
const UPKEEP_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// A full inbox is looked at this often for what may go.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Where the engine stood.
pub(crate) struct Kept {
    pub(crate) position: Position,
    pub(crate) journal_seq: Seq,
    pub(crate) taken_at: Timestamp,
    pub(crate) body: Vec<u8>,
}

/// The body of a snapshot: the newest tick (number and microseconds since 1970, eight bytes each), then the engine's own bytes.
pub(crate) fn encode_state(tick: &Tick, engine: &[u8]) -> Vec<u8> {
    let head = [tick.n.to_be_bytes(), tick.now.as_microsecond().to_be_bytes()].concat();
    [head.as_slice(), engine].concat()
}

/// Reads what [`encode_state`] wrote: number and time of the newest tick, and the engine's bytes.
pub(crate) fn decode_state(body: &[u8]) -> Option<(u64, Timestamp, &[u8])> {
    let (n, rest) = body.split_first_chunk::<8>()?;
    let (us, engine) = rest.split_first_chunk::<8>()?;
    let now = Timestamp::from_microsecond(i64::from_be_bytes(*us)).ok()?;
    Some((u64::from_be_bytes(*n), now, engine))
}

/// The loop that keeps.
pub(crate) struct Keeper {
    pub(crate) desk: Arc<Desk>,
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) history: Arc<dyn History>,
    pub(crate) snapshots: Arc<dyn Snapshots>,
    pub(crate) gauges: Arc<Gauges>,
    pub(crate) kept: Receiver<Kept>,
    pub(crate) version: u32,
    pub(crate) keep_history: SignedDuration,
    pub(crate) history_bytes: u64,
    pub(crate) written: VecDeque<Position>,
    pub(crate) projections: Projections,
    /// Whether the node is going down in order.
    pub(crate) finish: Arc<AtomicBool>,
    pub(crate) upkept: Option<Timestamp>,
}

impl Keeper {
    /// Runs until nobody hands it snapshots any more.
    pub(crate) fn run(mut self) {
        loop {
            match self.kept.recv_timeout(LOOK_EVERY) {
                Ok(kept) => self.keep(kept),
                Err(RecvTimeoutError::Timeout) => self.relieve(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.projections.keep_now_and_then();
        }
        if self.finish.load(Ordering::Acquire) {
            self.projections.keep();
        }
    }

    fn keep(&mut self, kept: Kept) {
        let now = kept.taken_at;
        self.write(kept);
        // Also when it could not be written: on a full disk what older snapshots cover may make the room.
        self.retire(now);
        if self.upkept.is_none_or(|last| now.duration_since(last) >= UPKEEP_EVERY) {
            self.upkept = Some(now);
            self.upkeep(now);
        }
    }

    /// Lets go of what is covered while the inbox is full, even if no tick and so no snapshot comes any more.
    fn relieve(&mut self) {
        let Some((_, covered_at)) = self.gauges.beat().covered else { return };
        if self.inbox.usage().is_ok_and(|usage| usage.full.is_some()) {
            self.retire(covered_at);
        }
    }

    fn write(&mut self, kept: Kept) {
        // The one that the engine went on from covers too.
        if let (true, Some((resumed, _))) = (self.written.is_empty(), self.gauges.beat().covered) {
            self.written.push_back(resumed);
        }
        let Kept { position, journal_seq, taken_at, body } = kept;
        let name = SNAPSHOT_NAME.to_owned();
        let snapshot = Snapshot { name, version: self.version, inbox_position: position, journal_seq, body };
        match self.snapshots.write(&snapshot) {
            Ok(()) => {
                self.gauges.well(Part::Snapshots);
                self.gauges.on_beat(|beat| beat.covered = Some((position, taken_at)));
                // Written again at the same place it is still one.
                if self.written.back() != Some(&position) {
                    self.written.push_back(position);
                }
            }
            Err(error) => self.gauges.trouble(Part::Snapshots, error.to_string()),
        }
    }

    fn retire(&mut self, now: Timestamp) {
        while self.written.len() > COVERED_BY {
            self.written.pop_front();
        }
        let Some(covered) = self.written.front().filter(|_| self.written.len() == COVERED_BY) else { return };
        if let Err(error) = self.inbox.retire(covered.next(), now) {
            self.gauges.trouble(Part::Inbox, error.to_string());
        }
    }

    fn upkeep(&self, now: Timestamp) {
        let before = |age: SignedDuration| now.checked_sub(age).unwrap_or(Timestamp::MIN);
        let retention = Retention { keep_from: before(self.keep_history), max_bytes: self.history_bytes };
        let packed = self.history.compact(before(PACK_AFTER)).and_then(|packed| {
            self.history.retain(retention)?;
            Ok(packed)
        });
        match packed {
            Ok(packed) if packed.damaged > 0 => {
                let what = format!("{} packed days of history are damaged and were left alone", packed.damaged);
                self.gauges.trouble(Part::History, what);
            }
            Ok(_) => {}
            Err(error) => self.gauges.trouble(Part::History, error.to_string()),
        }
        if let Err(error) = self.desk.sweep_sessions(now) {
            tracing::warn!(%error, "old sessions could not be dropped");
        }
    }
}
