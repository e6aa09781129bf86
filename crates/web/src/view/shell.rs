//! What stands around every page: where one is, who one is, what is degraded, and the bar of the demo.

use super::state::{Role, Severity};
use crate::words::Key;
use jiff::Timestamp;

/// The rooms of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nav {
    /// What is wrong now.
    Overview,
    /// All incidents.
    Incidents,
    /// Sites and devices.
    Fleet,
    /// Tokens, import, users.
    Settings,
    /// None of them: login, problems.
    Elsewhere,
}

/// Light or dark, as the user chose; `System` follows the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the device has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Name of the cookie that remembers the choice.
    pub const COOKIE: &'static str = "theme";

    /// Value in the cookie and on `<html>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the cookie; anything unknown follows the device.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Name for people.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl SignedIn {
    /// Up to two letters for the corner: `Eva Lind` is `EL`.
    #[must_use]
    pub fn initials(&self) -> String {
        self.name.split_whitespace().filter_map(|w| w.chars().next()).take(2).flat_map(char::to_uppercase).collect()
    }
}

/// A part of Samband that is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DegradedPart {
    /// Ticks are late: what is shown may be old.
    Engine,
    /// Charts and baselines may lack the newest hours.
    History,
    /// The disk is nearly full: signals are refused, commands work.
    Inbox,
    /// A shard is missing: its sites are unknown.
    Shard,
}

impl DegradedPart {
    /// What it means for the reader.
    #[must_use]
    pub fn word(self) -> Key {
        match self {
            Self::Engine => Key("degraded-engine"),
            Self::History => Key("degraded-history"),
            Self::Inbox => Key("degraded-inbox"),
            Self::Shard => Key("degraded-shard"),
        }
    }
}

/// Something degraded, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Degraded {
    /// Which part.
    pub part: DegradedPart,
    /// Since when.
    pub since: Timestamp,
}

/// One scenario of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoScenario {
    /// Stable name: `s1`.
    pub id: String,
    /// What happens, in the page's language.
    pub name: String,
}

/// The bar of the demo: what runs, how fast, at what simulated time.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoBar {
    /// To choose from.
    pub scenarios: Vec<DemoScenario>,
    /// Running now.
    pub running: Option<String>,
    /// Simulated seconds per second.
    pub speed: u32,
    /// The simulated moment.
    pub simulated: Timestamp,
    /// When what runs begins to hit somebody, if it ever does.
    pub begins_at: Option<Timestamp>,
}

impl DemoBar {
    /// Speeds to choose from.
    pub const SPEEDS: [u32; 4] = [1, 10, 60, 300];

    /// When what runs begins, while that lies ahead.
    #[must_use]
    pub fn begins(&self) -> Option<&Timestamp> {
        self.begins_at.as_ref().filter(|at| **at > self.simulated)
    }

    /// Whether this scenario runs.
    #[must_use]
    pub fn runs(&self, id: &str) -> bool {
        self.running.as_deref() == Some(id)
    }
}

/// Everything around a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Shell {
    /// Path of this page, for the language switch and for `next` after login.
    pub path: String,
    /// The room.
    pub nav: Nav,
    /// Who reads.
    pub user: Option<SignedIn>,
    /// Light or dark.
    pub theme: Theme,
    /// Whether single keys act (WCAG 2.1.4: they can be turned off).
    pub single_keys: bool,
    /// Journal sequence that the page stands on: live updates go on after it.
    pub seq: u64,
    /// Open incidents and the worst severity among them.
    pub open: Option<(u64, Severity)>,
    /// What is not as it should be.
    pub degraded: Vec<Degraded>,
    /// The demo's bar, in a demo.
    pub demo: Option<DemoBar>,
}

impl Shell {
    /// `page` when this is the room, for `aria-current`.
    #[must_use]
    pub fn current(&self, nav: Nav) -> &'static str {
        if self.nav == nav { "page" } else { "false" }
    }

    /// Whether the reader may see the settings.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.user.as_ref().is_some_and(|u| u.role == Role::Admin)
    }

    /// Address of a static file.
    #[must_use]
    pub fn asset(&self, path: &str) -> String {
        crate::assets::url(path)
    }
}
