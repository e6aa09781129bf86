//! A full inbox and a full disk: signals are refused with a time to come back, people go on working, and it ends by itself.

use crate::crash::open;
use crate::house::{session, within};
use crate::http::{Answer, agent, get, post};
use crate::process::Process;
use desk::Caller;
use domain::{CustomerKey, CustomerRecord};
use jiff::Timestamp;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use store::inbox::Entry;
use store::{Inbox, Journal};

const LONG: Duration = Duration::from_secs(60);

/// A sender of batches that are hard to compress, so that they fill the disk.
struct Sender {
    agent: ureq::Agent,
    base: String,
    bearer: String,
    sent: u64,
    taken: usize,
}

impl Sender {
    fn new(base: &str, token: &str) -> Self {
        Self { agent: agent(), base: base.to_owned(), bearer: format!("Bearer {token}"), sent: 0, taken: 0 }
    }

    fn send(&mut self) -> Answer {
        let headers = [("Authorization", self.bearer.as_str()), ("Content-Type", "application/x-ndjson")];
        let (at, from) = (Timestamp::now(), self.sent * 10_000);
        let line = |n: u64| {
            let noise = noise(from + n);
            format!("{{\"kind\":\"log\",\"at\":\"{at}\",\"device\":\"till-1\",\"text\":\"{noise}\"}}\n")
        };
        let body: String = (0..4_000).map(line).collect();
        self.sent += 1;
        let answer = post(&self.agent, &format!("{}/api/v1/signals", self.base), &headers, body.as_bytes()).unwrap();
        self.taken += usize::from(answer.status == 200);
        answer
    }

    /// Sends until it is refused, and sees that it is told when to come back.
    fn fill(&mut self) {
        let mut refused = None;
        within(LONG, "it fills", || {
            let answer = self.send();
            assert!(matches!(answer.status, 200 | 503), "{}: {}", answer.status, answer.body);
            refused = (answer.status == 503).then_some(answer);
            refused.is_some()
        });
        let refused = refused.unwrap();
        assert!(refused.retry_after.is_some_and(|s| s.parse::<u32>().is_ok_and(|s| s > 0)), "{}", refused.body);
    }

    fn sends_again(&mut self) {
        within(LONG, "it takes signals again", || self.send().status == 200);
    }
}

/// 48 letters that no two numbers share.
fn noise(n: u64) -> String {
    let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'a' + (state % 26) as u8)
    };
    (0..48).map(|_| letter()).collect()
}

/// A token and a session on a new data directory.
fn set_up(data: &Path) -> (String, String) {
    let (stores, desk) = open(data);
    let (key, now) = (CustomerKey::new("main").unwrap(), Timestamp::now());
    let (name, timezone) = ("Main".into(), "Europe/Stockholm".into());
    let record = CustomerRecord { key: key.clone(), name, currency: domain::money::SEK, timezone };
    desk.register_customer(&Caller::part("test"), &record, now).unwrap();
    let token = desk.create_token(&Caller::part("test"), &key, "sender", now).unwrap().secret;
    let session = session(&desk, now);
    drop((desk, stores));
    (token, session)
}

fn make_token(process: &Process, session: &str, label: &str) -> u16 {
    let bearer = format!("Bearer {session}");
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Origin", process.base.as_str()),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let form = format!("name={label}&customer=main");
    post(&agent(), &format!("{}/settings/tokens", process.base), &headers, form.as_bytes()).unwrap().status
}

fn page(process: &Process, session: &str) -> u16 {
    get(&agent(), &format!("{}/", process.base), session).unwrap().status
}

/// Everything that was acknowledged is there, and the chain holds.
fn check(data: &Path, taken: usize) {
    let (stores, _desk) = open(data);
    let usage = stores.inbox.usage().unwrap();
    let mut from = usage.oldest;
    let mut batches = 0;
    loop {
        let entries = stores.inbox.read_from(from, 1 << 22).unwrap();
        let Some((last, _)) = entries.last() else { break };
        from = last.next();
        batches += entries.iter().filter(|(_, entry)| matches!(entry, Entry::Batch(_))).count();
    }
    assert!(usage.oldest.0 > 1 || batches == taken, "{batches} of {taken}");
    stores.journal.verify(&mut |_| {}).unwrap();
}

#[test]
fn a_full_inbox_refuses_signals_and_nothing_else_and_recovers_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (token, session) = set_up(&data);
    // A snapshot once a day: what presses is that the inbox is full.
    let settings = [
        ("SAMBAND_RETENTION_INBOX_MAX_BYTES", "4 MiB"),
        ("SAMBAND_RETENTION_INBOX_KEEP_BYTES", "1 MiB"),
        ("SAMBAND_RETENTION_RESERVE_BYTES", "1"),
        ("SAMBAND_ENGINE_TICK_MS", "50"),
        ("SAMBAND_ENGINE_SNAPSHOT_EVERY_S", "86400"),
    ];
    let process = Process::serve(&data, &settings);
    let mut sender = Sender::new(&process.base, &token);
    // Twice, so that what the first time left behind does not stand in the way of the second.
    for round in 0..2 {
        sender.fill();
        assert_eq!(page(&process, &session), 200, "pages are readable");
        assert_eq!(make_token(&process, &session, &format!("round-{round}")), 200, "commands are recorded");
        sender.sends_again();
    }
    assert!(process.end(), "it goes down in order");
    check(&data, sender.taken);
}

/// A small file system of its own, gone with it.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where nothing may be mounted, which is said.
    fn mount(at: &Path, mib: u32) -> Option<Self> {
        let size = format!("size={mib}m,mode=700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "samband-test"]).arg(at).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(at.to_owned())),
            other => {
                eprintln!("LEFT OUT: a small file system cannot be mounted here (root can): {other:?}");
                None
            }
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, so that a process that a failed test left behind does not keep the name.
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

/// Fills what is left of a disk to the last byte.
fn fill_up(ballast: &Path) {
    let mut file = File::create(ballast).unwrap();
    for size in [1 << 16, 1 << 12, 1] {
        while file.write_all(&vec![1; size]).is_ok() {}
    }
}

#[test]
fn a_disk_without_a_byte_left_refuses_keeps_what_it_has_and_recovers_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path(), 32) else { return };
    let (data, ballast) = (disk.0.join("data"), disk.0.join("ballast"));
    let (token, session) = set_up(&data);
    let settings = [
        ("SAMBAND_RETENTION_RESERVE_BYTES", "8 MiB"),
        ("SAMBAND_ENGINE_TICK_MS", "50"),
        ("SAMBAND_ENGINE_SNAPSHOT_EVERY_S", "5"),
    ];
    let process = Process::serve(&data, &settings);
    let mut sender = Sender::new(&process.base, &token);
    sender.fill();
    assert_eq!(make_token(&process, &session, "within-the-reserve"), 200, "commands have room set aside");
    fill_up(&ballast);
    sender.fill();
    assert_eq!(page(&process, &session), 200, "pages are readable");
    let refused = make_token(&process, &session, "on-a-full-disk");
    assert!(refused == 200 || refused >= 500, "what cannot be recorded is refused: {refused}");
    std::fs::remove_file(&ballast).unwrap();
    sender.sends_again();
    assert_eq!(make_token(&process, &session, "afterwards"), 200);
    assert!(process.end(), "it goes down in order");
    check(&data, sender.taken);
}
