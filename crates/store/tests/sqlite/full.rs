//! A disk that is truly full, on a small file system of its own: what was acknowledged can be read, nothing is torn, and when there is
//! room again everything goes on without a restart.

use super::files::{noise, open};
use crate::folder;
use crate::suite::inbox::all;
use crate::suite::journal::event;
use std::path::{Path, PathBuf};
use std::process::Command;
use store::inbox::FullBecause;
use store::sqlite::{InboxConfig, JournalConfig, SqliteJournal};
use store::{Inbox, InboxError, Journal, JournalError, Position, Seq};

/// Six megabytes, gone with it.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where nothing may be mounted, which is said.
    fn mount(at: &Path) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=6m", "samband-test"]).arg(at).output();
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
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

#[test]
fn a_truly_full_disk_refuses_and_recovers_without_a_restart() {
    let folder = folder();
    let Some(mounted) = SmallDisk::mount(folder.path()) else { return };
    let disk = mounted.0.as_path();
    let ballast = disk.join("ballast");
    std::fs::write(&ballast, vec![1; 2 << 20]).unwrap();
    let inbox = open(&disk.join("inbox"), InboxConfig { reserve_bytes: 0, ..InboxConfig::default() }).unwrap();
    let journal = SqliteJournal::open(&disk.join("journal.db"), JournalConfig::default()).unwrap();
    let mut taken = 0;
    let refused = loop {
        match inbox.append(noise(0, taken)) {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, InboxError::Full(FullBecause::Disk)), "{refused:?}");
    let mut noted = 0;
    let refused = loop {
        match journal.append(vec![event("a", noted)]) {
            Ok(_) => noted += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, JournalError::Full), "{refused:?}");
    let wanted: Vec<_> = (0..taken).map(|n| (Position(n + 1), noise(0, n))).collect();
    assert_eq!(all(&inbox), wanted, "what is there can still be read");
    assert_eq!(journal.verify(&mut |_| {}).unwrap().events, noted);
    std::fs::remove_file(&ballast).unwrap();
    assert_eq!(inbox.append(noise(0, taken)).unwrap(), Position(taken + 1));
    assert_eq!(journal.append(vec![event("a", noted)]).unwrap()[0].recorded().seq, Seq(noted + 1));
    drop((inbox, journal));
    let inbox = open(&disk.join("inbox"), InboxConfig { reserve_bytes: 0, ..InboxConfig::default() }).unwrap();
    assert_eq!(all(&inbox).len(), wanted.len() + 1);
}
