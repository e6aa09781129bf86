//! What came in between two ticks, by customer: the flow that live pages show before anything is judged.

use crate::arrivals::ArrivedBatch;
use desk::{Flow, Pulse};
use domain::{CustomerKey, SignalBody};
use std::collections::BTreeMap;
use store::Position;
use store::inbox::Tick;

/// Gathers the flow of one tick.
#[derive(Debug, Default)]
pub(crate) struct Gathering(BTreeMap<CustomerKey, Flow>);

impl Gathering {
    pub(crate) fn add(&mut self, batch: &ArrivedBatch) {
        let mut flow = Flow { signals: batch.signals.len() as u64, ..Flow::default() };
        for signal in &batch.signals {
            if let SignalBody::Count(count) = &signal.body {
                flow.transactions = flow.transactions.saturating_add(u64::from(count.count));
                flow.value_minor = flow.value_minor.saturating_add(count.value.map_or(0, |value| value.minor));
            }
        }
        let sum = self.0.entry(batch.customer.clone()).or_default();
        sum.signals += flow.signals;
        sum.transactions = sum.transactions.saturating_add(flow.transactions);
        sum.value_minor = sum.value_minor.saturating_add(flow.value_minor);
    }

    /// The pulse of a tick; the next gathering begins.
    pub(crate) fn pulse(&mut self, position: Position, tick: &Tick) -> Pulse {
        Pulse { n: tick.n, now: tick.now, position: position.0, flow: std::mem::take(&mut self.0) }
    }
}
