//! A journal and the snapshot of it that fold version N wrote: today's fold of the one must be the other, for as long as the version
//! is N. If this fails because the fold changed, `FOLD_VERSION` must go up, and golden files of the new version be written.

use super::home::*;
use desk::{Desk, DeskParts, FOLD_VERSION, TakenUp};
use domain::Scope;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::sqlite::SqliteAccounts;
use store::{DataDir, DataDirConfig, FileSnapshots, Snapshots};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/fold-{FOLD_VERSION}"))
}

#[test]
#[ignore = "writes the golden files; they are written once per version and never again"]
fn write_the_golden_files() {
    let path = golden();
    assert!(!path.exists(), "the golden files of a version are never written again");
    std::fs::create_dir_all(&path).unwrap();
    let home = super::projections::eventful();
    let snapshots = FileSnapshots::open(&path, 1).unwrap();
    snapshots.write(&home.desk.snapshot().unwrap().unwrap()).unwrap();
    let Home { folder, stores, desk } = home;
    drop((desk, stores));
    std::fs::copy(folder.path().join("journal.db"), path.join("journal.db")).unwrap();
}

#[test]
fn the_golden_journal_still_folds_into_the_golden_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(golden()).unwrap() {
        let path = entry.unwrap().path();
        let is_snapshot = path.extension().is_some_and(|extension| extension == "snap");
        let to = if is_snapshot { folder.path().join("snapshots") } else { folder.path().to_owned() };
        std::fs::create_dir_all(&to).unwrap();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
    let stores = DataDir::open(folder.path(), DataDirConfig::default(), now(), &mut Counting(1)).unwrap();
    let parts = || DeskParts {
        journal: stores.journal.clone(),
        vault: stores.vault.clone(),
        accounts: Arc::new(SqliteAccounts::open(&folder.path().join("accounts.db"), &mut Counting(1)).unwrap()),
        entropy: Box::new(Counting(1)),
        feed_bound: 10,
    };
    let folded = Desk::open(parts()).unwrap();
    let TakenUp { desk, from, passed_over } = Desk::take_up(parts(), &*stores.snapshots).unwrap();
    assert_eq!((from, passed_over), (folded.seq(), vec![]));
    assert!(
        desk.read(&Scope::All, |a| folded.read(&Scope::All, |b| a == b)),
        "the fold changed: FOLD_VERSION must go up"
    );
    assert_eq!(desk.snapshot().unwrap(), folded.snapshot().unwrap());
}
