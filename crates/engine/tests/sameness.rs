//! The same input gives the same output: for any number of shards, and over restarts.
#![allow(clippy::unwrap_used)]

mod chain;

use chain::{Present, at, chain, inject};

fn transcript(shards: usize) -> String {
    let mut present = Present::new(chain(), shards, &[inject("s9", "2026-02-10T10:31:00+01:00")]);
    present.until(at("2026-02-10T10:50:00+01:00"));
    present.transcript()
}

#[test]
fn one_two_and_eight_shards_say_the_same_to_the_byte() {
    let one = transcript(1);
    assert!(one.lines().count() > 3, "{one}");
    assert_eq!(one, transcript(2));
    assert_eq!(one, transcript(8));
}

#[test]
fn a_restart_from_a_snapshot_in_the_middle_changes_nothing_that_is_said() {
    let injected = [inject("s9", "2026-02-10T10:31:00+01:00")];
    let mut straight = Present::new(chain(), 2, &injected);
    straight.until(at("2026-02-10T10:50:00+01:00"));
    let mut restarted = Present::new(chain(), 2, &injected);
    for (moment, shards) in
        [("2026-02-10T07:30:10+01:00", 3), ("2026-02-10T10:31:40+01:00", 1), ("2026-02-10T10:33:00+01:00", 2)]
    {
        restarted.until(at(moment));
        restarted.restart(shards);
    }
    restarted.until(at("2026-02-10T10:50:00+01:00"));
    assert_eq!(straight.transcript(), restarted.transcript());
}
