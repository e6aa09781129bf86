//! The embedded backends: SQLite files in WAL mode with `synchronous=FULL`, one writer thread each.

pub(crate) mod file;
mod history;
mod inbox;
mod journal;
mod readers;
mod vault;

pub use file::FileError;
pub use history::{HistoryConfig, SqliteHistory};
pub use inbox::{InboxConfig, SqliteInbox};
pub use journal::{JournalConfig, SqliteJournal};
pub use vault::SqliteVault;
