//! The embedded backends: SQLite files in WAL mode with `synchronous=FULL`, one writer thread each.

mod accounts;
pub(crate) mod file;
mod history;
mod inbox;
mod journal;
mod readers;
mod vault;

pub use accounts::{AccountsError, Login, SessionRow, SqliteAccounts};
pub use file::FileError;
pub use history::{HistoryConfig, SqliteHistory};
pub use inbox::{InboxConfig, SqliteInbox};
pub use journal::{JournalConfig, SqliteJournal};
pub use vault::SqliteVault;

pub(crate) use inbox::files as inbox_files;

/// The kinds of files, for those who copy them.
pub(crate) mod kinds {
    pub(crate) use super::accounts::ACCOUNTS_FILE as ACCOUNTS;
    pub(crate) use super::history::HISTORY_FILE as HISTORY;
    pub(crate) use super::inbox::files::INBOX_FILE as INBOX;
    pub(crate) use super::journal::JOURNAL_FILE as JOURNAL;
    pub(crate) use super::journal::head as journal_head;
    pub(crate) use super::vault::VAULT_FILE as VAULT;
}
