//! `samband serve`: the whole of it on one data directory and one port.
//!
//! Down in order: the live feed ends so that open pages let go, requests under way are answered, then the node judges what is
//! durable and writes a last snapshot.

use crate::bridge::Bridge;
use crate::cli::{ADDRESS_FILE, Common};
use crate::config::{Config, Loaded};
use crate::wall::{self, SystemEntropy, WallClock};
use anyhow::{Context, Result};
use desk::Caller;
use domain::policy::PolicySet;
use domain::{CustomerRecord, Scope};
use jiff::{SignedDuration, tz::TimeZone};
use node::{Clock, Node, NodeConfig, Ticks};
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use web::{AppParts, AppState, DemoControl};

/// Requests under way at the end may take so long.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Arguments of `samband serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// Address and port; else those of the configuration.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

/// Runs it.
///
/// # Errors
/// When the configuration has faults, or something it needs fails.
pub fn run(args: &Args) -> Result<ExitCode> {
    crate::log::start();
    let mut loaded = args.common.configuration()?;
    if let Some(listen) = args.listen {
        loaded.config.server.listen = listen;
    }
    let node = Arc::new(Node::start(node_config(&loaded.config))?);
    register_first_customer(&node, &loaded.config)?;
    apply_policies(&node, &loaded)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        // Listened for before anything is said: whoever reads the address may ask it to end at once.
        let stop = stopped()?;
        let listener = tokio::net::TcpListener::bind(loaded.config.server.listen).await;
        let listener = listener.with_context(|| format!("cannot listen on {}", loaded.config.server.listen))?;
        let mut config = loaded.config.clone();
        config.server.listen = listener.local_addr()?;
        let app = web::app(state(&node, config.base_url(), &config.customer.timezone, None));
        let address = AddressFile::write(&config)?;
        if let Err(error) = greet(&node, &config) {
            tracing::warn!(%error, "standard output does not take how this server is reached");
        }
        let done = serve_until(listener, app, stop, &node).await;
        drop(address);
        done
    });
    runtime.shutdown_timeout(LAST_REQUESTS);
    end(node);
    served?;
    Ok(ExitCode::SUCCESS)
}

/// What a configuration means to a node.
#[must_use]
pub fn node_config(config: &Config) -> NodeConfig {
    let clock: Arc<dyn Clock> = Arc::new(WallClock);
    let mut node = NodeConfig::new(config.data_dir.clone(), clock, wall::entropy());
    let (kept, engine) = (&config.retention, &config.engine);
    node.stores.inbox.max_bytes = kept.inbox_max_bytes;
    node.stores.inbox.keep_bytes = kept.inbox_keep_bytes;
    node.stores.inbox.file_bytes = node.stores.inbox.file_bytes.min(kept.inbox_max_bytes / 8).max(1 << 20);
    node.stores.inbox.keep_age = days(kept.inbox_keep_days);
    node.stores.inbox.reserve_bytes = kept.reserve_bytes;
    node.stores.snapshots_kept = kept.snapshots as usize;
    node.keep_history = days(kept.history_days);
    node.history_bytes = kept.history_bytes;
    node.shards = engine.shards as usize;
    node.ticks = Ticks::Every(Duration::from_millis(u64::from(engine.tick_ms)));
    node.snapshot_every_ticks = (u64::from(engine.snapshot_every_s) * 1_000 / u64::from(engine.tick_ms)).max(1);
    node.policy.false_alarms = config.false_alarms;
    node
}

fn days(days: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}

/// A first start has a customer to send signals for.
fn register_first_customer(node: &Node, config: &Config) -> Result<()> {
    if node.desk().read(&Scope::All, |view| view.customers().next().is_some()) {
        return Ok(());
    }
    let first = &config.customer;
    let (key, name, timezone) = (first.key.clone(), first.name.clone(), first.timezone.clone());
    let record = CustomerRecord { key, name, currency: first.currency, timezone };
    Ok(node.desk().register_customer(&Caller::part("config"), &record, node.clock().now())?)
}

/// What the configuration sets goes to the journal; what it does not set stays as people have set it.
fn apply_policies(node: &Node, loaded: &Loaded) -> Result<()> {
    let (caller, now) = (Caller::part("config"), node.clock().now());
    if loaded.is_set("severity") {
        node.desk().set_policy(&caller, &PolicySet::Severity(loaded.config.severity.clone()), now)?;
    }
    if loaded.is_set("false_alarms") {
        let policy = engine::Policy { false_alarms: loaded.config.false_alarms, ..engine::Policy::default() };
        node.set_engine_policy(&caller, &policy)?;
    }
    Ok(())
}

/// The pages' side of a node.
pub fn state(node: &Arc<Node>, public_url: String, zone: &str, demo: Option<Arc<dyn DemoControl>>) -> AppState {
    let clock = Arc::clone(node.clock());
    AppState::new(AppParts {
        desk: Arc::clone(node.desk()),
        history: node.history(),
        loops: Arc::new(Bridge::new(Arc::clone(node))),
        clock: Arc::new(move || clock.now()),
        entropy: Box::new(SystemEntropy),
        zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
        public_url,
        demo,
    })
}

/// Serves until `stop` resolves; then pages are let go and requests under way are answered.
///
/// # Errors
/// When the listener fails.
pub async fn serve_until(
    listener: tokio::net::TcpListener,
    app: axum::Router,
    stop: impl Future<Output = ()> + Send + 'static,
    node: &Arc<Node>,
) -> Result<()> {
    let desk = Arc::clone(node.desk());
    let (told, mut over) = tokio::sync::watch::channel(false);
    let stopping = async move {
        stop.await;
        desk.close();
        told.send_replace(true);
    };
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(stopping);
    let patience = async move {
        if over.wait_for(|over| *over).await.is_ok() {
            tokio::time::sleep(LAST_REQUESTS).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        served = server.into_future() => Ok(served?),
        () = patience => Ok(()),
    }
}

/// Resolves when the process is asked to end, from the moment of the call on. Within a runtime.
///
/// # Errors
/// When the operating system lets nobody wait for its signals.
pub fn stopped() -> Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be waited for")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("Ctrl-C cannot be waited for")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Takes the node down in order, once nobody else holds it.
pub fn end(node: Arc<Node>) {
    match Arc::try_unwrap(node) {
        Ok(node) => node.shutdown(),
        Err(_) => tracing::warn!("a request still holds the node: it ends without a last snapshot"),
    }
}

/// Says where things are, and to a first user how to begin.
fn greet(node: &Node, config: &Config) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let base = config.base_url();
    writeln!(out, "Samband {} serves {} at {base}", env!("CARGO_PKG_VERSION"), config.data_dir.display())?;
    let now = node.clock().now();
    if node.desk().needs_first_user() {
        let link = node.desk().first_link(now)?;
        writeln!(out, "\nNobody can log in yet. Set up the first administrator within 30 minutes, with this link:\n")?;
        writeln!(out, "  {base}/setup/{}", link.secret)?;
        let has_token = |view: &desk::View<'_>| view.customers().any(|(_, part)| !part.tokens.is_empty());
        if node.desk().read(&Scope::All, has_token) {
            return Ok(());
        }
        let caller = Caller::part("serve");
        let token = node.desk().create_token(&caller, &config.customer.key, "first token", now)?;
        writeln!(out, "\nSend a first heartbeat, with a token that is shown this once:\n")?;
        writeln!(out, "  curl -i {base}/api/v1/signals \\")?;
        writeln!(out, "    -H 'Authorization: Bearer {}' \\", token.secret)?;
        writeln!(out, "    -H 'Content-Type: application/x-ndjson' \\")?;
        writeln!(out, "    -d '{{\"kind\":\"heartbeat\",\"at\":\"'$(date -u +%FT%TZ)'\",\"device\":\"till-1\"}}'\n")?;
    }
    Ok(out.flush()?)
}

/// Where commands read how the server is reached; gone when the server ends in order.
struct AddressFile(std::path::PathBuf);

impl AddressFile {
    fn write(config: &Config) -> Result<Self> {
        let path = config.data_dir.join(ADDRESS_FILE);
        write(&path, &config.base_url())?;
        Ok(Self(path))
    }
}

impl Drop for AddressFile {
    fn drop(&mut self) {
        // One that stays names an address at which nobody answers, and the next start replaces it.
        drop(std::fs::remove_file(&self.0));
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, format!("{text}\n")).with_context(|| format!("cannot write {}", path.display()))
}
