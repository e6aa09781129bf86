//! What every keeper of snapshots promises.

use super::Home;
use store::snapshots::{SkippedBecause, Snapshot};
use store::{Position, Seq, Snapshots, SnapshotsError};

pub fn snapshot(name: &str, n: u64) -> Snapshot {
    let body = format!("state {n} ").repeat(500).into_bytes();
    Snapshot { name: name.into(), version: 1, inbox_position: Position(n), journal_seq: Seq(n / 2), body }
}

pub fn the_newest_is_read_back_exactly<S: Snapshots>(home: &impl Home<S>) {
    let snapshots = home.open();
    assert_eq!(snapshots.latest("shard_0", &|_| true).unwrap().snapshot, None);
    for n in [5, 10, 9_999_999_999] {
        snapshots.write(&snapshot("shard_0", n)).unwrap();
    }
    snapshots.write(&snapshot("shard_00", 1)).unwrap();
    drop(snapshots);
    let latest = home.open().latest("shard_0", &|_| true).unwrap();
    assert_eq!(latest.snapshot, Some(snapshot("shard_0", 9_999_999_999)));
    assert_eq!(latest.skipped, []);
}

pub fn a_version_that_is_not_accepted_is_passed_over_and_said_so<S: Snapshots>(home: &impl Home<S>) {
    let snapshots = home.open();
    snapshots.write(&snapshot("fleet", 1)).unwrap();
    snapshots.write(&Snapshot { version: 2, ..snapshot("fleet", 2) }).unwrap();
    let latest = snapshots.latest("fleet", &|version| version == 1).unwrap();
    assert_eq!(latest.snapshot, Some(snapshot("fleet", 1)));
    assert_eq!(latest.skipped[0].why, SkippedBecause::Version(2));
    assert_eq!(snapshots.latest("fleet", &|_| true).unwrap().snapshot.unwrap().version, 2);
}

pub fn the_same_place_may_be_written_again<S: Snapshots>(home: &impl Home<S>) {
    let snapshots = home.open();
    snapshots.write(&snapshot("desk", 1)).unwrap();
    let again = Snapshot { body: Vec::new(), ..snapshot("desk", 1) };
    snapshots.write(&again).unwrap();
    assert_eq!(snapshots.latest("desk", &|_| true).unwrap().snapshot, Some(again));
}

pub fn a_name_that_could_leave_the_folder_is_refused<S: Snapshots>(home: &impl Home<S>) {
    let snapshots = home.open();
    for name in ["", "../x", "a-b", "Ä", "a/b"] {
        assert!(matches!(snapshots.write(&snapshot(name, 1)), Err(SnapshotsError::Name(_))), "{name}");
        assert!(matches!(snapshots.latest(name, &|_| true), Err(SnapshotsError::Name(_))), "{name}");
    }
}

/// All promises of a keeper of snapshots as tests of one backend.
macro_rules! snapshots_suite {
    ($make:path) => {
        crate::suite::suite_of!(
            snapshots,
            $make,
            [
                the_newest_is_read_back_exactly,
                a_version_that_is_not_accepted_is_passed_over_and_said_so,
                the_same_place_may_be_written_again,
                a_name_that_could_leave_the_folder_is_refused,
            ]
        );
    };
}
pub(crate) use snapshots_suite;
