//! What only files can suffer, continued: snapshots half written, key files lost or readable, remains of what was erased.

use crate::folder;
use crate::suite::snapshots::snapshot;
use crate::suite::vault::{seeded, subject};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use store::snapshots::SkippedBecause;
use store::sqlite::SqliteVault;
use store::{FileSnapshots, Snapshots, Vault, VaultError};

fn open(folder: &Path) -> Result<SqliteVault, VaultError> {
    SqliteVault::open(&folder.join("vault.db"), &folder.join("vault.key"), &mut seeded(9))
}

fn refusal(folder: &Path) -> VaultError {
    match open(folder) {
        Err(error) => error,
        Ok(_) => panic!("it opened"),
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_snapshot_with_any_byte_changed_or_cut_off_is_passed_over() {
    let home = folder();
    let snapshots = FileSnapshots::open(home.path(), 3).unwrap();
    snapshots.write(&snapshot("fleet", 1)).unwrap();
    snapshots.write(&snapshot("fleet", 2)).unwrap();
    let newest = snapshots.files_of("fleet").unwrap().remove(0);
    let whole = std::fs::read(&newest).unwrap();
    let mut spoilt: Vec<Vec<u8>> = (0..whole.len()).map(|cut| whole[..cut].to_vec()).collect();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x40;
        spoilt.push(changed);
    }
    for bytes in spoilt {
        std::fs::write(&newest, bytes).unwrap();
        let latest = snapshots.latest("fleet", &|_| true).unwrap();
        assert_eq!(latest.snapshot, Some(snapshot("fleet", 1)));
        assert!(matches!(latest.skipped[0].why, SkippedBecause::Damaged(_)));
        assert_eq!(latest.skipped[0].file, newest);
    }
}

#[test]
fn only_the_last_snapshots_of_a_name_are_kept_and_half_written_ones_go() {
    let home = folder();
    std::fs::write(home.path().join("fleet-x.part"), b"half").unwrap();
    let snapshots = FileSnapshots::open(home.path(), 2).unwrap();
    snapshots.write(&snapshot("desk", 1)).unwrap();
    for n in 1..=5 {
        snapshots.write(&snapshot("fleet", n)).unwrap();
    }
    assert_eq!(files_in(home.path()).len(), 3);
    assert_eq!(snapshots.names().unwrap(), ["desk", "fleet"]);
    assert_eq!(snapshots.latest("desk", &|_| true).unwrap().snapshot, Some(snapshot("desk", 1)));
}

#[test]
fn a_key_that_is_lost_foreign_damaged_or_readable_by_others_opens_nothing() {
    let home = folder();
    let key = home.path().join("vault.key");
    drop(open(home.path()).unwrap());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&key), 0o600);
    let right = std::fs::read(&key).unwrap();

    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(refusal(home.path()), VaultError::KeyExposed { mode: 0o640, .. }));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();

    let mut damaged = right.clone();
    damaged[20] ^= 1;
    std::fs::write(&key, damaged).unwrap();
    assert!(matches!(refusal(home.path()), VaultError::Key { what: "it is damaged", .. }));

    let other = folder();
    let made = SqliteVault::open(&other.path().join("v.db"), &other.path().join("v.key"), &mut seeded(8)).unwrap();
    drop(made);
    std::fs::copy(other.path().join("v.key"), &key).unwrap();
    assert!(matches!(refusal(home.path()), VaultError::Key { what: "it is another vault's", .. }));

    std::fs::remove_file(&key).unwrap();
    assert!(matches!(refusal(home.path()), VaultError::Key { what: "the key file is missing", .. }));
    assert!(!key.exists(), "a lost key is never replaced by a new one");
}

#[test]
fn nothing_is_written_in_the_clear_and_an_erasure_leaves_no_ciphertext_behind() {
    let home = folder();
    let vault = open(home.path()).unwrap();
    let mut entropy = seeded(1);
    let words = b"Kim Karlsson, 070-000 00 00, called about till 4".repeat(40);
    vault.put(&subject("report/r-1"), "report", &words, &mut entropy).unwrap();
    vault.put(&subject("report/r-2"), "report", b"another", &mut entropy).unwrap();
    let everything = || files_in(home.path()).iter().flat_map(|path| std::fs::read(path).unwrap()).collect::<Vec<_>>();
    let holds = |hay: &[u8], needle: &[u8]| hay.windows(needle.len()).any(|window| window == needle);
    assert!(!holds(&everything(), b"Karlsson"));
    let path = home.path().join("vault.db");
    let sealed: (Vec<u8>, Vec<u8>) = rusqlite::Connection::open(&path)
        .unwrap()
        .query_row(
            "SELECT body, key FROM item JOIN subject ON subject.id = subject WHERE subject = 'report/r-1'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert!(holds(&everything(), &sealed.0[..64]) && holds(&everything(), &sealed.1));
    vault.erase(&subject("report/r-1")).unwrap();
    assert!(!holds(&everything(), &sealed.0[..64]) && !holds(&everything(), &sealed.1));
}
