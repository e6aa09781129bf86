//! Between the pages and the running loops: what `web` asks for, answered by a node.

use domain::{CustomerKey, DeviceCode, SiteCode};
use jiff::Timestamp;
use node::{Clock, Handed, Health, IngestRefused, Node, Trouble};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use web::view::{Degraded, DegradedPart};
use web::{Condition, Durable, Incoming, IntakeRefused, Loops, Metric};

/// A node, as the pages see it.
pub struct Bridge {
    node: Arc<Node>,
    /// Since when each part is not as it should be.
    since: Mutex<BTreeMap<u8, Timestamp>>,
}

impl Bridge {
    /// Of a node.
    #[must_use]
    pub fn new(node: Arc<Node>) -> Self {
        Self { node, since: Mutex::default() }
    }

    fn degraded(&self, health: &Health) -> Vec<Degraded> {
        let parts: BTreeMap<u8, DegradedPart> =
            health.troubles.iter().filter_map(part_of).map(|p| (p as u8, p)).collect();
        let now = self.node.clock().now();
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.retain(|part, _| parts.contains_key(part));
        let degraded = |(key, part)| Degraded { part, since: *since.entry(key).or_insert(now) };
        parts.into_iter().map(degraded).collect()
    }
}

impl Loops for Bridge {
    fn hand_in(&self, batch: Incoming) -> Result<Durable, IntakeRefused> {
        let Incoming { customer, token, received_at, envelope, signals } = batch;
        let handed = Handed::encode(customer, Some(token), received_at, envelope, signals)
            .map_err(|error| IntakeRefused::Unkeepable(error.to_string()))?;
        let receipt = self.node.ingest(handed).map_err(|error| refused(&error))?;
        Ok(Box::pin(async move { receipt.await.map(|accepted| accepted.position.0).map_err(|error| refused(&error)) }))
    }

    fn condition(&self) -> Condition {
        let health = self.node.health();
        Condition {
            ready: health.ready,
            troubles: health.troubles.iter().map(words).collect(),
            degraded: self.degraded(&health),
            metrics: metrics(&health),
        }
    }

    fn unregistered(&self) -> Vec<web::Unregistered> {
        let one = |u: &engine::Unregistered| web::Unregistered {
            customer: u.customer.clone(),
            site: u.site.clone() as Option<SiteCode>,
            device: u.device.clone() as Option<DeviceCode>,
            first_at: u.first_at,
            last_at: u.last_at,
            signals: u.signals,
        };
        let mut list: Vec<_> = self.node.unregistered().iter().map(one).collect();
        list.sort_by_key(|unregistered| unregistered.last_at);
        list
    }

    fn site_heard_at(&self, customer: &CustomerKey, site: &SiteCode) -> Option<Timestamp> {
        self.node.site_heard_at(customer, site)
    }

    fn device_heard_at(&self, customer: &CustomerKey, device: &DeviceCode) -> Option<Timestamp> {
        self.node.device_heard_at(customer, device)
    }
}

fn refused(error: &IngestRefused) -> IntakeRefused {
    match error.retry_after() {
        Some(retry_after) => IntakeRefused::Later { why: error.to_string(), retry_after },
        None => IntakeRefused::TooLarge(error.to_string()),
    }
}

/// The part that readers are told of.
fn part_of(trouble: &Trouble) -> Option<DegradedPart> {
    match trouble {
        Trouble::EngineStopped(_)
        | Trouble::PartStopped { .. }
        | Trouble::CatchingUp { .. }
        | Trouble::EngineBehind { .. }
        | Trouble::TicksLate { .. }
        | Trouble::TicksStopped { .. }
        | Trouble::InputLost { .. } => Some(DegradedPart::Engine),
        Trouble::InboxFull(_) => Some(DegradedPart::Inbox),
        Trouble::StoreFailing { store, .. } => match *store {
            "inbox" => Some(DegradedPart::Inbox),
            "history" => Some(DegradedPart::History),
            _ => Some(DegradedPart::Engine),
        },
        Trouble::SnapshotOld { .. } | Trouble::SaidDifferently { .. } | Trouble::Unusable(_) => None,
    }
}

/// A trouble in words, for operators.
fn words(trouble: &Trouble) -> String {
    match trouble {
        Trouble::EngineStopped(what) => format!("the engine stopped: {what}"),
        Trouble::PartStopped { part, what } => format!("{part} stopped: {what}"),
        Trouble::CatchingUp { entries } => format!("after the start, {entries} entries are still to be read"),
        Trouble::EngineBehind { entries } => format!("the engine is {entries} entries behind"),
        Trouble::TicksLate { by } => format!("ticks are judged {} s late", by.as_secs()),
        Trouble::TicksStopped { since } => format!("no tick was judged for {} s", since.as_secs()),
        Trouble::InboxFull(because) => format!("signals are refused, the inbox is full: {because}"),
        Trouble::StoreFailing { store, what } => format!("{store} fails: {what}"),
        Trouble::SnapshotOld { entries } => format!("the newest snapshot is {entries} entries old"),
        Trouble::InputLost { entries, lines } => format!("{entries} entries and {lines} lines of input were lost"),
        Trouble::SaidDifferently { findings } => format!("{findings} findings came out differently after a restart"),
        Trouble::Unusable(what) => what.clone(),
    }
}

fn metrics(health: &Health) -> Vec<Metric> {
    let gauge = |name, help, value: f64| Metric { name, help, counts: false, value };
    let count = |name, help, value: u64| Metric { name, help, counts: true, value: value as f64 };
    let engine = &health.engine;
    vec![
        count("inbox_head", "newest durable entry of the inbox", health.inbox_head),
        count("engine_position", "newest entry that the engine has read", health.engine_at),
        count("settled_position", "newest entry whose consequences are durable", health.settled),
        count("covered_position", "newest entry that a snapshot covers", health.covered),
        count("journal_seq", "newest event of the journal", health.journal_seq),
        count("log_lines_lost", "lines of the log that could not be written", crate::log::lost()),
        count("refused_batches", "batches refused since the start", health.refused_batches),
        gauge("inbox_bytes", "bytes that the inbox holds", health.inbox_bytes as f64),
        gauge("in_flight_bytes", "bytes of batches not durable yet", health.in_flight_bytes as f64),
        gauge("live_readers", "readers of the live feed", health.live_readers as f64),
        count("engine_ticks", "ticks judged", engine.ticks),
        count("engine_signals", "signals taken by the engine", engine.signals),
        count("engine_duplicates", "signals that had come before", engine.duplicates),
        count("engine_late", "counts that came after their time was judged", engine.late),
        count(
            "engine_absences",
            "times that ticks were so far apart that nothing was taken for silence",
            engine.absences,
        ),
        count("engine_unregistered", "signals of things that nobody registered", engine.unregistered),
        gauge("engine_series", "series with a baseline", engine.series as f64),
        gauge("engine_groups", "groups watched", engine.groups as f64),
        gauge("open_findings", "findings open now", engine.open_findings as f64),
    ]
}
