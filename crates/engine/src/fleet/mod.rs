//! The fleet step: merges the sums of one tick, alone holds the statistics of groups, and alone says findings.

mod alarm;
mod blame;
mod compose;
mod contact;
mod correlate;
mod fit;
pub mod lattice;
mod name;
mod open;
mod watch;

pub use fit::Class;

pub use lattice::{GroupKey, Lattice, bears};
pub use open::Open;

use crate::clock::{LocalBin, Ms, Zone, from_ms};
use crate::output::{Sample, SeriesKey, TickOutput};
use crate::policy::Policy;
use crate::registry::Registry;
use crate::shard::{Context, Heard, Shard, Tables};
use crate::sums::{Given, Moved};
use crate::view::{SeriesView, View};
use contact::Contacts;
use detect::components::{Components, Moments};
use domain::fleet::DayKind;
use lattice::Tally;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The fleet step's state.
#[derive(Debug)]
pub struct Fleet {
    /// Groups.
    pub lattice: Lattice,
    /// Classes.
    pub classes: Vec<Class>,
    /// What shards read.
    pub view: View,
    /// Open findings, and those closed lately, by group number or order of opening.
    pub open: Vec<Open>,
    contacts: Contacts,
    moments: Vec<Moments>,
    hour: Ms,
    minute: Ms,
    last: Ms,
    fitted: Ms,
    queue: BinaryHeap<Reverse<(Ms, u32)>>,
    ordinal: u32,
}

/// The fleet step's state as a snapshot keeps it.
#[derive(Debug, Serialize, Deserialize)]
pub struct FleetState {
    groups: Vec<lattice::Group>,
    classes: Vec<Class>,
    view: View,
    open: Vec<Open>,
    contacts: Contacts,
    moments: Vec<Moments>,
    hour: Ms,
    minute: Ms,
    last: Ms,
    fitted: Ms,
}

/// What a fleet step works on.
#[derive(Debug)]
pub struct Step<'a> {
    /// The registered fleet.
    pub registry: &'a Registry,
    /// All shards.
    pub shards: &'a mut [Shard],
    /// Settings.
    pub policy: &'a Policy,
    /// Threshold tables.
    pub tables: &'a Tables,
    /// Event time of the tick.
    pub now: Ms,
    /// What is said.
    pub out: TickOutput,
}

const HOUR_MS: Ms = 3_600_000;
const DAY_MS: f64 = 86_400_000.0;
/// Sites below which what all do together is no measure for one.
const SITES_FOR_COMMON: usize = 5;

impl Fleet {
    /// Knows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self {
            lattice: Lattice::default(),
            classes: Vec::new(),
            view: View::default(),
            open: Vec::new(),
            contacts: Contacts::default(),
            moments: Vec::new(),
            hour: Ms::MIN,
            minute: Ms::MIN,
            last: Ms::MIN,
            fitted: Ms::MIN,
            queue: BinaryHeap::new(),
            ordinal: 0,
        }
    }

    /// Makes sure that a series is known.
    pub fn add_series(&mut self, series: u32) {
        while self.view.series.len() <= series as usize {
            self.view.series.push(SeriesView {
                clock: 0.0,
                common: 1.0,
                components: Components::default(),
                site_every_ms: DAY_MS,
                device_every_ms: DAY_MS,
            });
            self.moments.push(Moments::default());
        }
    }

    /// Runs clocks up to `now`, before the shards take their step.
    pub fn advance(&mut self, now: Ms) {
        let passed = if self.last == Ms::MIN { 0 } else { (now - self.last).max(0) };
        for series in &mut self.view.series {
            series.clock += series.common * passed as f64;
        }
        self.last = now;
    }

    /// The step, after all shards took theirs.
    pub fn tick(&mut self, step: &mut Step<'_>, heard: Vec<Heard>) {
        self.ordinal = 0;
        self.merge_standing(step);
        self.merge_moved(step);
        let mut all = Heard::default();
        for mut h in heard {
            all.site_alarms.append(&mut h.site_alarms);
            all.device_alarms.append(&mut h.device_alarms);
            all.lost.append(&mut h.lost);
            all.regained.append(&mut h.regained);
            all.unheard.append(&mut h.unheard);
            all.heard.append(&mut h.heard);
            all.late.append(&mut h.late);
            all.samples.append(&mut h.samples);
            all.transitions.append(&mut h.transitions);
        }
        sort(&mut all);
        step.out.samples.append(&mut all.samples);
        step.out.transitions.append(&mut all.transitions);
        self.hear_contact(step, &all);
        self.hear_late(&all.late, step.now);
        if self.view.judging {
            self.group_alarms(step);
            self.site_alarms(step, &all.site_alarms);
            self.device_alarms(step, &all.device_alarms);
        }
        self.watch(step);
        self.end_minute(step);
        self.end_hour(step);
    }

    /// When the fleet step next has something to do by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Ms> {
        let watch = self
            .open
            .iter()
            .map(|o| if o.closed.is_some() && o.late_at.is_none() { Ms::MAX } else { o.next_look })
            .min();
        let group = self.queue.peek().map(|x| x.0.0);
        let clock = (self.minute != Ms::MIN).then(|| self.minute + 60_000);
        [watch, group, clock, self.contacts.next_due()].into_iter().flatten().min()
    }

    /// For a snapshot.
    #[must_use]
    pub fn state(&self) -> FleetState {
        FleetState {
            groups: self.lattice.groups.clone(),
            classes: self.classes.clone(),
            view: self.view.clone(),
            open: self.open.clone(),
            contacts: self.contacts.clone(),
            moments: self.moments.clone(),
            hour: self.hour,
            minute: self.minute,
            last: self.last,
            fitted: self.fitted,
        }
    }

    /// From a snapshot.
    #[must_use]
    pub fn restore(state: FleetState) -> Self {
        let queue = state
            .groups
            .iter()
            .enumerate()
            .filter(|(_, g)| g.queued != Ms::MAX)
            .map(|(ix, g)| Reverse((g.queued, ix as u32)))
            .collect();
        Self {
            lattice: Lattice::restore(state.groups),
            classes: state.classes,
            view: state.view,
            open: state.open,
            contacts: state.contacts,
            moments: state.moments,
            hour: state.hour,
            minute: state.minute,
            last: state.last,
            fitted: state.fitted,
            queue,
            ordinal: 0,
        }
    }

    /// After a snapshot was taken up: standing sums follow from the shards.
    pub fn take_up(&mut self, shards: &[Shard]) {
        for (ix, group) in self.lattice.groups.iter_mut().enumerate() {
            for part in shards.iter().filter_map(|s| s.sums.standing.get(ix)) {
                group.standing.add(part, 1);
            }
            group.standing.group = ix as u32;
        }
    }

    /// Takes over standing sums where a shard's changed; levels and thresholds follow.
    fn merge_standing(&mut self, step: &mut Step<'_>) {
        if !step.shards.iter_mut().fold(false, |any, s| std::mem::take(&mut s.sums.changed) | any) {
            return;
        }
        for ix in 0..self.lattice.groups.len() {
            let mut standing = Given { group: ix as u32, ..Given::default() };
            for shard in step.shards.iter() {
                if let Some(part) = shard.sums.standing.get(ix) {
                    standing.add(part, 1);
                }
            }
            if self.lattice.groups[ix].standing != standing {
                self.lattice.groups[ix].settle(step.now, &Moved::default());
                self.lattice.groups[ix].standing = standing;
            }
        }
        self.judge_groups(step);
    }

    /// Which groups are watched, and at what level and threshold.
    fn judge_groups(&mut self, step: &Step<'_>) {
        let mut everything: FxHashMap<u32, Given> = FxHashMap::default();
        let mut regions: FxHashMap<u32, f64> = FxHashMap::default();
        for group in &self.lattice.groups {
            match &group.key {
                GroupKey::Everything => {
                    everything.insert(group.series, group.standing);
                }
                GroupKey::Value { attribute, .. } if attribute == "region" => {
                    *regions.entry(group.series).or_default() += group.rate() * group.rate();
                }
                GroupKey::Total | GroupKey::Value { .. } | GroupKey::Held(_) => {}
            }
        }
        let watched = |group: &lattice::Group| match &group.key {
            // A customer with one site is judged as that site.
            GroupKey::Everything => group.standing.sites > 1,
            GroupKey::Value { .. } => {
                let all = everything.get(&group.series).map_or(0, |g| g.members);
                group.standing.members >= 2 && group.standing.members < all
            }
            GroupKey::Total | GroupKey::Held(_) => false,
        };
        let mut count: FxHashMap<u32, f64> = FxHashMap::default();
        for group in self.lattice.groups.iter().filter(|g| watched(g) && g.key != GroupKey::Everything) {
            *count.entry(group.series).or_default() += 1.0;
        }
        let widen = self.widen(step);
        let allowed = &step.policy.false_alarms;
        for ix in 0..self.lattice.groups.len() {
            let group = &mut self.lattice.groups[ix];
            let judged = watched(group) && self.view.judging;
            if judged && !group.judged {
                group.bank.reset(step.now);
                group.to = step.now;
            }
            group.judged = judged;
            if !judged {
                continue;
            }
            let components = self.view.series[group.series as usize].components;
            let all = everything.get(&group.series).map_or(0.0, |g| g.rate as f64 / crate::sums::RATE_ONE / 1_000.0);
            let spread = regions.get(&group.series).map_or(1.0, |r| if all > 0.0 { r / (all * all) } else { 1.0 });
            let own_region = matches!(&group.key, GroupKey::Value { attribute, .. } if attribute == "region");
            let conc = if own_region || spread <= 0.0 { 1.0 } else { spread };
            group.k = group.level_size(&components, conc, widen.get(&group.series).copied().unwrap_or(0.0));
            let days = match group.key {
                GroupKey::Everything => allowed.everything_days,
                _ => allowed.group_days * count.get(&group.series).copied().unwrap_or(1.0),
            };
            group.ln_gamma = libm::log((group.weekly() * days / 7.0).max(1.0));
            self.queue_group(ix as u32, step);
        }
    }

    /// Extra variance of days that are unlike others.
    fn widen(&self, step: &Step<'_>) -> FxHashMap<u32, f64> {
        let mut widen = FxHashMap::default();
        for (ix, series) in step.registry.series.iter().enumerate() {
            let local = self.local(step, series.customer);
            let extra = match local.map(|l| l.kind) {
                Some(DayKind::Holiday) => 0.25,
                Some(DayKind::Eve) => 0.06,
                Some(DayKind::Ordinary) | None => 0.0,
            };
            widen.insert(ix as u32, extra);
        }
        widen
    }

    /// The quarter where a customer's first site is.
    fn local(&self, step: &Step<'_>, customer: u32) -> Option<LocalBin> {
        let site = step.registry.sites.iter().find(|s| s.customer == customer)?;
        step.registry.zones.get(site.zone as usize).map(|z: &Zone| z.compute(step.now))
    }

    /// Adds what moved to the groups.
    fn merge_moved(&mut self, step: &mut Step<'_>) {
        let mut merged: FxHashMap<u32, Moved> = FxHashMap::default();
        let mut order = Vec::new();
        for shard in step.shards.iter_mut() {
            shard.sums.drain(|group, moved| {
                let sum = merged.entry(group).or_insert_with(|| {
                    order.push(group);
                    Moved::default()
                });
                sum.n += moved.n;
                sum.mu += moved.mu;
                sum.value += moved.value;
                sum.mu_value += moved.mu_value;
            });
        }
        order.sort_unstable();
        for ix in order {
            let Some(group) = self.lattice.groups.get_mut(ix as usize) else { continue };
            let tally = group.settle(step.now, &merged[&ix]);
            if let GroupKey::Held(number) = group.key {
                self.held_moved(number, step.now);
            } else {
                // A credited interval may have carried it over.
                if tally.n == 0.0 {
                    self.lattice.groups[ix as usize].queued = Ms::MAX;
                }
                self.queue_group(ix, step);
            }
        }
    }

    /// Queues a group for the moment of its possible alarm.
    fn queue_group(&mut self, ix: u32, step: &Step<'_>) {
        let group = &mut self.lattice.groups[ix as usize];
        if !group.judged {
            return;
        }
        let ahead = group.bank.until_alarm(group.prior(), &detect::bank::FALLS, &step.tables.group.at(group.ln_gamma));
        // Up to when it has expected may lie a little back.
        let ms = ahead / group.flowing();
        let at = if ahead <= 0.0 {
            step.now
        } else if ms.is_finite() && ms < 1e12 {
            (group.to + libm::ceil(ms) as Ms).max(step.now)
        } else {
            Ms::MAX
        };
        if at < group.queued {
            group.queued = at;
            self.queue.push(Reverse((at, ix)));
        }
    }

    /// Every minute: what all do together, and the chart of everything.
    fn end_minute(&mut self, step: &mut Step<'_>) {
        if self.minute == Ms::MIN {
            self.minute = step.now.div_euclid(60_000) * 60_000;
        }
        if step.now < self.minute + 60_000 {
            return;
        }
        let (from, to) = (self.minute, step.now.div_euclid(60_000) * 60_000);
        self.minute = to;
        let sites = step.registry.sites.len();
        for ix in 0..self.lattice.groups.len() {
            let group = &mut self.lattice.groups[ix];
            match group.key {
                GroupKey::Total => {
                    group.settle(step.now, &Moved::default());
                    let chart = std::mem::take(&mut group.chart);
                    let (series, rate) = (group.series, group.rate());
                    self.sample(step, series, chart, rate, ((to - from) / 1_000) as u32, to);
                }
                GroupKey::Everything if group.judged => {
                    group.settle(step.now, &Moved::default());
                    let level = group.bank.level(group.prior());
                    let common = if sites >= SITES_FOR_COMMON { level.clamp(0.7, 1.4) } else { 1.0 };
                    self.view.series[group.series as usize].common = common;
                }
                GroupKey::Everything | GroupKey::Value { .. } | GroupKey::Held(_) => {}
            }
        }
    }

    fn sample(&self, step: &mut Step<'_>, series: u32, chart: Tally, rate: f64, interval_s: u32, to: Ms) {
        if chart.n == 0.0 && chart.mu < 1e-4 {
            return;
        }
        let registered = &step.registry.series[series as usize];
        let lost: i64 = step.shards.iter().map(|s| s.lost_rate(series)).sum();
        let lost = lost as f64 / crate::sums::RATE_ONE / 1_000.0;
        step.out.samples.push(Sample {
            customer: step.registry.customers[registered.customer as usize].key.clone(),
            series: SeriesKey::All,
            metric: registered.metric.clone(),
            at: from_ms(to),
            interval_s,
            expected: chart.mu,
            observed: chart.n,
            expected_value_minor: chart.mu_value as i64,
            observed_value_minor: chart.value as i64,
            heard: if rate > 0.0 { (1.0 - lost / rate).clamp(0.0, 1.0) as f32 } else { 1.0 },
        });
    }

    /// Every hour: variance components; every five minutes the charts of sites are asked for by the engine.
    fn end_hour(&mut self, step: &mut Step<'_>) {
        let hour = step.now.div_euclid(HOUR_MS);
        if self.hour == Ms::MIN {
            self.hour = hour;
        }
        if hour == self.hour {
            return;
        }
        self.hour = hour;
        self.learn_components(step);
        if (hour % 24 == 2 || self.fitted == Ms::MIN && hour % 24 == 20) && !self.classes.is_empty() {
            self.fit(step, 2);
        }
    }

    /// What a shard step reads.
    #[must_use]
    pub fn context<'a>(&'a self, registry: &'a Registry, now: Ms) -> Context<'a> {
        Context { registry, view: &self.view, now }
    }
}

impl Default for Fleet {
    fn default() -> Self {
        Self::new()
    }
}

/// Brings what shards told into an order that no number of shards changes.
fn sort(heard: &mut Heard) {
    heard.site_alarms.sort_by(|a, b| (a.site, a.series).cmp(&(b.site, b.series)));
    heard.device_alarms.sort_by(|a, b| (a.member, a.series).cmp(&(b.member, b.series)));
    heard.lost.sort_unstable();
    heard.regained.sort_unstable();
    heard.unheard.sort_unstable();
    heard.heard.sort_unstable();
    heard.late.sort_by_key(|l| (l.at, l.member, l.series, l.n, l.value));
    heard.samples.sort_by(|a, b| (&a.customer, &a.series, &a.metric).cmp(&(&b.customer, &b.series, &b.metric)));
    heard.transitions.sort_by(|a, b| (a.at, &a.customer, &a.device).cmp(&(b.at, &b.customer, &b.device)));
}
