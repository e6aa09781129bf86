//! The configuration: one struct per concern, filled from a TOML file and from `SAMBAND_*`, each over the one before.
//!
//! Every setting stands once, in `settings.rs`: its key, what it is for, how it is read and how it is shown. File, environment,
//! `samband check` and the documentation all go by that table.

mod read;
mod settings;

pub use read::{Fault, Loaded, Origin, load};
pub use settings::{SETTINGS, Setting};

use domain::incident::SeverityPolicy;
use domain::{Currency, CustomerKey};
use engine::FalseAlarms;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where the data lies.
    pub data_dir: PathBuf,
    /// The server.
    pub server: Server,
    /// What is kept, and for how long.
    pub retention: Retention,
    /// The customer that a first start registers.
    pub customer: FirstCustomer,
    /// The engine.
    pub engine: EngineSettings,
    /// How often false alarms may come.
    pub false_alarms: FalseAlarms,
    /// From which consequence an incident has which severity.
    pub severity: SeverityPolicy,
}

/// The server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How it is reached from outside, for links; made from `listen` where absent.
    pub public_url: Option<String>,
}

/// The customer that a first start registers, so that there is one to send signals for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstCustomer {
    /// Its key.
    pub key: CustomerKey,
    /// Its name for people.
    pub name: String,
    /// Currency of its turnover.
    pub currency: Currency,
    /// Zone of sites that name none, and of the times on pages.
    pub timezone: String,
}

/// What is kept, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Signals are refused once the inbox holds this much, in bytes.
    pub inbox_max_bytes: u64,
    /// Settled signals go, oldest first, beyond this, in bytes.
    pub inbox_keep_bytes: u64,
    /// Settled signals go after so many days.
    pub inbox_keep_days: u32,
    /// Kept free on the disk for the journal, in bytes.
    pub reserve_bytes: u64,
    /// History goes after so many days.
    pub history_days: u32,
    /// History goes, oldest first, beyond this, in bytes.
    pub history_bytes: u64,
    /// How many snapshots are kept.
    pub snapshots: u32,
}

/// The engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineSettings {
    /// Into how many parts the fleet is split.
    pub shards: u32,
    /// The engine judges so often, in milliseconds.
    pub tick_ms: u32,
    /// A snapshot is taken every so many seconds.
    pub snapshot_every_s: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("samband-data"),
            server: Server { listen: SocketAddr::from(([127, 0, 0, 1], 7700)), public_url: None },
            retention: Retention {
                inbox_max_bytes: 64 << 30,
                inbox_keep_bytes: 48 << 30,
                inbox_keep_days: 14,
                reserve_bytes: 1 << 30,
                history_days: 400,
                history_bytes: 32 << 30,
                snapshots: 3,
            },
            customer: FirstCustomer {
                key: CustomerKey::new("main").expect("a short word is a key"),
                name: "Main".to_owned(),
                currency: domain::money::SEK,
                timezone: "Europe/Stockholm".to_owned(),
            },
            engine: EngineSettings { shards: 2, tick_ms: 150, snapshot_every_s: 60 },
            false_alarms: FalseAlarms::default(),
            severity: SeverityPolicy::default(),
        }
    }
}

impl Config {
    /// How it is reached from outside, without a slash at the end.
    pub fn base_url(&self) -> String {
        let made = || format!("http://{}", self.server.listen);
        self.server.public_url.as_ref().map_or_else(made, |url| url.trim_end_matches('/').to_owned())
    }
}
