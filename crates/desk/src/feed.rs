//! The live feed: what was recorded, in order, to whoever looks. Its ids are the journal's, so that a reader who was away
//! replays from where it was; one who was away too long, or reads too slowly, is told to load anew.
//!
//! One bounded ring serves all: a stalled reader costs nothing but its place.

use domain::{CustomerKey, RowScope, Scope};
use jiff::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use store::Seq;

/// One recorded event, as a page needs it to know what to fetch anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the journal: the id of the frame.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Who may see it.
    pub scope: RowScope,
    /// Its kind: `finding.opened`.
    pub kind: &'static str,
    /// What it concerns: the finding's, incident's, report's, token's or user's id; the customer for the fleet.
    pub subject: String,
    /// The incident it belongs to, if any.
    pub incident: Option<domain::IncidentId>,
}

/// Where the engine is, several times a second: not recorded, and only the newest matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pulse {
    /// The tick.
    pub n: u64,
    /// Its time.
    pub now: Timestamp,
    /// The place in the inbox up to which everything is judged.
    pub position: u64,
    /// What came in since the tick before, by customer.
    pub flow: BTreeMap<CustomerKey, Flow>,
}

/// What came in during one tick.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flow {
    /// Signals.
    pub signals: u64,
    /// Transactions.
    pub transactions: u64,
    /// Their value in minor units.
    pub value_minor: i64,
}

/// What a subscriber gets next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Something was recorded.
    Recorded(Arc<Recorded>),
    /// The engine went on.
    Pulse(Arc<Pulse>),
    /// Something was missed: load the page anew, and go on from here.
    Resync(Seq),
}

struct Ring {
    recorded: VecDeque<Arc<Recorded>>,
    /// The newest that was published, kept in the ring or not.
    head: Seq,
    pulse: Option<Arc<Pulse>>,
    pulses: u64,
    waiting: BTreeMap<u64, Waker>,
    next_subscriber: u64,
    closed: bool,
}

/// The feed.
pub struct Feed {
    bound: usize,
    ring: Mutex<Ring>,
}

impl Feed {
    /// A feed that keeps the last `bound` events; everything up to `head` was recorded before.
    #[must_use]
    pub fn new(bound: usize, head: Seq) -> Arc<Self> {
        let ring = Ring {
            recorded: VecDeque::new(),
            head,
            pulse: None,
            pulses: 0,
            waiting: BTreeMap::new(),
            next_subscriber: 0,
            closed: false,
        };
        Arc::new(Self { bound: bound.max(1), ring: Mutex::new(ring) })
    }

    /// Subscribes to what `scope` may see, from after `last` on (`Last-Event-ID`); without it, from now on.
    #[must_use]
    pub fn subscribe(self: &Arc<Self>, scope: Scope, last: Option<Seq>) -> Subscription {
        let mut ring = self.lock();
        let id = ring.next_subscriber;
        ring.next_subscriber += 1;
        Subscription { feed: Arc::clone(self), id, scope, seen: last.unwrap_or(ring.head), pulses: ring.pulses }
    }

    /// Publishes what was recorded, in order.
    pub fn publish(&self, recorded: impl IntoIterator<Item = Recorded>) {
        let mut ring = self.lock();
        for item in recorded {
            ring.head = item.seq;
            ring.recorded.push_back(Arc::new(item));
        }
        while ring.recorded.len() > self.bound {
            ring.recorded.pop_front();
        }
        wake(ring);
    }

    /// Publishes where the engine is.
    pub fn pulse(&self, pulse: Pulse) {
        let mut ring = self.lock();
        ring.pulse = Some(Arc::new(pulse));
        ring.pulses += 1;
        wake(ring);
    }

    /// Ends every subscription.
    pub fn close(&self) {
        let mut ring = self.lock();
        ring.closed = true;
        wake(ring);
    }

    /// How many subscribers wait at this moment.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes all who wait, after the lock is let go.
fn wake(mut ring: MutexGuard<'_, Ring>) {
    let waiting = std::mem::take(&mut ring.waiting);
    drop(ring);
    waiting.into_values().for_each(Waker::wake);
}

/// One reader's place in the feed.
pub struct Subscription {
    feed: Arc<Feed>,
    id: u64,
    scope: Scope,
    seen: Seq,
    pulses: u64,
}

impl Subscription {
    /// Waits for the next step; `None` when the feed has ended. Any async runtime will do.
    pub async fn next(&mut self) -> Option<Step> {
        poll_fn(|context| {
            let feed = Arc::clone(&self.feed);
            let mut ring = feed.lock();
            if let Some(step) = self.step(&ring) {
                return Poll::Ready(Some(step));
            }
            if ring.closed {
                return Poll::Ready(None);
            }
            ring.waiting.insert(self.id, context.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// The next step if there is one already.
    pub fn try_next(&mut self) -> Option<Step> {
        let feed = Arc::clone(&self.feed);
        let ring = feed.lock();
        self.step(&ring)
    }

    fn step(&mut self, ring: &Ring) -> Option<Step> {
        let oldest = ring.recorded.front().map_or(ring.head.next(), |item| item.seq);
        if self.seen.next() < oldest || self.seen > ring.head {
            self.seen = ring.head;
            return Some(Step::Resync(ring.head));
        }
        let from = ring.recorded.partition_point(|item| item.seq <= self.seen);
        for item in ring.recorded.range(from..) {
            self.seen = item.seq;
            if self.scope.sees(&item.scope) {
                return Some(Step::Recorded(Arc::clone(item)));
            }
        }
        if ring.pulses == self.pulses {
            return None;
        }
        self.pulses = ring.pulses;
        ring.pulse.as_ref().map(|pulse| Step::Pulse(self.cut(pulse)))
    }

    /// The part of a pulse that the scope may see.
    fn cut(&self, pulse: &Arc<Pulse>) -> Arc<Pulse> {
        match &self.scope {
            Scope::All => Arc::clone(pulse),
            Scope::Customers(_) => {
                let mut cut = (**pulse).clone();
                cut.flow.retain(|customer, _| self.scope.sees_customer(customer));
                Arc::new(cut)
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.feed.lock().waiting.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn recorded(seq: u64, customer: &str) -> Recorded {
        let scope = RowScope::Customer(CustomerKey::new(customer).unwrap());
        let (at, subject) = (Timestamp::UNIX_EPOCH, seq.to_string());
        Recorded { seq: Seq(seq), at, scope, kind: "finding.opened", subject, incident: None }
    }

    fn seqs(subscription: &mut Subscription) -> Vec<u64> {
        std::iter::from_fn(|| match subscription.try_next()? {
            Step::Recorded(item) => Some(item.seq.0),
            Step::Resync(head) => panic!("resync to {head}"),
            Step::Pulse(_) => panic!("no pulse was published"),
        })
        .collect()
    }

    #[test]
    fn a_reader_that_comes_back_gets_what_it_missed_and_only_what_it_may_see() {
        let feed = Feed::new(10, Seq(4));
        feed.publish([recorded(5, "north"), recorded(6, "south"), recorded(7, "north")]);
        let mut north = feed.subscribe(Scope::customer(CustomerKey::new("north").unwrap()), Some(Seq(5)));
        assert_eq!(seqs(&mut north), [7]);
        let mut all = feed.subscribe(Scope::All, Some(Seq(4)));
        assert_eq!(seqs(&mut all), [5, 6, 7]);
        assert_eq!(seqs(&mut feed.subscribe(Scope::All, None)), [0_u64; 0]);
    }

    #[test]
    fn a_reader_that_missed_too_much_is_told_to_load_anew_once() {
        let feed = Feed::new(2, Seq(0));
        let mut slow = feed.subscribe(Scope::All, Some(Seq(0)));
        feed.publish((1..=5).map(|seq| recorded(seq, "north")));
        assert_eq!(slow.try_next(), Some(Step::Resync(Seq(5))));
        assert_eq!(slow.try_next(), None);
        feed.publish([recorded(6, "north")]);
        assert_eq!(seqs(&mut slow), [6]);
        let mut from_another_life = feed.subscribe(Scope::All, Some(Seq(99)));
        assert_eq!(from_another_life.try_next(), Some(Step::Resync(Seq(6))));
    }

    #[test]
    fn only_the_newest_pulse_is_seen_and_only_one_s_own_flow() {
        let feed = Feed::new(2, Seq(0));
        let mut north = feed.subscribe(Scope::customer(CustomerKey::new("north").unwrap()), None);
        for n in 1..=3 {
            let flow = ["north", "south"].map(|c| (CustomerKey::new(c).unwrap(), Flow::default()));
            feed.pulse(Pulse { n, flow: flow.into(), ..Pulse::default() });
        }
        let Some(Step::Pulse(pulse)) = north.try_next() else { panic!("a pulse was published") };
        assert_eq!((pulse.n, pulse.flow.len()), (3, 1));
        assert_eq!(north.try_next(), None);
    }
}
