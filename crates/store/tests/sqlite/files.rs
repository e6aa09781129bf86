//! What only files can suffer: full disks, missing and damaged files, other people's and newer versions' files.

use crate::folder;
use crate::suite::at;
use crate::suite::inbox::{all, batch, tick};
use crate::suite::journal::event;
use jiff::SignedDuration;
use rusqlite::Connection;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::inbox::{Batch, FullBecause};
use store::journal::{Break, VerifyError};
use store::sqlite::{FileError, InboxConfig, JournalConfig, SqliteInbox, SqliteJournal};
use store::{Entry, FreeSpace, Inbox, InboxError, Journal, JournalError, Position, Seq};

pub(crate) fn open(folder: &Path, config: InboxConfig) -> Result<SqliteInbox, InboxError> {
    SqliteInbox::open(folder, config, at("2026-02-10T08:00:00Z"))
}

/// A batch of `day` that does not compress.
pub(crate) fn noise(day: i64, n: u64) -> Entry {
    let Entry::Batch(batch) = batch(n) else { unreachable!() };
    let mut body = vec![0; 20_000];
    blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut body);
    Entry::Batch(Batch { body, received_at: batch.received_at + SignedDuration::from_hours(24 * day), ..batch })
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".db"))
        .collect();
    names.sort();
    names
}

#[test]
fn positions_run_on_across_days_and_files_that_grew_too_large() {
    let home = folder();
    let config = InboxConfig { file_bytes: 100_000, ..InboxConfig::default() };
    let inbox = open(home.path(), config.clone()).unwrap();
    let entries: Vec<_> =
        [0, 0, 0, 0, 0, 0, 0, 1, 1, 3, 2].into_iter().zip(0..).map(|(day, n)| noise(day, n)).collect();
    for entry in &entries {
        inbox.append(entry.clone()).unwrap();
    }
    let wanted: Vec<_> = (1..).map(Position).zip(entries).collect();
    assert_eq!(all(&inbox), wanted);
    drop(inbox);
    let names = names(home.path());
    assert_eq!(names[..1], ["2026-02-10-1.db"]);
    assert!(names.ends_with(&["2026-02-10.db", "2026-02-11.db", "2026-02-13.db"].map(str::to_owned)), "{names:?}");
    assert_eq!(all(&open(home.path(), config).unwrap()), wanted);
}

#[test]
fn covered_files_go_by_age_and_by_bytes_and_stay_gone() {
    let home = folder();
    let config = InboxConfig { keep_age: SignedDuration::from_hours(48), ..InboxConfig::default() };
    let inbox = open(home.path(), config.clone()).unwrap();
    for day in 0..6 {
        inbox.append_many(vec![noise(day, 0), noise(day, 1)]).unwrap();
    }
    let now = at("2026-02-15T09:00:00Z");
    assert_eq!(inbox.retire(Position(4), now).unwrap().files, 1, "position 4 is in the second file");
    assert!(matches!(inbox.read_from(Position(2), 1), Err(InboxError::Retired { oldest: Position(3), .. })));
    assert_eq!(inbox.retire(Position(13), now).unwrap().files, 2, "the 13th is younger than 48 hours");
    drop(inbox);
    let config = InboxConfig { keep_bytes: 1, ..config };
    let inbox = open(home.path(), config).unwrap();
    assert_eq!(inbox.usage().unwrap().oldest, Position(7));
    assert_eq!(inbox.retire(Position(13), now).unwrap().files, 2, "the newest file is never retired");
    assert_eq!(names(home.path()), ["2026-02-15.db"]);
    assert_eq!(all(&inbox).len(), 2);
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name.to_str().unwrap().starts_with("2026-02-15.db")), "{left:?}");
}

struct Disk(AtomicU64);

impl FreeSpace for Disk {
    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(self.0.load(Ordering::SeqCst))
    }
}

#[test]
fn a_disk_near_its_end_refuses_batches_first_then_ticks_and_recovers_by_itself() {
    let home = folder();
    let disk = Arc::new(Disk(AtomicU64::new(1000)));
    let config =
        InboxConfig { reserve_bytes: 500, space: Arc::clone(&disk) as Arc<dyn FreeSpace>, ..InboxConfig::default() };
    let inbox = open(home.path(), config).unwrap();
    inbox.append(batch(0)).unwrap();
    disk.0.store(400, Ordering::SeqCst);
    let refused = inbox.append(batch(1)).unwrap_err();
    assert!(matches!(refused, InboxError::Full(FullBecause::Reserve { free_bytes: 400, reserve_bytes: 500 })));
    assert!(inbox.usage().unwrap().full.is_some());
    assert_eq!(inbox.append(tick(1)).unwrap(), Position(2), "the engine goes on");
    disk.0.store(200, Ordering::SeqCst);
    assert!(matches!(inbox.append(tick(2)), Err(InboxError::Full(_))));
    assert_eq!(all(&inbox).len(), 2, "what is there can still be read");
    disk.0.store(1000, Ordering::SeqCst);
    assert_eq!(inbox.append(batch(1)).unwrap(), Position(3));
}

#[test]
fn an_inbox_at_its_bytes_takes_no_more_until_something_is_retired() {
    let home = folder();
    let config = InboxConfig { max_bytes: 300_000, keep_bytes: 1, ..InboxConfig::default() };
    let inbox = open(home.path(), config).unwrap();
    let mut taken = 0;
    let refused = loop {
        match inbox.append(noise(0, taken)) {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, InboxError::Full(FullBecause::Bytes { .. })) && taken > 3, "{taken} {refused}");
    let next_day = at("2026-02-11T00:00:00Z");
    inbox.append(Entry::Tick(store::inbox::Tick { n: 1, now: next_day, journal_seq: 0 })).unwrap();
    let head = inbox.head().unwrap();
    assert!(inbox.retire(head, next_day).unwrap().files > 0);
    assert_eq!(inbox.append(noise(1, 0)).unwrap(), head.next());
}

#[test]
fn a_full_inbox_says_so_though_something_smaller_than_what_it_refused_would_fit() {
    let home = folder();
    let inbox = open(home.path(), InboxConfig { max_bytes: 300_000, ..InboxConfig::default() }).unwrap();
    let refused = (0..).find_map(|n| inbox.append(noise(0, n)).err()).unwrap();
    let InboxError::Full(FullBecause::Bytes { .. }) = refused else { panic!("{refused}") };
    let usage = inbox.usage().unwrap();
    assert!(usage.used_bytes <= usage.max_bytes && usage.full.is_some(), "{usage:?}");
}

#[test]
fn ticks_go_on_in_a_full_inbox_for_long_and_what_they_cover_makes_room_the_same_day() {
    let home = folder();
    let config = InboxConfig { max_bytes: 4 << 20, keep_bytes: 1 << 20, ..InboxConfig::default() };
    let inbox = open(home.path(), config).unwrap();
    let mut taken = 0;
    while inbox.append(noise(0, taken)).is_ok() {
        taken += 1;
    }
    for n in 0..2_000 {
        inbox.append(tick(n)).unwrap_or_else(|error| panic!("tick {n}: {error}"));
    }
    let usage = inbox.usage().unwrap();
    assert!(usage.full.is_some() && usage.oldest < usage.active_from, "{usage:?}");
    inbox.retire(inbox.head().unwrap(), at("2026-02-10T10:00:00Z")).unwrap();
    assert_eq!(inbox.usage().unwrap().full, None);
    inbox.append(noise(0, taken)).unwrap();
}

#[test]
fn an_inbox_without_room_gives_back_what_its_log_takes_twice() {
    let home = folder();
    let disk = Arc::new(Disk(AtomicU64::new(1_000)));
    let config =
        InboxConfig { reserve_bytes: 500, space: Arc::clone(&disk) as Arc<dyn FreeSpace>, ..InboxConfig::default() };
    let inbox = open(home.path(), config).unwrap();
    inbox.append_many((0..50).map(|n| noise(0, n)).collect()).unwrap();
    let log = || std::fs::metadata(home.path().join("2026-02-10.db-wal")).unwrap().len();
    assert!(log() > 500_000);
    disk.0.store(100, Ordering::SeqCst);
    // The second is looked at after the upkeep that follows the first.
    assert!(inbox.append(noise(0, 50)).is_err() && inbox.append(noise(0, 50)).is_err());
    assert_eq!(log(), 0);
    disk.0.store(1_000, Ordering::SeqCst);
    assert_eq!(inbox.append(noise(0, 50)).unwrap(), Position(51));
    assert_eq!(all(&inbox).len(), 51);
}

#[test]
fn what_is_kept_to_look_back_at_goes_when_the_disk_has_no_room_for_what_comes_in() {
    let home = folder();
    let disk = Arc::new(Disk(AtomicU64::new(1_000)));
    let config =
        InboxConfig { reserve_bytes: 500, space: Arc::clone(&disk) as Arc<dyn FreeSpace>, ..InboxConfig::default() };
    let inbox = open(home.path(), config).unwrap();
    for day in 0..3 {
        inbox.append(noise(day, 0)).unwrap();
    }
    let now = at("2026-02-12T10:00:00Z");
    assert_eq!(inbox.retire(Position(3), now).unwrap().files, 0, "there is room to keep it");
    disk.0.store(400, Ordering::SeqCst);
    assert_eq!(inbox.retire(Position(3), now).unwrap().files, 2);
    assert_eq!(inbox.usage().unwrap().oldest, Position(3), "what no snapshot covers stays");
}

#[test]
fn a_disk_that_refuses_a_write_refuses_the_entry_and_nothing_is_lost_or_doubled() {
    let home = folder();
    let inbox = open(home.path(), InboxConfig::default()).unwrap();
    inbox.append(batch(0)).unwrap();
    let path = home.path().join("2026-02-10.db");
    let trigger = Connection::open(&path).unwrap();
    trigger.execute_batch("CREATE TRIGGER full BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'no'); END").unwrap();
    assert!(inbox.append_many(vec![batch(1), batch(2)]).is_err());
    trigger.execute_batch("DROP TRIGGER full").unwrap();
    assert_eq!(inbox.append(batch(3)).unwrap(), Position(2));
    assert_eq!(all(&inbox), [(Position(1), batch(0)), (Position(2), batch(3))]);
}

#[test]
fn a_changed_byte_is_found_when_the_entry_is_read_and_not_before() {
    let home = folder();
    let inbox = open(home.path(), InboxConfig::default()).unwrap();
    inbox.append_many((0..5).map(batch).collect()).unwrap();
    let path = home.path().join("2026-02-10.db");
    let meddler = Connection::open(&path).unwrap();
    for change in ["count = count + 1", "at_us = at_us + 1", "customer = 'x'", "body = zeroblob(30)", "token = 't-x'"] {
        meddler.execute_batch(&format!("BEGIN; UPDATE entry SET {change} WHERE position = 3; COMMIT")).unwrap();
        assert_eq!(inbox.read_from(Position(4), usize::MAX).unwrap().len(), 2);
        let error = inbox.read_from(Position(1), usize::MAX).unwrap_err();
        assert!(matches!(error, InboxError::Damaged { position: Position(3), .. }), "{change}: {error}");
    }
    meddler.execute_batch("DELETE FROM entry WHERE position = 2").unwrap();
    let error = inbox.read_from(Position(1), usize::MAX).unwrap_err();
    assert!(matches!(error, InboxError::Damaged { position: Position(2), what: "it is missing", .. }), "{error}");
}

#[test]
fn a_missing_file_is_named_with_what_was_in_it() {
    let home = folder();
    let inbox = open(home.path(), InboxConfig::default()).unwrap();
    for day in 0..3 {
        inbox.append_many(vec![noise(day, 0), noise(day, 1)]).unwrap();
    }
    drop(inbox);
    std::fs::remove_file(home.path().join("2026-02-11.db")).unwrap();
    let Err(error) = open(home.path(), InboxConfig::default()) else { panic!("it opened") };
    assert!(matches!(error, InboxError::Gap { from: Position(3), to: Position(4), .. }), "{error}");
}

#[test]
fn a_file_that_a_crash_left_half_made_is_made_anew() {
    let home = folder();
    open(home.path(), InboxConfig::default()).unwrap().append(batch(0)).unwrap();
    std::fs::write(home.path().join("2026-02-11.db"), b"").unwrap();
    std::fs::write(home.path().join("2026-02-09.db.retired"), b"rest").unwrap();
    std::fs::write(home.path().join("2026-02-09.db-wal"), b"rest").unwrap();
    let inbox = open(home.path(), InboxConfig::default()).unwrap();
    assert_eq!(inbox.append(noise(1, 1)).unwrap(), Position(2));
    assert_eq!(names(home.path()), ["2026-02-10.db", "2026-02-11.db"]);
    assert!(!home.path().join("2026-02-09.db-wal").exists());
}

#[test]
fn an_inbox_that_lost_its_files_begins_where_it_is_told() {
    let home = folder();
    let inbox = open(home.path(), InboxConfig { start_at: Position(901), ..InboxConfig::default() }).unwrap();
    assert_eq!(inbox.head().unwrap(), Position(900));
    assert_eq!(inbox.append(batch(0)).unwrap(), Position(901));
    assert_eq!(all(&inbox), [(Position(901), batch(0))]);
}

#[test]
fn a_newer_file_and_another_programs_file_are_refused_by_name() {
    let home = folder();
    let path = home.path().join("journal.db");
    drop(SqliteJournal::open(&path, JournalConfig::default()).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let Err(error) = SqliteJournal::open(&path, JournalConfig::default()) else { panic!("it opened") };
    assert!(matches!(error, JournalError::File(FileError::Newer { found: 99, supported: 1, .. })), "{error}");
    let other = home.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let Err(error) = SqliteJournal::open(&other, JournalConfig::default()) else { panic!("it opened") };
    assert!(matches!(error, JournalError::File(FileError::NotOurs { .. })), "{error}");
    let text = home.path().join("text.db");
    std::fs::write(&text, "not a database, but long enough to be looked at".repeat(100)).unwrap();
    let Err(error) = SqliteJournal::open(&text, JournalConfig::default()) else { panic!("it opened") };
    assert!(error.to_string().contains("text.db"), "{error}");
}

#[test]
fn whatever_is_changed_in_the_journal_verification_names_the_event() {
    let cases = [
        ("UPDATE journal SET body = x'7b7d' WHERE seq = 3", Seq(3), Break::Content),
        ("UPDATE journal SET at_us = at_us + 1 WHERE seq = 2", Seq(2), Break::Content),
        ("UPDATE journal SET actor = 'user:u-2' WHERE seq = 4", Seq(4), Break::Content),
        ("UPDATE journal SET scope = '' WHERE seq = 4", Seq(4), Break::Content),
        ("UPDATE journal SET hash = zeroblob(32) WHERE seq = 5", Seq(5), Break::Content),
        ("UPDATE journal SET prev_hash = zeroblob(32) WHERE seq = 5", Seq(5), Break::Link),
        ("UPDATE journal SET hash = x'00' WHERE seq = 5", Seq(5), Break::Unreadable("a hash has not 32 bytes")),
        ("DELETE FROM journal WHERE seq = 2", Seq(3), Break::Missing),
        ("DELETE FROM journal WHERE seq = 1", Seq(2), Break::Missing),
    ];
    for (change, at, what) in cases {
        let home = folder();
        let path = home.path().join("journal.db");
        let journal = SqliteJournal::open(&path, JournalConfig::default()).unwrap();
        journal.append((0..6).map(|note| event("incident/i-1", note)).collect()).unwrap();
        let meddler = Connection::open(&path).unwrap();
        assert!(meddler.execute_batch(change).is_err(), "the file itself refuses {change}");
        meddler.execute_batch("DROP TRIGGER journal_never_changes; DROP TRIGGER journal_never_shrinks").unwrap();
        meddler.execute_batch(change).unwrap();
        match journal.verify(&mut |_| {}) {
            Err(VerifyError::Broken { seq, what: found }) => assert_eq!((seq, found), (at, what), "{change}"),
            other => panic!("{change}: {other:?}"),
        }
    }
}

#[test]
fn a_journal_that_could_not_write_takes_the_next_append_without_a_restart() {
    let home = folder();
    let path = home.path().join("journal.db");
    let journal = SqliteJournal::open(&path, JournalConfig::default()).unwrap();
    journal.append(vec![event("a", 0)]).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no'); END").unwrap();
    assert!(matches!(journal.append(vec![event("a", 1)]), Err(JournalError::File(_))));
    other.execute_batch("DROP TRIGGER full").unwrap();
    assert_eq!(journal.append(vec![event("a", 2)]).unwrap()[0].recorded().seq, Seq(2));
    journal.verify(&mut |_| {}).unwrap();
}

#[test]
fn the_window_does_not_change_what_is_stored() {
    for window_ms in [0, 3] {
        let home = folder();
        let mut config = InboxConfig::default();
        config.group.window = std::time::Duration::from_millis(window_ms);
        let inbox = open(home.path(), config).unwrap();
        inbox.append_many((0..30).map(batch).collect()).unwrap();
        assert_eq!(all(&inbox).len(), 30);
    }
}
