//! The demo's switches, and the loop that moves its time on beside the wall's.

use super::present::{Present, PresentError};
use crate::wall::WallClock;
use jiff::{SignedDuration, Timestamp};
use node::{Clock, DrivenClock, Node};
use sim::Scenario;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::time::Duration;
use web::view::DemoScenario;
use web::words::Lang;
use web::{DemoControl, DemoState};

/// The fastest that it runs.
pub const FASTEST: u32 = 1_000;
/// Offered on the pages, in this order; `s10` is the quiet day, on which nothing happens.
const OFFERED: [&str; 4] = ["s1", "s5", "s13", "s10"];
/// Time moves on this often by the wall.
const BEAT: Duration = Duration::from_millis(100);
/// Where time runs ahead it ends so long before what was picked.
const BEFORE: SignedDuration = SignedDuration::from_mins(2);
/// It runs ahead in stretches of this, and may be stopped between two.
const LEAP: SignedDuration = SignedDuration::from_mins(10);
/// What the machine did not keep up with beyond this is let go: the demo then runs as fast as it can.
const OWED_AT_MOST: Duration = Duration::from_millis(500);

/// The demo's switches.
pub struct Control {
    present: Arc<Present>,
    clock: Arc<DrivenClock>,
    speed: AtomicU32,
    /// Time runs ahead to this moment, milliseconds since 1970: what was picked belongs to the night.
    ahead_ms: AtomicI64,
    /// When what was picked begins to hit somebody, milliseconds since 1970.
    begins_ms: AtomicI64,
    stopped: AtomicBool,
}

impl Control {
    /// Of a present, at a speed.
    #[must_use]
    pub fn new(present: Arc<Present>, clock: Arc<DrivenClock>, speed: u32) -> Self {
        let speed = AtomicU32::new(speed.clamp(1, FASTEST));
        let never = || AtomicI64::new(i64::MIN);
        Self { present, clock, speed, ahead_ms: never(), begins_ms: never(), stopped: AtomicBool::new(false) }
    }

    /// Moves time on until it is stopped.
    pub fn run(&self, node: &Node) {
        let mut from = WallClock.now();
        while !self.stopped.load(Ordering::Acquire) {
            std::thread::sleep(BEAT);
            let now = WallClock.now();
            let passed = now.duration_since(from).clamp(SignedDuration::ZERO, longest());
            let speed = self.speed.load(Ordering::Acquire);
            let position = self.present.position();
            let ahead = Timestamp::from_millisecond(self.ahead_ms.load(Ordering::Acquire)).unwrap_or(Timestamp::MIN);
            let (due, step) = if position < ahead {
                (ahead.min(position + LEAP), step(FASTEST))
            } else if passed < pause(speed) {
                continue;
            } else {
                (position + passed * i32::try_from(speed).unwrap_or(1), step(speed))
            };
            from = now;
            if let Err(error) = self.present.advance(node, &self.clock, due, step) {
                tracing::error!(%error, "the present does not go on");
                std::thread::sleep(Duration::from_secs(1));
            }
        }
    }

    /// Lets a scenario loose; where it belongs to the night, time runs ahead to shortly before.
    ///
    /// # Errors
    /// As [`Present::start`].
    pub fn begin(&self, scenario: &str) -> Result<(), PresentError> {
        let started = self.present.start(scenario)?;
        let begins = started.begins_at.map_or(i64::MIN, Timestamp::as_millisecond);
        self.begins_ms.store(begins, Ordering::Release);
        let ahead = started.at - BEFORE;
        self.ahead_ms.store(ahead.as_millisecond(), Ordering::Release);
        Ok(())
    }

    /// Ends [`Control::run`].
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }
}

/// The longest that is made good at once.
fn longest() -> SignedDuration {
    SignedDuration::try_from(OWED_AT_MOST).unwrap_or(SignedDuration::ZERO)
}

/// At a slow speed the engine beats as in earnest, four times a second.
fn pause(speed: u32) -> SignedDuration {
    SignedDuration::from_millis(if speed < 10 { 240 } else { 90 })
}

/// Simulated time between two ticks: a quarter of a second in earnest, at most what a node takes for its own presence when it is fast. Longer
/// steps would each look as if nobody had been there to hear the shops.
fn step(speed: u32) -> SignedDuration {
    SignedDuration::from_millis(i64::from(speed) * 25).clamp(SignedDuration::from_millis(250), node::AWAY_AFTER)
}

impl DemoControl for Control {
    fn scenarios(&self, lang: Lang) -> Vec<DemoScenario> {
        let one = |name: &&str| {
            let title = Scenario::shipped(name).ok()?.title;
            let name_in = match lang {
                Lang::Sv => title.sv,
                Lang::En => title.en,
            };
            Some(DemoScenario { id: (*name).to_owned(), name: name_in })
        };
        OFFERED.iter().filter_map(one).collect()
    }

    fn state(&self) -> DemoState {
        let (running, speed) = (self.present.running(), self.speed.load(Ordering::Acquire));
        let begins = self.begins_ms.load(Ordering::Acquire);
        let begins_at = Timestamp::from_millisecond(begins).ok().filter(|_| begins != i64::MIN);
        DemoState { running, speed, simulated: self.clock.now(), begins_at }
    }

    fn pick(&self, scenario: &str) -> bool {
        match self.begin(scenario) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, scenario, "no such scenario here");
                false
            }
        }
    }

    fn set_speed(&self, speed: u32) {
        self.speed.store(speed.clamp(1, FASTEST), Ordering::Release);
    }
}

/// The Tuesday in February on which the demo's present begins, before the hour of S1: at a quarter, so that the last sums of the past are
/// whole.
///
/// # Panics
/// Never: it is a constant.
#[must_use]
pub fn begins() -> Timestamp {
    "2026-02-10T10:15:00+01:00".parse().expect("a written-out moment is one")
}
