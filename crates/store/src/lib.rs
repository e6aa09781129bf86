//! What Samband keeps: five traits and the files behind them.
//!
//! [`History`] what charts and baselines need, [`Vault`] what may be erased. All calls block; every handle is `Send + Sync`.
//! The formats are written down byte for byte in `docs/formats.md`.

mod group;
mod ids;
pub mod inbox;
pub mod journal;
mod space;
pub mod sqlite;
mod time;

pub use group::{Closed, Done, GroupConfig, Ticket};
pub use ids::{BadId, Hash, Position, Seq, SeriesKey, StreamId, StreamVersion, SubjectId};
pub use inbox::{Entry, Inbox, InboxError};
pub use journal::{Appended, Cause, Event, Expected, Journal, JournalError, NewEvent, Recorded};
pub use space::{FreeSpace, Statvfs};
pub use time::{BadTime, whole_us};
