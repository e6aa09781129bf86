//! `kill -9` under load: what was acknowledged is there, and counts once; so are commands.

use crate::house::session;
use crate::http::{agent, post};
use crate::process::Process;
use desk::{Caller, Desk, DeskParts};
use domain::{CustomerKey, CustomerRecord, Scope};
use jiff::Timestamp;
use samband::wall::SystemEntropy;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::inbox::Entry;
use store::{DataDir, DataDirConfig, Inbox, Position};

const ROUNDS: u64 = 20;
const SENDERS: u64 = 3;
const PER_BATCH: u64 = 20;

pub fn open(data: &Path) -> (DataDir, Desk) {
    let stores = DataDir::open(data, DataDirConfig::default(), Timestamp::now(), &mut SystemEntropy).unwrap();
    let desk = Desk::open(DeskParts {
        journal: stores.journal.clone(),
        vault: stores.vault.clone(),
        accounts: stores.accounts.clone(),
        entropy: Box::new(SystemEntropy),
        feed_bound: 1,
    });
    (stores, desk.unwrap())
}

/// A sender keeps each batch until it is acknowledged, as an agent does; the answer is how many were.
fn send(base: &str, token: &str, origin: &str, from: u64, stop: &AtomicBool) -> u64 {
    let agent = agent();
    let mut seq = from;
    while !stop.load(Ordering::Acquire) {
        let at = Timestamp::now();
        let line = |n: u64| format!("{{\"kind\":\"heartbeat\",\"at\":\"{at}\",\"device\":\"{origin}-{n}\"}}\n");
        let body: String = (0..PER_BATCH).map(line).collect();
        let (bearer, number) = (format!("Bearer {token}"), seq.to_string());
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/x-ndjson"),
            ("Samband-Origin", origin),
            ("Samband-Boot", "1"),
            ("Samband-Lane", "live"),
            ("Samband-Seq", number.as_str()),
        ];
        match post(&agent, &format!("{base}/api/v1/signals"), &headers, body.as_bytes()) {
            Ok(answer) if answer.status == 200 => seq += 1,
            Ok(answer) => assert!(answer.status >= 500, "{}: {}", answer.status, answer.body),
            Err(_) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
    seq
}

fn command(base: &str, session: &str, label: &str) -> bool {
    let bearer = format!("Bearer {session}");
    let headers =
        [("Authorization", bearer.as_str()), ("Origin", base), ("Content-Type", "application/x-www-form-urlencoded")];
    let form = format!("name={label}&customer=main");
    post(&agent(), &format!("{base}/settings/tokens"), &headers, form.as_bytes())
        .is_ok_and(|answer| answer.status == 200)
}

#[test]
fn whatever_was_acknowledged_is_there_once_after_twenty_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (stores, desk) = open(&data);
    let (key, now) = (CustomerKey::new("main").unwrap(), Timestamp::now());
    let record = CustomerRecord {
        key: key.clone(),
        name: "Main".into(),
        currency: domain::money::SEK,
        timezone: "Europe/Stockholm".into(),
    };
    desk.register_customer(&Caller::part("test"), &record, now).unwrap();
    let token = desk.create_token(&Caller::part("test"), &key, "sender", now).unwrap().secret;
    let session = session(&desk, now);
    drop((desk, stores));
    let mut next: BTreeMap<u64, u64> = (0..SENDERS).map(|sender| (sender, 1)).collect();
    let mut commanded = Vec::new();
    for round in 0..ROUNDS {
        let process = Process::serve(&data, &[("SAMBAND_ENGINE_SNAPSHOT_EVERY_S", "5")]);
        let (base, stop) = (process.base.clone(), AtomicBool::new(false));
        let (base, stop, token) = (base.as_str(), &stop, token.as_str());
        std::thread::scope(|scope| {
            let one = |(&sender, &from): (&u64, &u64)| {
                (sender, scope.spawn(move || send(base, token, &format!("agent-{sender}"), from, stop)))
            };
            let senders: Vec<_> = next.iter().map(one).collect();
            std::thread::sleep(Duration::from_millis(80 + round * 37 % 150));
            let label = format!("round-{round}");
            if command(base, &session, &label) {
                commanded.push(label);
            }
            process.kill();
            stop.store(true, Ordering::Release);
            next = senders.into_iter().map(|(sender, thread)| (sender, thread.join().unwrap())).collect();
        });
    }
    assert!(commanded.len() as u64 >= ROUNDS / 2, "{commanded:?}");
    assert!(Process::serve(&data, &[]).end(), "it goes down in order");
    check(&data, &next, &commanded);
    let verified =
        Command::new(env!("CARGO_BIN_EXE_samband")).args(["journal", "verify", "--data"]).arg(&data).output();
    assert!(verified.unwrap().status.success(), "the journal verifies");
}

fn check(data: &Path, next: &BTreeMap<u64, u64>, commanded: &[String]) {
    let (stores, desk) = open(data);
    let mut engine = engine::Engine::new(engine::Policy::default(), 1);
    let mut at = Position(1);
    loop {
        let entries = stores.inbox.read_from(at, 1 << 20).unwrap();
        let Some((last, _)) = entries.last() else { break };
        at = last.next();
        for (_, entry) in entries {
            let Entry::Batch(batch) = entry else { continue };
            let end = batch.body.iter().position(|b| *b == b'\n').unwrap();
            let line: serde_json::Value = serde_json::from_slice(&batch.body[..end]).unwrap();
            let text = |name: &str| Box::<str>::from(line[name].as_str().unwrap());
            let (origin, boot, lane) = (text("origin"), text("boot"), text("lane"));
            let envelope = domain::signal::Envelope { origin, boot, lane, seq: line["seq"].as_u64().unwrap() };
            let signals = ingest::native::parse(&batch.body[end + 1..], &ingest::native::Options::default()).signals;
            engine.batch(&batch.customer, batch.received_at, Some(&envelope), &signals);
        }
    }
    engine.tick(Timestamp::now());
    let health = engine.health();
    let acknowledged: u64 = next.values().map(|next| (next - 1) * PER_BATCH).sum();
    assert!(acknowledged > ROUNDS * PER_BATCH, "there was load: {acknowledged}");
    // The senders' devices are registered nowhere: such signals are counted apart.
    let counted = health.signals + health.unregistered;
    // Each sender may have one batch that became durable though the answer was lost, and that was not sent again.
    let in_doubt = SENDERS * PER_BATCH;
    println!("{acknowledged} acknowledged, {counted} counted, {} came twice", health.duplicates);
    assert!((acknowledged..=acknowledged + in_doubt).contains(&counted), "{acknowledged} acknowledged, {health:?}");
    let labels: Vec<String> = desk.read(&Scope::All, |view| {
        let tokens = view.customers().flat_map(|(_, part)| part.tokens.values());
        tokens.map(|token| token.created.label.clone()).collect()
    });
    for label in commanded {
        assert_eq!(labels.iter().filter(|l| *l == label).count(), 1, "{label}");
    }
}
