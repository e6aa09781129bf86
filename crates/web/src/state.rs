//! What every route shares: the desk, history, the loops, a clock, and the few things the server itself remembers, each
//! bounded.

use crate::board::Board;
use crate::charts::ChartCache;
use crate::limits::Limiter;
use crate::port::{Clock, DemoControl, Loops};
use crate::tickets::Tickets;
use desk::Desk;
use domain::TokenId;
use jiff::{Timestamp, tz::TimeZone};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Entropy, History};
use tokio::sync::Semaphore;

/// Bodies of signals that are being read may weigh so much together, in KiB.
const BODIES_KIB: usize = 256 << 10;

/// What a server is made of.
pub struct AppParts {
    /// The desk.
    pub desk: Arc<Desk>,
    /// History, for charts and states.
    pub history: Arc<dyn History>,
    /// Intake and health.
    pub loops: Arc<dyn Loops>,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where the ids of import tickets and of problems come from.
    pub entropy: Box<dyn Entropy + Send>,
    /// The zone that times stand in, unless a site's own is named.
    pub zone: TimeZone,
    /// Where people reach this server, without a final slash: `https://samband.example`. Decides whether cookies are `Secure`.
    pub public_url: String,
    /// The demo's switches, in a demo.
    pub demo: Option<Arc<dyn DemoControl>>,
}

/// The shared state of all routes.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// What the routes share.
pub struct Shared {
    pub(crate) desk: Arc<Desk>,
    pub(crate) history: Arc<dyn History>,
    pub(crate) loops: Arc<dyn Loops>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) zone: TimeZone,
    pub(crate) public_url: String,
    pub(crate) demo: Option<Arc<dyn DemoControl>>,
    pub(crate) board: Board,
    pub(crate) charts: ChartCache,
    pub(crate) tickets: Tickets,
    pub(crate) limiter: Limiter,
    pub(crate) bodies: Semaphore,
    pub(crate) counters: crate::routes::metrics::Counters,
    token_used: Mutex<BTreeMap<TokenId, Timestamp>>,
    entropy: Mutex<Box<dyn Entropy + Send>>,
}

impl AppState {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: AppParts) -> Self {
        let AppParts { desk, history, loops, clock, entropy, zone, public_url, demo } = parts;
        Self(Arc::new(Shared {
            desk,
            history,
            loops,
            clock,
            zone,
            public_url,
            demo,
            board: Board::default(),
            charts: ChartCache::default(),
            tickets: Tickets::default(),
            limiter: Limiter::default(),
            bodies: Semaphore::new(BODIES_KIB),
            counters: crate::routes::metrics::Counters::default(),
            token_used: Mutex::default(),
            entropy: Mutex::new(entropy),
        }))
    }
}

impl Deref for AppState {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    /// The present.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether browsers reach us over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// 16 random bytes in hex.
    pub(crate) fn fresh_id(&self) -> String {
        let mut bytes = [0; 16];
        self.entropy.lock().unwrap_or_else(PoisonError::into_inner).fill(&mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Notes that a token was used.
    pub(crate) fn token_was_used(&self, token: &TokenId, now: Timestamp) {
        let mut used = self.token_used.lock().unwrap_or_else(PoisonError::into_inner);
        match used.get_mut(token) {
            Some(at) => *at = now,
            None => drop(used.insert(token.clone(), now)),
        }
    }

    /// When a token was last used since the start.
    pub(crate) fn token_used_at(&self, token: &TokenId) -> Option<Timestamp> {
        self.token_used.lock().unwrap_or_else(PoisonError::into_inner).get(token).copied()
    }
}
