//! The words of the field as types: fleet, signals, findings, incidents, and the events that record them.
//!
//! Pure: no I/O, no clock, no randomness. Every crate knows this one; this one knows none.

pub mod account;
pub mod event;
pub mod finding;
pub mod fleet;
pub mod ids;
pub mod incident;
pub mod money;
pub mod personal;
pub mod policy;
pub mod report;
pub mod scope;
pub mod signal;
pub mod token;

pub use finding::{Finding, FindingKind, FindingStatus, Term};
pub use fleet::{Attributes, CustomerRecord, DeviceRecord, SiteRecord};
pub use ids::{
    BadCode, CustomerKey, DeviceCode, FindingId, IncidentId, Metric, RegionCode, ReportId, SiteCode, TokenId, UserId,
};
pub use money::{Currency, Money};
pub use personal::PersonalRef;
pub use scope::{Actor, RowScope, Scope};
pub use signal::{Signal, SignalBody, SignalKind};
