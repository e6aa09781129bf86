//! Projection snapshots: whoever goes on from one knows what a fold from the beginning knows, and one that does not fit is passed
//! over and said.

use super::home::*;
use desk::{Caller, Desk, DeskParts, NewReport, TakenUp};
use domain::account::Role;
use domain::incident::{PhaseTarget, Severity};
use domain::policy::PolicySet;
use domain::{DeviceRecord, Finding, Scope};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use store::snapshots::Snapshot;
use store::sqlite::SqliteAccounts;
use store::{FileSnapshots, Position, Seq, Snapshots};
use tempfile::TempDir;

fn parts(home: &Home) -> DeskParts {
    DeskParts {
        journal: home.stores.journal.clone(),
        vault: home.stores.vault.clone(),
        accounts: Arc::new(SqliteAccounts::open(&home.folder.path().join("accounts.db"), &mut Counting(9)).unwrap()),
        entropy: Box::new(Counting(9)),
        feed_bound: 10,
    }
}

fn kept(folder: &Path, snapshot: &Snapshot) -> FileSnapshots {
    let snapshots = FileSnapshots::open(folder, 3).unwrap();
    snapshots.write(snapshot).unwrap();
    snapshots
}

fn know_the_same(a: &Desk, b: &Desk) -> bool {
    a.read(&Scope::All, |a| b.read(&Scope::All, |b| a == b))
}

/// What a user or the engine does next: most of it may be refused, as when something is done twice.
fn act(home: &Home, (what, a, b): (u8, u8, u8), revisions: &mut BTreeMap<u8, u32>, step: u64) {
    let (desk, caller, admin) = (&home.desk, commander(), Caller::part("test"));
    let sites = ["0001", "0002", "0003"];
    let code = sites[usize::from(a) % 3];
    let id = incident(u32::from(a % 4));
    let finding = |closes: bool, revisions: &mut BTreeMap<u8, u32>| -> Finding {
        let revision = revisions.entry(a % 4).and_modify(|r| *r += 1).or_insert(1);
        let said = silence(u32::from(a % 4), *revision, &sites[..=usize::from(b) % 3], 7 * i64::from(b));
        let said = Finding { coverage: f64::from(b) / 7.0, observed: 1.0 / (f64::from(a) + 3.0), ..said };
        if closes { closed(said) } else { said }
    };
    match what % 14 {
        0 | 1 => drop(desk.record_findings(Position(step), now(), &[finding(false, revisions)])),
        2 => drop(desk.record_findings(Position(step), now(), &[finding(true, revisions)])),
        3 => drop(desk.take_command(&caller, &id, None, now())),
        4 => drop(desk.add_note(&caller, &id, "mer om det", now())),
        5 => drop(desk.set_severity(&caller, &id, Severity::ALL[usize::from(b) % 4], "ser värre ut", now())),
        6 => drop(desk.release_severity(&caller, &id, now())),
        7 => {
            let to = [PhaseTarget::Recovering, PhaseTarget::Resolved { remainder: vec![] }, PhaseTarget::Closed];
            drop(desk.change_phase(&caller, &id, to[usize::from(b) % 3].clone(), "så är det", now()));
        }
        8 => drop(desk.detach_finding(&caller, &id, &silence(u32::from(a % 4), 1, &[], 0).id, "annat", now())),
        9 => {
            let symptom = [None, Some("self_scanning"), Some("payment")][usize::from(b) % 3].map(str::to_owned);
            let (channel, text) = ("phone".into(), "den är död".into());
            let new = NewReport { customer: north(), site: site(code), at: now(), channel, symptom, text };
            drop(desk.receive_report(&caller, &new, now()));
        }
        10 => {
            let mut moved = DeviceRecord { serial: Some(format!("sn-{b}")), ..device(code, u32::from(b % 5)) };
            moved.site = (b % 3 > 0).then(|| site(sites[usize::from(b) % 3]));
            moved.attributes.insert("firmware".into(), format!("4.{}", b % 2));
            drop(desk.import_devices(&admin, &north(), &[moved], false, now()));
        }
        11 => {
            let made = desk.create_token(&admin, &north(), &format!("token {b}"), now()).unwrap();
            if b % 2 == 0 {
                desk.revoke_token(&admin, &made.id, now()).unwrap();
            }
        }
        12 => drop(desk.invite_user(&admin, "Kim", &format!("kim-{b}@example.org"), Role::Viewer, &Scope::All, now())),
        _ => {
            let mut policy = domain::incident::SeverityPolicy::default();
            policy.sev3.value_per_hour = 1_000.0 / (f64::from(b) + 3.0);
            drop(desk.set_policy(&admin, &PolicySet::Severity(policy), now()));
        }
    }
}

/// A home in which everything happened that can.
pub fn eventful() -> Home {
    let home = Home::new().with_fleet(3);
    let mut revisions = BTreeMap::new();
    let acts = (0..4).flat_map(|a| [1, 4, 3, 5, 9, 10, 11, 12, 13, 1, 6, 8, 2, 7, 9].map(|what| (what, a, a + what)));
    for (n, one) in acts.enumerate() {
        act(&home, one, &mut revisions, n as u64 + 1);
    }
    home
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn going_on_from_any_snapshot_is_folding_from_the_beginning(acts in prop::collection::vec(any::<(u8, u8, u8)>(), 1..60)) {
        let home = Home::new().with_fleet(3);
        let (mut revisions, mut snapshots) = (BTreeMap::new(), Vec::new());
        for (n, one) in acts.into_iter().enumerate() {
            act(&home, one, &mut revisions, n as u64 + 1);
            if n % 10 == 3 {
                snapshots.push(home.desk.snapshot().unwrap().unwrap());
            }
        }
        snapshots.push(home.desk.snapshot().unwrap().unwrap());
        let folded = Desk::open(parts(&home)).unwrap();
        prop_assert!(know_the_same(&home.desk, &folded));
        for snapshot in snapshots {
            let folder = tempfile::tempdir().unwrap();
            let taken = Desk::take_up(parts(&home), &kept(folder.path(), &snapshot)).unwrap();
            prop_assert_eq!((taken.from, taken.passed_over), (snapshot.journal_seq, vec![]));
            prop_assert!(know_the_same(&taken.desk, &folded));
            prop_assert_eq!(taken.desk.snapshot().unwrap(), folded.snapshot().unwrap());
        }
    }
}

/// What a desk says that is given this snapshot: where it went on from, and what it passed over.
fn given(home: &Home, change: impl FnOnce(&mut Snapshot)) -> (Seq, Vec<String>, TempDir) {
    let mut snapshot = home.desk.snapshot().unwrap().unwrap();
    change(&mut snapshot);
    let folder = tempfile::tempdir().unwrap();
    let TakenUp { desk, from, passed_over } = Desk::take_up(parts(home), &kept(folder.path(), &snapshot)).unwrap();
    assert!(know_the_same(&desk, &home.desk), "{passed_over:?}");
    (from, passed_over, folder)
}

#[test]
fn a_snapshot_that_does_not_fit_is_passed_over_said_and_out_of_the_way() {
    let home = Home::new().with_fleet(3);
    assert_eq!(given(&home, |_| {}).0, home.desk.seq());
    let files = |folder: &TempDir| std::fs::read_dir(folder.path()).unwrap().count();

    let (from, said, folder) = given(&home, |snapshot| snapshot.version += 1);
    assert_eq!((from, files(&folder)), (Seq(0), 1), "a newer program may want it again");
    assert!(said[0].contains("version"), "{said:?}");

    let (from, said, folder) = given(&home, |snapshot| snapshot.body.truncate(snapshot.body.len() / 2));
    assert_eq!((from, files(&folder)), (Seq(0), 0));
    assert!(said[0].contains("does not read"), "{said:?}");

    let other = Home::new().with_fleet(2);
    let (from, said, folder) = given(&home, |snapshot| *snapshot = other.desk.snapshot().unwrap().unwrap());
    assert_eq!((from, files(&folder)), (Seq(0), 0));
    assert!(said[0].contains("another journal"), "{said:?}");

    let longer = Home::new().with_fleet(3);
    act(&longer, (9, 0, 0), &mut BTreeMap::new(), 1);
    let (from, said, _) = given(&home, |snapshot| *snapshot = longer.desk.snapshot().unwrap().unwrap());
    assert_eq!(from, Seq(0));
    assert!(said[0].contains("does not reach so far"), "{said:?}");
}

#[test]
fn there_is_nothing_to_keep_before_the_first_event() {
    assert_eq!(Home::new().desk.snapshot().unwrap(), None);
}
