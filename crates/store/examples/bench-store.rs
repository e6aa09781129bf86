//! How fast the SQLite files are: inbox batches made durable and read back, samples of history, journal events and their verification.

#![allow(clippy::unwrap_used, clippy::panic)] // What cannot be written cannot be measured.

#[path = "../tests/suite/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "only its makers of batches, samples and events are of use here"
)]
mod suite;

use std::sync::Arc;
use std::time::{Duration, Instant};
use store::history::Additions;
use store::inbox::Batch;
use store::sqlite::{HistoryConfig, InboxConfig, JournalConfig, SqliteHistory, SqliteInbox, SqliteJournal};
use store::{Entry, History, Inbox, Journal, Position};
use suite::at;
use suite::history::{sample, series};
use suite::inbox::batch;
use suite::journal::event;

fn main() {
    inbox_batches_from_four_writers();
    history_appends();
    journal_appends_and_verification();
}

fn told(what: &str, count: u64, bytes: u64, took: Duration) {
    let rate = count as f64 / took.as_secs_f64();
    let megabytes = bytes as f64 / 1e6 / took.as_secs_f64();
    println!("{what}: {count} in {took:.2?}, {rate:.0}/s, {megabytes:.0} MB/s");
}

/// A body of about 60 KB that looks like signals: it compresses about as they do.
fn body(seed: u64) -> Vec<u8> {
    let mut text = String::new();
    let mut n = seed;
    while text.len() < 60_000 {
        n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (site, value, second) = (n >> 50, (n >> 20) % 40_000, (n >> 40) % 60);
        text += &format!(
            "{{\"kind\":\"count\",\"at\":\"2026-02-10T10:31:{second:02}+01:00\",\"site\":\"{site:05}\",\"metric\":\"sales\",\"count\":1,\"value\":\"{value}\"}}\n"
        );
    }
    text.into_bytes()
}

fn inbox_batches_from_four_writers() {
    let home = tempfile::tempdir().unwrap();
    let inbox = Arc::new(SqliteInbox::open(home.path(), InboxConfig::default(), at("2026-02-10T08:00:00Z")).unwrap());
    let bodies: Vec<_> = (0..64).map(body).collect();
    for ahead in [1, 16] {
        let begun = Instant::now();
        let each = 1500_u64;
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut under_way = std::collections::VecDeque::new();
                    for n in 0..each {
                        let Entry::Batch(batch) = batch(n) else { unreachable!() };
                        let body = bodies[usize::try_from(n % 64).unwrap()].clone();
                        under_way.push_back(inbox.append_ticket(Entry::Batch(Batch { body, ..batch })));
                        if under_way.len() >= ahead {
                            under_way.pop_front().unwrap().wait().unwrap();
                        }
                    }
                    under_way.into_iter().for_each(|ticket| assert!(ticket.wait().is_ok()));
                });
            }
        });
        let what = format!("inbox, 4 writers, bodies of 60 KB, {ahead} under way each");
        told(&what, each * 4, each * 4 * 60_000, begun.elapsed());
    }
    let begun = Instant::now();
    let (mut from, mut count, mut bytes) = (Position(1), 0, 0);
    loop {
        let page = inbox.read_from(from, 4 << 20).unwrap();
        let Some((last, _)) = page.last() else { break };
        from = last.next();
        count += u64::try_from(page.len()).unwrap();
        bytes += 60_000 * u64::try_from(page.len()).unwrap();
    }
    told("inbox, read back", count, bytes, begun.elapsed());
    println!("inbox, on disk: {} bytes per batch", inbox.usage().unwrap().used_bytes / count);
}

fn history_appends() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let history = SqliteHistory::open(&path, HistoryConfig::default()).unwrap();
    let all: Vec<_> = (0..10_000).map(|n| series("north", &format!("site/{n:05}/sales"))).collect();
    let begun = Instant::now();
    let minutes = 60;
    for minute in 0..minutes {
        let samples = all.iter().map(|series| (series.clone(), sample(minute))).collect();
        history.append(Additions { samples, ..Additions::default() }).unwrap();
    }
    told("history, 10,000 series a tick", 600_000, 0, begun.elapsed());
    let begun = Instant::now();
    let packed = history.compact(at("2026-02-12T00:00:00Z")).unwrap();
    told("history, packed", packed.samples, 0, begun.elapsed());
    println!("history, on disk: {} bytes", std::fs::metadata(&path).unwrap().len());
    let begun = Instant::now();
    for series in &all[..200] {
        let samples = (100_000..101_440).map(|minute| (series.clone(), sample(minute))).collect();
        history.append(Additions { samples, ..Additions::default() }).unwrap();
    }
    told("history, one series and day an append", 200 * 1440, 0, begun.elapsed());
}

fn journal_appends_and_verification() {
    let home = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(&home.path().join("journal.db"), JournalConfig::default()).unwrap();
    let begun = Instant::now();
    for n in 0..500 {
        journal.append(vec![event("incident/i-1", n)]).unwrap();
    }
    told("journal, one by one", 500, 0, begun.elapsed());
    let begun = Instant::now();
    for n in 0..100 {
        journal.append((0..1000).map(|m| event(&format!("finding/f-{}", m * 100 + n), m)).collect()).unwrap();
    }
    told("journal, by thousands", 100_000, 0, begun.elapsed());
    let begun = Instant::now();
    journal.verify(&mut |_| {}).unwrap();
    told("journal, verified", 100_500, 0, begun.elapsed());
}
