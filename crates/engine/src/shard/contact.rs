//! Who is heard from. A device is judged by its own heartbeats; a site's uplink by anything that comes through it.

use crate::clock::Ms;
use serde::{Deserialize, Serialize};

/// Heartbeats that must have come before their absence means anything.
const REGULAR_AFTER: u16 = 5;
/// Heartbeats farther apart than this say nothing about now.
const LONGEST_GAP_MS: f32 = 3_600_000.0;
/// A device that is unheard more often than this at an hour of the day is not missed then.
const USUALLY_ASLEEP: f32 = 0.1;

/// A sign of life this long ago is fresh.
const FRESH_MS: Ms = 5_000;

/// An hour of the day of which no habit is known.
const UNKNOWN: u8 = 255;

/// What is known of one device's heartbeats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceContact {
    /// Event time of the last sign of life.
    pub last_ms: Ms,
    last_beat_ms: Ms,
    gap_ms: f32,
    beats: u16,
    /// Whether its deadline has not passed.
    pub heard: bool,
    /// Whether it, or its switch, said that it is down.
    pub down: bool,
    /// Since when it is unheard or down.
    pub since_ms: Ms,
    /// When the heap looks at it next.
    pub queued: Ms,
    asleep: [u8; 24],
    lived: bool,
}

impl DeviceContact {
    /// Never heard.
    #[must_use]
    pub fn new() -> Self {
        Self {
            last_ms: Ms::MIN,
            last_beat_ms: Ms::MIN,
            gap_ms: 0.0,
            beats: 0,
            heard: false,
            down: false,
            since_ms: Ms::MIN,
            queued: Ms::MAX,
            asleep: [UNKNOWN; 24],
            lived: false,
        }
    }

    /// A heartbeat; the answer is whether it ends a time unheard.
    pub fn beat(&mut self, at: Ms) -> bool {
        if self.last_beat_ms != Ms::MIN {
            // Between heartbeats: what is sold in between says nothing of when the next one is due.
            let gap = (at - self.last_beat_ms).max(0) as f32;
            if gap > 500.0 && gap < LONGEST_GAP_MS {
                // The longest of the first few, then a running median: a missed beat moves it no more than an early one.
                if self.beats < REGULAR_AFTER {
                    self.gap_ms = self.gap_ms.max(gap);
                } else {
                    let step = if self.beats < 40 { 0.2 * self.gap_ms } else { 0.03 * self.gap_ms };
                    self.gap_ms += (gap - self.gap_ms).clamp(-step, step);
                }
                self.beats = self.beats.saturating_add(1);
            }
        }
        self.last_beat_ms = self.last_beat_ms.max(at);
        self.sign_of_life(at)
    }

    /// Any sign of life; the answer is whether it ends a time unheard.
    pub fn sign_of_life(&mut self, at: Ms) -> bool {
        if at < self.last_ms {
            return false;
        }
        self.last_ms = at;
        if at > self.since_ms {
            self.down = false;
        }
        !std::mem::replace(&mut self.heard, true)
    }

    /// Whether its heartbeats come regularly.
    #[must_use]
    pub fn regular(&self) -> bool {
        self.beats >= REGULAR_AFTER
    }

    /// Usual time between heartbeats.
    #[must_use]
    pub fn gap_ms(&self) -> f64 {
        f64::from(self.gap_ms)
    }

    /// When it counts as unheard, if nothing more comes.
    #[must_use]
    pub fn deadline(&self) -> Ms {
        if self.regular() && self.heard { self.last_ms + (3.2 * self.gap_ms()) as Ms + 5_000 } else { Ms::MAX }
    }

    /// Whether it should be heard at this hour of the day.
    #[must_use]
    pub fn expected(&self, hour: usize) -> bool {
        self.regular() && f32::from(self.asleep[hour % 24]) / 255.0 < USUALLY_ASLEEP
    }

    /// Whether nothing is known of its habit at this hour of the day.
    #[must_use]
    pub fn unknown(&self, hour: usize) -> bool {
        self.regular() && self.asleep[hour % 24] == UNKNOWN && !self.lived
    }

    /// Learns, at the end of an hour of the day, whether it was heard through it.
    pub fn learn_hour(&mut self, hour: usize) {
        if self.regular() {
            let cell = &mut self.asleep[hour % 24];
            let seen = if self.heard { 0.0 } else { 255.0 };
            // A week's memory; up soon, so that the second night is no surprise. The first of an hour stands alone.
            let weight = if *cell == UNKNOWN {
                1.0
            } else if self.heard {
                0.15
            } else {
                0.3
            };
            // Once it has lived through a day, every hour's habit is known.
            self.lived |= weight < 1.0;
            *cell = (f32::from(*cell) + weight * (seen - f32::from(*cell))).round() as u8;
        }
    }
}

impl Default for DeviceContact {
    fn default() -> Self {
        Self::new()
    }
}

/// The path over which a site's signals come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Uplink {
    /// When anything last came through it (time of receipt).
    pub last_ms: Ms,
    /// Up to when it is proven to have worked: what was under way for longer than usual proves no more than that it was sent.
    pub proven_ms: Ms,
    /// Whether its deadline passed.
    pub lost: bool,
    /// When the heap looks at it next.
    pub queued: Ms,
    last_beat_ms: Ms,
    gap_ms: f32,
    /// A running median of how long signs of life are under way, the error of clocks included.
    way_ms: f32,
    quiet: [u8; 24],
}

impl Uplink {
    /// Never heard.
    #[must_use]
    pub fn new() -> Self {
        Self {
            last_ms: Ms::MIN,
            proven_ms: Ms::MIN,
            lost: false,
            queued: Ms::MAX,
            last_beat_ms: Ms::MIN,
            gap_ms: 0.0,
            way_ms: 0.0,
            quiet: [0; 24],
        }
    }

    /// Anything that happened at `at` came through it.
    pub fn sign_of_life(&mut self, at: Ms, received: Ms) {
        self.last_ms = self.last_ms.max(received);
        let way = (received - at) as f32;
        if self.proven_ms == Ms::MIN {
            self.way_ms = way;
        }
        let step = 50.0_f32.max(0.05 * self.way_ms.abs());
        self.way_ms += (way - self.way_ms).clamp(-step, step);
        self.proven_ms = self.proven_ms.max(received.min(at.saturating_add(self.way_ms as Ms)));
    }

    /// A heartbeat of any device came through it.
    pub fn beat(&mut self, received: Ms) {
        if self.last_beat_ms != Ms::MIN {
            let gap = (received - self.last_beat_ms).max(0) as f32;
            if gap < LONGEST_GAP_MS {
                // A running 95th percentile.
                let step = 200.0_f32.max(0.05 * self.gap_ms);
                self.gap_ms = (self.gap_ms + if gap > self.gap_ms { 0.95 * step } else { -0.05 * step }).max(0.0);
            }
        }
        self.last_beat_ms = self.last_beat_ms.max(received);
    }

    /// Up to when nothing is said by its silence: all but one in twenty heartbeats have come sooner after the last sign of life.
    #[must_use]
    pub fn fresh_until(&self) -> Ms {
        self.proven_ms.saturating_add(f64::from(1.5 * self.gap_ms) as Ms).saturating_add(FRESH_MS)
    }

    /// When it counts as lost, if nothing more comes: after two to three of the heartbeats that should have come through it.
    #[must_use]
    pub fn deadline(&self, devices: &[DeviceContact]) -> Ms {
        let mut gaps: Vec<f64> = devices.iter().filter(|d| d.regular() && d.heard).map(DeviceContact::gap_ms).collect();
        if gaps.is_empty() || self.last_ms == Ms::MIN {
            return Ms::MAX;
        }
        gaps.sort_unstable_by(f64::total_cmp);
        // The median device's: one that chatters says nothing of the others.
        let gap = gaps[gaps.len() / 2];
        self.last_ms + (gap * (2.2 + 1.0 / gaps.len() as f64)) as Ms + 5_000
    }

    /// Whether silence at this hour of the day means anything.
    #[must_use]
    pub fn expected(&self, hour: usize) -> bool {
        self.quiet[hour % 24] < 64
    }

    /// Learns, at the end of an hour of the day, whether it was heard through it.
    pub fn learn_hour(&mut self, hour: usize) {
        let cell = &mut self.quiet[hour % 24];
        let seen = if self.lost { 255.0 } else { 0.0 };
        *cell = (f32::from(*cell) + 0.15 * (seen - f32::from(*cell))).round() as u8;
    }
}

impl Default for Uplink {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_missed_after_three_beats_and_not_before_it_is_regular() {
        let mut device = DeviceContact::new();
        device.beat(0);
        assert_eq!(device.deadline(), Ms::MAX);
        for i in 1..10 {
            device.beat(i * 60_000);
        }
        let late = device.deadline() - 9 * 60_000;
        assert!((190_000..205_000).contains(&late), "{late}");
    }

    #[test]
    fn what_a_device_sells_does_not_hasten_its_next_heartbeat() {
        let mut device = DeviceContact::new();
        for minute in 0..60 {
            if minute % 5 == 0 {
                device.beat(minute * 60_000);
            } else {
                device.sign_of_life(minute * 60_000);
            }
        }
        assert!((290_000.0..310_000.0).contains(&device.gap_ms()), "{}", device.gap_ms());
    }

    #[test]
    fn a_handheld_that_sleeps_every_night_is_not_missed_the_third() {
        let mut device = DeviceContact::new();
        for i in 0..10 {
            device.beat(i * 60_000);
        }
        // Of an hour not yet lived through nothing is expected.
        assert!(!device.expected(14));
        device.learn_hour(14);
        assert!(device.expected(14));
        device.heard = false;
        device.learn_hour(2);
        assert!(!device.expected(2));
    }

    #[test]
    fn a_busy_uplink_is_doubted_soon_after_its_last_heartbeat() {
        let beats = |every_ms: Ms| {
            let mut uplink = Uplink::new();
            for i in 0..2_000 {
                uplink.beat(i * every_ms);
                uplink.sign_of_life(i * every_ms, i * every_ms);
            }
            uplink.fresh_until() - uplink.last_ms
        };
        assert!((20_000..60_000).contains(&beats(19_000)), "{}", beats(19_000));
        assert!((300_000..600_000).contains(&beats(300_000)), "{}", beats(300_000));
    }

    #[test]
    fn a_heartbeat_that_was_long_under_way_proves_only_that_it_was_sent() {
        // Clocks run four seconds fast, and the way takes one.
        let mut uplink = Uplink::new();
        for i in 0..100 {
            uplink.sign_of_life(i * 20_000 + 4_000, i * 20_000 + 1_000);
        }
        let last = 99 * 20_000 + 1_000;
        assert!((uplink.proven_ms - last).abs() < 200, "{} of {last}", uplink.proven_ms);
        // Sent soon after, it arrives a minute and a half later.
        uplink.sign_of_life(last + 8_000, last + 95_000);
        assert_eq!(uplink.last_ms, last + 95_000);
        assert!(uplink.proven_ms < last + 8_000, "{} of {last}", uplink.proven_ms);
    }

    #[test]
    fn many_devices_on_an_uplink_make_its_loss_sure_sooner() {
        let regular = |n: usize| {
            let mut device = DeviceContact::new();
            for i in 0..10 {
                device.beat(i * 60_000);
            }
            vec![device; n]
        };
        let uplink = Uplink { last_ms: 540_000, ..Uplink::new() };
        assert!(uplink.deadline(&regular(10)) < uplink.deadline(&regular(1)));
        assert_eq!(uplink.deadline(&[]), Ms::MAX);
    }
}
