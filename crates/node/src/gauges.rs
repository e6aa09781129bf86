//! Where each loop is: written by the loops, read by whoever asks for health. Nothing here decides anything.

use crate::last_heard::LastHeard;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use store::Position;

/// What stands in the way of a part of the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// A loop that died.
    Engine,
    Settling,
    Ticker,
    Keeper,
    /// A store that refuses.
    Journal,
    History,
    Snapshots,
    Inbox,
    /// Something that was read and is not right.
    Projections,
    Following,
    Policy,
    Report,
}

/// Where each loop is.
#[derive(Default)]
pub(crate) struct Gauges {
    /// Bytes handed in and not durable yet.
    pub(crate) in_flight_bytes: AtomicUsize,
    /// Batches refused because too much was under way, or the inbox was full.
    pub(crate) refused_batches: AtomicU64,
    /// Lines of stored batches that could not be read back.
    pub(crate) unreadable_lines: AtomicU64,
    /// Entries of the inbox that were lost to the engine: damaged, or retired before it read them.
    pub(crate) lost_entries: AtomicU64,
    /// Findings said again differently than the first time.
    pub(crate) different_findings: AtomicU64,
    /// Snapshots left out because the one before was still being written.
    pub(crate) snapshots_left_out: AtomicU64,
    /// Whether the node ticks by itself, so that no tick means that something stands still.
    pub(crate) ticks_itself: AtomicBool,
    /// Whether the engine has read what was there at the start.
    pub(crate) caught_up: AtomicBool,
    /// The newest entry that the engine has read.
    pub(crate) engine_at: AtomicU64,
    /// The place of the newest tick.
    pub(crate) ticked_at: AtomicU64,
    /// When each site and device was last heard from.
    pub(crate) last_heard: LastHeard,
    /// What stands in the way, in words for the log and the page.
    troubles: Mutex<BTreeMap<Part, String>>,
    beat: Mutex<Beat>,
    moved: Condvar,
    said: Mutex<Said>,
}

/// The progress of time through the loops.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Beat {
    /// The newest tick that was written.
    pub(crate) ticked: Option<(u64, Timestamp)>,
    /// The newest tick that the engine judged.
    pub(crate) judged: Option<Timestamp>,
    /// When that was, or when ticks could begin, by a clock that never jumps.
    pub(crate) moved_at: Option<Instant>,
    /// Everything up to here is judged, and what came of it durable.
    pub(crate) settled: Position,
    /// The newest entry that a snapshot on disk covers, and when it was taken.
    pub(crate) covered: Option<(Position, Timestamp)>,
    /// The loops have ended: nothing moves any more.
    pub(crate) ended: bool,
}

/// What the engine said of itself a moment ago.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    pub(crate) health: engine::EngineHealth,
    pub(crate) unregistered: Arc<Vec<engine::Unregistered>>,
}

impl Gauges {
    /// Something stands in the way; said in the log when it is new.
    pub(crate) fn trouble(&self, part: Part, what: impl Into<String>) {
        let what = what.into();
        // Noted before it is said: what cannot be said must be known all the same.
        let before = lock(&self.troubles).insert(part, what.clone());
        if before.as_ref() != Some(&what) {
            tracing::error!(?part, %what, "a part of the node is in trouble");
        }
    }

    /// A loop went to its end. So it should when the node goes down, and then nobody asks.
    pub(crate) fn ended(&self, part: Part) {
        lock(&self.troubles).entry(part).or_insert_with(|| "it ended".to_owned());
        tracing::debug!(?part, "a part of the node ended");
    }

    /// It stands there no more.
    pub(crate) fn well(&self, part: Part) {
        if lock(&self.troubles).remove(&part).is_some() {
            tracing::info!(?part, "a part of the node is well again");
        }
    }

    pub(crate) fn troubles(&self) -> BTreeMap<Part, String> {
        lock(&self.troubles).clone()
    }

    pub(crate) fn beat(&self) -> Beat {
        *lock(&self.beat)
    }

    /// Moves the beat on, and wakes who waits for it.
    pub(crate) fn on_beat(&self, change: impl FnOnce(&mut Beat)) {
        change(&mut lock(&self.beat));
        self.moved.notify_all();
    }

    /// Waits until `there` holds; false when it did not in time, or the loops ended.
    pub(crate) fn wait_until(&self, timeout: Duration, there: impl Fn(&Beat) -> bool) -> bool {
        let beat = lock(&self.beat);
        let waiting = |beat: &mut Beat| !there(beat) && !beat.ended;
        let (beat, _) = self.moved.wait_timeout_while(beat, timeout, waiting).unwrap_or_else(PoisonError::into_inner);
        there(&beat)
    }

    pub(crate) fn said(&self) -> Said {
        lock(&self.said).clone()
    }

    pub(crate) fn say(&self, said: Said) {
        *lock(&self.said) = said;
    }

    pub(crate) fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
