//! Files written by format version 1 must open, verify and read back exactly, for ever.
//!
//! `tests/golden/` was written once, by `write_the_golden_files`, and is never written again: a new format adds files of its own.

use crate::folder;
use crate::suite::at;
use crate::suite::history::{sample, series};
use crate::suite::inbox::{all, batch, tick};
use crate::suite::journal::event;
use crate::suite::snapshots::snapshot;
use crate::suite::vault::{seeded, subject};
use domain::{Actor, PersonalRef, RowScope, Scope};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use store::history::{Additions, AttributeChange, Sample, Span, Transition, TransitionTo};
use store::journal::Upcasters;
use store::vault::Found;
use store::{Cause, DataDir, DataDirConfig, Entry, History, Inbox, Journal, NewEvent, Position, Seq, Snapshots, Vault};

/// The head of the golden journal: no later version may compute another.
const HEAD: &str = "da853d6f84640127b4e1df6002f09e68678bf1f24825db7120347f9a5be1132d";
const NAME: (&str, &str) =
    ("v-27454f3833554955055d48ef61b972fe", "8c9f4cb6fb03470cbe346cf7331d3cd1a514661f2c413353fbfe483cb8b3f9d4");
const ERASED: (&str, &str) =
    ("v-14dc8eb0456711cfd2ca5f4c80768cb1", "63fb39c72e1526a85f0e497249daac7a18016224a436fde4a2b9d95a31ee2687");

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1")
}

fn open(path: &Path) -> DataDir {
    DataDir::open(path, DataDirConfig::default(), at("2026-02-10T08:00:00Z"), &mut seeded(1)).unwrap()
}

fn entries() -> Vec<Entry> {
    (0..12).map(|n| if n % 3 == 2 { tick(n) } else { batch(n) }).collect()
}

fn events() -> Vec<NewEvent> {
    let cause = |ordinal| Some(Cause { source: "shard/0".into(), position: Position(3), ordinal });
    vec![
        NewEvent { scope: RowScope::Organisation, actor: Actor::Part("cli".into()), ..event("policy/p", 1) },
        event("incident/i-1", 2),
        NewEvent { cause: cause(0), actor: Actor::Part("engine".into()), ..event("finding/f-1", 3) },
        NewEvent { cause: cause(1), actor: Actor::Part("engine".into()), ..event("finding/f-2", 4) },
        NewEvent { kind: "SeverityChanged".into(), schema: 3, ..event("incident/i-1", 5) },
    ]
}

fn samples() -> Vec<Sample> {
    (0..200).map(sample).collect()
}

fn additions() -> Additions {
    let device = domain::DeviceCode::new("till-1").unwrap();
    let sales = series("north", "site/0412/sales");
    let (scope, time) = (sales.scope.clone(), at("2026-02-10T22:00:00Z"));
    let change = AttributeChange {
        scope: scope.clone(),
        device: device.clone(),
        attribute: "firmware".into(),
        value: Some("4.2.1".into()),
        at: time,
        known_at: time,
    };
    let transition = Transition { scope, device, at: time, to: TransitionTo::Unheard, known_at: time };
    Additions {
        samples: samples().into_iter().map(|sample| (sales.clone(), sample)).collect(),
        transitions: vec![transition],
        attributes: vec![change],
    }
}

#[test]
#[ignore = "writes the golden files; they are written once per format and never again"]
fn write_the_golden_files() {
    let path = golden();
    assert!(!path.exists(), "the golden files of a format are never written again");
    let data = open(&path);
    data.inbox.append_many(entries()).unwrap();
    data.journal.append(events()).unwrap();
    data.history.append(additions()).unwrap();
    data.history.compact(at("2026-02-11T00:30:00Z")).unwrap();
    data.snapshots.write(&snapshot("fleet", 12)).unwrap();
    let mut entropy = seeded(2);
    let name = data.vault.put(&subject("user/u-1"), "name", b"Kim", &mut entropy).unwrap();
    let erased = data.vault.put(&subject("user/u-2"), "name", b"Alex", &mut entropy).unwrap();
    data.vault.erase(&subject("user/u-2")).unwrap();
    println!("{} {name:?} {erased:?}", data.journal.head().unwrap().hash);
    drop(data);
    std::fs::remove_file(path.join("lock")).unwrap();
}

/// The golden files in a folder where opening may change them.
fn copy_of_the_golden_files() -> tempfile::TempDir {
    let home = folder();
    for sub in ["", "inbox", "snapshots"] {
        std::fs::create_dir_all(home.path().join(sub)).unwrap();
        for entry in std::fs::read_dir(golden().join(sub)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                std::fs::copy(&path, home.path().join(sub).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    // A checkout does not keep this.
    let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(home.path().join("vault.key"), owner_only).unwrap();
    home
}

#[test]
fn files_of_format_1_read_back_exactly() {
    let home = copy_of_the_golden_files();
    let data = open(home.path());
    let wanted: Vec<_> = (1..).map(Position).zip(entries()).collect();
    assert_eq!(all(&*data.inbox), wanted);

    let verified = data.journal.verify(&mut |_| {}).unwrap();
    assert_eq!((verified.events, verified.head.hash.to_string()), (5, HEAD.to_owned()));
    for (read, written) in data.journal.read(Seq(1), 9, &Scope::All).unwrap().iter().zip(events()) {
        assert_eq!((&read.stream, &read.kind, read.schema), (&written.stream, &written.kind, written.schema));
        assert_eq!((&read.scope, &read.actor, read.at), (&written.scope, &written.actor, written.at));
        assert_eq!((&read.body, &read.cause), (&written.body, &written.cause));
    }

    let sales = series("north", "site/0412/sales");
    let span = Span { from: Timestamp::MIN, to: Timestamp::MAX, as_of: None };
    assert_eq!(data.history.samples(&Scope::All, &sales, span, 999).unwrap(), samples());
    let added = additions();
    assert_eq!(data.history.transitions(&Scope::All, &sales.scope, None, span, 9).unwrap(), added.transitions);
    assert_eq!(data.history.attribute_changes(&Scope::All, &sales.scope, None, span, 9).unwrap(), added.attributes);

    assert_eq!(data.snapshots.latest("fleet", &|_| true).unwrap().snapshot, Some(snapshot("fleet", 12)));
    let item = |(id, commitment): (&str, &str)| PersonalRef { id: id.into(), commitment: commitment.into() };
    assert_eq!(data.vault.get(&item(NAME)).unwrap(), Found::Plain(b"Kim".to_vec()));
    assert_eq!(data.vault.get(&item(ERASED)).unwrap(), Found::Erased);
}

#[test]
fn files_of_format_1_can_be_written_on() {
    let home = copy_of_the_golden_files();
    let data = open(home.path());
    assert_eq!(data.inbox.append(batch(99)).unwrap(), Position(13));
    let again = data.journal.append(vec![events().remove(2), event("incident/i-1", 6)]).unwrap();
    assert!(!again[0].is_new() && again[1].recorded().seq == Seq(6));
    assert_eq!(data.journal.verify(&mut |_| {}).unwrap().events, 6);
    data.history.append(additions()).unwrap();
    assert_eq!(data.history.compact(at("2026-02-13T00:00:00Z")).unwrap().damaged, 0);
    let sales = series("north", "site/0412/sales");
    let span = Span { from: Timestamp::MIN, to: Timestamp::MAX, as_of: None };
    assert_eq!(data.history.samples(&Scope::All, &sales, span, 999).unwrap(), samples());
    data.vault.put(&subject("user/u-1"), "phone", b"1", &mut seeded(3)).unwrap();
}

#[test]
fn a_start_can_name_the_first_kind_it_does_not_know() {
    let home = copy_of_the_golden_files();
    let data = open(home.path());
    let mut known = Upcasters::new();
    known.register("NoteAdded", 1);
    let kinds = data.journal.kinds().unwrap();
    let unknown = kinds.iter().find_map(|(kind, schema)| known.check(kind, *schema).err()).unwrap();
    assert!(unknown.to_string().contains("\"SeverityChanged\" (schema 3)"), "{unknown}");
    known.register("SeverityChanged", 3);
    assert!(kinds.iter().all(|(kind, schema)| known.check(kind, *schema).is_ok()));
}
