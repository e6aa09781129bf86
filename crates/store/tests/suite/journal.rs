//! What every journal promises.

use super::{Home, at};
use domain::{Actor, CustomerKey, RowScope, Scope, UserId};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::journal::{Head, canonical_json, genesis};
use store::{
    Appended, Cause, Event, Expected, Journal, JournalError, NewEvent, Position, Seq, StreamId, StreamVersion,
};

pub fn customer(key: &str) -> RowScope {
    RowScope::Customer(CustomerKey::new(key).unwrap())
}

pub fn stream(name: &str) -> StreamId {
    StreamId::new(name).unwrap()
}

/// An event for `stream` that nothing is expected of.
pub fn event(of: &str, note: u64) -> NewEvent {
    NewEvent {
        stream: stream(of),
        expected: Expected::Any,
        at: at("2026-02-10T10:31:04.000007Z"),
        scope: customer("north"),
        actor: Actor::User(UserId::new("u-1").unwrap()),
        kind: "NoteAdded".into(),
        schema: 1,
        body: canonical_json(&serde_json::json!({ "note": note, "text": "å" })).unwrap(),
        cause: None,
    }
}

fn caused(of: &str, note: u64, ordinal: u32) -> NewEvent {
    let cause = Cause { source: "shard/0".into(), position: Position(41), ordinal };
    NewEvent { cause: Some(cause), actor: Actor::Part("engine".into()), ..event(of, note) }
}

fn all(journal: &impl Journal) -> Vec<Event> {
    journal.read(Seq(1), usize::MAX, &Scope::All).unwrap()
}

pub fn what_was_appended_is_read_back_exactly<J: Journal>(home: &impl Home<J>) {
    let journal = home.open();
    assert_eq!(journal.head().unwrap(), Head::empty());
    let written = [event("incident/i-1", 1), caused("finding/f-1", 2, 0), event("incident/i-1", 3)];
    let appended = journal.append(written.to_vec()).unwrap();
    drop(journal);
    let journal = home.open();
    let events = all(&journal);
    assert_eq!(events.len(), 3);
    for ((event, new), appended) in events.iter().zip(&written).zip(&appended) {
        let recorded = appended.recorded();
        assert!(appended.is_new());
        assert_eq!((event.seq, event.version, event.hash), (recorded.seq, recorded.version, recorded.hash));
        assert_eq!(
            (&event.stream, event.at, &event.scope, &event.actor),
            (&new.stream, new.at, &new.scope, &new.actor)
        );
        assert_eq!((&event.kind, event.schema, &event.body), (&new.kind, new.schema, &new.body));
        assert_eq!(event.cause, new.cause);
    }
    assert_eq!(events.iter().map(|event| event.version.0).collect::<Vec<_>>(), [1, 1, 2]);
    assert_eq!(events[0].prev_hash, genesis());
    assert_eq!(events[1].prev_hash, events[0].hash);
    assert_eq!(journal.head().unwrap(), Head { seq: Seq(3), hash: events[2].hash });
    assert_eq!(journal.hash_at(Seq(2)).unwrap(), Some(events[1].hash));
    assert_eq!(journal.hash_at(Seq(4)).unwrap(), None);
    let verified = journal.verify(&mut |_| {}).unwrap();
    assert_eq!((verified.events, verified.head), (3, journal.head().unwrap()));
}

pub fn a_stream_that_moved_on_is_a_conflict_that_names_where_it_is<J: Journal>(home: &impl Home<J>) {
    let journal = home.open();
    let expecting = |expected, note| NewEvent { expected, ..event("incident/i-1", note) };
    journal.append(vec![expecting(Expected::NoStream, 1)]).unwrap();
    journal.append(vec![expecting(Expected::Exact(StreamVersion(1)), 2)]).unwrap();
    for late in [Expected::NoStream, Expected::Exact(StreamVersion(1)), Expected::Exact(StreamVersion(3))] {
        let error = journal.append(vec![event("incident/i-2", 0), expecting(late, 3)]).unwrap_err();
        assert!(matches!(error, JournalError::Conflict { actual: StreamVersion(2), .. }), "{error}");
    }
    assert_eq!(all(&journal).len(), 2, "an append that is refused leaves nothing");
    let two = vec![expecting(Expected::Exact(StreamVersion(2)), 3), expecting(Expected::Exact(StreamVersion(3)), 4)];
    assert_eq!(journal.append(two).unwrap()[1].recorded().version, StreamVersion(4));
    journal.verify(&mut |_| {}).unwrap();
}

pub fn of_many_who_decide_at_once_one_wins_each_round<J: Journal + 'static>(home: &impl Home<J>) {
    let journal = Arc::new(home.open());
    let deciders: Vec<_> = (0..4_u64)
        .map(|who| {
            let journal = Arc::clone(&journal);
            std::thread::spawn(move || {
                let mut version = StreamVersion(0);
                let mut won = 0;
                while version.0 < 20 {
                    let new = NewEvent { expected: Expected::Exact(version), ..event("incident/i-1", who) };
                    version = match journal.append(vec![new]) {
                        Ok(appended) => {
                            won += 1;
                            appended[0].recorded().version
                        }
                        Err(JournalError::Conflict { actual, .. }) => actual,
                        Err(other) => panic!("{other}"),
                    };
                }
                won
            })
        })
        .collect();
    let won: usize = deciders.into_iter().map(|decider| decider.join().unwrap()).sum();
    let versions: Vec<_> = all(&*journal).into_iter().map(|event| event.version.0).collect();
    assert_eq!(versions, (1..=u64::try_from(won).unwrap()).collect::<Vec<_>>());
    journal.verify(&mut |_| {}).unwrap();
}

pub fn a_cause_is_recorded_once_however_often_it_is_repeated<J: Journal>(home: &impl Home<J>) {
    let journal = home.open();
    let first = journal.append(vec![caused("finding/f-1", 1, 0)]).unwrap();
    drop(journal);
    let journal = home.open();
    let expecting = NewEvent { expected: Expected::NoStream, ..caused("finding/f-1", 1, 0) };
    let again = journal.append(vec![expecting, caused("finding/f-1", 2, 1), caused("finding/f-1", 9, 1)]).unwrap();
    assert_eq!(again[0], Appended::AlreadyRecorded { earlier: first[0].recorded(), same: true });
    assert!(again[1].is_new());
    assert_eq!(again[2], Appended::AlreadyRecorded { earlier: again[1].recorded(), same: false });
    assert_eq!(all(&journal).len(), 2);
}

pub fn a_reader_sees_only_the_rows_of_its_scope<J: Journal>(home: &impl Home<J>) {
    let journal = home.open();
    let owned = |scope, note| NewEvent { scope, ..event("common/s", note) };
    let scopes = [customer("north"), customer("south"), RowScope::Organisation, customer("north"), customer("east")];
    journal.append(scopes.into_iter().zip(0..).map(|(scope, note)| owned(scope, note)).collect()).unwrap();
    let north = Scope::customer(CustomerKey::new("north").unwrap());
    let both = Scope::Customers(["north", "east"].map(|key| CustomerKey::new(key).unwrap()).into());
    let seqs = |events: Vec<Event>| events.into_iter().map(|event| event.seq.0).collect::<Vec<_>>();
    assert_eq!(seqs(journal.read(Seq(1), 10, &north).unwrap()), [1, 4]);
    assert_eq!(seqs(journal.read(Seq(2), 10, &both).unwrap()), [4, 5]);
    assert_eq!(seqs(journal.read(Seq(1), 2, &both).unwrap()), [1, 4]);
    assert_eq!(seqs(journal.read(Seq(2), 2, &Scope::All).unwrap()), [2, 3]);
    assert_eq!(seqs(journal.read(Seq(1), 9, &Scope::Customers(BTreeSet::new())).unwrap()), [0_u64; 0]);
    let name = stream("common/s");
    assert_eq!(seqs(journal.read_stream(&name, StreamVersion(1), 2, &north).unwrap()), [1, 4]);
    assert_eq!(seqs(journal.read_stream(&name, StreamVersion(2), 1, &north).unwrap()), [4]);
    assert_eq!(seqs(journal.read_stream(&name, StreamVersion(0), 9, &Scope::All).unwrap()), [1, 2, 3, 4, 5]);
    assert_eq!(seqs(journal.read_stream(&stream("other"), StreamVersion(1), 9, &Scope::All).unwrap()), [0_u64; 0]);
}

pub fn what_could_never_be_read_again_is_refused_by_name<J: Journal>(home: &impl Home<J>) {
    let journal = home.open();
    let bad = [
        NewEvent { body: b"{not json".to_vec(), ..event("a", 1) },
        NewEvent { kind: String::new(), ..event("a", 1) },
        NewEvent { actor: Actor::Part(String::new()), ..event("a", 1) },
        NewEvent { body: vec![b' '; store::journal::MAX_BODY_BYTES + 1], ..event("a", 1) },
        NewEvent { cause: Some(Cause { source: String::new(), position: Position(1), ordinal: 0 }), ..event("a", 1) },
    ];
    for new in bad {
        let error = journal.append(vec![event("a", 0), new]).unwrap_err();
        assert!(matches!(error, JournalError::Refused { index: 1, .. }), "{error}");
    }
    assert_eq!(journal.head().unwrap(), Head::empty());
    assert_eq!(journal.append(Vec::new()).unwrap(), []);
}

pub fn every_kind_ever_recorded_is_listed<J: Journal>(home: &impl Home<J>) {
    let journal = home.open();
    let other = NewEvent { kind: "Opened".into(), schema: 2, ..event("a", 1) };
    journal.append(vec![event("a", 0), other, event("b", 1)]).unwrap();
    let mut kinds = journal.kinds().unwrap();
    kinds.sort();
    assert_eq!(kinds, [("NoteAdded".to_owned(), 1), ("Opened".to_owned(), 2)]);
}

/// All promises of a journal as tests of one backend.
macro_rules! journal_suite {
    ($make:path) => {
        crate::suite::suite_of!(
            journal,
            $make,
            [
                what_was_appended_is_read_back_exactly,
                a_stream_that_moved_on_is_a_conflict_that_names_where_it_is,
                of_many_who_decide_at_once_one_wins_each_round,
                a_cause_is_recorded_once_however_often_it_is_repeated,
                a_reader_sees_only_the_rows_of_its_scope,
                what_could_never_be_read_again_is_refused_by_name,
                every_kind_ever_recorded_is_listed,
            ]
        );
    };
}
pub(crate) use journal_suite;
