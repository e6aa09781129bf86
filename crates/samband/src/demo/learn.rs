//! Four weeks in seconds: a world's past goes through the real engine before its node starts, and the node goes on with what was
//! learned. Not through the inbox: forty thousand ticks would each wait for the disk, and a demo's past is never read again.

use anyhow::{Context, Result};
use desk::Caller;
use desk::commands::ImportSite;
use domain::Signal;
use domain::fleet::SiteContact;
use engine::{Engine, Policy};
use jiff::{SignedDuration, Timestamp};
use node::{Engines, Judge, Judges, Node};
use sim::World;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use store::History;
use store::history::{Additions, Heard, Sample};

/// Sums over so many seconds teach.
const INTERVAL_S: u32 = 900;
/// So many portions may wait, made and not taken.
const AHEAD: usize = 64;
/// The engine ticks this often while it learns: baselines learn how activity varies from minute to minute.
const TICK: SignedDuration = SignedDuration::from_secs(60);
/// So much of the past can be seen in charts; a day of it is shown.
const CHARTED: SignedDuration = SignedDuration::from_hours(36);
/// The first sample after charts are turned on holds all that came before; within this it is over.
const CHARTS_SETTLE: SignedDuration = SignedDuration::from_hours(1);
/// So many samples go to history at a time.
const SAMPLES: usize = 50_000;

/// What was learned: an engine, and what charts show of its past.
pub struct Learned {
    engine: Engine,
    /// From here on charts are kept.
    charted_from: Timestamp,
    samples: Vec<engine::Sample>,
}

/// Told how far it is, from 0 to 1; an error ends the learning.
pub type Progress<'a> = &'a mut dyn FnMut(f64) -> Result<()>;

/// Takes a fresh engine through `(from, to]` of a world.
///
/// # Errors
/// When the world's past cannot be made, or `progress` wants no more.
pub fn learn(world: &Arc<World>, from: Timestamp, to: Timestamp, progress: Progress<'_>) -> Result<Learned> {
    let portions = made(world, from, to)?;
    let policy = Policy { learn_until: Some(to), ..Policy::default() };
    let mut learned = Learned { engine: Engine::new(policy, 1), charted_from: to - CHARTED, samples: Vec::new() };
    world.fleet_changes().iter().for_each(|change| learned.engine.apply_fleet(change));
    let mut now = from;
    for Portion { until, signals } in portions {
        learned.tick_until(&mut now, until);
        learned.engine.batch(&world.config.customer, until, None, &signals);
        progress(until.duration_since(from).as_secs_f64() / to.duration_since(from).as_secs_f64())?;
    }
    learned.tick_until(&mut now, to);
    Ok(learned)
}

impl Learned {
    fn tick_until(&mut self, now: &mut Timestamp, until: Timestamp) {
        while *now < until {
            *now = (*now + TICK).min(until);
            self.engine.set_charts(*now >= self.charted_from - CHARTS_SETTLE);
            let samples = self.engine.tick(*now).samples;
            self.samples.extend(samples.into_iter().filter(|sample| sample.at >= self.charted_from));
        }
    }

    /// The engine for a node to go on with, once; and the samples for its history.
    #[must_use]
    pub fn split(self) -> (Arc<dyn Judges>, Vec<engine::Sample>) {
        (Arc::new(Taught(Mutex::new(Some(self.engine)))), self.samples)
    }
}

/// Gives out the engine that has learned, in place of the first fresh one.
struct Taught(Mutex<Option<Engine>>);

impl Judges for Taught {
    fn snapshot_version(&self) -> u32 {
        Engines.snapshot_version()
    }

    fn fresh(&self, policy: Policy, shards: usize) -> Box<dyn Judge> {
        let taught = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        taught.map_or_else(|| Engines.fresh(policy, shards), |engine| Box::new(engine))
    }

    fn restore(&self, snapshot: &[u8], shards: usize) -> Result<Box<dyn Judge>, String> {
        Engines.restore(snapshot, shards)
    }
}

/// Puts samples into history, for charts.
///
/// # Errors
/// When history refuses.
pub fn remember(history: &dyn History, samples: &[engine::Sample]) -> Result<()> {
    for portion in samples.chunks(SAMPLES) {
        let mut additions = Additions::default();
        for sample in portion {
            let series = node::series_of(&sample.customer, &sample.series, &sample.metric);
            additions.samples.extend(series.map(|series| (series, kept(sample))));
        }
        history.append(additions)?;
    }
    Ok(())
}

fn kept(sample: &engine::Sample) -> Sample {
    Sample {
        at: sample.at,
        interval_s: sample.interval_s,
        expected: sample.expected,
        observed: sample.observed,
        expected_value_minor: sample.expected_value_minor,
        observed_value_minor: sample.observed_value_minor,
        heard: if sample.heard > 0.0 { Heard::Share(sample.heard.min(1.0)) } else { Heard::Unknown },
        known_at: sample.at,
    }
}

/// Registers the fleet of a world.
///
/// # Errors
/// When the desk refuses.
pub fn register(node: &Node, world: &World) -> Result<()> {
    let (caller, now) = (Caller::part("demo"), node.clock().now());
    let customer = &world.config.customer;
    let desk = node.desk();
    desk.register_customer(&caller, &world.customer_record(), now)?;
    let site = |record| ImportSite { record, contact: SiteContact::default() };
    let sites: Vec<_> = world.site_records().into_iter().map(site).collect();
    desk.import_sites(&caller, customer, &sites, false, now)?;
    desk.import_devices(&caller, customer, &world.device_records(), false, now)?;
    Ok(())
}

/// What was received up to a moment.
struct Portion {
    until: Timestamp,
    signals: Vec<Signal>,
}

/// The past in portions, made on a thread of its own.
fn made(world: &Arc<World>, from: Timestamp, to: Timestamp) -> Result<Receiver<Portion>> {
    let history = sim::history(world, from, to, INTERVAL_S)?;
    let (give, portions) = sync_channel(AHEAD);
    let step = SignedDuration::from_secs(60);
    let make = move || {
        let mut portion = Portion { until: from + step, signals: Vec::new() };
        for timed in history {
            if timed.received_at > portion.until {
                let full = std::mem::replace(&mut portion, Portion { until: from, signals: Vec::new() });
                let passed = timed.received_at.duration_since(from).as_secs().div_euclid(step.as_secs()) + 1;
                portion.until = (from + step * i32::try_from(passed).unwrap_or(i32::MAX)).min(to);
                if !full.signals.is_empty() && give.send(full).is_err() {
                    return;
                }
            }
            portion.signals.push(timed.signal);
        }
        // Nobody takes it only when learning has failed, which is said there.
        drop(give.send(portion));
    };
    std::thread::Builder::new().name("past".to_owned()).spawn(make).context("no thread for the past")?;
    Ok(portions)
}
