//! The data directory, its backup under load, and what a restore refuses.

use crate::folder;
use crate::suite::at;
use crate::suite::history::{sample, series};
use crate::suite::inbox::{all, batch, tick};
use crate::suite::journal::event;
use crate::suite::snapshots::snapshot;
use crate::suite::vault::{seeded, subject};
use domain::{Scope, UserId};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use store::backup::{BackupError, Manifest, backup, restore};
use store::history::{Additions, Span};
use store::sqlite::AccountsError;
use store::vault::Found;
use store::{
    Cause, DataDir, DataDirConfig, DataDirError, Entry, Event, Hash, History, Inbox, Journal, NewEvent, Position, Seq,
    Snapshots, Vault,
};

fn open(path: &Path) -> Result<DataDir, DataDirError> {
    DataDir::open(path, DataDirConfig::default(), at("2026-02-10T08:00:00Z"), &mut seeded(5))
}

fn made_at() -> jiff::Timestamp {
    at("2026-02-10T12:00:00Z")
}

fn events(data: &DataDir) -> Vec<Event> {
    data.journal.read(Seq(1), usize::MAX, &Scope::All).unwrap()
}

#[test]
fn a_second_process_is_told_who_has_the_directory() {
    let home = folder();
    let first = open(home.path()).unwrap();
    let Err(error) = open(home.path()) else { panic!("it opened twice") };
    assert!(matches!(error, DataDirError::InUse { process: Some(id), .. } if id == std::process::id()), "{error}");
    drop(first);
    open(home.path()).unwrap();
}

#[test]
fn a_lost_inbox_begins_after_every_position_that_was_ever_named() {
    let home = folder();
    let data = open(home.path()).unwrap();
    for n in 0..3 {
        work(&data, n);
    }
    data.snapshots.write(&snapshot("fleet", 4)).unwrap();
    drop(data);
    std::fs::remove_dir_all(home.path().join("inbox")).unwrap();
    let data = open(home.path()).unwrap();
    assert_eq!(data.inbox.append(batch(0)).unwrap(), Position(7), "the last cause named position 6");
    data.snapshots.write(&snapshot("fleet", 40)).unwrap();
    drop(data);
    std::fs::remove_dir_all(home.path().join("inbox")).unwrap();
    assert_eq!(open(home.path()).unwrap().inbox.append(batch(0)).unwrap(), Position(41));
}

#[test]
fn a_restored_backup_has_everything_and_goes_on_from_there() {
    let home = folder();
    let data = open(&home.path().join("data")).unwrap();
    data.inbox.append_many((0..20).map(batch).collect()).unwrap();
    data.journal.append((0..20).map(|note| event("incident/i-1", note)).collect()).unwrap();
    let name = data.vault.put(&subject("user/u-1"), "name", b"Kim", &mut seeded(6)).unwrap();
    let sales = series("north", "site/1/sales");
    let samples = vec![(sales.clone(), sample(1))];
    data.history.append(Additions { samples, ..Additions::default() }).unwrap();
    for n in [3, 15] {
        data.snapshots.write(&snapshot("fleet", n)).unwrap();
    }
    let (user, link) = (UserId::new("u-1").unwrap(), Hash::of(b"link"));
    data.accounts.invite(&user, "kim@example.se", &link, made_at()).unwrap();
    let (source, target) = (home.path().join("backup"), home.path().join("restored/"));
    let manifest = backup(&home.path().join("data"), &source, made_at()).unwrap();
    assert_eq!((manifest.journal, manifest.inbox_head), (data.journal.head().unwrap(), Position(20)));
    assert_eq!(Manifest::read(&source).unwrap(), manifest);
    // What comes later is not part of it.
    data.inbox.append(batch(21)).unwrap();
    data.journal.append(vec![event("incident/i-1", 21)]).unwrap();

    let restored = restore(&source, &target, true).unwrap();
    assert_eq!((restored.inbox_entries, restored.snapshots), (20, 1));
    let copy = open(&target).unwrap();
    let again = copy.accounts.invite(&UserId::new("u-2").unwrap(), "kim@example.se", &link, made_at());
    assert!(matches!(again, Err(AccountsError::AddressTaken)), "the login was restored with the key of its address");
    assert_eq!(all(&*copy.inbox), all(&*data.inbox)[..20]);
    assert_eq!(events(&copy), events(&data)[..20]);
    assert_eq!(copy.vault.get(&name).unwrap(), Found::Plain(b"Kim".to_vec()));
    let span = Span { from: jiff::Timestamp::MIN, to: jiff::Timestamp::MAX, as_of: None };
    assert_eq!(copy.history.samples(&Scope::All, &sales, span, 9).unwrap(), [sample(1)]);
    assert_eq!(copy.snapshots.latest("fleet", &|_| true).unwrap().snapshot, Some(snapshot("fleet", 15)));
    assert_eq!(copy.inbox.append(batch(21)).unwrap(), Position(21));
    assert_eq!(copy.journal.append(vec![event("incident/i-1", 21)]).unwrap()[0].recorded().seq, Seq(21));
    assert_eq!(copy.journal.head().unwrap(), data.journal.head().unwrap(), "the same events make the same chain");
}

/// Appends as an engine does: a batch, a tick that names the newest event, and an event caused by that tick.
fn work(data: &DataDir, n: u64) {
    data.inbox.append(batch(n)).unwrap();
    let Entry::Tick(mut beat) = tick(n) else { unreachable!() };
    beat.journal_seq = data.journal.head().unwrap().seq.0;
    let position = data.inbox.append(Entry::Tick(beat)).unwrap();
    let cause = Cause { source: "fleet".into(), position, ordinal: 0 };
    data.journal.append(vec![NewEvent { cause: Some(cause), ..event("finding/f-1", n) }]).unwrap();
}

#[test]
fn a_backup_under_load_shows_one_moment() {
    let home = folder();
    let data = open(&home.path().join("data")).unwrap();
    work(&data, 0);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 1;
            while !stop.load(Ordering::SeqCst) {
                work(&data, n);
                n += 1;
            }
        });
        for round in 0..5 {
            let source = home.path().join(format!("backup-{round}"));
            let manifest = backup(&home.path().join("data"), &source, made_at());
            stop.store(round == 4 || manifest.is_err(), Ordering::SeqCst);
            let manifest = manifest.unwrap();
            let target = home.path().join(format!("restored-{round}"));
            restore(&source, &target, true).unwrap();
            let copy = open(&target).unwrap();
            for event in events(&copy) {
                let cause = event.cause.unwrap();
                assert!(cause.position <= manifest.inbox_head, "an event's cause is missing from the inbox");
            }
            for (_, entry) in all(&*copy.inbox) {
                if let Entry::Tick(beat) = entry {
                    assert!(beat.journal_seq <= manifest.journal.seq.0, "a tick names an event that is missing");
                }
            }
        }
    });
}

#[test]
fn a_backup_that_was_touched_is_refused_and_leaves_nothing() {
    let home = folder();
    let data = open(&home.path().join("data")).unwrap();
    work(&data, 0);
    drop(data);
    let source = home.path().join("backup");
    let manifest = backup(&home.path().join("data"), &source, made_at()).unwrap();
    for file in &manifest.files {
        let path = source.join(&file.path);
        let right = std::fs::read(&path).unwrap();
        let mut changed = right.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        for (spoilt, what) in [(changed, "its hash is another"), (right[1..].to_vec(), "it has another size")] {
            std::fs::write(&path, spoilt).unwrap();
            let target = home.path().join("restored");
            let error = restore(&source, &target, false).unwrap_err();
            assert!(matches!(&error, BackupError::Changed { what: found, .. } if *found == what), "{error}");
            assert_eq!(std::fs::read_dir(&target).unwrap().count(), 0);
            assert!(!home.path().join("restored.restoring").exists());
        }
        std::fs::write(&path, right).unwrap();
    }
    restore(&source, &home.path().join("restored"), true).unwrap();
}

#[test]
fn a_manifest_that_claims_another_head_is_refused() {
    let home = folder();
    let data = open(&home.path().join("data")).unwrap();
    work(&data, 0);
    drop(data);
    let source = home.path().join("backup");
    backup(&home.path().join("data"), &source, made_at()).unwrap();
    let path = source.join("manifest.json");
    let right: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let claim = |change: fn(&mut serde_json::Value)| {
        let mut claimed = right.clone();
        change(&mut claimed);
        std::fs::write(&path, claimed.to_string()).unwrap();
        restore(&source, &home.path().join("restored"), false).unwrap_err()
    };
    assert!(matches!(claim(|m| m["journal"]["hash"] = "0".repeat(64).into()), BackupError::Head { .. }));
    assert!(matches!(claim(|m| m["inbox_head"] = 7.into()), BackupError::InboxHead { .. }));
    assert!(matches!(claim(|m| m["format"] = 2.into()), BackupError::Manifest { .. }));
    assert!(matches!(claim(|m| m["files"][0]["path"] = "../x".into()), BackupError::Manifest { .. }));
}

#[test]
fn neither_a_backup_nor_a_restore_overwrites_anything() {
    let home = folder();
    drop(open(&home.path().join("data")).unwrap());
    let full = home.path().join("full");
    std::fs::create_dir(&full).unwrap();
    std::fs::write(full.join("mine"), b"mine").unwrap();
    assert!(matches!(backup(&home.path().join("data"), &full, made_at()), Err(BackupError::NotEmpty(_))));
    let nothing = backup(&home.path().join("nowhere"), &home.path().join("a"), made_at());
    assert!(matches!(nothing, Err(BackupError::NothingThere { .. })));
    assert!(matches!(restore(&full, &home.path().join("b"), true), Err(BackupError::NothingThere { .. })));
    backup(&home.path().join("data"), &home.path().join("backup"), made_at()).unwrap();
    assert!(matches!(restore(&home.path().join("backup"), &full, true), Err(BackupError::NotEmpty(_))));
    assert_eq!(std::fs::read(full.join("mine")).unwrap(), b"mine");
}
