//! A full inbox: signals are refused with a time to come back, people go on working, and it ends by itself.

use crate::house::{session, within};
use crate::http::{agent, get, post};
use desk::Caller;
use node::{Clock, Node};
use samband::config::Config;
use std::sync::Arc;
use std::time::Duration;

#[test]
#[ignore = "that it takes signals again within a minute is not shown yet"]
fn a_full_inbox_refuses_signals_and_nothing_else_and_recovers_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
    config.retention.inbox_max_bytes = 4 << 20;
    config.retention.inbox_keep_bytes = 1 << 20;
    config.engine.tick_ms = 50;
    // Seldom enough that the inbox is full before a snapshot covers what is in it.
    let mut settings = samband::serve::node_config(&config);
    settings.snapshot_every_ticks = 60;
    let node = Arc::new(Node::start(settings).unwrap());
    let (desk, now) = (node.desk(), node.clock().now());
    let record = domain::CustomerRecord {
        key: config.customer.key.clone(),
        name: "Main".into(),
        currency: domain::money::SEK,
        timezone: "Europe/Stockholm".into(),
    };
    desk.register_customer(&Caller::part("test"), &record, now).unwrap();
    let token = desk.create_token(&Caller::part("test"), &config.customer.key, "test", now).unwrap().secret;
    let session = session(desk, now);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let app = web::app(samband::serve::state(&node, base.clone(), "Europe/Stockholm", None));
    let served = Arc::clone(&node);
    runtime.spawn(
        async move { samband::serve::serve_until(listener, app, std::future::pending(), &served).await.unwrap() },
    );
    let agent = agent();
    let bearer = format!("Bearer {token}");
    let mut sent = 0_u64;
    let mut send = || {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/x-ndjson")];
        let at = node.clock().now();
        // Hard to compress, so that it fills the disk.
        let line = |n: u64| {
            let noise = blake(sent * 10_000 + n);
            format!("{{\"kind\":\"log\",\"at\":\"{at}\",\"device\":\"till-1\",\"text\":\"{noise}\"}}\n")
        };
        let body: String = (0..4_000).map(line).collect();
        sent += 1;
        post(&agent, &format!("{base}/api/v1/signals"), &headers, body.as_bytes()).unwrap()
    };
    let mut refused = None;
    within(Duration::from_secs(60), "the inbox fills", || {
        let answer = send();
        let is_full = answer.status == 503;
        refused = is_full.then_some(answer);
        is_full
    });
    let refused = refused.unwrap();
    assert!(refused.retry_after.is_some_and(|after| after.parse::<u32>().is_ok_and(|s| s > 0)), "{}", refused.body);
    assert_eq!(get(&agent, &format!("{base}/"), &session).unwrap().status, 200, "pages are readable");
    desk.create_token(&Caller::part("test"), &config.customer.key, "while full", now).unwrap();
    within(Duration::from_secs(60), "it takes signals again", || {
        std::thread::sleep(Duration::from_millis(200));
        send().status == 200
    });
}

/// 48 letters that no two numbers share.
fn blake(n: u64) -> String {
    let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'a' + (state % 26) as u8)
    };
    (0..48).map(|_| letter()).collect()
}
