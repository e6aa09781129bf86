//! The ticker: writes the beats of the engine's clock into the inbox, so that a restart beats at the same places. Time in ticks
//! never goes back, whatever the clock does.

use crate::arrivals::{Arrival, Arrivals};
use crate::clock::Clock;
use crate::gauges::{Gauges, Part};
use desk::Desk;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::inbox::{Entry, Inbox, Tick};
use store::{InboxError, Position, Ticket};

/// No further tick is written while so many entries wait for the engine that another would only add to them.
const TOO_FAR_BEHIND: u64 = 10_000;

/// Writes ticks.
pub(crate) struct Ticker {
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) arrivals: Arc<Arrivals>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) gauges: Arc<Gauges>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Held while a tick is written, so that they have one order.
    pub(crate) writing: Mutex<()>,
}

impl Ticker {
    /// Writes one tick and waits until it is durable. Only after the engine has caught up, or numbers would repeat.
    pub(crate) fn tick(&self) -> Result<Position, InboxError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.gauges.beat().ticked;
        let now = store::whole_us(self.clock.now());
        let tick = Tick {
            n: before.map_or(1, |(n, _)| n + 1),
            now: before.map_or(now, |(_, then)| now.max(then)),
            journal_seq: self.desk.seq().0,
        };
        let arrivals = Arc::clone(&self.arrivals);
        let (ticket, done) = Ticket::pair();
        let entry = Entry::Tick(tick);
        self.inbox.append_then(
            entry,
            Box::new(move |written: Result<Position, InboxError>| {
                if let Ok(position) = &written {
                    arrivals.put(*position, std::mem::size_of::<Tick>(), Arrival::Tick(tick));
                }
                done(written);
            }),
        );
        let position = ticket.wait()?;
        self.gauges.ticked_at.store(position.0, Ordering::Release);
        self.gauges.on_beat(|beat| beat.ticked = Some((tick.n, tick.now)));
        Ok(position)
    }

    /// Ticks every `period` until `stop`.
    pub(crate) fn run(&self, period: Duration, stop: &Stop) {
        let mut due = Instant::now();
        while !stop.wait_until(due) {
            due = (due + period).max(Instant::now());
            let behind = self.arrivals.head().0.saturating_sub(self.gauges.engine_at.load(Ordering::Acquire));
            if !self.gauges.caught_up.load(Ordering::Acquire) || behind > TOO_FAR_BEHIND {
                continue;
            }
            match self.tick() {
                Ok(_) => self.gauges.well(Part::Ticker),
                // In one wording: the bytes are other ones at each tick, and the health has them.
                Err(InboxError::Full(_)) => self.gauges.trouble(Part::Ticker, "the inbox has no room for a tick"),
                Err(error) => self.gauges.trouble(Part::Ticker, error.to_string()),
            }
        }
    }
}

/// Tells a loop that waits by the wall to end.
#[derive(Default)]
pub(crate) struct Stop {
    stopped: AtomicBool,
    lock: Mutex<()>,
    told: Condvar,
}

impl Stop {
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
        self.told.notify_all();
    }

    /// Waits until `due`, or until it is told; true when it is told.
    fn wait_until(&self, due: Instant) -> bool {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let left = due.saturating_duration_since(Instant::now());
        let goes_on = |(): &mut ()| !self.stopped.load(Ordering::Acquire);
        drop(self.told.wait_timeout_while(guard, left, goes_on).unwrap_or_else(PoisonError::into_inner));
        self.stopped.load(Ordering::Acquire)
    }
}
