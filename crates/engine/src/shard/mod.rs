//! The shard step: a part of the sites, turned tick by tick into sums of groups and into what concerns single sites.
//!
//! Nothing here depends on which other sites are in the same shard; all that leaves is integers and lists that the fleet step sorts.

mod absence;
pub mod activity;
mod chart;
pub mod contact;
mod count;
mod due;
mod evidence;
mod expect;
mod giving;
mod holding;
mod hour;
mod interval;
pub mod leaf;
mod queue;
mod recent;
mod site;
pub mod stream;
mod told;
mod turns;

pub use activity::LEAST_GAMMA;
pub use chart::REPORTED_MS;
pub use evidence::Member;
pub use hour::EXPOSURE_ONE;
pub use site::{SiteState, learn_lag};
pub use told::{DeviceAlarm, Heard, Late, SiteAlarm, Told, What};

use crate::clock::{LocalBin, Ms, Zone};
use crate::lists::{GroupList, Lists};
use crate::output::{Transition, TransitionKind};
use crate::registry::Registry;
use crate::sums::Sums;
use crate::view::View;
use activity::Activity;
use count::Brought;
use detect::bank::{DEVICE_FALLS, DEVICE_SPREAD, FALLS, FALLS_SPREAD};
use detect::profile::BINS;
use detect::thresholds::Thresholds;
use due::Due;
use expect::Place;
use leaf::Leaf;
use queue::Queue;
use serde::{Deserialize, Serialize};
use stream::Stream;
use turns::Turns;

/// Room for things told that is kept from tick to tick whatever comes.
const MOST_ROOM: usize = 65_536;

/// One shard of the fleet.
#[derive(Debug)]
pub struct Shard {
    /// Its sites; site `ix` of the registry stands at `ix / shards`.
    pub sites: Vec<SiteState>,
    /// Sums of groups over its sites.
    pub sums: Sums,
    /// Transactions that taught each class since the last fit, by bin of the week, in whole 1/1024.
    pub taught: Vec<Vec<i64>>,
    shards: u32,
    queue: Queue,
    zones: Vec<Zone>,
    tables: Tables,
    pending: Vec<Told>,
    turns: Turns,
    brought: Vec<Brought>,
    brought_activities: Vec<(u32, u32)>,
}

/// Threshold tables of the banks.
#[derive(Debug, Clone)]
pub struct Tables {
    /// For sites and groups.
    pub group: Thresholds<6>,
    /// For devices.
    pub device: Thresholds<3>,
}

impl Tables {
    /// Computes them, some milliseconds' work.
    #[must_use]
    pub fn new() -> Self {
        Self { group: Thresholds::new(&FALLS, FALLS_SPREAD), device: Thresholds::new(&DEVICE_FALLS, DEVICE_SPREAD) }
    }
}

/// What every step of a shard reads.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The registered fleet.
    pub registry: &'a Registry,
    /// What the fleet step says.
    pub view: &'a View,
    /// Event time of the tick.
    pub now: Ms,
}

/// A part of the sites as a snapshot keeps it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ShardState {
    /// Sites in any order.
    pub sites: Vec<SiteState>,
    /// See [`Shard::taught`].
    pub taught: Vec<Vec<i64>>,
}

impl Shard {
    /// An empty shard out of `shards`.
    #[must_use]
    pub fn new(shards: u32, tables: Tables) -> Self {
        Self {
            sites: Vec::new(),
            sums: Sums::default(),
            taught: Vec::new(),
            shards,
            queue: Queue::default(),
            zones: Vec::new(),
            tables,
            pending: Vec::new(),
            turns: Turns::default(),
            brought: Vec::new(),
            brought_activities: Vec::new(),
        }
    }

    /// Takes note of something until the next tick.
    pub fn tell(&mut self, told: Told) {
        self.pending.push(told);
    }

    /// How much it was told since the last step.
    #[must_use]
    pub fn told(&self) -> usize {
        self.pending.len()
    }

    /// The step: everything told since the last tick, then everything that time itself brings.
    pub fn tick(&mut self, context: Context<'_>) -> Heard {
        self.take_zones(context.registry);
        let mut heard = Heard::default();
        let (mut pending, mut turns) = (std::mem::take(&mut self.pending), std::mem::take(&mut self.turns));
        for at in turns.of(&pending, self.shards) {
            self.hear(&pending[at], context, &mut heard);
        }
        pending.clear();
        // A backlog's room is not kept for ever.
        if pending.capacity() > MOST_ROOM && pending.capacity() / 8 > turns.len() {
            (pending, turns) = (Vec::new(), Turns::default());
        }
        (self.pending, self.turns) = (pending, turns);
        self.count_brought(context);
        self.run_due(context, &mut heard);
        heard
    }

    /// Continues from a snapshot: standing sums and the queue follow from the sites.
    pub fn take_up(&mut self, lists: &mut Lists) {
        for site in &mut self.sites {
            for activity in &mut site.activities {
                for leaf in &mut activity.leaves {
                    leaf.groups = lists.shared(leaf.groups.clone());
                }
                activity.give_again(&mut self.sums);
            }
        }
        self.sums.changed = false;
        self.requeue();
    }

    /// Where a site stands.
    #[must_use]
    pub fn local(&self, site: u32) -> usize {
        (site / self.shards) as usize
    }

    fn take_zones(&mut self, registry: &Registry) {
        for zone in registry.zones.iter().skip(self.zones.len()) {
            self.zones.push(zone.clone());
        }
    }

    fn site_mut(&mut self, site: u32) -> &mut SiteState {
        let at = self.local(site);
        while self.sites.len() <= at {
            let ix = self.sites.len() as u32 * self.shards + site % self.shards;
            self.sites.push(SiteState::new(ix));
        }
        &mut self.sites[at]
    }

    fn hear(&mut self, told: &Told, context: Context<'_>, heard: &mut Heard) {
        let at = self.local(told.site);
        self.site_mut(told.site);
        match &told.what {
            What::Leaf { series, class, member, groups } => {
                self.add_leaf(at, told.slot, (*series, *class, *member), groups.clone(), context);
            }
            What::Groups { series, groups, held } => {
                let site = &mut self.sites[at];
                if let Some(a) = site.activity(*series) {
                    site.activities[a].take_back(&mut self.sums);
                    if let Some((_, leaf)) = site.activities[a].leaf(told.slot) {
                        leaf.groups = groups.clone();
                        leaf.held = *held;
                    }
                }
                self.refresh(at, context);
            }
            What::Vacate => {
                let site = &mut self.sites[at];
                for activity in &mut site.activities {
                    activity.take_back(&mut self.sums);
                    activity.vacate(told.slot);
                }
                if let Some(contact) = site.known_contact(told.slot) {
                    *contact = contact::DeviceContact::new();
                }
                self.refresh(at, context);
            }
            What::Moments { series } => self.report_moments(at, *series, context),
            What::Count { series, n, value, interval_ms } => {
                self.sign_of_life(at, told, context, heard, false);
                self.count(at, told, (*series, *n, *value, *interval_ms), context, heard);
            }
            What::Heartbeat => self.sign_of_life(at, told, context, heard, true),
            What::Sign => self.sign_of_life(at, told, context, heard, false),
            What::Link { up } => self.link(at, told, *up, context, heard),
        }
    }

    fn add_leaf(
        &mut self,
        at: usize,
        slot: u32,
        (series, class, member): (u32, u32, u32),
        groups: GroupList,
        context: Context<'_>,
    ) {
        let site = &mut self.sites[at];
        let a = site.activity(series).unwrap_or_else(|| {
            site.activities.push(Activity::new(series, context.now));
            site.activities.len() - 1
        });
        let activity = &mut site.activities[a];
        activity.take_back(&mut self.sums);
        if let Some(clock) = context.view.series.get(series as usize).map(|s| s.clock) {
            activity.expected_to = clock;
        }
        let inherited = if slot > 0 { activity.inherit() } else { None };
        let stream =
            inherited.or_else(|| activity.streams.iter().position(|s| s.class == class)).unwrap_or_else(|| {
                activity.streams.push(Stream::new(class, context.now));
                activity.streams.len() - 1
            });
        activity.add(Leaf::new(member, slot, stream as u32, groups, context.now));
        self.refresh(at, context);
    }

    fn sign_of_life(&mut self, at: usize, told: &Told, context: Context<'_>, heard: &mut Heard, beat: bool) {
        let site = &mut self.sites[at];
        if site.uplink.lost {
            site.uplink.lost = false;
            heard.regained.push(site.ix);
            self.regain(at, told.received, context);
        }
        let site = &mut self.sites[at];
        site.uplink.sign_of_life(told.at, told.received);
        if beat {
            site.uplink.beat(told.received);
        }
        let queued = site.uplink.queued;
        if beat && queued == Ms::MAX {
            let deadline = site.uplink.deadline(&site.contacts);
            if deadline != Ms::MAX {
                site.uplink.queued = deadline;
                self.queue.push(deadline, Due::Uplink { site: at as u32 });
            }
        }
        if told.slot == 0 {
            return;
        }
        let site = &mut self.sites[at];
        let ix = site.ix;
        // Of a device that never beats nothing is expected, so nothing is kept.
        let contact = if beat { site.contact(told.slot) } else { site.known_contact(told.slot) };
        let Some(contact) = contact else { return };
        let (was_regular, was_down) = (contact.regular(), contact.down);
        let again = if beat { contact.beat(told.at) } else { contact.sign_of_life(told.at) };
        let rose = was_down && !contact.down;
        let deadline = contact.deadline();
        if deadline < contact.queued {
            contact.queued = deadline;
            self.queue.push(deadline, Due::Device { site: at as u32, slot: told.slot });
        }
        if again && was_regular {
            self.device_heard(ix, told.slot, told.at, context, heard);
        }
        let what = match told.what {
            What::Link { .. } => TransitionKind::Up,
            _ if again && was_regular => return,
            _ => TransitionKind::Heard,
        };
        if rose && let Some(member) = member_of(context.registry, ix, told.slot) {
            heard.transitions.extend(transition(context.registry, member, told.at, what));
        }
    }

    fn device_heard(&self, site: u32, slot: u32, at: Ms, context: Context<'_>, heard: &mut Heard) {
        let Some(member) = member_of(context.registry, site, slot) else { return };
        heard.heard.push(member);
        if let Some(transition) = transition(context.registry, member, at, TransitionKind::Heard) {
            heard.transitions.push(transition);
        }
    }

    fn link(&mut self, at: usize, told: &Told, up: bool, context: Context<'_>, heard: &mut Heard) {
        if up {
            self.sign_of_life(at, told, context, heard, false);
        } else {
            // Somebody on the path said so: the uplink is heard, the device is not.
            let own = Told { slot: 0, ..told.clone() };
            self.sign_of_life(at, &own, context, heard, false);
        }
        let site = &mut self.sites[at];
        let ix = site.ix;
        let Some(contact) = site.contact(told.slot) else { return };
        if contact.down == up && told.at >= contact.since_ms {
            contact.down = !up;
            contact.since_ms = told.at;
            let Some(member) = member_of(context.registry, ix, told.slot) else { return };
            let what = if up { TransitionKind::Up } else { TransitionKind::Down };
            heard.transitions.extend(transition(context.registry, member, told.at, what));
            if up {
                heard.heard.push(member);
            } else {
                heard.unheard.push((member, told.at));
            }
        }
    }

    /// Computes a site's rates anew.
    fn refresh(&mut self, at: usize, context: Context<'_>) {
        let Some((site, registered)) =
            self.sites.get_mut(at).and_then(|s| context.registry.sites.get(s.ix as usize).map(|r| (s, r)))
        else {
            return;
        };
        let Some(zone) = self.zones.get_mut(registered.zone as usize) else { return };
        let local = zone.bin(context.now - site.lag_ms as Ms);
        let place = Place { hours: registered.hours.as_ref(), local, lost: site.uplink.lost };
        for (a, activity) in site.activities.iter_mut().enumerate() {
            activity.refresh(place, context.view, context.now, &mut self.sums);
            due::queue_activity(&mut self.queue, at, a, activity, context, &self.tables);
        }
        due::queue_refresh(&mut self.queue, at, site, context.now);
    }

    /// A lost site is heard again: everything starts anew there.
    fn regain(&mut self, at: usize, received: Ms, context: Context<'_>) {
        for contact in self.sites[at].contacts.iter_mut().filter(|c| c.heard) {
            // Each device gets its time to be heard again.
            contact.last_ms = contact.last_ms.max(received);
        }
        for activity in &mut self.sites[at].activities {
            for stream in &mut activity.streams {
                stream.blocked &= !stream::block::LOST;
            }
            if let Some(clock) = context.view.series.get(activity.series as usize).map(|s| s.clock) {
                activity.start_anew(clock, context.now);
            }
        }
        self.refresh(at, context);
    }

    fn bin_of(&mut self, site: u32, registry: &Registry, ms: Ms) -> Option<LocalBin> {
        let zone = registry.sites.get(site as usize)?.zone;
        self.zones.get_mut(zone as usize).map(|z| z.bin(ms))
    }

    fn taught_mut(&mut self, class: u32) -> &mut Vec<i64> {
        let at = class as usize;
        if self.taught.len() <= at {
            self.taught.resize(at + 1, Vec::new());
        }
        let row = &mut self.taught[at];
        row.resize(BINS, 0);
        row
    }
}

/// The member in a slot of a site.
#[must_use]
pub fn member_of(registry: &Registry, site: u32, slot: u32) -> Option<u32> {
    registry.sites.get(site as usize)?.slots.get(slot as usize).copied()
}

/// A transition of a member that is a device.
#[must_use]
pub fn transition(registry: &Registry, member: u32, at: Ms, what: TransitionKind) -> Option<Transition> {
    let m = registry.members.get(member as usize)?;
    let device = m.device.clone()?;
    let site = registry.sites.get(m.site as usize)?;
    let customer = registry.customers.get(site.customer as usize)?.key.clone();
    Some(Transition { customer, device, site: Some(site.code.clone()), at: crate::clock::from_ms(at), what })
}
