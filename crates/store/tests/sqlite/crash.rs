//! `kill -9` while appending: whatever was acknowledged is there afterwards, once, and the chain holds.
//!
//! The test starts itself again as the process to be killed. That one says on its standard output what was acknowledged;
//! the killer counts lines, so that nothing depends on time.

use crate::folder;
use crate::suite::at;
use crate::suite::inbox::{all, batch};
use crate::suite::journal::event;
use crate::suite::vault::seeded;
use domain::Scope;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use store::{Appended, Cause, DataDir, DataDirConfig, Entry, Inbox, Journal, NewEvent, Position, Seq};

const FOLDER: &str = "SAMBAND_CRASH_FOLDER";
const WRITERS: u64 = 3;

fn open(path: &Path) -> DataDir {
    let mut config = DataDirConfig::default();
    // Small files, so that kills hit the change from one to the next as well.
    config.inbox.file_bytes = 60_000;
    DataDir::open(path, config, at("2026-02-10T08:00:00Z"), &mut seeded(5)).unwrap()
}

/// The event that the entry at `position` causes.
fn caused(position: Position) -> NewEvent {
    let cause = Cause { source: "fleet".into(), position, ordinal: 0 };
    NewEvent { cause: Some(cause), ..event("finding/f-1", position.0) }
}

/// The process that is killed: appends for ever and tells what was acknowledged.
#[test]
#[ignore = "run by the crash test, as the process that is killed"]
fn the_process_that_is_killed() {
    let Ok(path) = std::env::var(FOLDER) else { return };
    let data = open(Path::new(&path));
    let from = data.inbox.head().unwrap().0;
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let data = &data;
            scope.spawn(move || {
                for n in 0.. {
                    let mark = (from * 1000 + n) * WRITERS + writer;
                    let position = data.inbox.append(batch(mark)).unwrap();
                    let appended = data.journal.append(vec![caused(position)]).unwrap();
                    let seq = appended[0].recorded().seq;
                    // One write, so that a kill cuts no line of another writer in two.
                    std::io::stdout().write_all(format!("\nack {position} {mark} {seq}\n").as_bytes()).unwrap();
                }
            });
        }
    });
}

/// Starts the process, kills it after so many acknowledgements, and gives all it told: position, mark, journal seq.
fn killed_after(acknowledged: usize, folder: &Path) -> Vec<(Position, u64, Seq)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["crash::the_process_that_is_killed", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = Vec::new();
    let mut killed = false;
    let mut lines = BufReader::new(child.stdout.take().unwrap()).split(b'\n');
    while let Some(Ok(line)) = lines.next() {
        let line = String::from_utf8_lossy(&line).into_owned();
        let words: Vec<_> = line.split(' ').collect();
        if let ["ack", position, mark, seq] = words.as_slice()
            && let (Ok(position), Ok(mark), Ok(seq)) = (position.parse(), mark.parse(), seq.parse())
        {
            told.push((Position(position), mark, Seq(seq)));
        }
        if told.len() >= acknowledged && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    // The kill may have cut the last line: it can then say too little, but never something that is not so.
    told.pop();
    told
}

#[test]
fn what_was_acknowledged_before_a_kill_is_there_once() {
    let home = folder();
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        acknowledged.extend(killed_after(17 + 40 * round, home.path()));
        let data = open(home.path());
        let entries: HashMap<Position, Entry> = all(&*data.inbox).into_iter().collect();
        for (position, mark, _) in &acknowledged {
            assert_eq!(entries.get(position), Some(&batch(*mark)), "round {round}: position {position}");
        }
        let marks: std::collections::HashSet<_> = acknowledged.iter().map(|(_, mark, _)| mark).collect();
        assert_eq!(marks.len(), acknowledged.len());
        data.journal.verify(&mut |_| {}).unwrap();
        let events = data.journal.read(Seq(1), usize::MAX, &Scope::All).unwrap();
        for (position, _, seq) in &acknowledged {
            let event = events.iter().find(|event| event.seq == *seq).unwrap();
            assert_eq!(event.cause.as_ref().unwrap().position, *position);
        }
        // A restart repeats the work on every entry: only what the kill prevented is recorded now.
        let before = events.len();
        let mut missing = 0;
        for position in 1..=data.inbox.head().unwrap().0 {
            match data.journal.append(vec![caused(Position(position))]).unwrap()[0] {
                Appended::New(_) => missing += 1,
                Appended::AlreadyRecorded { same, .. } => assert!(same),
            }
        }
        assert_eq!(data.journal.head().unwrap().seq.0, u64::try_from(before + missing).unwrap());
        assert_eq!(before + missing, entries.len(), "one event per entry, however often it is repeated");
    }
}
