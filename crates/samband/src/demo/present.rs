//! The running present: the world's signals go through the node's intake as time moves on, scenarios included.

use domain::CustomerKey;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use node::{DrivenClock, Handed, IngestRefused, Node, NodeError};
use sim::{BadScenario, BadStream, Scenario, Stream, World};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::Position;

/// Why the present does not go on.
#[derive(Debug, thiserror::Error)]
pub enum PresentError {
    /// The simulation refuses.
    #[error(transparent)]
    Stream(#[from] BadStream),
    /// There is no such scenario, or it hits nobody here.
    #[error(transparent)]
    Scenario(#[from] BadScenario),
    /// The node cannot take signals.
    #[error(transparent)]
    Refused(#[from] IngestRefused),
    /// The node cannot tick.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// A simulated signal has no wire form.
    #[error("a simulated signal cannot be written: {0}")]
    Encode(#[from] ingest::native::CannotEncode),
}

/// What belongs to an hour before this one belongs to the night.
const MORNING: i8 = 6;

/// A scenario that was let loose.
#[derive(Debug, Clone, Copy)]
pub struct Started {
    /// From when on.
    pub at: Timestamp,
    /// When something of it is first to be seen; on a quiet day nothing is.
    pub begins_at: Option<Timestamp>,
}

/// A world whose time goes on.
pub struct Present {
    world: Arc<World>,
    customer: CustomerKey,
    stream: Mutex<Stream>,
    running: Mutex<Option<String>>,
}

impl Present {
    /// A present that begins at `from`.
    ///
    /// # Errors
    /// When the world cannot be told.
    pub fn new(world: &Arc<World>, from: Timestamp) -> Result<Self, PresentError> {
        let stream = Mutex::new(sim::live(world, from)?);
        let customer = world.config.customer.clone();
        Ok(Self { world: Arc::clone(world), customer, stream, running: Mutex::default() })
    }

    /// Where it stands.
    #[must_use]
    pub fn position(&self) -> Timestamp {
        self.stream().position()
    }

    /// Brings the node up to `until`, a step at a time: signals first, then the tick. The place of the last tick.
    ///
    /// # Errors
    /// [`PresentError`]; what was handed in stays.
    pub fn advance(
        &self,
        node: &Node,
        clock: &DrivenClock,
        until: Timestamp,
        step: SignedDuration,
    ) -> Result<Option<Position>, PresentError> {
        let mut last = None;
        let mut at = self.position();
        while at < until {
            at = to_quarter(at, (at + step).min(until));
            let signals: Vec<_> = self.stream().advance(at).into_iter().map(|timed| timed.signal).collect();
            clock.set(at);
            let receipt = if signals.is_empty() {
                None
            } else {
                Some(node.ingest(Handed::encode(self.customer.clone(), None, at, None, signals)?)?)
            };
            // Durable only after what was handed in before it.
            last = Some(node.tick()?);
            receipt.map_or(Ok(()), |receipt| receipt.wait().map(drop))?;
        }
        Ok(last)
    }

    /// Lets a shipped scenario loose, now or in the coming night if that is where it belongs; what ran before is put right. The answer is when.
    ///
    /// # Errors
    /// When there is none of that name, or it hits nobody in this world.
    pub fn start(&self, name: &str) -> Result<Started, PresentError> {
        let scenario = Scenario::shipped(name)?;
        let mut stream = self.stream();
        let by_night = scenario.time.filter(|time| time.hour() < MORNING);
        let at = by_night.map_or(stream.position(), |time| next(time, stream.position(), self.world.zone()));
        let injected = scenario.at(at);
        let truth = injected.truth(&self.world)?;
        // An update hits before the first device dies of it.
        let begins_at = truth.first_dead_at.or(truth.first_hit_at);
        stream.end_all()?;
        stream.inject(injected)?;
        drop(stream);
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(name.to_owned());
        Ok(Started { at, begins_at })
    }

    /// The scenario that was let loose last.
    pub fn running(&self) -> Option<String> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn stream(&self) -> MutexGuard<'_, Stream> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is expected changes with the quarter of the hour: a long step ends right after one, or the old would be expected on in the new.
fn to_quarter(from: Timestamp, to: Timestamp) -> Timestamp {
    let after = |ms: i64| (ms - 1_000).div_euclid(900_000);
    let (first, last) = (after(from.as_millisecond()), after(to.as_millisecond()));
    let end = Timestamp::from_millisecond((first + 1) * 900_000 + 1_000);
    if first < last { end.map_or(to, |end| end.min(to)) } else { to }
}

/// When it is next that time of day.
fn next(time: Time, after: Timestamp, zone: &TimeZone) -> Timestamp {
    let today = zone.to_datetime(after).date();
    let on = |date: Date| zone.to_timestamp(date.to_datetime(time)).ok().filter(|at| *at > after);
    on(today).or_else(|| on(today.tomorrow().ok()?)).unwrap_or(after)
}
