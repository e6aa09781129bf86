//! A node: opens the data directory, lets the desk take up where it stood, and starts the loops, of which the engine's goes on from its newest snapshot.

use crate::arrivals::Arrivals;
use crate::batch::Handed;
use crate::clock::Clock;
use crate::config::{NodeConfig, Ticks};
use crate::engine_loop::EngineLoop;
use crate::follow::Follower;
use crate::gauges::{Gauges, Part};
use crate::health::{Health, look};
use crate::intake::{IngestRefused, Intake, Receipt};
use crate::keeper::{Keeper, Kept};
use crate::parts::spawn;
use crate::projections::Projections;
use crate::pulse::Gathering;
use crate::resume::{Resumed, Resuming};
use crate::settle::Settling;
use crate::ticker::{Stop, Ticker};
use desk::{Caller, Desk, DeskError, DeskParts, TakenUp};
use domain::event::EngineStarted;
use domain::policy::PolicySet;
use domain::{CustomerKey, DeviceCode, SiteCode};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use store::inbox::Inbox;
use store::sqlite::{AccountsError, SqliteAccounts};
use store::{DataDir, DataDirError, History, InboxError, Position, Seq, Snapshots};

/// Decoded signals that wait for the engine may weigh so much, in bytes; more is read from the disk.
const WAITING_BYTES: usize = 64 << 20;
/// So many outcomes may wait to be settled; then the engine waits.
const OUTCOMES: usize = 256;

/// Why a node does not start, or cannot do something.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The data directory cannot be opened.
    #[error(transparent)]
    Stores(#[from] DataDirError),
    /// The accounts file cannot be opened.
    #[error("the accounts file cannot be opened")]
    Accounts(#[from] AccountsError),
    /// The journal does not fold.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The inbox cannot be asked.
    #[error("the inbox cannot be read")]
    Inbox(#[from] InboxError),
    /// The operating system gives no threads.
    #[error("no thread could be started")]
    Threads(#[from] io::Error),
    /// The engine's policy has no JSON form.
    #[error("the policy cannot be written: {0}")]
    Policy(serde_json::Error),
    /// The engine has not caught up yet: a tick now would have no number.
    #[error("the engine is still reading what came in before the start")]
    CatchingUp,
}

/// A running node.
pub struct Node {
    stores: DataDir,
    desk: Arc<Desk>,
    intake: Arc<Intake>,
    ticker: Arc<Ticker>,
    gauges: Arc<Gauges>,
    arrivals: Arc<Arrivals>,
    clock: Arc<dyn Clock>,
    stop: Arc<Stop>,
    abandon: Arc<AtomicBool>,
    finish: Arc<AtomicBool>,
    /// In the order in which they end.
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Node {
    /// Starts a node. On return pages and commands work and signals are taken; the engine may still be taking up its snapshot and
    /// reading what came in before.
    ///
    /// # Errors
    /// [`NodeError`] says what could not be opened.
    pub fn start(mut config: NodeConfig) -> Result<Self, NodeError> {
        let now = config.clock.now();
        let mut entropy = (config.entropy)();
        let stores = DataDir::open(&config.data_dir, config.stores.clone(), now, &mut *entropy)?;
        let accounts = SqliteAccounts::open(&config.data_dir.join("accounts.db"), &mut *entropy)?;
        let parts = DeskParts {
            journal: stores.journal.clone(),
            vault: stores.vault.clone(),
            accounts: Arc::new(accounts),
            entropy: (config.entropy)(),
            feed_bound: config.feed_bound,
        };
        let TakenUp { desk, from, passed_over } = Desk::take_up(parts, &*stores.snapshots)?;
        let desk = Arc::new(desk);
        let gauges = Arc::new(Gauges::default());
        let projected = (from, !passed_over.is_empty());
        if !passed_over.is_empty() {
            gauges.trouble(Part::Projections, format!("passed over: {}", passed_over.join("; ")));
        }
        let head = stores.inbox.head()?;
        let arrivals = Arc::new(Arrivals::new(head, WAITING_BYTES));
        let inbox: Arc<dyn Inbox> = stores.inbox.clone();
        let intake = Intake {
            inbox: inbox.clone(),
            arrivals: arrivals.clone(),
            gauges: gauges.clone(),
            bound_bytes: config.intake_bytes,
            closed: AtomicBool::new(false),
        };
        let ticker = Ticker {
            inbox,
            arrivals: arrivals.clone(),
            desk: desk.clone(),
            gauges: gauges.clone(),
            clock: config.clock.clone(),
            writing: Mutex::new(()),
        };
        let node = Self {
            stores,
            desk,
            intake: Arc::new(intake),
            ticker: Arc::new(ticker),
            gauges,
            arrivals,
            clock: config.clock.clone(),
            stop: Arc::default(),
            abandon: Arc::default(),
            finish: Arc::default(),
            threads: Mutex::default(),
        };
        node.start_loops(&config, head, projected)?;
        Ok(node)
    }

    /// Hands in a batch. The receipt says when it is durable.
    ///
    /// # Errors
    /// [`IngestRefused`] at once when there is no room for it.
    pub fn ingest(&self, handed: Handed) -> Result<Receipt, IngestRefused> {
        self.intake.hand_in(handed)
    }

    /// When a site was last heard from, since the start.
    #[must_use]
    pub fn site_heard_at(&self, customer: &CustomerKey, site: &SiteCode) -> Option<Timestamp> {
        self.gauges.last_heard.site(customer, site)
    }

    /// When a device was last heard from, since the start.
    #[must_use]
    pub fn device_heard_at(&self, customer: &CustomerKey, device: &DeviceCode) -> Option<Timestamp> {
        self.gauges.last_heard.device(customer, device)
    }

    /// The desk.
    #[must_use]
    pub fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// History.
    #[must_use]
    pub fn history(&self) -> Arc<dyn History> {
        self.stores.history.clone()
    }

    /// The stores, for backups and checks.
    #[must_use]
    pub fn stores(&self) -> &DataDir {
        &self.stores
    }

    /// What sends and is not registered, as of a moment ago.
    #[must_use]
    pub fn unregistered(&self) -> Arc<Vec<engine::Unregistered>> {
        self.gauges.said().unregistered
    }

    /// How the node is doing.
    #[must_use]
    pub fn health(&self) -> Health {
        look(&self.gauges, &*self.stores.inbox, &self.desk, &*self.clock)
    }

    /// The clock that the node was given.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Sets how detection judges, from the first tick after it is recorded.
    ///
    /// # Errors
    /// When the caller may not, or it cannot be recorded.
    pub fn set_engine_policy(&self, caller: &Caller, policy: &engine::Policy) -> Result<(), NodeError> {
        let value = serde_json::to_value(policy).map_err(NodeError::Policy)?;
        Ok(self.desk.set_policy(caller, &PolicySet::Engine(value), self.clock.now())?)
    }

    /// Writes one tick at the clock's time, and waits until it is durable. For driven ticks.
    ///
    /// # Errors
    /// [`NodeError::CatchingUp`] until the engine has read what was there at the start.
    pub fn tick(&self) -> Result<Position, NodeError> {
        if !self.gauges.caught_up.load(Ordering::Acquire) {
            return Err(NodeError::CatchingUp);
        }
        Ok(self.ticker.tick()?)
    }

    /// Waits until the engine has read what was there at the start; false when it did not in time.
    pub fn wait_caught_up(&self, timeout: Duration) -> bool {
        self.gauges.wait_until(timeout, |_| self.gauges.caught_up.load(Ordering::Acquire))
    }

    /// Waits until everything up to a tick's place is judged and what came of it durable; false when it is not in time.
    pub fn wait_settled(&self, tick: Position, timeout: Duration) -> bool {
        self.gauges.wait_until(timeout, |beat| beat.settled >= tick)
    }

    /// Waits until a snapshot on disk covers a place; false when none does in time.
    pub fn wait_covered(&self, position: Position, timeout: Duration) -> bool {
        self.gauges.wait_until(timeout, |beat| beat.covered.is_some_and(|(covered, _)| covered >= position))
    }

    /// Goes down in order: takes nothing more, judges and settles what is durable, writes a last snapshot, ends the live feed.
    pub fn shutdown(self) {
        self.intake.closed.store(true, Ordering::Release);
        self.stop.stop();
        self.last_tick();
        self.finish.store(true, Ordering::Release);
        self.join();
    }

    /// What came in after the newest tick waits in the engine for the next, and a snapshot cannot hold it.
    fn last_tick(&self) {
        let is_ticked = self.gauges.ticked_at.load(Ordering::Acquire) == self.arrivals.head().0;
        if !is_ticked && let Err(error) = self.tick() {
            tracing::warn!(%error, "no last tick: the next start reads what came in after the one before again");
        }
    }

    fn start_loops(&self, config: &NodeConfig, head: Position, projected: (Seq, bool)) -> Result<(), NodeError> {
        let (outcomes, settling) = sync_channel(OUTCOMES);
        let (keep, kept) = sync_channel(1);
        let inbox: Arc<dyn Inbox> = self.stores.inbox.clone();
        let gauges = &self.gauges;
        let engine_loop = {
            let (inbox, arrivals) = (inbox.clone(), self.arrivals.clone());
            let follower = Follower { desk: self.desk.clone(), gauges: gauges.clone(), told: Seq(0) };
            let (desk, gauges, abandon, finish) =
                (self.desk.clone(), gauges.clone(), self.abandon.clone(), self.finish.clone());
            let snapshot_every_ticks = config.snapshot_every_ticks;
            move |Resumed { judge, position, told, tick }: Resumed| EngineLoop {
                judge,
                inbox,
                arrivals,
                follower: Follower { told, ..follower },
                desk,
                gauges,
                outcomes,
                position,
                tick,
                unticked: false,
                snapped: None,
                start_head: head,
                snapshot_every_ticks,
                gathering: Gathering::default(),
                abandon,
                finish,
            }
        };
        let clock = self.clock.clone();
        let settling = Settling {
            desk: self.desk.clone(),
            history: self.stores.history.clone(),
            gauges: gauges.clone(),
            outcomes: settling,
            keeper: keep,
            started: EngineStarted {
                version: config.version.clone(),
                snapshot_version: config.engines.snapshot_version(),
            },
            now: Box::new(move || clock.now()),
            under_way: Vec::new(),
            abandon: self.abandon.clone(),
            finish: self.finish.clone(),
        };
        let resuming = Resuming {
            engines: config.engines.clone(),
            policy: config.policy.clone(),
            shards: config.shards,
            snapshots: self.stores.snapshots.clone(),
            inbox,
            desk: self.desk.clone(),
            gauges: gauges.clone(),
        };
        let keeper = self.keeper(config, kept, projected);
        let mut threads = self.threads.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Ticks::Every(period) = config.ticks {
            gauges.ticks_itself.store(true, Ordering::Release);
            let (ticker, stop) = (self.ticker.clone(), self.stop.clone());
            threads.push(spawn("ticker", Part::Ticker, gauges, move || ticker.run(period, &stop))?);
        }
        threads.push(spawn("engine", Part::Engine, gauges, move || engine_loop(resuming.resume()).run())?);
        threads.push(spawn("settling", Part::Settling, gauges, move || settling.run())?);
        threads.push(spawn("keeper", Part::Keeper, gauges, move || keeper.run())?);
        Ok(())
    }

    fn keeper(&self, config: &NodeConfig, kept: Receiver<Kept>, projected: (Seq, bool)) -> Keeper {
        let snapshots: Arc<dyn Snapshots> = self.stores.snapshots.clone();
        Keeper {
            desk: self.desk.clone(),
            inbox: self.stores.inbox.clone(),
            history: self.stores.history.clone(),
            snapshots: snapshots.clone(),
            gauges: self.gauges.clone(),
            kept,
            version: config.engines.snapshot_version(),
            keep_history: config.keep_history,
            history_bytes: config.history_bytes,
            written: VecDeque::new(),
            projections: Projections::new(self.desk.clone(), snapshots, self.gauges.clone(), projected.0, projected.1),
            finish: self.finish.clone(),
            upkept: None,
        }
    }

    /// Waits for the loops, which end one after the other: each when the one before it hands on nothing more.
    fn join(&self) {
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for thread in threads {
            // A loop that panicked has said so in the health.
            drop(thread.join());
        }
        self.gauges.on_beat(|beat| beat.ended = true);
        self.desk.close();
    }
}

impl Drop for Node {
    /// Without [`Node::shutdown`] the loops end where they are, as in a crash: nothing that was acknowledged is lost.
    fn drop(&mut self) {
        self.intake.closed.store(true, Ordering::Release);
        self.abandon.store(true, Ordering::Release);
        self.stop.stop();
        self.arrivals.stop();
        self.join();
    }
}
