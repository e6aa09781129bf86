//! The engine: an ordered input of batches and ticks in, findings out. Pure: no clock, no I/O, no randomness.
//!
//! A batch is resolved against the registered fleet and handed to shards; a tick lets every shard take its step and then the fleet step
//! merge their sums. Same input, same output, to the byte, for any number of shards.

mod clock;
mod dedup;
mod fleet;
mod lists;
mod output;
mod policy;
mod registry;
mod runner;
mod shard;
mod snapshot;
mod sums;
mod tell;
mod view;

pub use output::{BatchOutcome, EngineHealth, Sample, SeriesKey, TickOutput, Transition, TransitionKind, Unregistered};
pub use policy::{FalseAlarms, Policy};
pub use runner::{InTurn, Part, Runner};
pub use snapshot::SnapshotError;

use clock::{Ms, from_ms, to_ms};
use dedup::Dedup;
use domain::fleet::FleetChange;
use fleet::{Fleet, Step};
use jiff::{SignedDuration, Timestamp};
use lists::Lists;
use registry::Registry;
use roaring::RoaringBitmap;
use shard::{Context, Heard, Shard, Tables, Told, What};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Seconds between two samples of a site, milliseconds.
const SITE_SAMPLE_MS: Ms = 300_000;
/// A tick that brings fewer signals than this is not worth waking another thread for.
const WORTH_SPLITTING: usize = 2_000;
/// Things that nobody registered, at most; beyond, the oldest are forgotten.
const MOST_UNREGISTERED: usize = 10_000;

/// The engine.
#[derive(Debug)]
pub struct Engine {
    policy: Policy,
    registry: Registry,
    fleet: Fleet,
    shards: Vec<Shard>,
    tables: Tables,
    dedup: Dedup,
    /// Which members have a leaf, by series.
    leaves: Vec<RoaringBitmap>,
    /// Members that have said something, or were spoken of by their switch.
    known: RoaringBitmap,
    lists: Lists,
    classes: BTreeMap<(u32, String), u32>,
    unregistered: BTreeMap<(u32, Option<String>, Option<String>), Unregistered>,
    forms: Vec<tell::Form>,
    transitions: Vec<Transition>,
    health: EngineHealth,
    last: Ms,
    sampled: Ms,
    charts: bool,
    away_after_ms: Option<Ms>,
    runner: Arc<dyn Runner>,
}

impl Engine {
    /// Version of the form of [`Engine::snapshot`].
    pub const SNAPSHOT_VERSION: u32 = 7;

    /// An engine that knows nothing, split into `shards` (at least one).
    #[must_use]
    pub fn new(policy: Policy, shards: usize) -> Self {
        let tables = Tables::new();
        let count = shards.max(1) as u32;
        let mut engine = Self {
            policy,
            registry: Registry::default(),
            fleet: Fleet::new(),
            shards: (0..count).map(|_| Shard::new(count, tables.clone())).collect(),
            tables,
            dedup: Dedup::default(),
            leaves: Vec::new(),
            known: RoaringBitmap::new(),
            lists: Lists::default(),
            classes: BTreeMap::new(),
            unregistered: BTreeMap::new(),
            forms: Vec::new(),
            transitions: Vec::new(),
            health: EngineHealth::default(),
            last: Ms::MIN,
            sampled: Ms::MIN,
            charts: true,
            away_after_ms: None,
            runner: Arc::new(InTurn),
        };
        engine.fleet.view.judging = engine.policy.learn_until.is_none();
        engine
    }

    /// Who runs the shards' steps; they are run one after the other unless another is set. What is said is the same.
    pub fn set_runner(&mut self, runner: Arc<dyn Runner>) {
        self.runner = runner;
    }

    /// Whether samples for charts are made; on unless turned off.
    pub fn set_charts(&mut self, on: bool) {
        self.charts = on;
    }

    /// Ticks farther apart than this mean that we were away ourselves: what was not heard then is not silence. Off unless set, since a replay
    /// ticks as seldom as it likes.
    pub fn set_away_after(&mut self, limit: SignedDuration) {
        self.away_after_ms = Some(limit.as_millis() as Ms);
    }

    /// New settings.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
    }

    /// The registered fleet changed.
    pub fn apply_fleet(&mut self, change: &FleetChange) {
        let now = if self.last == Ms::MIN { 0 } else { self.last };
        let members = self.registry.members.len();
        for vacated in self.registry.apply(change) {
            self.tell(vacated.site, vacated.slot, now, now, What::Vacate);
        }
        // Known members may bear other attributes now.
        if let FleetChange::Devices { customer, devices } = change {
            let customer = self.registry.customer(customer);
            for record in devices {
                if let Some(member) = self.registry.device(customer, &record.code).filter(|m| (*m as usize) < members) {
                    self.regroup(member, now, now);
                }
            }
        }
        if let FleetChange::Sites { customer, sites } = change {
            let customer = self.registry.customer(customer);
            for record in sites {
                let Some(site) = self.registry.site(customer, &record.code) else { continue };
                for member in self.registry.sites[site as usize].slots.clone() {
                    if (member as usize) < members {
                        self.regroup(member, now, now);
                    }
                }
            }
        }
        self.unregistered.retain(|(customer, site, device), _| {
            let known_site = site.as_ref().is_none_or(|s| {
                domain::SiteCode::new(s.as_str()).is_ok_and(|c| self.registry.site(*customer, &c).is_some())
            });
            let known_device = device.as_ref().is_none_or(|d| {
                domain::DeviceCode::new(d.as_str()).is_ok_and(|c| self.registry.device(*customer, &c).is_some())
            });
            !(known_site && known_device)
        });
    }

    /// Ends a stretch of time: everything handed in up to `now` is judged.
    pub fn tick(&mut self, now: Timestamp) -> TickOutput {
        let now = to_ms(now).max(self.last);
        let before = std::mem::replace(&mut self.last, now);
        self.health.ticks += 1;
        self.fleet.advance(now);
        if before != Ms::MIN && self.away_after_ms.is_some_and(|limit| now - before > limit) {
            self.come_back(before, now);
        }
        let judging = self.policy.learn_until.is_none_or(|until| from_ms(now) >= until);
        if judging && !self.fleet.view.judging {
            self.begin_to_judge(now);
        }
        let context = self.fleet.context(&self.registry, now);
        let mut heard = step(&mut self.shards, context, &*self.runner);
        if self.charts && now.div_euclid(SITE_SAMPLE_MS) != self.sampled {
            if self.sampled != Ms::MIN {
                for (shard, heard) in self.shards.iter_mut().zip(&mut heard) {
                    shard.chart(context, heard);
                }
            }
            self.sampled = now.div_euclid(SITE_SAMPLE_MS);
        }
        self.health.late += heard.iter().map(|h| h.late.len() as u64).sum::<u64>();
        let out = TickOutput { transitions: std::mem::take(&mut self.transitions), ..TickOutput::default() };
        let mut step = Step {
            registry: &self.registry,
            shards: &mut self.shards,
            policy: &self.policy,
            tables: &self.tables,
            now,
            out,
        };
        self.fleet.tick(&mut step, heard);
        let mut out = step.out;
        if !self.charts {
            out.samples.clear();
        }
        out
    }

    /// When the engine next has something to say even if nothing is handed in; ticks between then and now change nothing.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let shards = self.shards.iter().filter_map(Shard::next_due).min();
        [shards, self.fleet.next_due()].into_iter().flatten().min().map(from_ms)
    }

    /// What sends and is not registered.
    #[must_use]
    pub fn unregistered(&self) -> Vec<Unregistered> {
        self.unregistered.values().cloned().collect()
    }

    /// Counters.
    #[must_use]
    pub fn health(&self) -> EngineHealth {
        EngineHealth {
            series: self.leaves.iter().map(RoaringBitmap::len).sum(),
            groups: self.fleet.lattice.groups.len() as u64,
            open_findings: self.fleet.open.iter().filter(|o| o.closed.is_none()).count() as u64,
            ..self.health
        }
    }

    /// Nothing was taken in since `before`.
    fn come_back(&mut self, before: Ms, now: Ms) {
        self.health.absences += 1;
        let context = self.fleet.context(&self.registry, now);
        for shard in &mut self.shards {
            shard.come_back(before, context);
        }
        self.fleet.come_back(now);
    }

    /// The first stretch is over: everything learned is fitted together, and from now on it is judged.
    fn begin_to_judge(&mut self, now: Ms) {
        let out = TickOutput::default();
        let mut step = Step {
            registry: &self.registry,
            shards: &mut self.shards,
            policy: &self.policy,
            tables: &self.tables,
            now,
            out,
        };
        self.fleet.allot(&step);
        self.fleet.view.judging = true;
        self.fleet.fit(&mut step, 5);
    }

    fn tell(&mut self, site: u32, slot: u32, at: Ms, received: Ms, what: What) {
        let shard = site as usize % self.shards.len();
        self.shards[shard].tell(Told { site, slot, at, received, what });
    }
}

/// Lets all shards take their step.
fn step(shards: &mut [Shard], context: Context<'_>, runner: &dyn Runner) -> Vec<Heard> {
    let told: usize = shards.iter().map(Shard::told).sum();
    if told < WORTH_SPLITTING {
        return shards.iter_mut().map(|shard| shard.tick(context)).collect();
    }
    let mut heard: Vec<Heard> = shards.iter().map(|_| Heard::default()).collect();
    let parts = shards.iter_mut().zip(&mut heard);
    runner.run(parts.map(|(shard, heard)| -> Part<'_> { Box::new(move || *heard = shard.tick(context)) }).collect());
    heard
}
