//! A signal (*signal*): one observation that the world sent us, in the vocabulary of every adapter.

mod body;

pub use body::{
    AlertStatus, Count, FileEvent, FileSeen, LogLine, ReportSignal, Severity, SignalBody, SignalKind, StagePassed,
    TicketSeen, TicketStatus, ToolAlert,
};

use crate::ids::{DeviceCode, SiteCode};
use jiff::Timestamp;

/// One observation. Codes are the sender's; whether they are registered is decided by the engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// When it happened (event time). With an interval: its end.
    pub at: Timestamp,
    /// When it reached us, where that is known apart from the batch it came in (replay).
    pub received_at: Option<Timestamp>,
    /// The site it concerns, if said.
    pub site: Option<SiteCode>,
    /// The device it concerns, if said.
    pub device: Option<DeviceCode>,
    /// Makes a re-sent signal count once.
    pub envelope: Option<Envelope>,
    /// What was observed.
    pub body: SignalBody,
}

/// Identity of a signal (or of a whole batch) at its sender. `(origin, boot, lane)` names a sequence, `seq` a place in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Envelope {
    /// The sender: an agent, a gateway.
    pub origin: Box<str>,
    /// One run of the sender, new after each restart that lost its counter.
    pub boot: Box<str>,
    /// One of the sender's independent queues: `live`, `backlog`.
    pub lane: Box<str>,
    /// Number within the lane.
    pub seq: u64,
}
