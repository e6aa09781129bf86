//! The data directory: which file lies where, opened together, by one process at a time.

use crate::entropy::Entropy;
use crate::history::HistoryError;
use crate::inbox::InboxError;
use crate::journal::JournalError;
use crate::snapshots::{FileSnapshots, SnapshotsError};
use crate::sqlite::file::{sync_folder, sync_folder_of};
use crate::sqlite::inbox_files;
use crate::sqlite::{
    AccountsError, FileError, HistoryConfig, InboxConfig, JournalConfig, SqliteAccounts, SqliteHistory, SqliteInbox,
    SqliteJournal, SqliteVault,
};
use crate::vault::VaultError;
use jiff::Timestamp;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where everything lies in a data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) root: PathBuf,
}

impl Layout {
    pub(crate) const JOURNAL: &'static str = "journal.db";
    pub(crate) const HISTORY: &'static str = "history.db";
    pub(crate) const VAULT: &'static str = "vault.db";
    pub(crate) const VAULT_KEY: &'static str = "vault.key";
    pub(crate) const ACCOUNTS: &'static str = "accounts.db";
    pub(crate) const INBOX: &'static str = "inbox";
    pub(crate) const SNAPSHOTS: &'static str = "snapshots";
    pub(crate) const LOCK: &'static str = "lock";

    pub(crate) fn of(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

/// How the stores of a data directory are kept.
#[derive(Clone)]
pub struct DataDirConfig {
    /// The inbox.
    pub inbox: InboxConfig,
    /// The journal.
    pub journal: JournalConfig,
    /// History.
    pub history: HistoryConfig,
    /// How many snapshots of each name are kept.
    pub snapshots_kept: usize,
}

impl Default for DataDirConfig {
    fn default() -> Self {
        Self {
            inbox: InboxConfig::default(),
            journal: JournalConfig::default(),
            history: HistoryConfig::default(),
            snapshots_kept: 3,
        }
    }
}

/// Why a data directory cannot be opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DataDirError {
    /// Another Samband works with it.
    #[error("{} is in use by another Samband{}: stop that one first", path.display(), by(process))]
    InUse {
        /// The directory.
        path: PathBuf,
        /// The process that uses it, as far as it says.
        process: Option<u32>,
    },
    /// The directory cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The inbox cannot be opened.
    #[error("the inbox cannot be opened")]
    Inbox(#[from] InboxError),
    /// The journal cannot be opened.
    #[error("the journal cannot be opened")]
    Journal(#[from] JournalError),
    /// History cannot be opened.
    #[error("history cannot be opened")]
    History(#[from] HistoryError),
    /// The vault cannot be opened.
    #[error("the vault cannot be opened")]
    Vault(#[from] VaultError),
    /// The accounts cannot be opened.
    #[error("the accounts cannot be opened")]
    Accounts(#[from] AccountsError),
    /// The snapshots cannot be opened.
    #[error("the snapshots cannot be opened")]
    Snapshots(#[from] SnapshotsError),
}

fn by(process: &Option<u32>) -> String {
    process.map(|id| format!(" (process {id})")).unwrap_or_default()
}

/// The stores of one data directory. As long as this lives, no other process opens it.
pub struct DataDir {
    /// What the world told us.
    pub inbox: Arc<SqliteInbox>,
    /// What we concluded and decided.
    pub journal: Arc<SqliteJournal>,
    /// What charts and baselines need.
    pub history: Arc<SqliteHistory>,
    /// What may be erased.
    pub vault: Arc<SqliteVault>,
    /// What logins need.
    pub accounts: Arc<SqliteAccounts>,
    /// Where folds stood.
    pub snapshots: Arc<FileSnapshots>,
    path: PathBuf,
    // Last, so that it is let go after everything else has closed.
    _lock: File,
}

impl DataDir {
    /// Opens the data directory at `path`; what is not there is made, readable by its owner only.
    ///
    /// # Errors
    /// [`DataDirError::InUse`] when another process has it open; otherwise which store failed and why.
    pub fn open(
        path: &Path,
        config: DataDirConfig,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, DataDirError> {
        let is_new = !path.exists();
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(FileError::io(path))?;
        let lock = lock(path)?;
        let layout = Layout::of(path);
        let has_folders = layout.path(Layout::INBOX).exists() && layout.path(Layout::SNAPSHOTS).exists();
        let journal = SqliteJournal::open(&layout.path(Layout::JOURNAL), config.journal)?;
        let snapshots = FileSnapshots::open(&layout.path(Layout::SNAPSHOTS), config.snapshots_kept)?;
        let mut inbox_config = config.inbox;
        if !holds_files(&layout.path(Layout::INBOX)) {
            let named = snapshots.newest_position()?.max(journal.newest_cause()?);
            inbox_config.start_at = inbox_config.start_at.max(named.next());
        }
        let inbox = SqliteInbox::open(&layout.path(Layout::INBOX), inbox_config, now)?;
        let history = SqliteHistory::open(&layout.path(Layout::HISTORY), config.history)?;
        let vault = SqliteVault::open(&layout.path(Layout::VAULT), &layout.path(Layout::VAULT_KEY), entropy)?;
        let accounts = SqliteAccounts::open(&layout.path(Layout::ACCOUNTS), entropy)?;
        // A file is durable only once every folder on the way to it is.
        if !has_folders {
            sync_folder(path)?;
        }
        if is_new {
            sync_folder_of(path)?;
        }
        Ok(Self {
            inbox: Arc::new(inbox),
            journal: Arc::new(journal),
            history: Arc::new(history),
            vault: Arc::new(vault),
            accounts: Arc::new(accounts),
            snapshots: Arc::new(snapshots),
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Whether there is an inbox. One that was lost begins anew after every position that snapshots and causes name: used
/// a second time, those would make the engine's new events look like repeats.
fn holds_files(inbox: &Path) -> bool {
    inbox_files::names_in(inbox).is_ok_and(|names| !names.is_empty())
}

/// Takes the lock, which the operating system lets go when the process ends, however it ends.
fn lock(folder: &Path) -> Result<File, DataDirError> {
    let path = folder.join(Layout::LOCK);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(FileError::io(&path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // Who holds it is told if it can be read; that it is held is certain.
            drop(file.read_to_string(&mut text));
            return Err(DataDirError::InUse { path: folder.to_owned(), process: text.trim().parse().ok() });
        }
        Err(TryLockError::Error(error)) => return Err(FileError::io(&path)(error).into()),
    }
    // The lock holds without the note; a full disk must not keep commands from working.
    drop(sign(&mut file));
    Ok(file)
}

/// Notes who holds the lock.
fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}
