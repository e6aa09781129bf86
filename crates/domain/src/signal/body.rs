//! What a signal says, kind by kind.

use crate::ids::Metric;
use crate::money::{Currency, Money};
use jiff::{Timestamp, civil};
use std::collections::BTreeMap;

/// The observation itself.
#[derive(Debug, Clone, PartialEq)]
pub enum SignalBody {
    /// Transactions counted in an interval, or one transaction.
    Count(Count),
    /// "I am here."
    Heartbeat,
    /// A device went up or down.
    Link {
        /// Whether it is up now.
        up: bool,
        /// Why, in the sender's words.
        reason: Option<String>,
    },
    /// Attributes as the device reports them; `None` withdraws one.
    Observed(BTreeMap<String, Option<String>>),
    /// An alert of another monitoring tool.
    Alert(ToolAlert),
    /// A person said so.
    Report(ReportSignal),
    /// A batch passed a pipeline stage.
    Stage(Box<StagePassed>),
    /// A file was seen.
    File(FileSeen),
    /// A log line.
    Log(LogLine),
    /// A numeric metric.
    Gauge {
        /// Its name.
        metric: Metric,
        /// Its value, finite.
        value: f64,
    },
    /// A ticket of a service desk.
    Ticket(TicketSeen),
}

/// The kinds of [`SignalBody`], by their names on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignalKind {
    /// `count`
    Count,
    /// `heartbeat`
    Heartbeat,
    /// `link`
    Link,
    /// `observed`
    Observed,
    /// `alert`
    Alert,
    /// `report`
    Report,
    /// `stage`
    Stage,
    /// `file`
    File,
    /// `log`
    Log,
    /// `gauge`
    Gauge,
    /// `ticket`
    Ticket,
}

impl SignalKind {
    /// Every kind, in the order of the vocabulary.
    pub const ALL: [Self; 11] = [
        Self::Count,
        Self::Heartbeat,
        Self::Link,
        Self::Observed,
        Self::Alert,
        Self::Report,
        Self::Stage,
        Self::File,
        Self::Log,
        Self::Gauge,
        Self::Ticket,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Heartbeat => "heartbeat",
            Self::Link => "link",
            Self::Observed => "observed",
            Self::Alert => "alert",
            Self::Report => "report",
            Self::Stage => "stage",
            Self::File => "file",
            Self::Log => "log",
            Self::Gauge => "gauge",
            Self::Ticket => "ticket",
        }
    }
}

impl SignalBody {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> SignalKind {
        match self {
            Self::Count(_) => SignalKind::Count,
            Self::Heartbeat => SignalKind::Heartbeat,
            Self::Link { .. } => SignalKind::Link,
            Self::Observed(_) => SignalKind::Observed,
            Self::Alert(_) => SignalKind::Alert,
            Self::Report(_) => SignalKind::Report,
            Self::Stage(_) => SignalKind::Stage,
            Self::File(_) => SignalKind::File,
            Self::Log(_) => SignalKind::Log,
            Self::Gauge { .. } => SignalKind::Gauge,
            Self::Ticket(_) => SignalKind::Ticket,
        }
    }
}

/// Transactions counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Of what: `sales`.
    pub metric: Metric,
    /// Length of the interval that ends at `at`, in seconds; `None` for a single moment.
    pub interval_s: Option<u32>,
    /// How many; never negative.
    pub count: u32,
    /// Their value together; returns make it negative.
    pub value: Option<Money>,
}

/// An alert of another tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolAlert {
    /// The tool: `zabbix`.
    pub tool: String,
    /// Identity of the alert in the tool.
    pub key: String,
    /// Firing or over.
    pub status: AlertStatus,
    /// The tool's severity.
    pub severity: Option<Severity>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// One line for people.
    pub summary: Option<String>,
}

/// State of a [`ToolAlert`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertStatus {
    /// Going on.
    Firing,
    /// Over.
    Resolved,
}

/// A severity word as tools and log lines use them, kept as written in lower case.
pub type Severity = String;

/// What a person said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSignal {
    /// `phone`, `page`, `sms`, `mail`.
    pub channel: String,
    /// Their words; may hold personal data.
    pub text: String,
    /// Key of a symptom, where one was chosen.
    pub symptom: Option<String>,
}

/// A batch passed a stage of a pipeline such as the day-end close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagePassed {
    /// `day-end`
    pub pipeline: String,
    /// `server-in`
    pub stage: String,
    /// The business day that the batch belongs to.
    pub business_date: Option<civil::Date>,
    /// The till, where batches are per till.
    pub till: Option<String>,
    /// Number of the Z report.
    pub z_number: Option<u64>,
    /// First receipt number in the batch.
    pub receipt_first: Option<u64>,
    /// Last receipt number in the batch.
    pub receipt_last: Option<u64>,
    /// Receipts in the batch.
    pub count: Option<u64>,
    /// Their value.
    pub value: Option<Money>,
    /// Returns among them.
    pub refunds: Option<Money>,
    /// Value by means of payment.
    pub by_payment: BTreeMap<String, Money>,
    /// Currency of the amounts.
    pub currency: Option<Currency>,
}

/// A file was seen on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSeen {
    /// Where on the device.
    pub path: String,
    /// What happened to it.
    pub event: FileEvent,
    /// BLAKE3 of its content in hex, where known.
    pub blake3: Option<String>,
    /// Its size.
    pub size_bytes: Option<u64>,
    /// By whom: the scanner that quarantined it.
    pub by: Option<String>,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileEvent {
    /// `written`
    Written,
    /// `forwarded`
    Forwarded,
    /// `missing`
    Missing,
    /// `quarantined`
    Quarantined,
    /// `released`
    Released,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Its severity.
    pub severity: Option<Severity>,
    /// Its text.
    pub text: String,
}

/// A ticket in a service desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketSeen {
    /// The tool: `topdesk`.
    pub tool: String,
    /// Its number there.
    pub key: String,
    /// Its category.
    pub category: Option<String>,
    /// Its text; may hold personal data.
    pub text: Option<String>,
    /// Open or closed.
    pub status: TicketStatus,
    /// When it was opened, where that differs from `at`.
    pub opened_at: Option<Timestamp>,
}

/// State of a [`TicketSeen`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketStatus {
    /// Open.
    Open,
    /// Closed.
    Closed,
}
