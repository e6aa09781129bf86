//! Starting a demo, showing it, and leaving nothing behind.

use super::control::{Control, begins};
use super::guest::{Guest, let_in};
use super::stage::Stage;
use crate::serve::{end, serve_until, state, stopped};
use crate::wall::SystemEntropy;
use anyhow::{Context, Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::SignedDuration;
use sim::{World, WorldConfig};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use web::DemoControl;

/// Arguments of `samband demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Shops of the chain.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    sites: u32,
    /// Disruption to begin with: s1, s5, s13, s10, or any that ships.
    #[arg(long)]
    scenario: Option<String>,
    /// Simulated seconds per second.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    speed: u32,
    /// Everything follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Address and port on this machine; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:7700")]
    listen: SocketAddr,
    /// Do not open a browser.
    #[arg(long)]
    no_open: bool,
}

/// Runs it.
///
/// # Errors
/// When something it needs fails.
pub fn run(args: &Args) -> Result<ExitCode> {
    ensure!(
        args.listen.ip().is_loopback(),
        "--listen {}: a demo is for this machine alone: use 127.0.0.1",
        args.listen
    );
    if let Some(name) = &args.scenario {
        // Before the learning, so that a slip of the pen costs no wait.
        sim::Scenario::shipped(name).context("--scenario")?;
    }
    crate::log::start();
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // First of all, so that a port that is taken is not said only after the learning.
    let listener = runtime.block_on(tokio::net::TcpListener::bind(args.listen));
    let listener =
        listener.with_context(|| format!("cannot listen on {}; --listen takes another port", args.listen))?;
    let url = format!("http://{}", listener.local_addr()?);
    let folder = tempfile::Builder::new().prefix("samband-demo-").tempdir()?;
    let world = World::new(&WorldConfig { sites: args.sites, seed: args.seed, ..WorldConfig::default() })?;
    let mut stop = {
        let _runtime = runtime.enter();
        Box::pin(stopped()?)
    };
    let Some(stage) = runtime.block_on(staged(world, folder.path().to_owned(), &mut stop))? else {
        folder.close().context("the demo's data could not be removed")?;
        return Ok(ExitCode::SUCCESS);
    };
    let Stage { world, node, clock, present } = stage;
    let control = Arc::new(Control::new(present, Arc::clone(&clock), args.speed));
    if let Some(name) = &args.scenario {
        control.begin(name).context("--scenario")?;
    }
    let guest = Guest::new(Arc::clone(node.desk()), clock, &mut SystemEntropy, "Demo")?;
    let running: Arc<dyn DemoControl> = control.clone();
    let app = web::app(state(&node, url.clone(), &world.config.timezone, Some(running)));
    let app = app.layer(axum::middleware::from_fn_with_state(Arc::new(guest), let_in));
    println!(
        "A chain of {} shops and {} devices, ready in {:.1} s: {url}/",
        world.sites.len(),
        world.devices.len(),
        began.elapsed().as_secs_f64()
    );
    println!("Pick a disruption at the foot of the page. Ctrl-C ends the demo and leaves nothing behind.");
    let (moving, with) = (Arc::clone(&control), Arc::clone(&node));
    let present = std::thread::Builder::new().name("present".to_owned()).spawn(move || moving.run(&with))?;
    if !args.no_open {
        open(&url);
    }
    let served = runtime.block_on(serve_until(listener, app, stop, &node));
    control.stop();
    // One that panicked has stopped too.
    drop(present.join());
    runtime.shutdown_timeout(Duration::from_secs(2));
    end(node);
    served?;
    folder.close().context("the demo's data could not be removed")?;
    Ok(ExitCode::SUCCESS)
}

/// The stage; none when the end is asked for before it is set.
async fn staged(world: World, folder: PathBuf, stop: &mut (impl Future<Output = ()> + Unpin)) -> Result<Option<Stage>> {
    let over = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&over);
    let mut setting = tokio::task::spawn_blocking(move || set(world, &folder, &told));
    tokio::select! {
        stage = &mut setting => Ok(Some(stage.context("the learning broke off")??)),
        () = stop => {
            over.store(true, Ordering::Release);
            if let Ok(Ok(stage)) = setting.await {
                end(stage.node);
            }
            Ok(None)
        }
    }
}

/// Lived through before anything is shown, so that every device has been heard and every form of report is the present's: what stops at once
/// would otherwise never have been there.
const WARMED_UP: SignedDuration = SignedDuration::from_mins(13);

fn set(world: World, folder: &Path, over: &AtomicBool) -> Result<Stage> {
    let style = ProgressStyle::with_template("Learning four weeks  {bar:30}  {percent} %  {eta} left")?;
    let bar = ProgressBar::new(1_000).with_style(style);
    let stage = Stage::set(world, folder, begins(), &mut |done| {
        bar.set_position((done * 1_000.0) as u64);
        ensure!(!over.load(Ordering::Acquire), "the end was asked for");
        Ok(())
    });
    bar.finish_and_clear();
    let stage = stage?;
    stage.advance(begins() + WARMED_UP)?;
    Ok(stage)
}

/// Opens the page in a browser, where there is one; the address was printed.
fn open(url: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let quiet = std::process::Stdio::null;
    drop(std::process::Command::new(opener).arg(url).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn());
}
