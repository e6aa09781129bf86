//! The real engine in the loops: it is told of the fleet, counts what comes in once, and goes on after a crash.

use super::home::*;
use domain::signal::{Count, Envelope};
use domain::{Metric, Signal, SignalBody};
use node::{Engines, Handed, Node, NodeConfig};
use std::sync::Arc;

fn config(home: &mut Home) -> NodeConfig {
    let mut config = home.config();
    config.engines = Arc::new(Engines);
    config.snapshot_every_ticks = 5;
    config
}

fn start(home: &mut Home) -> Node {
    let node = Node::start(config(home)).unwrap();
    assert!(node.wait_caught_up(LONG));
    node
}

fn sale(code: &str, at: jiff::Timestamp, n: u32) -> Signal {
    let metric = Metric::new("sales").unwrap();
    let body = SignalBody::Count(Count { metric, interval_s: Some(1), count: n, value: None });
    Signal { at, received_at: None, site: Some(site(code)), device: None, envelope: None, body }
}

fn send_enveloped(node: &Node, seq: u64) {
    let now = node.clock().now();
    let envelope = Envelope { origin: "agent-1".into(), boot: "b".into(), lane: "live".into(), seq };
    let signals = vec![sale("0001", now, 3), sale("0002", now, 2), sale("9999", now, 1)];
    let handed = Handed::encode(north(), None, now, Some(envelope), signals).unwrap();
    node.ingest(handed).unwrap().wait().unwrap();
}

#[test]
fn signals_are_counted_once_over_crashes_and_repeated_sendings() {
    let mut home = Home::new();
    let node = start(&mut home);
    register(&node, 2);
    // The fleet counts from the first tick that names its event.
    home.tick(&node);
    for seq in 1..=11 {
        send_enveloped(&node, seq);
        home.tick(&node);
    }
    drop(node);
    let node = start(&mut home);
    for seq in 9..=20 {
        send_enveloped(&node, seq);
        home.tick(&node);
    }
    let health = node.health();
    assert_eq!(health.engine.ticks, 24);
    assert_eq!(health.engine.signals, 2 * 20, "{health:?}");
    assert!(health.troubles.is_empty(), "{:?}", health.troubles);
    let unregistered = node.unregistered();
    assert_eq!(unregistered.len(), 1);
    assert_eq!(unregistered[0].site, Some(site("9999")));
}
