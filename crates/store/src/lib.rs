//! What Samband keeps: five traits and the files behind them.
//!
//! [`Inbox`] is what the world told us, [`Journal`] what we concluded and decided, [`Snapshots`] where a fold stood,
//! [`History`] what charts and baselines need, [`Vault`] what may be erased. All calls block; every handle is `Send + Sync`.
//! The formats are written down byte for byte in `docs/formats.md`.

pub mod backup;
mod data_dir;
mod entropy;
mod group;
pub mod history;
mod ids;
pub mod inbox;
pub mod journal;
pub mod snapshots;
mod space;
pub mod sqlite;
mod time;
pub mod vault;

pub use data_dir::{DataDir, DataDirConfig, DataDirError};
pub use entropy::Entropy;
pub use group::{Closed, Done, GroupConfig, Ticket};
pub use history::{History, HistoryError};
pub use ids::{BadId, Hash, Position, Seq, SeriesKey, StreamId, StreamVersion, SubjectId};
pub use inbox::{Entry, Inbox, InboxError};
pub use journal::{Appended, Cause, Event, Expected, Journal, JournalError, NewEvent, Recorded};
pub use snapshots::{FileSnapshots, Snapshots, SnapshotsError};
pub use space::{FreeSpace, Statvfs};
pub use time::{BadTime, whole_us};
pub use vault::{Vault, VaultError};
