//! What every inbox promises.

use super::{Home, at};
use domain::{CustomerKey, TokenId};
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use store::inbox::{Batch, Tick};
use store::{Entry, Inbox, InboxError, Position};

/// A batch that differs from every other by `n`.
pub fn batch(n: u64) -> Entry {
    Entry::Batch(Batch {
        received_at: at("2026-02-10T09:31:04.123456Z") + SignedDuration::from_micros(i64::try_from(n).unwrap()),
        customer: CustomerKey::new(if n.is_multiple_of(2) { "north" } else { "söder" }).unwrap(),
        token: n.is_multiple_of(3).then(|| TokenId::new(format!("t-{n}")).unwrap()),
        codec: 7,
        count: u32::try_from(n % 1000).unwrap(),
        body: format!("signals of batch {n} ").repeat(20).into_bytes(),
    })
}

/// A tick.
pub fn tick(n: u64) -> Entry {
    Entry::Tick(Tick { n, now: at("2026-02-10T09:31:05.000001Z"), journal_seq: n * 2 })
}

/// Everything from the first entry on.
pub fn all(inbox: &impl Inbox) -> Vec<(Position, Entry)> {
    let mut entries = Vec::new();
    let mut from = inbox.usage().unwrap().oldest;
    loop {
        let page = inbox.read_from(from, 4096).unwrap();
        let Some((last, _)) = page.last() else { return entries };
        from = last.next();
        entries.extend(page);
    }
}

pub fn what_was_appended_is_read_back_exactly_and_in_order<I: Inbox>(home: &impl Home<I>) {
    let inbox = home.open();
    assert_eq!(inbox.head().unwrap(), Position(0));
    assert_eq!(inbox.read_from(Position(1), 1000).unwrap(), []);
    let entries: Vec<_> = (0..40).map(|n| if n % 4 == 3 { tick(n) } else { batch(n) }).collect();
    for (entry, position) in entries.iter().zip(1..) {
        assert_eq!(inbox.append(entry.clone()).unwrap(), Position(position));
    }
    let wanted: Vec<_> = (1..).map(Position).zip(entries).collect();
    assert_eq!(all(&inbox), wanted);
    drop(inbox);
    let inbox = home.open();
    assert_eq!(all(&inbox), wanted);
    assert_eq!(inbox.append(tick(41)).unwrap(), Position(41));
}

pub fn a_page_keeps_to_its_bytes_but_always_moves_on<I: Inbox>(home: &impl Home<I>) {
    let inbox = home.open();
    inbox.append_many((0..10).map(batch).collect()).unwrap();
    let bytes = |entry: &Entry| if let Entry::Batch(batch) = entry { batch.body.len() } else { 0 };
    assert_eq!(inbox.read_from(Position(3), 1).unwrap().len(), 1);
    let page = inbox.read_from(Position(3), 2000).unwrap();
    assert!(page.len() > 1 && page.iter().map(|(_, entry)| bytes(entry)).sum::<usize>() <= 2000);
    assert_eq!(page[0], (Position(3), batch(2)));
    assert_eq!(inbox.read_from(Position(11), 2000).unwrap(), []);
    assert_eq!(inbox.read_from(Position(0), usize::MAX).unwrap().len(), 10);
}

pub fn many_writers_get_every_position_once<I: Inbox + 'static>(home: &impl Home<I>) {
    let inbox = Arc::new(home.open());
    let writers: Vec<_> = (0..8_u64)
        .map(|writer| {
            let inbox = Arc::clone(&inbox);
            std::thread::spawn(move || {
                let mine: Vec<_> = (0..25).map(|n| batch(writer * 1000 + n)).collect();
                let at = inbox.append_many(mine.clone()).unwrap();
                at.into_iter().zip(mine).collect::<Vec<_>>()
            })
        })
        .collect();
    let mut acknowledged: Vec<_> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
    acknowledged.sort_by_key(|(position, _)| *position);
    assert_eq!(acknowledged.iter().map(|(position, _)| position.0).collect::<Vec<_>>(), (1..=200).collect::<Vec<_>>());
    assert_eq!(all(&*inbox), acknowledged);
}

pub fn who_waits_for_the_next_entry_is_woken_by_it<I: Inbox + 'static>(home: &impl Home<I>) {
    let inbox = Arc::new(home.open());
    assert_eq!(inbox.wait_past(Position(0), Duration::ZERO).unwrap(), Position(0));
    let waiter = {
        let inbox = Arc::clone(&inbox);
        std::thread::spawn(move || inbox.wait_past(Position(0), Duration::from_secs(600)).unwrap())
    };
    inbox.append(tick(1)).unwrap();
    assert_eq!(waiter.join().unwrap(), Position(1));
}

pub fn retirement_never_takes_what_no_snapshot_covers<I: Inbox>(home: &impl Home<I>) {
    let inbox = home.open();
    inbox.append_many((0..20).map(batch).collect()).unwrap();
    inbox.retire(Position(5), at("2027-01-01T00:00:00Z")).unwrap();
    assert!(inbox.usage().unwrap().oldest <= Position(5));
    let kept = inbox.read_from(Position(5), usize::MAX).unwrap();
    assert_eq!(kept.len(), 16);
    assert_eq!(kept[0], (Position(5), batch(4)));
    assert_eq!(inbox.head().unwrap(), Position(20));
}

pub fn a_body_above_the_bound_is_refused_and_the_next_is_taken<I: Inbox>(home: &impl Home<I>) {
    let inbox = home.open();
    let Entry::Batch(mut large) = batch(1) else { unreachable!() };
    large.body = vec![0; store::inbox::MAX_BODY_BYTES + 1];
    assert!(matches!(inbox.append(Entry::Batch(large)), Err(InboxError::TooLarge { .. })));
    assert_eq!(inbox.append(batch(2)).unwrap(), Position(1));
}

/// All promises of an inbox as tests of one backend.
macro_rules! inbox_suite {
    ($make:path) => {
        crate::suite::suite_of!(
            inbox,
            $make,
            [
                what_was_appended_is_read_back_exactly_and_in_order,
                a_page_keeps_to_its_bytes_but_always_moves_on,
                many_writers_get_every_position_once,
                who_waits_for_the_next_entry_is_woken_by_it,
                retirement_never_takes_what_no_snapshot_covers,
                a_body_above_the_bound_is_refused_and_the_next_is_taken,
            ]
        );
    };
}
pub(crate) use inbox_suite;
