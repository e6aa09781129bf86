//! What every member did since a moment, against what it should have done: the evidence that explanations are made from.

use super::leaf::Leaf;
use super::recent::RECALLED_MS;
use super::{Context, Shard};
use crate::clock::{LocalBin, Ms, Zone};
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
    /// Up to when its site's uplink is proven to have worked.
    pub site_proven_ms: Ms,
    /// Whether that is so lately that its site is surely heard still.
    pub site_fresh: bool,
}

/// What is reported by intervals is evidence by whole ones: those that ended after `since`. The answer is when they begin, and since when
/// their reports came.
fn whole_intervals(leaf: &Leaf, since: Ms) -> (Ms, Ms) {
    let Some(interval) = leaf.interval.as_deref() else { return (since, since) };
    let back = (interval.credited - since).max(0);
    let from = interval.credited - (back + interval.length_ms - 1) / interval.length_ms * interval.length_ms;
    (from, from + interval.length_ms / 2)
}

/// Quarters of the week in one zone, from one quarter on.
#[derive(Debug)]
struct Quarters {
    first: i64,
    bins: Vec<LocalBin>,
}

impl Quarters {
    fn of(zone: &Zone, from: Ms, to: Ms) -> Self {
        let first = from.div_euclid(BIN_MS);
        let bins = (first..=to.div_euclid(BIN_MS)).map(|quarter| zone.compute(quarter * BIN_MS)).collect();
        Self { first, bins }
    }

    fn bin(&self, zone: &Zone, quarter: i64) -> LocalBin {
        let at = usize::try_from(quarter - self.first).ok();
        at.and_then(|at| self.bins.get(at)).copied().unwrap_or_else(|| zone.compute(quarter * BIN_MS))
    }
}

impl Shard {
    /// Evidence of all members of a series since `since`, where they are judged.
    pub fn evidence(&self, context: Context<'_>, series: u32, since: Ms, out: &mut Vec<Member>) {
        let mut zones: Vec<Option<Quarters>> = self.zones.iter().map(|_| None).collect();
        for site in &self.sites {
            let Some(a) = site.activity(series) else { continue };
            let activity = &site.activities[a];
            if !activity.judged && !site.uplink.lost {
                continue;
            }
            let Some(registered) = context.registry.sites.get(site.ix as usize) else { continue };
            let Some(zone) = self.zones.get(registered.zone as usize) else { continue };
            let quarters =
                zones[registered.zone as usize].get_or_insert_with(|| Quarters::of(zone, since, context.now));
            let mut sums = StreamSums::default();
            let members = activity.members();
            for leaf in activity.leaves.iter().filter(|leaf| leaf.is_placed()) {
                let stream = leaf.stream as usize;
                let to = leaf.interval.as_ref().map_or(context.now, |i| i.credited);
                // Of one that did nothing since, nothing has to be recalled.
                let recalled = if leaf.recent.last_ms > since { context.now - RECALLED_MS } else { Ms::MIN };
                let (since, told_since) = whole_intervals(leaf, since.max(activity.since).max(recalled));
                let mu = if to <= since {
                    0.0
                } else if leaf.rate > 0.0 && since.div_euclid(BIN_MS) == context.now.div_euclid(BIN_MS) {
                    leaf.rate * (to - since) as f64
                } else {
                    let (until, damped) = activity.damped(leaf, since, to, context.now);
                    let all = sums.of((stream, since, until), || {
                        let bin = |quarter: i64| quarters.bin(zone, quarter);
                        activity.expected(stream, (since, until), registered.hours.as_ref(), context.view, bin)
                    });
                    all * leaf.share(members[stream]) + damped
                };
                out.push(Member {
                    member: leaf.member,
                    site: site.ix,
                    n: leaf.recent.since(told_since, context.now),
                    mu,
                    rate: leaf.rate,
                    value: activity.streams[stream].value_per_count().unwrap_or(0.0),
                    last_ms: leaf.recent.last_ms,
                    interval_ms: leaf.interval_ms(),
                    waiting: activity.opening.is_some(),
                    held: leaf.held,
                    site_heard: !site.uplink.lost,
                    site_beats: site.sends_heartbeats(),
                    site_proven_ms: site.uplink.proven_ms,
                    site_fresh: context.now <= site.uplink.fresh_until(),
                });
            }
        }
    }

    /// Expected transactions of a site since a moment, by the baseline as it stands; 0 if it is another shard's.
    #[must_use]
    pub fn site_expects(&self, context: Context<'_>, series: u32, site: u32, since: Ms) -> f64 {
        let Some(own) = self.sites.get(self.local(site)).filter(|own| own.ix == site) else { return 0.0 };
        let Some(activity) = own.activity(series).map(|a| &own.activities[a]) else { return 0.0 };
        let Some(registered) = context.registry.sites.get(site as usize) else { return 0.0 };
        let Some(zone) = self.zones.get(registered.zone as usize) else { return 0.0 };
        let quarters = Quarters::of(zone, since, context.now);
        let members = activity.members();
        let mut shares = vec![0.0; activity.streams.len()];
        for leaf in activity.leaves.iter().filter(|leaf| leaf.is_placed()) {
            shares[leaf.stream as usize] += leaf.share(members[leaf.stream as usize]);
        }
        let of = |(stream, share): (usize, f64)| {
            let bin = |quarter: i64| quarters.bin(zone, quarter);
            share * activity.expected(stream, (since, context.now), registered.hours.as_ref(), context.view, bin)
        };
        shares.into_iter().enumerate().filter(|(_, share)| *share > 0.0).map(of).sum()
    }

    /// Expected transactions of a leaf in `(from, to]`, by the baseline as it stands.
    pub fn expected_between(&mut self, at: usize, a: usize, l: usize, from: Ms, to: Ms, context: Context<'_>) -> f64 {
        let site = &self.sites[at];
        let activity = &site.activities[a];
        let leaf = &activity.leaves[l];
        if leaf.rate > 0.0 && from.div_euclid(BIN_MS) == context.now.div_euclid(BIN_MS) {
            return leaf.rate * (to - from) as f64;
        }
        let Some(registered) = context.registry.sites.get(site.ix as usize) else { return 0.0 };
        let Some(zone) = self.zones.get_mut(registered.zone as usize) else { return 0.0 };
        let members = activity.leaves.iter().filter(|x| x.stream == leaf.stream && x.is_placed()).count();
        let bin = |quarter: i64| zone.bin(quarter * BIN_MS);
        let (stream, hours) = (leaf.stream as usize, registered.hours.as_ref());
        activity.expected(stream, (from, to), hours, context.view, bin) * leaf.share(members)
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
}

/// What whole streams of one activity were expected to do: most of their leaves ask for the same stretch of time.
#[derive(Debug, Default)]
struct StreamSums(Vec<((usize, Ms, Ms), f64)>);

impl StreamSums {
    fn of(&mut self, key: (usize, Ms, Ms), sum: impl FnOnce() -> f64) -> f64 {
        if let Some((_, mu)) = self.0.iter().find(|(k, _)| *k == key) {
            return *mu;
        }
        let mu = sum();
        self.0.push((key, mu));
        mu
    }
}
