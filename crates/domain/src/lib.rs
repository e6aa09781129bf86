//! The words of the field as types: fleet, signals, findings, incidents, and the events that record them.
//!
//! Pure: no I/O, no clock, no randomness. Every crate knows this one; this one knows none.

pub mod ids;
pub mod scope;

pub use ids::{BadCode, CustomerKey, DeviceCode, FindingId, IncidentId, Metric, RegionCode, ReportId, SiteCode, TokenId, UserId};
pub use scope::{Actor, RowScope, Scope};
