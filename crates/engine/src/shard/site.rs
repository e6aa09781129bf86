//! One site's state: what is done there, and who is heard from.

use super::activity::Activity;
use super::contact::{DeviceContact, Uplink};
use crate::clock::Ms;
use serde::{Deserialize, Serialize};

/// State of a site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SiteState {
    /// Its number in the registry.
    pub ix: u32,
    /// One for each metric.
    pub activities: Vec<Activity>,
    /// By slot, less one.
    pub contacts: Vec<DeviceContact>,
    /// The path to it.
    pub uplink: Uplink,
    /// When the heap refreshes it next.
    pub refresh_queued: Ms,
    /// How late its single moments usually come, milliseconds: all but one in twenty come sooner.
    pub lag_ms: f32,
    /// How late after their end its intervals usually come.
    pub interval_lag_ms: f32,
}

/// A lag beyond this is a backlog, not a habit.
const LONGEST_LAG_MS: f32 = 600_000.0;

impl SiteState {
    /// A site that nothing is known of.
    #[must_use]
    pub fn new(ix: u32) -> Self {
        Self {
            ix,
            activities: Vec::new(),
            contacts: Vec::new(),
            uplink: Uplink::new(),
            refresh_queued: Ms::MAX,
            lag_ms: 0.0,
            interval_lag_ms: 0.0,
        }
    }

    /// Contact of the device in a slot (1 or more).
    pub fn contact(&mut self, slot: u32) -> Option<&mut DeviceContact> {
        let at = (slot as usize).checked_sub(1)?;
        if self.contacts.len() <= at {
            self.contacts.resize_with(at + 1, DeviceContact::new);
        }
        self.contacts.get_mut(at)
    }

    /// The same, if anything is known of it.
    pub fn known_contact(&mut self, slot: u32) -> Option<&mut DeviceContact> {
        self.contacts.get_mut((slot as usize).checked_sub(1)?)
    }

    /// The activity of a series.
    #[must_use]
    pub fn activity(&self, series: u32) -> Option<usize> {
        self.activities.iter().position(|a| a.series == series)
    }

    /// Learns how late signals come: a count of a moment, or of an interval that ended then.
    pub fn lagged(&mut self, delay_ms: Ms, interval_ms: Ms) {
        learn_lag(if interval_ms == 0 { &mut self.lag_ms } else { &mut self.interval_lag_ms }, delay_ms);
    }

    /// Whether heartbeats are to be expected from here at all.
    #[must_use]
    pub fn sends_heartbeats(&self) -> bool {
        self.contacts.iter().any(DeviceContact::regular)
    }
}

/// A running 95th percentile of delays.
pub fn learn_lag(lag_ms: &mut f32, delay_ms: Ms) {
    let step = 50.0_f32.max(0.02 * *lag_ms);
    *lag_ms += if delay_ms as f32 > *lag_ms { step * 0.95 } else { -step * 0.05 };
    *lag_ms = lag_ms.clamp(0.0, LONGEST_LAG_MS);
}
