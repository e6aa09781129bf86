//! What has become durable in the inbox and the engine has not read yet. Signals that were just handed in wait here decoded, up
//! to a bound; beyond it only their place is known, and the engine reads them from the disk. Either way in one order.

use domain::signal::Envelope;
use domain::{CustomerKey, Signal};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::Position;
use store::inbox::Tick;

/// One entry of the inbox, decoded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Arrival {
    /// Signals.
    Batch(ArrivedBatch),
    /// A beat.
    Tick(Tick),
}

/// A batch, decoded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ArrivedBatch {
    pub(crate) customer: CustomerKey,
    pub(crate) received_at: Timestamp,
    pub(crate) envelope: Option<Envelope>,
    pub(crate) signals: Vec<Signal>,
}

/// What follows a place.
#[derive(Debug)]
pub(crate) enum Next {
    /// The very next entry.
    Here(Arrival),
    /// There is one, on the disk.
    OnDisk,
    /// Nothing came.
    Nothing,
    /// Nothing will come any more.
    Stopped,
}

#[derive(Default)]
struct Waiting {
    head: Position,
    /// Up to here everything was read.
    read: Position,
    ready: BTreeMap<Position, (usize, Arrival)>,
    bytes: usize,
    stopped: bool,
}

/// The way from the inbox to the engine.
pub(crate) struct Arrivals {
    bound_bytes: usize,
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

impl Arrivals {
    pub(crate) fn new(head: Position, bound_bytes: usize) -> Self {
        Self { bound_bytes, waiting: Mutex::new(Waiting { head, ..Waiting::default() }), arrived: Condvar::new() }
    }

    /// An entry became durable. Called in the order of places, from the inbox's writer.
    pub(crate) fn put(&self, position: Position, bytes: usize, arrival: Arrival) {
        let mut waiting = self.lock();
        waiting.head = waiting.head.max(position);
        if position > waiting.read && waiting.bytes + bytes <= self.bound_bytes {
            waiting.bytes += bytes;
            waiting.ready.insert(position, (bytes, arrival));
        }
        drop(waiting);
        self.arrived.notify_all();
    }

    /// What comes after `read`, everything up to which has been read; waits for it.
    pub(crate) fn after(&self, read: Position, timeout: Duration) -> Next {
        let mut waiting = self.lock();
        waiting.read = waiting.read.max(read);
        loop {
            if waiting.stopped {
                return Next::Stopped;
            }
            while let Some(first) = waiting.ready.first_entry().filter(|first| *first.key() <= read) {
                let (bytes, _) = first.remove();
                waiting.bytes -= bytes;
            }
            if let Some((bytes, arrival)) = waiting.ready.remove(&read.next()) {
                waiting.bytes -= bytes;
                return Next::Here(arrival);
            }
            if waiting.head > read {
                return Next::OnDisk;
            }
            let (again, over) = self.arrived.wait_timeout(waiting, timeout).unwrap_or_else(PoisonError::into_inner);
            if over.timed_out() && again.head <= read && !again.stopped {
                return Next::Nothing;
            }
            waiting = again;
        }
    }

    /// The newest durable place.
    pub(crate) fn head(&self) -> Position {
        self.lock().head
    }

    /// Wakes the engine for its end.
    pub(crate) fn stop(&self) {
        self.lock().stopped = true;
        self.arrived.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    fn tick(n: u64) -> Arrival {
        Arrival::Tick(Tick { n, now: Timestamp::UNIX_EPOCH, journal_seq: 0 })
    }

    #[test]
    fn what_does_not_fit_is_read_from_the_disk_in_its_turn() {
        let arrivals = Arrivals::new(Position(4), 10);
        assert!(matches!(arrivals.after(Position(3), Duration::ZERO), Next::OnDisk));
        arrivals.put(Position(5), 8, tick(5));
        arrivals.put(Position(6), 8, tick(6));
        arrivals.put(Position(7), 2, tick(7));
        assert!(matches!(arrivals.after(Position(4), Duration::ZERO), Next::Here(Arrival::Tick(t)) if t.n == 5));
        assert!(matches!(arrivals.after(Position(5), Duration::ZERO), Next::OnDisk));
        assert!(matches!(arrivals.after(Position(6), Duration::ZERO), Next::Here(Arrival::Tick(t)) if t.n == 7));
        assert!(matches!(arrivals.after(Position(7), Duration::ZERO), Next::Nothing));
        arrivals.put(Position(7), 8, tick(7));
        assert!(matches!(arrivals.after(Position(7), Duration::ZERO), Next::Nothing), "it was read already");
        arrivals.stop();
        assert!(matches!(arrivals.after(Position(7), Duration::from_secs(60)), Next::Stopped));
    }
}
