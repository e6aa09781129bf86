//! Feeds signals to an engine in event time, as `samband replay` does: a grid of ticks, those passed over in which nothing can happen.

use domain::{CustomerKey, Finding, Signal};
use engine::{Engine, SnapshotError};
use jiff::Timestamp;

/// Milliseconds between ticks while nothing is judged.
const LEARNING_TICK_MS: i64 = 60_000;

/// An engine and where it stands.
pub struct Drive {
    /// The engine.
    pub engine: Engine,
    /// Whose signals.
    pub customer: CustomerKey,
    /// Milliseconds between ticks.
    pub tick_ms: i64,
    /// Until then ticks come once a minute.
    pub learn_until_ms: i64,
    /// The last tick.
    pub now_ms: i64,
}

impl Drive {
    /// An engine that starts at a moment.
    pub fn new(mut engine: Engine, customer: &CustomerKey, tick_ms: i64, learn_until_ms: i64, now_ms: i64) -> Self {
        engine.set_charts(false);
        Self { engine, customer: customer.clone(), tick_ms, learn_until_ms, now_ms }
    }

    /// Another engine that knows the same.
    pub fn fork(&self, snapshot: &[u8]) -> Result<Self, SnapshotError> {
        let engine = Engine::restore(snapshot, 1)?;
        Ok(Self::new(engine, &self.customer, self.tick_ms, self.learn_until_ms, self.now_ms))
    }

    /// Hands in signals, in order of arrival (their own time where that is not told), and ticks up to `until_ms`; ends early with the finding that `enough` chooses.
    pub fn run(
        &mut self,
        signals: &[Signal],
        until_ms: i64,
        mut enough: impl FnMut(&Finding) -> bool,
    ) -> Option<Finding> {
        let mut at = 0;
        while self.now_ms < until_ms {
            let next = signals.get(at).map(arrival);
            self.now_ms = self.next(next, until_ms);
            let from = at;
            while signals.get(at).is_some_and(|s| arrival(s) <= self.now_ms) {
                at += 1;
            }
            let now = moment(self.now_ms);
            if at > from {
                self.engine.batch(&self.customer, now, None, &signals[from..at]);
            }
            if let Some(found) = self.engine.tick(now).findings.into_iter().find(|f| enough(f)) {
                return Some(found);
            }
        }
        None
    }

    /// The next tick at which anything can happen.
    fn next(&self, arrival: Option<i64>, until_ms: i64) -> i64 {
        if self.now_ms < self.learn_until_ms {
            return (self.now_ms + LEARNING_TICK_MS).min(self.learn_until_ms).min(until_ms);
        }
        let due = self.engine.next_due().map(Timestamp::as_millisecond);
        let soonest = [arrival, due].into_iter().flatten().min().unwrap_or(until_ms);
        let on_grid = soonest.max(self.now_ms + 1).saturating_add(self.tick_ms - 1) / self.tick_ms * self.tick_ms;
        on_grid.max(self.now_ms + 1).min(until_ms)
    }
}

fn arrival(signal: &Signal) -> i64 {
    signal.received_at.unwrap_or(signal.at).as_millisecond()
}

/// Milliseconds as a moment.
pub fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}
