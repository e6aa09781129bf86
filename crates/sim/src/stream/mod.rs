//! The world's signals in order of arrival, for any stretch of time, at once or step by step as a demo's clock advances.
//!
//! Blocks of a quarter of an hour are made site by site and sorted. What arrives later than its block (late, backlog) waits. A
//! stream may begin anywhere: it looks back just far enough to know what is still under way.

mod event;
mod site;
mod way;
mod wire;

use crate::calendar::{BLOCK_MS, Clock};
use crate::config::{Reporting, Sales};
use crate::scenario::{BadScenario, Injected, Plan};
use crate::world::World;
use domain::Signal;
use event::Event;
use jiff::Timestamp;
use site::SiteRun;
use std::collections::BTreeMap;
use std::sync::Arc;
use way::SUM_LATEST_MS;
use wire::Writer;

/// A signal and when it reached us.
#[derive(Debug, Clone, PartialEq)]
pub struct Timed {
    /// When it reached us.
    pub received_at: Timestamp,
    /// What was said.
    pub signal: Signal,
}

/// Why a stream cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadStream {
    /// An interval that does not fit into quarters.
    #[error("{field} must divide 900 seconds, {seconds} does not")]
    Interval {
        /// Which.
        field: &'static str,
        /// What was asked for.
        seconds: u32,
    },
    /// A scenario that begins where the stream has already been.
    #[error("a scenario cannot begin at {at}: signals up to {position} have been given")]
    Past {
        /// When it was to begin.
        at: Timestamp,
        /// Where the stream stands.
        position: Timestamp,
    },
    /// A scenario that does not fit this world.
    #[error(transparent)]
    Scenario(#[from] BadScenario),
}

/// What every block is made from.
#[derive(Debug, Clone)]
struct Source {
    world: Arc<World>,
    reporting: Reporting,
    plan: Plan,
}

/// The signals of a world from a moment on, without end: take them with [`Stream::advance`] or [`Stream::until`].
#[derive(Debug)]
pub struct Stream {
    source: Source,
    injected: Vec<Injected>,
    sites: Vec<SiteRun>,
    writer: Writer,
    /// The next block to be made.
    block: i64,
    /// Made and arriving before the end of the last block, sorted.
    ready: Vec<Event>,
    /// How many of `ready` have been given out.
    given: usize,
    /// Made, arriving later.
    later: Vec<Event>,
    /// Where the stream stands: everything received before is given.
    position: Position,
}

/// How far a stream has come: a moment, and the last event given.
#[derive(Debug, Clone, Copy)]
struct Position {
    from_ms: i64,
    last: Option<Event>,
}

impl Position {
    fn has_given(&self, event: &Event) -> bool {
        event.received_ms < self.from_ms || self.last.is_some_and(|last| *event <= last)
    }
}

impl Stream {
    /// Where the stream stands: everything received before has been given.
    #[must_use]
    pub fn position(&self) -> Timestamp {
        moment(self.position.from_ms)
    }

    /// The signals that are received at `from` or later.
    ///
    /// # Errors
    /// [`BadStream`] when an interval does not divide a quarter of an hour, or a scenario hits nobody.
    pub fn new(
        world: &Arc<World>,
        reporting: &Reporting,
        from: Timestamp,
        injected: &[Injected],
    ) -> Result<Self, BadStream> {
        if let Sales::Interval(seconds) = reporting.sales {
            fits("interval_s", seconds)?;
        }
        if reporting.heartbeat_s > 0 {
            fits("heartbeat_s", reporting.heartbeat_s)?;
        }
        let plan = Plan::new(world, injected)?;
        let source = Source { world: Arc::clone(world), reporting: reporting.clone(), plan };
        let mut stream = Self {
            writer: Writer::new(world),
            source,
            injected: injected.to_vec(),
            sites: Vec::new(),
            block: 0,
            ready: Vec::new(),
            given: 0,
            later: Vec::new(),
            position: Position { from_ms: ceil_ms(from), last: None },
        };
        stream.begin();
        Ok(stream)
    }

    /// Lets a scenario loose while the stream runs.
    ///
    /// # Errors
    /// [`BadStream::Past`] when it begins before what was already given, [`BadStream::Scenario`] when it hits nobody; the stream
    /// goes on as before.
    pub fn inject(&mut self, injected: Injected) -> Result<(), BadStream> {
        if injected.at.as_millisecond() < self.position.from_ms {
            return Err(BadStream::Past { at: injected.at, position: moment(self.position.from_ms) });
        }
        let mut all = self.injected.clone();
        all.push(injected);
        self.source.plan = Plan::new(&self.source.world, &all)?;
        self.injected = all;
        self.begin();
        Ok(())
    }

    /// Puts everything right from where the stream stands: what scenarios broke boots again, cut lines deliver their backlog.
    ///
    /// # Errors
    /// None today: scenarios that were let loose before fit the world still.
    pub fn end_all(&mut self) -> Result<(), BadStream> {
        let now = moment(self.position.from_ms);
        for one in &mut self.injected {
            one.ended_at = Some(one.ended_at.map_or(now, |t| t.min(now)));
        }
        self.source.plan = Plan::new(&self.source.world, &self.injected)?;
        self.begin();
        Ok(())
    }

    /// The scenarios let loose so far.
    #[must_use]
    pub fn injected(&self) -> &[Injected] {
        &self.injected
    }

    /// Everything received before `now` and not given yet, in order.
    pub fn advance(&mut self, now: Timestamp) -> Vec<Timed> {
        let out: Vec<Timed> = self.until(now).collect();
        self.position.from_ms = self.position.from_ms.max(ceil_ms(now));
        out
    }

    /// The same one by one, for long stretches.
    pub fn until(&mut self, now: Timestamp) -> Until<'_> {
        Until { until_ms: ceil_ms(now), stream: self }
    }

    /// Prepares to give what comes after the current position.
    fn begin(&mut self) {
        self.ready.clear();
        self.given = 0;
        self.later.clear();
        self.block = self.position.from_ms.div_euclid(BLOCK_MS);
        let count = self.source.world.sites.len();
        self.sites.clear();
        let mut clocks: BTreeMap<i64, Clock> = BTreeMap::new();
        for site in 0..count {
            let mut run = SiteRun::new(site);
            let mut past = Vec::new();
            for block in run.look_back(&self.source, self.position.from_ms)..self.block {
                let clock = clocks.entry(block).or_insert_with(|| Clock::read(self.source.world.zone(), block));
                past.clear();
                run.block(&self.source, clock, &mut past);
                self.later.extend(past.iter().filter(|e| !self.position.has_given(e)));
            }
            self.sites.push(run);
        }
    }

    /// Makes the next block.
    fn make(&mut self) {
        let clock = Clock::read(self.source.world.zone(), self.block);
        self.block += 1;
        let end_ms = self.block * BLOCK_MS;
        self.ready.clear();
        self.given = 0;
        let mut fresh = std::mem::take(&mut self.later);
        for run in &mut self.sites {
            run.block(&self.source, &clock, &mut fresh);
        }
        for event in fresh {
            if event.received_ms >= end_ms {
                self.later.push(event);
            } else if !self.position.has_given(&event) {
                self.ready.push(event);
            }
        }
        self.ready.sort_unstable();
    }

    fn next_before(&mut self, until_ms: i64) -> Option<Timed> {
        loop {
            if let Some(event) = self.ready.get(self.given) {
                if event.received_ms >= until_ms {
                    return None;
                }
                let event = *event;
                self.given += 1;
                self.position = Position { from_ms: event.received_ms, last: Some(event) };
                return Some(self.writer.timed(&self.source, &event));
            }
            if self.block * BLOCK_MS >= until_ms {
                return None;
            }
            self.make();
        }
    }
}

/// See [`Stream::until`].
#[derive(Debug)]
pub struct Until<'a> {
    stream: &'a mut Stream,
    until_ms: i64,
}

impl Iterator for Until<'_> {
    type Item = Timed;

    fn next(&mut self) -> Option<Timed> {
        self.stream.next_before(self.until_ms)
    }
}

/// Interval sums to learn from, of exactly `(from, to]`: no heartbeats, no envelopes, the world's own trouble. The last ones are
/// received some seconds after `to`; what is still offline then is left to the [`live`] stream that follows.
///
/// # Errors
/// [`BadStream::Interval`] when `interval_s` does not divide 900.
///
/// ```
/// # use std::sync::Arc;
/// let world = Arc::new(sim::World::new(&sim::WorldConfig { sites: 2, ..Default::default() }).unwrap());
/// let (from, to) = ("2026-02-09T00:00:00Z".parse().unwrap(), "2026-02-10T00:00:00Z".parse().unwrap());
/// assert!(sim::history(&world, from, to, 900).unwrap().count() > 500);
/// ```
pub fn history(world: &Arc<World>, from: Timestamp, to: Timestamp, interval_s: u32) -> Result<History, BadStream> {
    let stream = Stream::new(world, &Reporting::history(interval_s), from, &[])?;
    Ok(History { stream, from, to })
}

/// See [`history`].
#[derive(Debug)]
pub struct History {
    stream: Stream,
    from: Timestamp,
    to: Timestamp,
}

impl Iterator for History {
    type Item = Timed;

    fn next(&mut self) -> Option<Timed> {
        let until_ms = ceil_ms(self.to) + SUM_LATEST_MS;
        loop {
            let timed = self.stream.next_before(until_ms)?;
            if timed.signal.at > self.from && timed.signal.at <= self.to {
                return Some(timed);
            }
        }
    }
}

/// A running present: single sales, heartbeats, envelopes, the usual trouble. Advance it to any `now`.
///
/// # Errors
/// None today; the signature is that of [`Stream::new`].
pub fn live(world: &Arc<World>, from: Timestamp) -> Result<Stream, BadStream> {
    Stream::new(world, &Reporting::live(), from, &[])
}

fn fits(field: &'static str, seconds: u32) -> Result<(), BadStream> {
    if seconds == 0 || 900 % seconds != 0 { Err(BadStream::Interval { field, seconds }) } else { Ok(()) }
}

fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}

/// The first whole millisecond at or after a moment.
fn ceil_ms(at: Timestamp) -> i64 {
    let ms = at.as_millisecond();
    let exact = Timestamp::from_millisecond(ms).is_ok_and(|t| t >= at);
    if exact { ms } else { ms + 1 }
}
