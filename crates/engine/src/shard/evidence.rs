//! What every member did since a moment, against what it should have done: the evidence that explanations are made from.

use super::leaf::Leaf;
use super::{Context, Shard};
use crate::clock::Ms;
use crate::registry::Registry;
use detect::profile::BIN_MS;
use roaring::RoaringBitmap;

/// Evidence of one member.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    /// Its number.
    pub member: u32,
    /// Its site.
    pub site: u32,
    /// Transactions observed since.
    pub n: f64,
    /// Transactions expected since.
    pub mu: f64,
    /// Expected transactions a millisecond now.
    pub rate: f64,
    /// Expected turnover of a transaction, minor units.
    pub value: f64,
    /// When it last did something.
    pub last_ms: Ms,
    /// Length of its intervals; 0 when it reports single moments.
    pub interval_ms: Ms,
    /// Whether its site's first sign of life of the day is waited for.
    pub waiting: bool,
    /// The finding's group that holds it.
    pub held: Option<u32>,
    /// Whether its site is heard from (or never sends heartbeats).
    pub site_heard: bool,
    /// Whether heartbeats are expected from its site.
    pub site_beats: bool,
    /// Time of receipt of the last signal from its site.
    pub site_last_ms: Ms,
}

/// What is reported by intervals is evidence by whole ones: those that ended after `since`. The answer is when they begin, and since when
/// their reports came.
fn whole_intervals(leaf: &Leaf, since: Ms) -> (Ms, Ms) {
    let Some(interval) = leaf.interval.as_deref() else { return (since, since) };
    let back = (interval.credited - since).max(0);
    let from = interval.credited - (back + interval.length_ms - 1) / interval.length_ms * interval.length_ms;
    (from, from + interval.length_ms / 2)
}

/// Quarters that are walked at most when an expectation is integrated.
const MOST_QUARTERS: i64 = 192;

impl Shard {
    /// Evidence of all members of a series since `since`, where they are judged.
    pub fn evidence(&self, context: Context<'_>, series: u32, since: Ms, out: &mut Vec<Member>) {
        for (at, site) in self.sites.iter().enumerate() {
            let Some(a) = site.activity(series) else { continue };
            let activity = &site.activities[a];
            if !activity.judged && !site.uplink.lost {
                continue;
            }
            for l in 0..activity.leaves.len() {
                let leaf = &activity.leaves[l];
                if !leaf.is_placed() {
                    continue;
                }
                let to = leaf.interval.as_ref().map_or(context.now, |i| i.credited);
                let (since, told_since) = whole_intervals(leaf, since);
                let same_quarter = since.div_euclid(BIN_MS) == to.div_euclid(BIN_MS);
                let mu = if to <= since {
                    0.0
                } else if same_quarter {
                    leaf.rate * (to - since) as f64
                } else {
                    self.expected_between(at, a, l, since, to, context)
                };
                let stream = &activity.streams[leaf.stream as usize];
                out.push(Member {
                    member: leaf.member,
                    site: site.ix,
                    n: leaf.recent.since(told_since, context.now),
                    mu,
                    rate: leaf.rate,
                    value: stream.value_per_count().unwrap_or(0.0),
                    last_ms: leaf.recent.last_ms,
                    interval_ms: leaf.interval_ms(),
                    waiting: activity.opening.is_some(),
                    held: leaf.held,
                    site_heard: !site.uplink.lost,
                    site_beats: site.sends_heartbeats(),
                    site_last_ms: site.uplink.last_ms,
                });
            }
        }
    }

    /// Sites from which heartbeats are expected.
    pub fn beating_sites(&self) -> impl Iterator<Item = u32> + '_ {
        self.sites.iter().filter(|s| s.sends_heartbeats()).map(|s| s.ix)
    }

    /// Devices that should be heard at this hour, and those of whose habit at this hour nothing is known, whose uplink is heard.
    pub fn expected_devices(
        &self,
        registry: &Registry,
        now: Ms,
        expected: &mut RoaringBitmap,
        unknown: &mut RoaringBitmap,
    ) {
        for site in self.sites.iter().filter(|s| !s.uplink.lost) {
            let Some(registered) = registry.sites.get(site.ix as usize) else { continue };
            let Some(zone) = self.zones.get(registered.zone as usize) else { continue };
            let hour = usize::from(zone.compute(now).minute) / 60;
            // Around and after closing people put devices to sleep as they please.
            let closed = !site.activities.is_empty() && site.activities.iter().all(|a| !a.is_trading());
            for (contact, member) in site.contacts.iter().zip(registered.slots.iter().skip(1)) {
                if contact.expected(hour) && !closed {
                    expected.insert(*member);
                } else if contact.unknown(hour) || contact.expected(hour) {
                    unknown.insert(*member);
                }
            }
        }
    }

    /// Expected transactions of a leaf in `(from, to]`, by the baseline as it stands.
    #[must_use]
    pub fn expected_between(&self, at: usize, a: usize, l: usize, from: Ms, to: Ms, context: Context<'_>) -> f64 {
        let site = &self.sites[at];
        let activity = &site.activities[a];
        let leaf = &activity.leaves[l];
        if leaf.rate > 0.0 && from.div_euclid(BIN_MS) == context.now.div_euclid(BIN_MS) {
            return leaf.rate * (to - from) as f64;
        }
        let stream = &activity.streams[leaf.stream as usize];
        let Some(class) = context.view.classes.get(stream.class as usize) else { return 0.0 };
        let Some(zone) = context.registry.sites.get(site.ix as usize).and_then(|s| self.zones.get(s.zone as usize))
        else {
            return 0.0;
        };
        let members = activity.leaves.iter().filter(|x| x.stream == leaf.stream && x.is_placed()).count();
        let share = leaf.share(members);
        let first = from.div_euclid(BIN_MS).max(to.div_euclid(BIN_MS) - MOST_QUARTERS);
        let mut mu = 0.0;
        for quarter in first..=(to - 1).div_euclid(BIN_MS) {
            let (begin, end) = ((quarter * BIN_MS).max(from), ((quarter + 1) * BIN_MS).min(to));
            mu += stream.rate(class, zone.compute(quarter * BIN_MS).bin) * share * (end - begin).max(0) as f64;
        }
        mu
    }
}
