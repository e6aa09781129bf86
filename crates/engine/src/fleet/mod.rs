//! The fleet step: merges the sums of one tick, alone holds the statistics of groups, and alone says findings.

mod alarm;
mod blame;
mod compose;
mod contact;
mod correlate;
mod fit;
mod fold;
mod judge;
pub mod lattice;
mod losses;
mod moved;
mod name;
mod nightly;
mod open;
mod opening;
mod pulse;
mod second;
mod unheard;
mod watch;

pub use fit::Class;

pub use lattice::{GroupKey, Lattice, bears};
pub use open::Open;

use crate::clock::Ms;
use crate::output::TickOutput;
use crate::policy::Policy;
use crate::registry::Registry;
use crate::shard::{Context, Heard, Shard, Tables};
use crate::sums::Moved;
use crate::view::{Calendar, SeriesView, View};
use contact::Contacts;
use detect::components::{Components, Moments};
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

const DAY_MS: f64 = 86_400_000.0;

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
                lately: 1.0,
                common_left: 1.0,
                components: Components::default(),
                calendar: Calendar::default(),
                odd: 0.0,
                site_every_ms: DAY_MS,
                device_every_ms: DAY_MS,
                site_value: 0.0,
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

    /// We were away until `now`: no group expects anything of that time.
    pub fn come_back(&mut self, now: Ms) {
        for group in &mut self.lattice.groups {
            group.start_anew(now);
            (group.chart, group.charted) = (Tally::default(), now);
        }
        // Nobody is unheard because we were.
        self.contacts.come_back();
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
    heard.site_alarms.sort_by_key(|a| (a.site, a.series));
    heard.device_alarms.sort_by_key(|a| (a.member, a.series));
    heard.lost.sort_unstable();
    heard.regained.sort_unstable();
    heard.unheard.sort_unstable();
    heard.heard.sort_unstable();
    heard.late.sort_by_key(|l| (l.at, l.member, l.series, l.n, l.value));
    heard.samples.sort_by(|a, b| (&a.customer, &a.series, &a.metric).cmp(&(&b.customer, &b.series, &b.metric)));
    heard.transitions.sort_by(|a, b| (a.at, &a.customer, &a.device).cmp(&(b.at, &b.customer, &b.device)));
}
