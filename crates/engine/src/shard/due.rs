//! What time itself brings: what is looked at when its moment in the queue has come.
//!
//! A bank that observes nothing crosses its threshold at a moment that is known beforehand. Each thing stands in the queue at most at one
//! moment that counts (`queued`); when it is looked at too early, it goes back.

use super::activity::Activity;
use super::leaf::Leaf;
use super::queue::Queue;
use super::site::SiteState;
use super::stream::block;
use super::told::{DeviceAlarm, SiteAlarm};
use super::{Context, Heard, Shard, Tables, member_of, transition};
use crate::clock::{Ms, next_quarter};
use crate::output::TransitionKind;
use detect::bank::{DEVICE_FALLS, FALLS, Prior};

/// Something to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// A site's rates.
    Refresh { site: u32 },
    /// An interval that should have been reported.
    Credit { site: u32, activity: u32, leaf: u32 },
    /// A site's bank.
    Activity { site: u32, activity: u32 },
    /// A device's bank.
    Leaf { site: u32, activity: u32, leaf: u32 },
    /// A device's heartbeat deadline.
    Device { site: u32, slot: u32 },
    /// An uplink's deadline.
    Uplink { site: u32 },
}

impl Shard {
    /// When this shard next has something to do by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Ms> {
        self.queue.next()
    }

    /// Looks at everything that is due. Intervals come first: what was sold in them and what was not belong together, and are judged after both.
    pub(super) fn run_due(&mut self, context: Context<'_>, heard: &mut Heard) {
        loop {
            let mut others = Vec::new();
            while let Some((at, due)) = self.queue.pop(context.now) {
                match due {
                    Due::Credit { site, activity, leaf } => self.credit_due((site, activity, leaf), at, context),
                    other => others.push((at, other)),
                }
            }
            self.count_brought(context);
            if others.is_empty() {
                return;
            }
            for (at, due) in others {
                self.look_at(due, at, context, heard);
            }
        }
    }

    fn credit_due(&mut self, (site, activity, leaf): (u32, u32, u32), at: Ms, context: Context<'_>) {
        let state = &self.sites[site as usize].activities[activity as usize].leaves[leaf as usize];
        if state.interval.as_ref().is_some_and(|i| i.queued == at) {
            self.credit_missing(site as usize, activity as usize, leaf as usize, context);
        }
    }

    fn look_at(&mut self, due: Due, at: Ms, context: Context<'_>, heard: &mut Heard) {
        match due {
            Due::Refresh { site } => {
                if self.sites[site as usize].refresh_queued == at {
                    self.sites[site as usize].refresh_queued = Ms::MAX;
                    self.teach(site as usize, context);
                    self.refresh(site as usize, context);
                }
            }
            Due::Credit { site, activity, leaf } => self.credit_due((site, activity, leaf), at, context),
            Due::Activity { site, activity } => self.look_at_activity(site, activity, at, context, heard),
            Due::Leaf { site, activity, leaf } => self.look_at_leaf((site, activity, leaf), at, context, heard),
            Due::Device { site, slot } => self.look_at_device(site, slot, at, context, heard),
            Due::Uplink { site } => self.look_at_uplink(site, at, context, heard),
        }
    }

    /// Lets settled quarters of a site teach.
    fn teach(&mut self, at: usize, context: Context<'_>) {
        let ix = self.sites[at].ix;
        let Some(zone) = context.registry.sites.get(ix as usize).map(|s| s.zone as usize) else { return };
        let mut taught = Vec::new();
        let Some(zone) = self.zones.get_mut(zone) else { return };
        for activity in &mut self.sites[at].activities {
            for stream in &mut activity.streams {
                stream.settle(context.now, |ms| zone.bin(ms), |t| taught.push(t));
            }
        }
        for t in taught {
            self.taught_mut(t.class)[t.bin] += crate::sums::fixed(t.n, 1024.0);
        }
    }

    fn look_at_activity(&mut self, site: u32, activity: u32, at: Ms, context: Context<'_>, heard: &mut Heard) {
        let ix = self.sites[site as usize].ix;
        let a = &mut self.sites[site as usize].activities[activity as usize];
        if a.queued != at {
            return;
        }
        a.queued = Ms::MAX;
        let Some(series) = context.view.series.get(a.series as usize) else { return };
        if !a.judged {
            return;
        }
        a.bank.expect(a.rate * (series.clock - a.expected_to));
        a.expected_to = series.clock;
        let verdict = a.bank.verdict(a.prior(), &FALLS, &self.tables.group.at(f64::from(a.ln_gamma)));
        if verdict.excess() >= -1e-9 {
            heard.site_alarms.push(SiteAlarm {
                site: ix,
                series: a.series,
                verdict,
                ln_gamma: f64::from(a.ln_gamma),
                rate: a.chart.rate.0,
            });
            // If it is no finding of its own it is asked again soon.
            a.queued = context.now + 60_000;
            self.queue.push(a.queued, Due::Activity { site, activity });
        } else {
            // Exactly, this time: what was queued was only certainly not too late.
            let m = a.bank.until_alarm(a.prior(), &FALLS, &self.tables.group.at(f64::from(a.ln_gamma)));
            let at = crossing(m, a.rate, series.common, context.now).max(context.now + 1);
            a.queued = at;
            if at != Ms::MAX {
                self.queue.push(at, Due::Activity { site, activity });
            }
        }
    }

    fn look_at_leaf(
        &mut self,
        (site, activity, leaf_at): (u32, u32, u32),
        at: Ms,
        context: Context<'_>,
        heard: &mut Heard,
    ) {
        let ix = self.sites[site as usize].ix;
        let a = &mut self.sites[site as usize].activities[activity as usize];
        let (series_ix, judged) = (a.series, a.judged);
        let leaf = &mut a.leaves[leaf_at as usize];
        if leaf.queued != at {
            return;
        }
        leaf.queued = Ms::MAX;
        let Some(series) = context.view.series.get(series_ix as usize) else { return };
        if !judged || leaf.held.is_some() || !leaf.is_placed() || !leaf.is_watched() {
            return;
        }
        let prior = Prior { k: f64::from(leaf.k) };
        let (rate, ln_gamma) = (leaf.rate, f64::from(leaf.ln_gamma));
        let passed = if leaf.interval.is_none() { rate * (series.clock - leaf.expected_to) } else { 0.0 };
        leaf.expected_to = series.clock;
        let thresholds = self.tables.device.at(ln_gamma);
        let (verdict, ahead) = leaf.with_bank(|bank| {
            bank.expect(passed);
            (bank.verdict(prior, &DEVICE_FALLS, &thresholds), bank.until_alarm(prior, &DEVICE_FALLS, &thresholds))
        });
        if verdict.excess() >= -1e-9 {
            heard.device_alarms.push(DeviceAlarm {
                member: leaf.member,
                site: ix,
                series: series_ix,
                verdict,
                ln_gamma,
                rate,
            });
            leaf.queued = context.now + 60_000;
            self.queue.push(leaf.queued, Due::Leaf { site, activity, leaf: leaf_at });
        } else {
            let at = crossing(ahead, leaf.rate, series.common, context.now).max(context.now + 1);
            leaf.queued = at;
            if at != Ms::MAX {
                self.queue.push(at, Due::Leaf { site, activity, leaf: leaf_at });
            }
        }
    }

    fn look_at_device(&mut self, site: u32, slot: u32, at: Ms, context: Context<'_>, heard: &mut Heard) {
        let state = &mut self.sites[site as usize];
        let (ix, lost) = (state.ix, state.uplink.lost);
        let uplink_ms = state.uplink.last_ms;
        let Some(contact) = state.known_contact(slot) else { return };
        if contact.queued != at {
            return;
        }
        contact.queued = Ms::MAX;
        let deadline = contact.deadline();
        if deadline == Ms::MAX {
            return;
        }
        // While the whole uplink may be lost, nothing is known of the device.
        let uplink_heard = !lost && uplink_ms > contact.last_ms + contact.gap_ms() as Ms;
        if deadline > context.now || !uplink_heard {
            contact.queued = deadline.max(context.now + 15_000);
            self.queue.push(contact.queued, Due::Device { site, slot });
            return;
        }
        contact.heard = false;
        contact.since_ms = contact.last_ms;
        let last = contact.last_ms;
        if let Some(member) = member_of(context.registry, ix, slot) {
            heard.unheard.push((member, last));
            heard.transitions.extend(transition(context.registry, member, context.now, TransitionKind::Unheard));
        }
    }

    fn look_at_uplink(&mut self, site: u32, at: Ms, context: Context<'_>, heard: &mut Heard) {
        let state = &mut self.sites[site as usize];
        let ix = state.ix;
        if state.uplink.queued != at {
            return;
        }
        state.uplink.queued = Ms::MAX;
        let deadline = state.uplink.deadline(&state.contacts);
        if deadline == Ms::MAX {
            return;
        }
        if deadline > context.now {
            state.uplink.queued = deadline;
            self.queue.push(deadline, Due::Uplink { site });
            return;
        }
        let hour = self.bin_of(ix, context.registry, context.now).map_or(0, |l| usize::from(l.minute) / 60);
        let state = &mut self.sites[site as usize];
        if state.uplink.lost || !state.uplink.expected(hour) {
            return;
        }
        state.uplink.lost = true;
        let (ix, last) = (state.ix, state.uplink.last_ms);
        for activity in &mut state.activities {
            for stream in &mut activity.streams {
                stream.blocked |= block::LOST;
                stream.forbid(last);
            }
        }
        self.uncredit(site as usize, last, context);
        self.refresh(site as usize, context);
        heard.lost.push((ix, last));
    }

    /// What was credited since a lost site was last heard leaves its groups: its sales are unknown.
    fn uncredit(&mut self, at: usize, since: Ms, context: Context<'_>) {
        for a in 0..self.sites[at].activities.len() {
            for l in 0..self.sites[at].activities[a].leaves.len() {
                let activity = &self.sites[at].activities[a];
                let leaf = &activity.leaves[l];
                if leaf.interval.is_some() || leaf.held.is_some() || !activity.judged {
                    continue;
                }
                let mu = leaf.rate * (context.now - since).max(0) as f64;
                for &group in leaf.groups.get(1..).unwrap_or(&[]) {
                    self.sums.moved(group).mu -= crate::sums::fixed(mu, crate::sums::COUNT_ONE);
                }
            }
        }
    }

    /// Puts everything that waits back into the queue, after a snapshot was taken up.
    pub fn requeue(&mut self) {
        for (s, site) in self.sites.iter().enumerate() {
            let s = s as u32;
            let mut put = |at: Ms, due: Due| {
                if at != Ms::MAX {
                    self.queue.push(at, due);
                }
            };
            put(site.refresh_queued, Due::Refresh { site: s });
            put(site.uplink.queued, Due::Uplink { site: s });
            for (i, contact) in site.contacts.iter().enumerate() {
                put(contact.queued, Due::Device { site: s, slot: i as u32 + 1 });
            }
            for (a, activity) in site.activities.iter().enumerate() {
                let a = a as u32;
                put(activity.queued, Due::Activity { site: s, activity: a });
                for (l, leaf) in activity.leaves.iter().enumerate() {
                    put(leaf.queued, Due::Leaf { site: s, activity: a, leaf: l as u32 });
                    let credit = leaf.interval.as_ref().map_or(Ms::MAX, |i| i.queued);
                    put(credit, Due::Credit { site: s, activity: a, leaf: l as u32 });
                }
            }
        }
    }
}

/// When a bank that observes nothing crosses, given its clock's rate; never sooner than now.
fn crossing(m: f64, rate: f64, common: f64, now: Ms) -> Ms {
    let ms = m / (rate * common);
    if ms.is_finite() && ms < 1e12 { now + libm::ceil(ms) as Ms } else { Ms::MAX }
}

/// Queues a site's bank for a moment before which it cannot alarm.
pub fn queue_activity_bank(
    queue: &mut Queue,
    site: usize,
    a: usize,
    activity: &mut Activity,
    context: Context<'_>,
    tables: &Tables,
) {
    let Some(series) = context.view.series.get(activity.series as usize) else { return };
    if !activity.judged || activity.rate <= 0.0 {
        return;
    }
    let m = activity.bank.no_alarm_before(activity.prior(), &FALLS, &tables.group.at(f64::from(activity.ln_gamma)));
    let at = crossing(m, activity.rate, series.common, context.now).max(context.now + 1);
    if at < activity.queued {
        activity.queued = at;
        queue.push(at, Due::Activity { site: site as u32, activity: a as u32 });
    }
}

/// Queues a device's bank for a moment before which it cannot alarm.
pub fn queue_leaf(
    queue: &mut Queue,
    (site, a, l): (usize, usize, usize),
    leaf: &mut Leaf,
    context: Context<'_>,
    series: u32,
    tables: &Tables,
) {
    let Some(series) = context.view.series.get(series as usize) else { return };
    if !leaf.is_watched() || leaf.held.is_some() || leaf.rate <= 0.0 {
        return;
    }
    let (prior, thresholds) = (Prior { k: f64::from(leaf.k) }, tables.device.at(f64::from(leaf.ln_gamma)));
    let m = leaf.bank().no_alarm_before(prior, &DEVICE_FALLS, &thresholds);
    let at = crossing(m, leaf.rate, series.common, context.now).max(context.now + 1);
    if at < leaf.queued {
        leaf.queued = at;
        queue.push(at, Due::Leaf { site: site as u32, activity: a as u32, leaf: l as u32 });
    }
}

/// Queues all banks of an activity.
pub fn queue_activity(
    queue: &mut Queue,
    site: usize,
    a: usize,
    activity: &mut Activity,
    context: Context<'_>,
    tables: &Tables,
) {
    queue_activity_bank(queue, site, a, activity, context, tables);
    if activity.judged {
        let series = activity.series;
        for l in 0..activity.leaves.len() {
            queue_leaf(queue, (site, a, l), &mut activity.leaves[l], context, series, tables);
        }
    }
}

/// Queues the next refresh of a site: the next quarter there, or a minute on while its first sign of life is waited for.
pub fn queue_refresh(queue: &mut Queue, at: usize, site: &mut SiteState, now: Ms) {
    let lag = site.lag_ms as Ms;
    let mut next = next_quarter(now - lag) + lag;
    if site.activities.iter().any(|a| a.opening.is_some()) {
        next = next.min(now + 60_000);
    }
    if next < site.refresh_queued || site.refresh_queued <= now {
        site.refresh_queued = next;
        queue.push(next, Due::Refresh { site: at as u32 });
    }
}
