//! The SQLite backends against the suites every backend must pass, and against what only files can suffer.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../suite/mod.rs"]
mod suite;

mod files;

use store::sqlite::{InboxConfig, JournalConfig, SqliteInbox, SqliteJournal};
use suite::at;
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

mod inbox_suite {
    crate::suite::inbox::inbox_suite!(crate::inbox);
}

mod journal_suite {
    crate::suite::journal::journal_suite!(crate::journal);
}
