//! Time as the composition root gives it: the wall's, one that runs faster than it, or one that a test drives.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};

/// What tells the time. It may jump: whoever needs it to go forward only sees to that.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Timestamp;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct DrivenClock(Mutex<Timestamp>);

impl DrivenClock {
    /// A clock that shows `at`.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self(Mutex::new(at))
    }

    /// Makes it show `at`.
    pub fn set(&self, at: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Moves it on; what it then shows.
    pub fn advance(&self, by: SignedDuration) -> Timestamp {
        let mut at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *at = at.saturating_add(by).unwrap_or(*at);
        *at
    }
}

impl Clock for DrivenClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that runs at a speed beside another, for demos: 1x to 1000x, changed while it runs.
pub struct ScaledClock<C> {
    wall: C,
    pace: Mutex<Pace>,
}

#[derive(Debug, Clone, Copy)]
struct Pace {
    wall_from: Timestamp,
    shown_from: Timestamp,
    speed: u32,
}

impl<C: Clock> ScaledClock<C> {
    /// A clock that shows `shown` now, and goes on at `speed` times the pace of `wall`.
    #[must_use]
    pub fn new(wall: C, shown: Timestamp, speed: u32) -> Self {
        let pace = Pace { wall_from: wall.now(), shown_from: shown, speed };
        Self { wall, pace: Mutex::new(pace) }
    }

    /// Goes on at another speed, without a jump; 0 stands still.
    pub fn set_speed(&self, speed: u32) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let wall_now = self.wall.now();
        *pace = Pace { wall_from: wall_now, shown_from: pace.shown(wall_now), speed };
    }

    /// How fast it runs.
    #[must_use]
    pub fn speed(&self) -> u32 {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).speed
    }
}

impl Pace {
    fn shown(&self, wall_now: Timestamp) -> Timestamp {
        let passed = wall_now.duration_since(self.wall_from);
        let scaled = passed.checked_mul(i32::try_from(self.speed).unwrap_or(i32::MAX)).unwrap_or(SignedDuration::MAX);
        self.shown_from.saturating_add(scaled).unwrap_or(Timestamp::MAX)
    }
}

impl<C: Clock> Clock for ScaledClock<C> {
    fn now(&self) -> Timestamp {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).shown(self.wall.now())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_change_of_speed_does_not_make_time_jump() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let wall = Arc::new(DrivenClock::new(at("2026-02-10T10:00:00Z")));
        let shown = ScaledClock::new(Arc::clone(&wall), at("2026-01-01T00:00:00Z"), 60);
        wall.advance(SignedDuration::from_mins(1));
        assert_eq!(shown.now(), at("2026-01-01T01:00:00Z"));
        shown.set_speed(1);
        assert_eq!(shown.now(), at("2026-01-01T01:00:00Z"));
        wall.advance(SignedDuration::from_mins(1));
        assert_eq!(shown.now(), at("2026-01-01T01:01:00Z"));
    }
}
