//! A small simulated chain that has been learned for four weeks, and presents to run on it.
#![allow(dead_code)] // Each test file uses its own part of it.

use domain::{CustomerKey, Finding};
use engine::{Engine, Policy};
use jiff::{SignedDuration, Timestamp};
use sim::{Injected, Reporting, Scenario, Stream, World, WorldConfig};
use std::sync::{Arc, OnceLock};

/// The learned chain: its world, and the engine's snapshot at the morning of the present.
pub struct Chain {
    /// The world.
    pub world: Arc<World>,
    /// The engine after four weeks of quarter-hour sums.
    pub learned: Vec<u8>,
}

/// Midnight before the present, where the sites are.
pub const MORNING: &str = "2026-02-10T00:00:00+01:00";

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// The chain, learned once for all tests of a file.
pub fn chain() -> &'static Chain {
    static CHAIN: OnceLock<Chain> = OnceLock::new();
    CHAIN.get_or_init(|| {
        let config = WorldConfig { sites: 60, ..WorldConfig::default() };
        let world = Arc::new(World::new(&config).expect("a world of sixty sites"));
        let policy = Policy { learn_until: Some(at(MORNING)), ..Policy::default() };
        let mut engine = Engine::new(policy, 1);
        engine.set_charts(false);
        world.fleet_changes().iter().for_each(|change| engine.apply_fleet(change));
        let until = at(MORNING);
        let mut now = until - SignedDuration::from_hours(24 * 28);
        let mut batch = Vec::new();
        for timed in sim::history(&world, now, until, 900).expect("history") {
            while timed.received_at > now {
                engine.batch(&customer(&world), now, None, &batch);
                batch.clear();
                engine.tick(now);
                now += SignedDuration::from_secs(60);
            }
            batch.push(timed.signal);
        }
        engine.batch(&customer(&world), now, None, &batch);
        engine.tick(until);
        Chain { world, learned: engine.snapshot() }
    })
}

pub fn customer(world: &World) -> CustomerKey {
    world.config.customer.clone()
}

/// A shipped scenario at a moment.
pub fn inject(name: &str, moment: &str) -> Injected {
    Scenario::shipped(name).expect("a shipped scenario").at(at(moment))
}

/// The engine in the present, fed by the world tick by tick.
pub struct Present {
    pub engine: Engine,
    pub said: Vec<Finding>,
    stream: Stream,
    customer: CustomerKey,
    now: Timestamp,
}

impl Present {
    /// From the morning on, with background trouble as the world has it, and these scenarios.
    pub fn new(chain: &Chain, shards: usize, injected: &[Injected]) -> Self {
        let mut engine = Engine::restore(&chain.learned, shards).expect("the snapshot that was just made");
        engine.set_charts(false);
        let stream = Stream::new(&chain.world, &Reporting::live(), at(MORNING), injected).expect("a stream");
        Self { engine, said: Vec::new(), stream, customer: customer(&chain.world), now: at(MORNING) }
    }

    /// Goes on, second by second.
    pub fn until(&mut self, end: Timestamp) {
        while self.now < end {
            self.now += SignedDuration::from_secs(1);
            let signals: Vec<_> = self
                .stream
                .advance(self.now)
                .into_iter()
                .map(|timed| domain::Signal { received_at: Some(timed.received_at), ..timed.signal })
                .collect();
            self.engine.batch(&self.customer, self.now, None, &signals);
            self.said.extend(self.engine.tick(self.now).findings);
        }
    }

    /// Puts another engine in the place of this one, from its own snapshot.
    pub fn restart(&mut self, shards: usize) {
        self.engine = Engine::restore(&self.engine.snapshot(), shards).expect("the snapshot that was just made");
        self.engine.set_charts(false);
    }

    /// Findings that name an attribute, in the order they were said.
    pub fn naming(&self, attribute: &str) -> Vec<&Finding> {
        self.said.iter().filter(|f| f.explanation.iter().any(|t| t.attribute == attribute)).collect()
    }

    /// Everything said, as it would go to the journal.
    pub fn transcript(&self) -> String {
        self.said.iter().map(|f| serde_json::to_string(f).expect("a finding encodes") + "\n").collect()
    }
}
