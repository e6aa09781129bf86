//! Restarts of every kind: in order, in a crash before a snapshot, in a crash after one.

use super::home::*;
use desk::Step;
use domain::signal::ReportSignal;
use domain::{Scope, Signal, SignalBody};
use jiff::Timestamp;
use node::{Node, Ticks, series_of};
use std::time::Duration;
use store::history::Span;

/// A signal, a tick, a silent tick (finding), a signal, a tick (closed).
fn disruption(home: &Home, node: &Node) {
    send(node, vec![heartbeat("d-1", home.clock.now_at()), heartbeat("d-2", home.clock.now_at())]);
    home.tick(node);
    home.tick(node);
    send(node, vec![heartbeat("d-1", home.clock.now_at())]);
    home.tick(node);
}

trait NowAt {
    fn now_at(&self) -> Timestamp;
}

impl NowAt for node::DrivenClock {
    fn now_at(&self) -> Timestamp {
        node::Clock::now(self)
    }
}

#[test]
fn what_comes_in_is_judged_recorded_and_shown() {
    let mut home = Home::new();
    let node = home.start();
    register(&node, 3);
    let mut feed = node.desk().feed().subscribe(Scope::All, None);
    disruption(&home, &node);
    assert_eq!((how_many(&node, "finding.opened"), how_many(&node, "finding.closed")), (1, 1));
    assert_eq!((how_many(&node, "incident.opened"), how_many(&node, "engine.started")), (1, 1));
    let steps: Vec<_> = std::iter::from_fn(|| feed.try_next()).collect();
    assert!(steps.iter().any(|step| matches!(step, Step::Recorded(item) if item.kind == "incident.opened")));
    assert!(matches!(steps.last(), Some(Step::Pulse(pulse)) if pulse.flow[&north()].signals == 1));
    let series = series_of(&north(), &engine::SeriesKey::All, &domain::Metric::new("sales").unwrap()).unwrap();
    let span = Span { from: Timestamp::MIN, to: Timestamp::MAX, as_of: None };
    node.shutdown();
    let node = home.start();
    assert_eq!(node.history().samples(&Scope::All, &series, span, 100).unwrap().len(), 3);
    let health = node.health();
    assert!(health.ready && health.troubles.is_empty(), "{health:?}");
}

#[test]
fn a_crash_before_any_snapshot_repeats_nothing_and_loses_nothing() {
    let mut home = Home::new();
    let node = home.start();
    register(&node, 3);
    disruption(&home, &node);
    // Accepted but never judged.
    send(&node, vec![heartbeat("d-9", home.clock.now_at())]);
    let before = kinds(&node);
    drop(node);
    let node = home.start();
    for _ in 0..8 {
        send(&node, vec![heartbeat("d-1", home.clock.now_at())]);
        home.tick(&node);
    }
    let after = kinds(&node);
    assert_eq!(after[..before.len()], before[..]);
    assert_eq!(after[before.len()..], ["engine.started"]);
    let health = node.health();
    assert_eq!((health.engine.signals, health.engine.series), (2 + 1 + 1 + 5, 3), "as of tick 8: {health:?}");
    assert!(health.troubles.is_empty(), "{:?}", health.troubles);
}

#[test]
fn a_crash_between_journal_and_snapshot_counts_each_signal_once() {
    let mut home = Home::new();
    let mut config = home.config();
    config.snapshot_every_ticks = 2;
    let node = Node::start(config).unwrap();
    assert!(node.wait_caught_up(LONG));
    register(&node, 3);
    send(&node, vec![heartbeat("d-1", home.clock.now_at())]);
    home.tick(&node);
    let second = home.tick(&node);
    assert!(node.wait_covered(second, LONG));
    send(&node, vec![heartbeat("d-1", home.clock.now_at())]);
    home.tick(&node);
    assert_eq!((how_many(&node, "finding.opened"), how_many(&node, "finding.closed")), (1, 1));
    drop(node);
    let node = home.start();
    for _ in 0..5 {
        send(&node, vec![heartbeat("d-1", home.clock.now_at())]);
        home.tick(&node);
    }
    assert_eq!((how_many(&node, "finding.opened"), how_many(&node, "finding.closed")), (1, 1));
    let health = node.health();
    assert_eq!((health.engine.ticks, health.engine.signals, health.engine.series), (8, 7, 3));
    assert!(health.troubles.is_empty(), "{:?}", health.troubles);
}

#[test]
fn an_orderly_end_leaves_nothing_to_read_again() {
    let mut home = Home::new();
    let node = home.start();
    register(&node, 3);
    disruption(&home, &node);
    let head = node.health().inbox_head;
    node.shutdown();
    let node = home.start();
    assert_eq!((node.health().covered, node.health().engine_at), (head, head));
    assert_eq!(kinds(&node).iter().filter(|kind| kind.starts_with("finding.")).count(), 2);
}

#[test]
fn an_orderly_end_covers_what_came_in_after_the_last_tick_only_once_it_is_ticked() {
    let mut home = Home::new();
    let node = home.start();
    register(&node, 3);
    home.tick(&node);
    let last = send(&node, vec![heartbeat("d-1", home.clock.now_at())]);
    node.shutdown();
    let node = home.start();
    let covered = store::Position(node.health().covered);
    assert!(covered > last.position, "{covered} covers {}", last.position);
    let entries = store::Inbox::read_from(&*node.stores().inbox, covered, 1).unwrap();
    assert!(matches!(entries.first(), Some((_, store::Entry::Tick(_)))), "{entries:?}");
    node.shutdown();
    let node = home.start();
    assert_eq!(node.health().inbox_head, covered.0, "an end without anything new writes nothing");
}

#[test]
fn the_clock_set_back_does_not_turn_the_engine_s_time_back() {
    let mut home = Home::new();
    let node = home.start();
    let first = home.tick(&node);
    home.clock.advance(jiff::SignedDuration::from_hours(-1));
    let second = home.tick(&node);
    assert!(second > first);
    let inbox = &node.stores().inbox;
    let entries = store::Inbox::read_from(&**inbox, first, 1 << 20).unwrap();
    let at: Vec<_> = entries.iter().map(|(_, entry)| entry.at()).collect();
    assert!(at.is_sorted(), "{at:?}");
}

#[test]
fn a_report_among_the_signals_is_taken_down_once_over_a_crash() {
    let mut home = Home::new();
    let node = home.start();
    register(&node, 3);
    let body =
        SignalBody::Report(ReportSignal { channel: "phone".into(), text: "allt är dött".into(), symptom: None });
    let at = home.clock.now_at();
    let report = Signal { at, received_at: None, site: Some(site("0001")), device: None, envelope: None, body };
    send(&node, vec![report.clone(), heartbeat("d-1", at), report]);
    home.tick(&node);
    home.tick(&node);
    assert_eq!((how_many(&node, "report.received"), how_many(&node, "incident.report_attached")), (2, 2));
    drop(node);
    let node = home.start();
    home.tick(&node);
    assert_eq!((how_many(&node, "report.received"), how_many(&node, "incident.report_attached")), (2, 2));
}

#[test]
fn the_ticker_beats_by_itself_and_snapshots_follow() {
    let mut home = Home::new();
    let mut config = home.config();
    config.ticks = Ticks::Every(Duration::from_millis(1));
    config.snapshot_every_ticks = 3;
    let node = Node::start(config).unwrap();
    assert!(node.wait_covered(store::Position(3), LONG));
    node.shutdown();
}
