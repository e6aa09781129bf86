//! The SQLite backends against the suites every backend must pass, and against what only files can suffer.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../suite/mod.rs"]
mod suite;

mod backup;
mod crash;
mod files;
mod full;
mod golden;
mod secrets;

use store::FileSnapshots;
use store::sqlite::{
    HistoryConfig, InboxConfig, JournalConfig, SqliteHistory, SqliteInbox, SqliteJournal, SqliteVault,
};
use suite::at;
use suite::vault::seeded;
use tempfile::TempDir;

/// A folder that is gone when the test is over.
fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn inbox() -> impl Fn() -> SqliteInbox {
    let folder = folder();
    move || SqliteInbox::open(folder.path(), InboxConfig::default(), at("2026-02-10T08:00:00Z")).unwrap()
}

fn journal() -> impl Fn() -> SqliteJournal {
    let folder = folder();
    move || SqliteJournal::open(&folder.path().join("journal.db"), JournalConfig::default()).unwrap()
}

fn snapshots() -> impl Fn() -> FileSnapshots {
    let folder = folder();
    move || FileSnapshots::open(folder.path(), 3).unwrap()
}

fn vault() -> impl Fn() -> SqliteVault {
    let folder = folder();
    let of = move |name: &str| folder.path().join(name);
    move || SqliteVault::open(&of("vault.db"), &of("vault.key"), &mut seeded(0)).unwrap()
}

fn history() -> impl Fn() -> SqliteHistory {
    let folder = folder();
    move || SqliteHistory::open(&folder.path().join("history.db"), HistoryConfig::default()).unwrap()
}

mod history_suite {
    crate::suite::history::history_suite!(crate::history);
}

mod inbox_suite {
    crate::suite::inbox::inbox_suite!(crate::inbox);
}

mod journal_suite {
    crate::suite::journal::journal_suite!(crate::journal);
}

mod snapshots_suite {
    crate::suite::snapshots::snapshots_suite!(crate::snapshots);
}

mod vault_suite {
    crate::suite::vault::vault_suite!(crate::vault);
}
