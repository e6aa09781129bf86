//! What goes wrong is said, and takes nothing else with it.

use super::home::*;
use node::{Accepted, Handed, IngestRefused, Node, Trouble};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::FreeSpace;

struct Disk(AtomicU64);

impl FreeSpace for Disk {
    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(self.0.load(Ordering::Relaxed))
    }
}

fn try_send(node: &Node) -> Result<Accepted, IngestRefused> {
    let now = node.clock().now();
    let handed = Handed::encode(north(), None, now, None, vec![heartbeat("d-1", now)]).unwrap();
    node.ingest(handed)?.wait()
}

#[test]
fn a_full_disk_refuses_signals_while_commands_and_ticks_go_on_and_is_over_without_a_restart() {
    let mut home = Home::new();
    let disk = Arc::new(Disk(AtomicU64::new(u64::MAX)));
    let mut config = home.config();
    config.stores.inbox.space = disk.clone();
    let node = Node::start(config).unwrap();
    assert!(node.wait_caught_up(LONG));
    disk.0.store(900 << 20, Ordering::Relaxed);
    let refused = try_send(&node);
    assert!(
        matches!(&refused, Err(error @ IngestRefused::Full { .. }) if error.retry_after().is_some()),
        "{refused:?}"
    );
    assert!(node.health().troubles.iter().any(|trouble| matches!(trouble, Trouble::InboxFull(_))));
    assert!(!node.health().ready);
    register(&node, 2);
    home.tick(&node);
    disk.0.store(u64::MAX, Ordering::Relaxed);
    try_send(&node).unwrap();
    assert!(node.health().ready, "{:?}", node.health());
}

#[test]
fn an_engine_that_panics_is_said_and_pages_commands_and_intake_go_on() {
    let mut home = Home::new();
    let node = home.start();
    let accepted = send(&node, vec![heartbeat("poison", node.clock().now())]);
    assert!(!node.wait_settled(accepted.position, std::time::Duration::from_millis(1)));
    register(&node, 2);
    try_send(&node).unwrap();
    let stopped = |node: &Node| {
        node.health()
            .troubles
            .into_iter()
            .any(|trouble| matches!(trouble, Trouble::EngineStopped(what) if what.contains("poisoned")))
    };
    let begun = std::time::Instant::now();
    while !stopped(&node) {
        assert!(begun.elapsed() < LONG, "{:?}", node.health());
        std::thread::yield_now();
    }
    assert!(!node.health().ready);
    assert_eq!(how_many(&node, "fleet.sites_imported"), 1);
    node.shutdown();
}

#[test]
fn more_than_may_be_under_way_is_refused_with_a_time_to_come_back() {
    let mut home = Home::new();
    let mut config = home.config();
    config.intake_bytes = 100;
    let node = Node::start(config).unwrap();
    let now = node.clock().now();
    let handed = || {
        let signals = vec![heartbeat("d-1", now); 50];
        Handed::encode(north(), None, now, None, signals).unwrap()
    };
    let receipts: Vec<_> = (0..200).map(|_| node.ingest(handed())).collect();
    let refused = receipts.iter().filter(|r| matches!(r, Err(IngestRefused::Busy { .. }))).count();
    let accepted = receipts.into_iter().flatten().filter_map(|receipt| receipt.wait().ok()).count();
    assert_eq!(refused + accepted, 200);
    assert!(refused > 0 && accepted > 0, "{accepted} accepted, {refused} refused");
    assert_eq!(node.health().refused_batches, refused as u64);
    node.ingest(handed()).unwrap().wait().unwrap();
}

#[test]
fn a_node_that_goes_down_takes_nothing_more_and_another_cannot_share_its_folder() {
    let mut home = Home::new();
    let node = home.start();
    let second = Node::start(home.config());
    assert!(second.is_err_and(|error| error.to_string().contains("in use")));
    node.shutdown();
    home.start();
}

#[test]
fn projections_are_written_at_the_end_and_anew_when_those_that_lie_there_are_of_no_use() {
    let mut home = Home::new();
    let node = home.start();
    register(&node, 2);
    home.tick(&node);
    node.shutdown();
    let node = home.start();
    let kept = |node: &Node| {
        let latest = store::Snapshots::latest(&*node.stores().snapshots, desk::SNAPSHOT_NAME, &|_| true).unwrap();
        latest.snapshot.map(|snapshot| snapshot.journal_seq)
    };
    let seq = kept(&node).unwrap();
    assert!(seq.0 >= 3, "all but that this engine started: {seq}");
    drop(node);
    for file in std::fs::read_dir(home.folder.path().join("snapshots")).unwrap() {
        std::fs::write(file.unwrap().path(), b"not a snapshot").unwrap();
    }
    let node = home.start();
    assert_eq!(how_many(&node, "fleet.sites_imported"), 1);
    let begun = std::time::Instant::now();
    while kept(&node).is_none() || !node.health().troubles.is_empty() {
        assert!(begun.elapsed() < LONG, "{:?}", node.health().troubles);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(kept(&node) > Some(seq));
}

#[test]
fn a_snapshot_that_cannot_be_taken_up_is_said_and_the_inbox_is_read_instead() {
    let mut home = Home::new();
    let node = home.start();
    send(&node, vec![heartbeat("d-1", node.clock().now())]);
    home.tick(&node);
    node.shutdown();
    for file in std::fs::read_dir(home.folder.path().join("snapshots")).unwrap() {
        std::fs::write(file.unwrap().path(), b"not a snapshot").unwrap();
    }
    let node = home.start();
    for _ in 0..7 {
        home.tick(&node);
    }
    assert_eq!((node.health().engine.ticks, node.health().engine.signals), (8, 1));
}

#[test]
fn an_older_journal_put_in_the_place_of_the_newer_is_said_and_what_it_says_from_then_on_is_followed() {
    let mut home = Home::new();
    let node = home.start();
    register(&node, 1);
    home.tick(&node);
    node.shutdown();
    let older = std::fs::read(home.journal()).unwrap();
    let node = home.start();
    register(&node, 3);
    send(&node, vec![heartbeat("d-1", node.clock().now())]);
    home.tick(&node);
    node.shutdown();
    std::fs::write(home.journal(), older).unwrap();
    let node = home.start();
    let cut = |node: &Node| {
        let troubles = node.health().troubles;
        troubles
            .iter()
            .any(|trouble| matches!(trouble, Trouble::Unusable(what) if what.contains("journal that ends at")))
    };
    assert!(cut(&node), "{:?}", node.health());
    let sites = |node: &Node| node.health().engine.series;
    let before = sites(&node);
    register(&node, 2);
    for _ in 0..8 {
        home.tick(&node);
    }
    assert!(sites(&node) > before, "what is registered anew reaches the engine: {:?}", node.health());
}
