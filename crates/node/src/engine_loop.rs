//! The engine's loop: reads the inbox in its one order, live or after a restart in the same way, and hands on what comes of it.

use crate::arrivals::{Arrival, Arrivals, ArrivedBatch, Next};
use crate::batch::decode;
use crate::follow::Follower;
use crate::gauges::{Gauges, Part, Said};
use crate::judge::Judge;
use crate::keeper::{Kept, encode_state};
use crate::pulse::Gathering;
use crate::settle::{Outcome, reports_in};
use desk::Desk;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};
use store::inbox::{Entry, Inbox, Tick};
use store::{InboxError, Position, Seq};

/// So much of the inbox is read from the disk at a time, in bytes.
const READ_BYTES: usize = 4 << 20;
/// How long it waits before it looks whether it is to end.
const PATIENCE: Duration = Duration::from_millis(500);
/// What the engine says of itself is noted every so many ticks.
const SAY_EVERY: u64 = 8;
/// While the inbox is full snapshots come this often, but take no more than a tenth of the engine's time.
const PRESSED_EVERY: Duration = Duration::from_millis(500);
const PRESSED_SHARE: u32 = 10;

/// The engine's loop.
pub(crate) struct EngineLoop {
    pub(crate) judge: Box<dyn Judge>,
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) arrivals: Arc<Arrivals>,
    pub(crate) follower: Follower,
    pub(crate) desk: Arc<Desk>,
    pub(crate) gauges: Arc<Gauges>,
    pub(crate) outcomes: SyncSender<Outcome>,
    /// Everything up to here was read.
    pub(crate) position: Position,
    /// The newest tick that was judged.
    pub(crate) tick: Option<Tick>,
    /// Whether batches came after it: they are not in a snapshot before the next tick.
    pub(crate) unticked: bool,
    /// When the newest snapshot was taken, and how long that took.
    pub(crate) snapped: Option<(Instant, Duration)>,
    /// What was there at the start: once it is read, ticks may go on.
    pub(crate) start_head: Position,
    pub(crate) snapshot_every_ticks: u64,
    pub(crate) gathering: Gathering,
    /// Ends it at once, without a last snapshot.
    pub(crate) abandon: Arc<AtomicBool>,
    /// Ends it once everything durable is read, with a last snapshot.
    pub(crate) finish: Arc<AtomicBool>,
}

/// The loop is over: nobody takes what comes of it, or it was told to end.
struct Over;

impl EngineLoop {
    /// Runs until it is told to end.
    pub(crate) fn run(mut self) {
        while self.turn().is_ok() {}
    }

    fn turn(&mut self) -> Result<(), Over> {
        if self.abandon.load(Ordering::Acquire) {
            return Err(Over);
        }
        if self.position >= self.start_head && !self.gauges.caught_up.load(Ordering::Acquire) {
            self.begin_living();
        }
        match self.arrivals.after(self.position, PATIENCE) {
            Next::Here(arrival) => self.take(self.position.next(), arrival),
            Next::OnDisk => self.read(),
            Next::Nothing if self.finish.load(Ordering::Acquire) => {
                if !self.unticked {
                    self.snapshot()?;
                }
                Err(Over)
            }
            Next::Nothing => Ok(()),
            Next::Stopped => Err(Over),
        }
    }

    /// Everything that was there at the start is read: from here on ticks go on from the last.
    fn begin_living(&mut self) {
        if !self.unticked {
            self.gauges.ticked_at.store(self.position.0, Ordering::Release);
        }
        let ticked = self.tick.map(|tick| (tick.n, tick.now));
        // Before it is said that ticks may go on, or one could be numbered anew.
        self.gauges.on_beat(|beat| {
            beat.ticked = beat.ticked.max(ticked);
            beat.moved_at = Some(Instant::now());
            self.gauges.caught_up.store(true, Ordering::Release);
        });
        // Nobody listens only when the node is going down.
        drop(self.outcomes.send(Outcome::Started));
    }

    fn read(&mut self) -> Result<(), Over> {
        let next = self.position.next();
        let mut read = self.inbox.read_from(next, READ_BYTES);
        if matches!(&read, Err(InboxError::Damaged { position, .. }) if *position > next) {
            // What comes before the damage is good: read it entry by entry.
            read = self.inbox.read_from(next, 0);
        }
        match read {
            Ok(entries) => return self.take_all(entries),
            Err(InboxError::Retired { oldest, .. }) => self.skip_to(oldest, "it was retired before it was read"),
            Err(InboxError::Damaged { position, what, .. }) => self.skip_to(position.next(), what),
            Err(error) => {
                self.gauges.trouble(Part::Inbox, error.to_string());
                std::thread::sleep(PATIENCE);
            }
        }
        Ok(())
    }

    fn take_all(&mut self, entries: Vec<(Position, Entry)>) -> Result<(), Over> {
        for (position, entry) in entries {
            if self.abandon.load(Ordering::Acquire) {
                return Err(Over);
            }
            let arrival = self.decoded(entry);
            self.take(position, arrival)?;
        }
        Ok(())
    }

    /// What cannot be read any more is passed over, counted and said.
    fn skip_to(&mut self, next: Position, why: &str) {
        let lost = next.0.saturating_sub(self.position.next().0);
        Gauges::add(&self.gauges.lost_entries, lost.max(1));
        tracing::error!(from = %self.position.next(), to = %next, why, "input is lost to the engine");
        self.position = Position(next.0.saturating_sub(1)).max(self.position);
    }

    fn decoded(&self, entry: Entry) -> Arrival {
        match entry {
            Entry::Tick(tick) => Arrival::Tick(tick),
            Entry::Batch(batch) => {
                let (envelope, signals) = match decode(&batch) {
                    Ok((envelope, signals, refused)) => {
                        Gauges::add(&self.gauges.unreadable_lines, refused);
                        (envelope, signals)
                    }
                    Err(bad) => {
                        tracing::error!(%bad, "a batch of the inbox cannot be read");
                        Gauges::add(&self.gauges.unreadable_lines, u64::from(batch.count));
                        (None, Vec::new())
                    }
                };
                let (customer, received_at) = (batch.customer, batch.received_at);
                Arrival::Batch(ArrivedBatch { customer, received_at, envelope, signals })
            }
        }
    }

    fn take(&mut self, position: Position, arrival: Arrival) -> Result<(), Over> {
        match arrival {
            Arrival::Batch(batch) => self.batch(position, &batch)?,
            Arrival::Tick(tick) => self.beat(position, tick)?,
        }
        self.position = position;
        self.gauges.engine_at.store(position.0, Ordering::Release);
        Ok(())
    }

    fn batch(&mut self, position: Position, batch: &ArrivedBatch) -> Result<(), Over> {
        self.gathering.add(batch);
        self.gauges.last_heard.note(batch);
        self.unticked = true;
        self.judge.batch(&batch.customer, batch.received_at, batch.envelope.as_ref(), &batch.signals);
        let reports = reports_in(batch);
        if reports.is_empty() {
            return Ok(());
        }
        self.hand_on(Outcome::Reports { position, received_at: batch.received_at, reports })
    }

    fn beat(&mut self, position: Position, tick: Tick) -> Result<(), Over> {
        while let Err(error) = self.follower.tell(&mut *self.judge, Seq(tick.journal_seq)) {
            self.gauges.trouble(Part::Journal, error.to_string());
            if self.abandon.load(Ordering::Acquire) {
                return Err(Over);
            }
            std::thread::sleep(PATIENCE);
        }
        let output = self.judge.tick(tick.now);
        (self.tick, self.unticked) = (Some(tick), false);
        if tick.n.is_multiple_of(SAY_EVERY) {
            let unregistered = Arc::new(self.judge.unregistered());
            self.gauges.say(Said { health: self.judge.health(), unregistered });
        }
        let live = self.gauges.caught_up.load(Ordering::Acquire);
        let pulse = self.gathering.pulse(position, &tick);
        if live {
            self.desk.feed().pulse(pulse);
        }
        self.hand_on(Outcome::Ticked { position, now: tick.now, output: Box::new(output) })?;
        self.gauges.on_beat(|beat| {
            beat.judged = Some(tick.now);
            beat.moved_at = Some(Instant::now());
        });
        if tick.n.is_multiple_of(self.snapshot_every_ticks.max(1)) || self.is_pressed() {
            self.position = position;
            self.snapshot()?;
        }
        Ok(())
    }

    /// Whether the inbox is full of what could go if only a snapshot covered it.
    fn is_pressed(&self) -> bool {
        let rested = self.snapped.is_none_or(|(at, took)| at.elapsed() >= PRESSED_EVERY.max(took * PRESSED_SHARE));
        rested && self.inbox.usage().is_ok_and(|usage| usage.full.is_some() && usage.oldest < usage.active_from)
    }

    /// Hands a snapshot down the same way as what came before it, so that it is written only after that is durable. Only
    /// right after a tick: what the engine holds for the next one is in no snapshot.
    fn snapshot(&mut self) -> Result<(), Over> {
        let Some(tick) = self.tick else { return Ok(()) };
        let began = Instant::now();
        let body = encode_state(&tick, &self.judge.snapshot());
        self.snapped = Some((Instant::now(), began.elapsed()));
        let (position, journal_seq) = (self.position, self.follower.told);
        self.hand_on(Outcome::Snapshot(Kept { position, journal_seq, taken_at: tick.now, body }))
    }

    fn hand_on(&self, outcome: Outcome) -> Result<(), Over> {
        self.outcomes.send(outcome).map_err(|_| Over)
    }
}
