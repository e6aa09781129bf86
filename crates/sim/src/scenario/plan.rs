//! Scenarios worked out against a world: windows of time in which something is wrong with a device or a site.

use super::{BadScenario, Effect, Injected};
use crate::world::World;
use std::collections::BTreeMap;

/// The end of what never ends by itself.
pub const NEVER_MS: i64 = i64::MAX;

/// A stretch of time in which something is wrong: `[from_ms, until_ms)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// When it begins.
    pub from_ms: i64,
    /// When it is over; [`NEVER_MS`]: it lasts.
    pub until_ms: i64,
    /// What is wrong.
    pub what: What,
}

/// What is wrong in a window; numbers point into the tables of [`Plan`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum What {
    /// No sales, no heartbeats; with a last word where there is a note.
    Dead {
        /// Reason that it still gave.
        says: Option<u16>,
    },
    /// Sells only this share.
    Drop {
        /// 0 to 1.
        to: f64,
    },
    /// Sends no heartbeats.
    Mute,
    /// The site is unheard.
    Cut {
        /// Whether the backlog comes.
        backlog: bool,
    },
    /// An attribute is another.
    Set {
        /// What it is set to.
        note: u16,
        /// What it is set back to.
        restore: Option<u16>,
    },
    /// What it loses moves.
    Move {
        /// To whom.
        how: u16,
    },
}

impl Window {
    /// Whether a moment lies in it.
    #[must_use]
    pub fn holds(&self, ms: i64) -> bool {
        (self.from_ms..self.until_ms).contains(&ms)
    }
}

/// Where lost sales move.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// Which devices take them.
    pub terms: super::Terms,
    /// How many of them move.
    pub share: f64,
    /// How soon, at most.
    pub within_ms: i64,
}

/// Everything that scenarios do to a world.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    devices: BTreeMap<usize, Vec<Window>>,
    cuts: BTreeMap<usize, Vec<Window>>,
    /// Reasons and attributes with their values, as windows point to them.
    pub notes: Vec<(String, String)>,
    /// Moves, as windows point to them.
    pub moves: Vec<Move>,
}

impl Plan {
    /// Works scenarios out.
    pub fn new(world: &World, injected: &[Injected]) -> Result<Self, BadScenario> {
        let mut plan = Self::default();
        for one in injected {
            plan.add(world, one)?;
        }
        Ok(plan)
    }

    /// What is wrong with a device.
    pub fn device(&self, device: usize) -> &[Window] {
        self.devices.get(&device).map_or(&[], Vec::as_slice)
    }

    /// When a site is unheard.
    pub fn cuts(&self, site: usize) -> &[Window] {
        self.cuts.get(&site).map_or(&[], Vec::as_slice)
    }

    fn note(&mut self, name: &str, value: &str) -> u16 {
        let found = self.notes.iter().position(|(n, v)| n == name && v == value);
        let at = found.unwrap_or_else(|| {
            self.notes.push((name.to_owned(), value.to_owned()));
            self.notes.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    fn add(&mut self, world: &World, injected: &Injected) -> Result<(), BadScenario> {
        let truth = injected.truth(world)?;
        for b in &injected.scenario.breaks {
            let first_move = self.moves.len();
            for timely in &b.effect {
                if let Effect::MoveTo { devices, share, within_s } = &timely.what {
                    let within_ms = i64::from(*within_s) * 1000;
                    self.moves.push(Move { terms: devices.clone(), share: *share, within_ms });
                }
            }
            for hit in truth.of(&b.name) {
                let until_ms = hit.until.map_or(NEVER_MS, |t| t.as_millisecond());
                let mut next_move = first_move;
                for timely in &b.effect {
                    let what = self.what(world, hit.index, &timely.what, &mut next_move);
                    let from_ms = hit.at.as_millisecond() + i64::from(timely.after_s) * 1000;
                    self.put(world, hit.index, Window { from_ms, until_ms, what });
                }
            }
        }
        Ok(())
    }

    fn what(&mut self, world: &World, device: usize, effect: &Effect, next_move: &mut usize) -> What {
        match effect {
            Effect::Dead { says } => What::Dead { says: says.as_ref().map(|s| self.note("", s)) },
            Effect::Drop { to } => What::Drop { to: *to },
            Effect::Mute => What::Mute,
            Effect::CutOff { backlog } => What::Cut { backlog: *backlog },
            Effect::SetAttribute { attribute, value, restore } => {
                let before = world.attribute(device, attribute).filter(|_| *restore).map(str::to_owned);
                let restore = before.map(|v| self.note(attribute, &v));
                What::Set { note: self.note(attribute, value), restore }
            }
            Effect::MoveTo { .. } => {
                let how = u16::try_from(*next_move).unwrap_or(u16::MAX);
                *next_move += 1;
                What::Move { how }
            }
        }
    }

    fn put(&mut self, world: &World, device: usize, window: Window) {
        if window.from_ms >= window.until_ms {
            return;
        }
        if let What::Cut { .. } = window.what {
            let cuts = self.cuts.entry(world.devices[device].site).or_default();
            if !cuts.contains(&window) {
                cuts.push(window);
            }
        } else {
            self.devices.entry(device).or_default().push(window);
        }
    }
}
