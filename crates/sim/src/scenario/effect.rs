//! The vocabulary of what can break: a few effects that combine.

use super::{BadScenario, BadTerm, Select, Terms};
use serde::Deserialize;

/// One thing that breaks: whom it hits, when, and what it does to them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// Its name within the scenario.
    pub name: String,
    /// Whom it hits.
    pub select: Select,
    /// Seconds after the scenario's start at which the first can be hit.
    #[serde(default)]
    pub start_s: u32,
    /// Seconds over which the hits are spread evenly; 0: all at once.
    #[serde(default)]
    pub ramp_s: u32,
    /// Seconds from a hit until its end; absent: it lasts.
    #[serde(default)]
    pub duration_s: Option<u32>,
    /// Who is hit in the same moment.
    #[serde(default)]
    pub together: Together,
    /// What it does.
    pub effect: Vec<Timely>,
}

/// Who is hit in the same moment while a break ramps up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Together {
    /// Each device at its own moment.
    #[default]
    Device,
    /// All devices of a site at once.
    Site,
}

/// An effect and its delay after the hit.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Timely {
    /// Seconds after the hit.
    #[serde(default)]
    pub after_s: u32,
    /// What happens.
    #[serde(flatten)]
    pub what: Effect,
}

/// What can happen to a device or its site.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// It is dead: no sales, no heartbeats. When it ends, the device boots.
    Dead {
        /// A last `link` down with this reason, where the device can still say so.
        #[serde(default)]
        says: Option<String>,
    },
    /// It keeps this share of its sales and is well otherwise.
    Drop {
        /// 0 to 1.
        to: f64,
    },
    /// It sells but sends no heartbeats.
    Mute,
    /// Its whole site is unheard; sales go on and are delivered when the line is back, heartbeats are not.
    CutOff {
        /// Whether the backlog comes at all.
        #[serde(default = "yes")]
        backlog: bool,
    },
    /// An attribute changes, and the device says so.
    SetAttribute {
        /// Its name.
        attribute: String,
        /// Its new value.
        value: String,
        /// Whether the old value comes back at the end.
        #[serde(default)]
        restore: bool,
    },
    /// A share of the sales that it loses is made on other devices of the site.
    MoveTo {
        /// Which devices take them.
        devices: Terms,
        /// 0 to 1.
        share: f64,
        /// Within how many seconds, at most 900.
        #[serde(default = "five_minutes")]
        within_s: u32,
    },
}

fn yes() -> bool {
    true
}

fn five_minutes() -> u32 {
    300
}

impl Break {
    /// Checks numbers and terms.
    pub(super) fn check(&self) -> Result<(), BadScenario> {
        let number = |field, range| BadScenario::Number { of: self.name.clone(), field, range };
        let term = |source: BadTerm| BadScenario::Term { of: self.name.clone(), source };
        if self.effect.is_empty() {
            return Err(BadScenario::Idle(self.name.clone()));
        }
        if !(0.0..=1.0).contains(&self.select.share) {
            return Err(number("select.share", "0 to 1"));
        }
        self.select.devices.check().map_err(term)?;
        self.select.sites.check().map_err(term)?;
        for timely in &self.effect {
            match &timely.what {
                Effect::Drop { to } if !(0.0..=1.0).contains(to) => return Err(number("to", "0 to 1")),
                Effect::MoveTo { share, .. } if !(0.0..=1.0).contains(share) => return Err(number("share", "0 to 1")),
                Effect::MoveTo { within_s, .. } if !(1..=900).contains(within_s) => {
                    return Err(number("within_s", "1 to 900"));
                }
                Effect::MoveTo { devices, .. } => devices.check().map_err(term)?,
                Effect::Dead { .. }
                | Effect::Drop { .. }
                | Effect::Mute
                | Effect::CutOff { .. }
                | Effect::SetAttribute { .. } => {}
            }
        }
        Ok(())
    }
}
