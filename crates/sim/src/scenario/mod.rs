//! Disruptions as TOML files: whom they hit, when, what breaks, and what a detector should then say.
//!
//! The shipped ones lie in `scenarios/`; its README explains every word, so that anybody can write a new one.

mod effect;
mod plan;
mod select;
mod truth;

pub use effect::{Break, Effect, Together};
pub(crate) use plan::{Plan, What, Window};
pub use select::{BadTerm, Select, Terms};
pub use truth::{Hit, Truth};

use crate::config::WorldConfig;
use crate::world::World;
use domain::FindingKind;
use jiff::Timestamp;
use jiff::civil::Time;
use serde::Deserialize;
use std::sync::Arc;

/// A disruption, or the telling absence of one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its short name: `s1`.
    pub name: String,
    /// What to call it on a page.
    pub title: Title,
    /// What happens, in a few sentences.
    #[serde(default)]
    pub story: String,
    /// What the world must be like for it; the default world where absent.
    #[serde(default)]
    pub world: WorldNeeds,
    /// Local time of day at which it belongs; any open hour where absent.
    #[serde(default)]
    pub time: Option<Time>,
    /// How long it is worth watching, in seconds from its start.
    pub watch_s: u32,
    /// What breaks.
    #[serde(default, rename = "break")]
    pub breaks: Vec<Break>,
    /// What should be found.
    pub expect: Expect,
}

/// A title in the languages of the pages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// English.
    pub en: String,
    /// Swedish.
    pub sv: String,
}

/// Settings of the world that a scenario asks for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldNeeds {
    /// Number of shops.
    pub sites: Option<u32>,
    /// Self-scanners at a usual shop.
    pub scanners_per_site: Option<f64>,
    /// Tills at a usual shop.
    pub tills_per_site: Option<f64>,
}

/// What a detector should say of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Incidents at sev1 or sev2, at least.
    #[serde(default)]
    pub incidents_min: u32,
    /// Incidents at sev1 or sev2, at most.
    pub incidents_max: u32,
    /// Findings that must come, in any order.
    #[serde(default, rename = "finding")]
    pub findings: Vec<Expected>,
}

/// One finding that must come.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Any of these kinds.
    pub kinds: Vec<FindingKind>,
    /// The break that it is about.
    #[serde(rename = "break")]
    pub of: String,
    /// Terms that its explanation must hold.
    #[serde(default)]
    pub explanation: Vec<String>,
    /// Seconds from the first hit to the first word of it.
    pub within_s: u32,
}

/// A scenario let loose on a world at a moment.
#[derive(Debug, Clone)]
pub struct Injected {
    /// Which.
    pub scenario: Arc<Scenario>,
    /// Its second zero.
    pub at: Timestamp,
    /// When everything is put right by hand, if it is: what still lasts ends then.
    pub ended_at: Option<Timestamp>,
}

/// Why a scenario cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadScenario {
    /// Not TOML, or a word that is not known; the text shows the line.
    #[error("scenario is not readable: {0}")]
    Toml(String),
    /// A number outside its range.
    #[error("break {of:?}: {field} must be {range}")]
    Number {
        /// The break.
        of: String,
        /// The field.
        field: &'static str,
        /// What it may be.
        range: &'static str,
    },
    /// A term that is not one.
    #[error("break {of:?}: {source}")]
    Term {
        /// The break.
        of: String,
        /// What is wrong with it.
        source: BadTerm,
    },
    /// Two breaks of one name.
    #[error("two breaks are named {0:?}")]
    Twice(String),
    /// A break that does nothing.
    #[error("break {0:?} has no effect")]
    Idle(String),
    /// An expected finding about a break that does not exist.
    #[error("an expected finding is about break {0:?}, which does not exist")]
    NoBreak(String),
    /// Nobody is hit in this world.
    #[error("break {of:?} hits no device of this world ({devices} devices)")]
    Nobody {
        /// The break.
        of: String,
        /// How many were looked at.
        devices: usize,
    },
    /// No shipped scenario of that name.
    #[error("no scenario is named {0:?}; there are {known}", known = Scenario::names().join(", "))]
    Unknown(String),
}

/// The shipped scenarios.
const SHIPPED: [(&str, &str); 10] = [
    ("s1", include_str!("../../scenarios/s1.toml")),
    ("s1-large", include_str!("../../scenarios/s1-large.toml")),
    ("s4", include_str!("../../scenarios/s4.toml")),
    ("s5", include_str!("../../scenarios/s5.toml")),
    ("s7", include_str!("../../scenarios/s7.toml")),
    ("s9", include_str!("../../scenarios/s9.toml")),
    ("s10", include_str!("../../scenarios/s10.toml")),
    ("s13", include_str!("../../scenarios/s13.toml")),
    ("power", include_str!("../../scenarios/power.toml")),
    ("device", include_str!("../../scenarios/device.toml")),
];

impl Scenario {
    /// Names of the shipped scenarios.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        SHIPPED.iter().map(|(name, _)| *name).collect()
    }

    /// A shipped scenario by its name.
    ///
    /// # Errors
    /// [`BadScenario::Unknown`] lists the names there are.
    pub fn shipped(name: &str) -> Result<Self, BadScenario> {
        let found = SHIPPED.iter().find(|(n, _)| *n == name);
        Self::parse(found.ok_or_else(|| BadScenario::Unknown(name.to_owned()))?.1)
    }

    /// Reads a scenario.
    ///
    /// # Errors
    /// [`BadScenario`] says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, BadScenario> {
        let scenario: Self = toml::from_str(text).map_err(|e| BadScenario::Toml(e.to_string()))?;
        for (i, b) in scenario.breaks.iter().enumerate() {
            if scenario.breaks[..i].iter().any(|other| other.name == b.name) {
                return Err(BadScenario::Twice(b.name.clone()));
            }
            b.check()?;
        }
        for e in &scenario.expect.findings {
            if !scenario.breaks.iter().any(|b| b.name == e.of) {
                return Err(BadScenario::NoBreak(e.of.clone()));
            }
        }
        Ok(scenario)
    }

    /// A world config that this scenario is at home in, other settings kept.
    #[must_use]
    pub fn world(&self, base: &WorldConfig) -> WorldConfig {
        WorldConfig {
            sites: self.world.sites.unwrap_or(base.sites),
            scanners_per_site: self.world.scanners_per_site.unwrap_or(base.scanners_per_site),
            tills_per_site: self.world.tills_per_site.unwrap_or(base.tills_per_site),
            ..base.clone()
        }
    }

    /// Lets it loose at a moment.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Injected {
        Injected { scenario: Arc::new(self), at, ended_at: None }
    }
}

impl Injected {
    /// What will really happen to whom.
    ///
    /// # Errors
    /// [`BadScenario::Nobody`] when a break hits no device of the world.
    pub fn truth(&self, world: &World) -> Result<Truth, BadScenario> {
        truth::of(self, world)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_shipped_scenario_is_read_and_hits_somebody() {
        for name in Scenario::names() {
            let s = Scenario::shipped(name).unwrap();
            assert_eq!(s.name, name);
            let world = World::new(&s.world(&WorldConfig::default())).unwrap();
            let truth = s.clone().at("2026-02-10T09:31:00Z".parse().unwrap()).truth(&world).unwrap();
            assert_eq!(truth.hits.is_empty(), s.breaks.is_empty(), "{name}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_scenario_is_said() {
        let base = r#"
name = "x"
watch_s = 60
title = { en = "X", sv = "X" }
expect = { incidents_max = 1 }
[[break]]
name = "b"
select = { devices = ["type=till"] }
"#;
        let bad = |more: &str| Scenario::parse(&format!("{base}{more}")).unwrap_err().to_string();
        assert!(bad("").contains("missing field `effect`"), "{}", bad(""));
        assert!(bad("effect = []").contains("no effect"));
        assert!(bad("effect = [{ do = \"explode\" }]").contains("unknown variant `explode`"));
        assert!(bad("effect = [{ do = \"drop\", to = 1.5 }]").contains("to must be 0 to 1"));
        assert!(bad("ramp = 3\neffect = [{ do = \"dead\" }]").contains("unknown field `ramp`"));
        assert!(bad("effect = [{ do = \"move_to\", devices = [\"till\"], share = 0.5 }]").contains("\"till\""));
        let text = base.replace("type=till", "type=teapot") + "effect = [{ do = \"dead\" }]";
        let world = World::new(&WorldConfig { sites: 2, ..WorldConfig::default() }).unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let nobody = Scenario::parse(&text).unwrap().at(at).truth(&world).unwrap_err();
        assert!(matches!(nobody, BadScenario::Nobody { .. }));
        assert!(Scenario::shipped("s99").unwrap_err().to_string().contains("s13"));
    }
}
