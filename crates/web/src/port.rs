//! What the server needs of the rest of the house, as traits and plain types: the composition root connects them to the
//! running loops, and a test to something smaller.

use crate::view::{Degraded, DemoBar, DemoScenario};
use crate::words::Lang;
use domain::signal::Envelope;
use domain::{CustomerKey, DeviceCode, Signal, SiteCode, TokenId};
use jiff::Timestamp;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// What tells the time.
pub trait Clock: Send + Sync {
    /// The present.
    fn now(&self) -> Timestamp;
}

impl<F: Fn() -> Timestamp + Send + Sync> Clock for F {
    fn now(&self) -> Timestamp {
        self()
    }
}

/// The running loops behind the pages.
pub trait Loops: Send + Sync {
    /// Hands a batch in. Called on a worker; encoding it there is welcome, waiting is not.
    ///
    /// # Errors
    /// [`IntakeRefused`] at once when there is no room.
    fn hand_in(&self, batch: Incoming) -> Result<Durable, IntakeRefused>;

    /// How they are doing.
    fn condition(&self) -> Condition;

    /// What sends and is not registered, newest last, bounded.
    fn unregistered(&self) -> Vec<Unregistered>;

    /// When a site was last heard from, where that is known to the second; the pages fall back on history.
    fn site_heard_at(&self, _customer: &CustomerKey, _site: &SiteCode) -> Option<Timestamp> {
        None
    }

    /// When a device was last heard from, where that is known to the second; the pages fall back on history.
    fn device_heard_at(&self, _customer: &CustomerKey, _device: &DeviceCode) -> Option<Timestamp> {
        None
    }
}

/// A batch as it came in, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// Whose signals.
    pub customer: CustomerKey,
    /// The token they came with.
    pub token: TokenId,
    /// When they reached us.
    pub received_at: Timestamp,
    /// Makes the whole batch count once, if it has one.
    pub envelope: Option<Envelope>,
    /// The signals, at least one.
    pub signals: Vec<Signal>,
}

/// Resolves once a batch is durable, to its place in the inbox.
pub type Durable = Pin<Box<dyn Future<Output = Result<u64, IntakeRefused>> + Send>>;

/// Why a batch was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeRefused {
    /// Not now: too much under way, a full disk, or a stop.
    #[error("{why}")]
    Later {
        /// For people.
        why: String,
        /// Not before.
        retry_after: Duration,
    },
    /// Never in one piece.
    #[error("{0}")]
    TooLarge(String),
    /// A signal that cannot be kept.
    #[error("{0}")]
    Unkeepable(String),
}

/// How the loops are doing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Condition {
    /// Whether signals are taken and judged, and commands recorded.
    pub ready: bool,
    /// What is not as it should be, in words, for `/readyz`.
    pub troubles: Vec<String>,
    /// The same for the pages, as far as readers are concerned.
    pub degraded: Vec<Degraded>,
    /// Numbers for `/metrics`.
    pub metrics: Vec<Metric>,
}

/// One number for `/metrics`.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Without the prefix `samband_`: `inbox_head`.
    pub name: &'static str,
    /// What it counts.
    pub help: &'static str,
    /// Whether it only grows.
    pub counts: bool,
    /// Its value.
    pub value: f64,
}

/// Something that sends and is not registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unregistered {
    /// Whose token it sends with.
    pub customer: CustomerKey,
    /// The site it names.
    pub site: Option<SiteCode>,
    /// The device it names.
    pub device: Option<DeviceCode>,
    /// First signal.
    pub first_at: Timestamp,
    /// Last signal.
    pub last_at: Timestamp,
    /// Signals so far.
    pub signals: u64,
}

/// The demo's switches; absent outside a demo.
pub trait DemoControl: Send + Sync {
    /// What can be picked.
    fn scenarios(&self, lang: Lang) -> Vec<DemoScenario>;
    /// What runs, at which speed and simulated moment.
    fn state(&self) -> DemoState;
    /// Starts a scenario; false when there is none of that name.
    fn pick(&self, scenario: &str) -> bool;
    /// Changes the speed.
    fn set_speed(&self, speed: u32);
}

/// Where the demo stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoState {
    /// The scenario that runs.
    pub running: Option<String>,
    /// Simulated seconds per second.
    pub speed: u32,
    /// The simulated moment.
    pub simulated: Timestamp,
    /// When what runs begins to hit somebody, if it ever does.
    pub begins_at: Option<Timestamp>,
}

/// The bar on the pages.
pub(crate) fn demo_bar(demo: &dyn DemoControl, lang: Lang) -> DemoBar {
    let DemoState { running, speed, simulated, begins_at } = demo.state();
    DemoBar { scenarios: demo.scenarios(lang), running, speed, simulated, begins_at }
}
