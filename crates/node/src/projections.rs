//! When projection snapshots are written: once enough has been recorded that folding it would be felt at a start, whether the engine
//! works or not; and at an orderly end.

use crate::gauges::{Gauges, Part};
use desk::Desk;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Seq, Snapshots};

/// So many events are left to be folded at a start.
const EVENTS: u64 = 500;
/// They are not written more often than this.
const EVERY: Duration = Duration::from_secs(60);

/// Writes projection snapshots.
pub(crate) struct Projections {
    desk: Arc<Desk>,
    snapshots: Arc<dyn Snapshots>,
    gauges: Arc<Gauges>,
    /// The newest event that a snapshot covers.
    covered: Seq,
    tried: Option<Instant>,
    /// Whether one is wanted at once: those that lie there are of no use.
    wanted: bool,
}

impl Projections {
    pub(crate) fn new(
        desk: Arc<Desk>,
        snapshots: Arc<dyn Snapshots>,
        gauges: Arc<Gauges>,
        covered: Seq,
        wanted: bool,
    ) -> Self {
        Self { desk, snapshots, gauges, covered, tried: None, wanted }
    }

    /// Writes one if it is time.
    pub(crate) fn keep_now_and_then(&mut self) {
        let is_time = self.tried.is_none_or(|tried| tried.elapsed() >= EVERY);
        if is_time && (self.wanted || self.desk.seq().0.saturating_sub(self.covered.0) >= EVENTS) {
            self.keep();
        }
    }

    /// Writes one unless nothing was recorded since the last.
    pub(crate) fn keep(&mut self) {
        if self.desk.seq() <= self.covered {
            return;
        }
        self.tried = Some(Instant::now());
        let written = match self.desk.snapshot() {
            Ok(None) => return,
            Ok(Some(snapshot)) => {
                let seq = snapshot.journal_seq;
                self.snapshots.write(&snapshot).map(|()| seq).map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        match written {
            Ok(seq) => {
                (self.covered, self.wanted) = (seq, false);
                self.gauges.well(Part::Projections);
            }
            Err(what) => self.gauges.trouble(Part::Projections, what),
        }
    }
}
