//! A few shops whose sales are made here, second by second, so that a test says exactly in which form they are reported.
#![allow(dead_code, clippy::unwrap_used)] // Each test file uses its own part of it.

use domain::fleet::{FleetChange, OpeningHours};
use domain::signal::Count;
use domain::{CustomerKey, DeviceCode, DeviceRecord, Finding, Metric, Signal, SignalBody, SiteCode, SiteRecord};
use engine::{Engine, Policy, Sample};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How sales are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One by one.
    Moments,
    /// Sums by device over so many seconds; those without sales only if `zeros`.
    ByDevice { interval_s: i64, zeros: bool },
    /// Sums by site over so many seconds.
    BySite { interval_s: i64 },
}

/// Shops and their engine. They are open from 8 to 22 where it is UTC, on holidays (25 December) from 10 to 18 as far as they say.
pub struct Shops {
    pub engine: Engine,
    pub said: Vec<Finding>,
    /// What charts are made of, once `engine.set_charts(true)`.
    pub samples: Vec<Sample>,
    /// Sends a heartbeat of every device this often, seconds; 0: never.
    pub heartbeat_s: i64,
    sites: usize,
    devices: usize,
    now: Timestamp,
    seed: u64,
    sums: BTreeMap<(usize, usize), u32>,
    /// Reports are under way for up to so many seconds, each for its own time.
    pub under_way_s: i64,
    sent: Vec<Signal>,
}

/// What shops are like.
pub struct Plan {
    /// How many.
    pub sites: usize,
    /// Devices of each.
    pub devices: usize,
    /// What they state.
    pub hours: &'static str,
    /// Which devices have firmware `bad`.
    pub bad: fn(usize, usize) -> bool,
}

/// A device in some second: whether it sells and beats then.
pub type Alive<'a> = &'a dyn Fn(usize, usize, Timestamp) -> bool;

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// Every device, always.
pub fn all(_: usize, _: usize, _: Timestamp) -> bool {
    true
}

impl Shops {
    /// `sites` shops of `devices` each from `start`; the engine only learns until `until`. Every third device has firmware `bad`, every
    /// fourth site the provider `west`.
    pub fn new(sites: usize, devices: usize, start: &str, until: &str) -> Self {
        let hours = "Mo-Su 08:00-22:00; PH 10:00-18:00";
        Self::of(&Plan { sites, devices, hours, bad: |_, d| d % 3 == 1 }, start, until)
    }

    /// Shops as planned; every fourth site has the provider `west`.
    pub fn of(plan: &Plan, start: &str, until: &str) -> Self {
        let Plan { sites, devices, hours, bad } = *plan;
        let policy = Policy { learn_until: Some(at(until)), ..Policy::default() };
        let mut engine = Engine::new(policy, 1);
        engine.set_charts(false);
        let site = |s: usize| {
            let mut record = SiteRecord::bare(site_code(s));
            record.timezone = Some("UTC".to_owned());
            record.opening_hours = Some(OpeningHours::parse(hours).unwrap());
            record.attributes.insert("isp".into(), if s.is_multiple_of(4) { "west" } else { "east" }.into());
            record
        };
        let device = |s: usize, d: usize| {
            let mut record = DeviceRecord::bare(device_code(s, d), Some(site_code(s)));
            record.attributes.insert("firmware".into(), if bad(s, d) { "bad" } else { "good" }.into());
            record
        };
        let customer = customer();
        engine.apply_fleet(&FleetChange::Sites { customer: customer.clone(), sites: (0..sites).map(site).collect() });
        let devices_of = (0..sites).flat_map(|s| (0..devices).map(move |d| device(s, d))).collect();
        engine.apply_fleet(&FleetChange::Devices { customer, devices: devices_of });
        let (now, sums) = (at(start), BTreeMap::new());
        Self {
            engine,
            said: Vec::new(),
            samples: Vec::new(),
            heartbeat_s: 0,
            sites,
            devices,
            now,
            seed: 5,
            sums,
            under_way_s: 0,
            sent: Vec::new(),
        }
    }

    /// Goes on until `end`, in ticks of `tick_s` seconds; every device that is alive sells `per_hour` while its shop is open.
    pub fn until(&mut self, end: &str, tick_s: i64, form: Form, per_hour: f64, alive: Alive<'_>) {
        while self.now < at(end) {
            self.now += SignedDuration::from_secs(tick_s);
            let mut signals = self.sell(tick_s, form, per_hour, alive);
            self.beat(tick_s, alive, &mut signals);
            let signals = self.arrived(signals);
            self.engine.batch(&customer(), self.now, None, &signals);
            let told = self.engine.tick(self.now);
            self.said.extend(told.findings);
            self.samples.extend(told.samples);
        }
    }

    /// What arrives by now.
    fn arrived(&mut self, signals: Vec<Signal>) -> Vec<Signal> {
        if self.under_way_s == 0 {
            return signals;
        }
        for signal in signals {
            let seconds = i64::from(self.draw(1.0) * 7 + self.draw(1.0)) % (self.under_way_s + 1);
            let after = SignedDuration::from_secs(seconds);
            self.sent.push(Signal { received_at: Some(signal.at + after), ..signal });
        }
        let (here, still): (Vec<Signal>, Vec<Signal>) =
            std::mem::take(&mut self.sent).into_iter().partition(|s| s.received_at.is_some_and(|at| at <= self.now));
        self.sent = still;
        here
    }

    /// Time goes on, and nobody takes in what is sent.
    pub fn skip(&mut self, to: Timestamp) {
        self.now = to;
    }

    fn sell(&mut self, tick_s: i64, form: Form, per_hour: f64, alive: Alive<'_>) -> Vec<Signal> {
        let hour = self.now.as_second().rem_euclid(86_400) as f64 / 3_600.0;
        let open = hour > 8.0 && hour <= 22.0;
        let mut signals = Vec::new();
        for s in 0..self.sites {
            for d in 0..self.devices {
                let n = if open && alive(s, d, self.now) { self.draw(per_hour * tick_s as f64 / 3_600.0) } else { 0 };
                *self.sums.entry((s, d)).or_default() += n;
                match form {
                    Form::Moments => {
                        let n = self.sums.remove(&(s, d)).unwrap_or(0);
                        signals.extend((n > 0).then(|| count(self.now, s, Some(d), n, None)));
                    }
                    Form::ByDevice { interval_s, zeros } if self.now.as_second() % interval_s == 0 => {
                        let n = self.sums.remove(&(s, d)).unwrap_or(0);
                        let said = n > 0 || zeros && alive(s, d, self.now);
                        signals.extend(said.then(|| count(self.now, s, Some(d), n, Some(interval_s))));
                    }
                    Form::ByDevice { .. } | Form::BySite { .. } => {}
                }
            }
            if let Form::BySite { interval_s } = form
                && self.now.as_second() % interval_s == 0
            {
                let n = (0..self.devices).filter_map(|d| self.sums.remove(&(s, d))).sum();
                signals.push(count(self.now, s, None, n, Some(interval_s)));
            }
        }
        signals
    }

    fn beat(&mut self, tick_s: i64, alive: Alive<'_>, signals: &mut Vec<Signal>) {
        if self.heartbeat_s == 0 {
            return;
        }
        for s in 0..self.sites {
            for d in 0..self.devices {
                let phase = (s * 7 + d * 13) as i64;
                let due = (self.now.as_second() + phase).rem_euclid(self.heartbeat_s) < tick_s;
                if due && alive(s, d, self.now) {
                    signals.push(signal(self.now, s, Some(d), SignalBody::Heartbeat));
                }
            }
        }
    }

    /// A count of mean `mu`: Poisson, by Knuth's product of uniforms.
    fn draw(&mut self, mu: f64) -> u32 {
        let (mut n, mut product) = (0, 1.0);
        let least = (-mu).exp();
        loop {
            self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            product *= ((self.seed >> 33) as f64 + 0.5) / f64::from(1_u32 << 31);
            if product < least {
                return n;
            }
            n += 1;
        }
    }

    /// What was said about more than one site.
    pub fn wide(&self) -> Vec<&Finding> {
        self.said.iter().filter(|f| f.affected.sites > 1).collect()
    }
}

pub fn customer() -> CustomerKey {
    CustomerKey::new("shops").unwrap()
}

pub fn site_code(s: usize) -> SiteCode {
    SiteCode::new(format!("s{s}")).unwrap()
}

pub fn device_code(s: usize, d: usize) -> DeviceCode {
    DeviceCode::new(format!("d{s}-{d}")).unwrap()
}

/// One signal of a shop, or of a device there.
pub fn signal(at: Timestamp, s: usize, d: Option<usize>, body: SignalBody) -> Signal {
    let (site, device) = (Some(site_code(s)), d.map(|d| device_code(s, d)));
    Signal { at, received_at: Some(at), site, device, envelope: None, body }
}

fn count(at: Timestamp, s: usize, d: Option<usize>, n: u32, interval_s: Option<i64>) -> Signal {
    let interval_s = interval_s.map(|i| u32::try_from(i).unwrap());
    let metric = Metric::new("sales").unwrap();
    signal(at, s, d, SignalBody::Count(Count { metric, interval_s, count: n, value: None }))
}
