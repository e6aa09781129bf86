//! A node to test, with an engine whose answers can be foretold: it says "silence" at the first tick without a signal.

use desk::Caller;
use desk::commands::ImportSite;
use domain::finding::{Affected, Because, Contact, Evidence, Finding, FindingKind, FindingStatus};
use domain::fleet::{FleetChange, SiteContact};
use domain::money::SEK;
use domain::signal::Envelope;
use domain::{
    CustomerKey, CustomerRecord, DeviceCode, FindingId, IncidentId, Metric, Scope, Signal, SignalBody, SiteCode,
    SiteRecord,
};
use engine::{BatchOutcome, EngineHealth, Policy, Sample, SeriesKey, TickOutput, Unregistered};
use jiff::{SignedDuration, Timestamp};
use node::{Accepted, Clock, DrivenClock, Handed, Judge, Judges, Node, NodeConfig, Ticks};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::{Entropy, Position};
use tempfile::TempDir;

pub const LONG: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Foretold {
    ticks: u64,
    signals: u64,
    sites: u64,
    fresh: bool,
    silent_since: Option<(u64, Timestamp)>,
}

pub struct ForetoldEngines;

impl Judges for ForetoldEngines {
    fn snapshot_version(&self) -> u32 {
        7
    }
    fn fresh(&self, _: Policy, _: usize) -> Box<dyn Judge> {
        Box::new(Foretold::default())
    }
    fn restore(&self, snapshot: &[u8], _: usize) -> Result<Box<dyn Judge>, String> {
        let state: Foretold = serde_json::from_slice(snapshot).map_err(|error| error.to_string())?;
        Ok(Box::new(state))
    }
}

impl Judge for Foretold {
    fn batch(&mut self, _: &CustomerKey, _: Timestamp, _: Option<&Envelope>, signals: &[Signal]) -> BatchOutcome {
        assert!(signals.iter().all(|s| s.device.as_ref().is_none_or(|d| d.as_str() != "poison")), "poisoned");
        self.signals += signals.len() as u64;
        self.fresh |= !signals.is_empty();
        BatchOutcome::default()
    }
    fn tick(&mut self, now: Timestamp) -> TickOutput {
        self.ticks += 1;
        let fresh = std::mem::take(&mut self.fresh);
        let mut output = TickOutput { samples: vec![sample(now)], ..TickOutput::default() };
        match (self.silent_since, fresh) {
            (None, false) if self.signals > 0 => {
                self.silent_since = Some((self.ticks, now));
                output.findings.push(finding(self.ticks, 1, now, now, FindingStatus::Open));
            }
            (Some((n, since)), true) => {
                self.silent_since = None;
                output.findings.push(finding(n, 2, since, now, FindingStatus::Closed));
            }
            (None | Some(_), _) => {}
        }
        output
    }
    fn set_policy(&mut self, _: Policy) {}
    fn apply_fleet(&mut self, change: &FleetChange) {
        if let FleetChange::Sites { sites, .. } = change {
            self.sites += sites.len() as u64;
        }
    }
    fn snapshot(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap()
    }
    fn unregistered(&self) -> Vec<Unregistered> {
        Vec::new()
    }
    fn health(&self) -> EngineHealth {
        EngineHealth { ticks: self.ticks, signals: self.signals, series: self.sites, ..EngineHealth::default() }
    }
}

fn sample(at: Timestamp) -> Sample {
    let metric = Metric::new("sales").unwrap();
    Sample {
        customer: north(),
        series: SeriesKey::All,
        metric,
        at,
        interval_s: 60,
        expected: 5.0,
        observed: 4.0,
        expected_value_minor: 500,
        observed_value_minor: 400,
        heard: 1.0,
    }
}

fn finding(n: u64, revision: u32, since: Timestamp, now: Timestamp, status: FindingStatus) -> Finding {
    Finding {
        id: FindingId::new(format!("f-{n}")).unwrap(),
        revision,
        kind: FindingKind::Silence,
        detected_at: since,
        revised_at: now,
        started_at: since,
        ended_at: (status == FindingStatus::Closed).then_some(now),
        status,
        customer: north(),
        metric: None,
        explanation: vec![],
        coverage: 1.0,
        purity: 1.0,
        affected: Affected { sites: 1, devices: 0 },
        sites: vec![site("0001")],
        devices: None,
        expected: 1.0,
        observed: 0.0,
        consequence: None,
        evidence: Evidence {
            group: "everything".into(),
            log_likelihood_ratio: 1.0,
            threshold: 1.0,
            remaining: 0.0,
            rate_per_hour: 1.0,
            false_alarm_every_hours: 1.0,
            bound_s: 1.0,
            delay_s: 1.0,
            contact: Contact::CountsOnly,
            runner_up: None,
            equivalent: vec![],
            candidates: 1,
            because: if revision == 1 { Because::Detected } else { Because::Recovered },
            late: 0.0,
        },
        incident: IncidentId::new(format!("i-{n}")).unwrap(),
    }
}

struct Counting(u64);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = self.0.to_be_bytes()[0];
        }
    }
}

pub struct Home {
    pub folder: TempDir,
    pub clock: Arc<DrivenClock>,
    seed: u64,
}

impl Home {
    pub fn new() -> Self {
        let at = "2026-02-10T10:00:00Z".parse().unwrap();
        Self { folder: tempfile::tempdir().unwrap(), clock: Arc::new(DrivenClock::new(at)), seed: 0 }
    }

    pub fn config(&mut self) -> NodeConfig {
        self.seed += 1;
        let mut seed = self.seed << 8;
        let entropy = move || -> Box<dyn Entropy + Send> {
            seed += 1;
            Box::new(Counting(seed))
        };
        let clock: Arc<dyn Clock> = self.clock.clone();
        let mut config = NodeConfig::new(self.folder.path().to_owned(), clock, Box::new(entropy));
        config.ticks = Ticks::Driven;
        config.engines = Arc::new(ForetoldEngines);
        config
    }

    pub fn journal(&self) -> PathBuf {
        self.folder.path().join("journal.db")
    }

    pub fn start(&mut self) -> Node {
        let node = Node::start(self.config()).unwrap();
        assert!(node.wait_caught_up(LONG));
        node
    }

    /// Moves time on by a second and ticks, and waits until what came of it is durable.
    pub fn tick(&self, node: &Node) -> Position {
        self.clock.advance(SignedDuration::from_secs(1));
        let position = node.tick().unwrap();
        assert!(node.wait_settled(position, LONG), "{:?}", node.health());
        position
    }
}

pub fn north() -> CustomerKey {
    CustomerKey::new("north").unwrap()
}

pub fn site(code: &str) -> SiteCode {
    SiteCode::new(code).unwrap()
}

pub fn heartbeat(device: &str, at: Timestamp) -> Signal {
    let device = Some(DeviceCode::new(device).unwrap());
    Signal { at, received_at: None, site: None, device, envelope: None, body: SignalBody::Heartbeat }
}

pub fn send(node: &Node, signals: Vec<Signal>) -> Accepted {
    let handed = Handed::encode(north(), None, node.clock().now(), None, signals).unwrap();
    node.ingest(handed).unwrap().wait().unwrap()
}

pub fn register(node: &Node, sites: u32) {
    let (caller, now) = (Caller::part("cli"), node.clock().now());
    let record =
        CustomerRecord { key: north(), name: "Norr".into(), currency: SEK, timezone: "Europe/Stockholm".into() };
    node.desk().register_customer(&caller, &record, now).unwrap();
    let sites: Vec<_> = (1..=sites)
        .map(|n| ImportSite { record: SiteRecord::bare(site(&format!("{n:04}"))), contact: SiteContact::default() })
        .collect();
    node.desk().import_sites(&caller, &north(), &sites, false, now).unwrap();
}

/// Every kind in the journal, in order.
pub fn kinds(node: &Node) -> Vec<String> {
    let rows = node.desk().journal().read(store::Seq(1), 100_000, &Scope::All).unwrap();
    rows.into_iter().map(|row| row.kind).collect()
}

pub fn how_many(node: &Node, kind: &str) -> usize {
    kinds(node).iter().filter(|k| *k == kind).count()
}
