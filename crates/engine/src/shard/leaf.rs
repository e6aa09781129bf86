//! A leaf of the lattice: one activity of one member. There is one for every device, so its size is the size of the fleet.

use super::interval::Interval;
use super::recent::Recent;
use crate::clock::Ms;
use crate::lists::GroupList;
use detect::bank::{Bank, PackedBank};
use serde::{Deserialize, Serialize};

/// State of a leaf.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leaf {
    /// Its member.
    pub member: u32,
    /// Its slot at the site.
    pub slot: u32,
    /// Its stream within the activity.
    pub stream: u32,
    /// Where it stands in the shard's list of what this tick brought, plus one; 0 when it brought nothing yet.
    pub brought: u32,
    /// Groups that take its evidence while nothing is wrong; the first counts everything and judges nothing.
    pub groups: GroupList,
    /// The open finding's group that holds it, if one does.
    pub held: Option<u32>,
    /// Expected transactions a millisecond at this time, by the site's clock.
    pub rate: f64,
    /// What its groups were given for it beside that rate.
    pub given: LeafGiven,
    /// Level prior of it alone.
    pub k: f32,
    /// Natural logarithm of its allotted transactions between false alarms.
    pub ln_gamma: f32,
    bank: PackedBank<3>,
    /// Operational clock up to which its bank has expected.
    pub expected_to: f64,
    /// When the heap looks at it next.
    pub queued: Ms,
    /// When it last did something and how much.
    pub recent: Recent,
    /// How it reports intervals; `None` while it reports single moments.
    pub interval: Option<Box<Interval>>,
    /// Transactions and expectation of this hour.
    pub hour_n: f32,
    /// Expected transactions of this hour.
    pub hour_mu: f32,
    taught_n: f32,
    taught_of: f32,
}

/// What groups were given for a leaf, in fixed point (see [`crate::sums::Given`]), so that exactly that can be taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeafGiven {
    /// `rate^2` times the variance of its share.
    pub base2: i64,
    /// Expected minor units a second.
    pub value: i64,
    /// Expected transactions a week.
    pub weekly: i64,
}

/// Transactions of doubt about a member's share of its stream.
const SHARE_DOUBT: f64 = 4.0;

impl Leaf {
    /// A leaf that has seen nothing.
    #[must_use]
    pub fn new(member: u32, slot: u32, stream: u32, groups: GroupList, now: Ms) -> Self {
        Self {
            member,
            slot,
            stream,
            brought: 0,
            groups,
            held: None,
            rate: 0.0,
            given: LeafGiven::default(),
            k: 1.0,
            ln_gamma: 0.0,
            bank: PackedBank::new(now),
            expected_to: 0.0,
            queued: Ms::MAX,
            recent: Recent::new(),
            interval: None,
            hour_n: 0.0,
            hour_mu: 0.0,
            taught_n: 0.0,
            taught_of: 0.0,
        }
    }

    /// Whether it is watched by a bank of its own. A site's own source is not: the site's serves.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.slot > 0
    }

    /// Its own bank.
    #[must_use]
    pub fn bank(&self) -> Bank<3> {
        self.bank.unpack()
    }

    /// Works on its own bank.
    pub fn with_bank<T>(&mut self, work: impl FnOnce(&mut Bank<3>) -> T) -> T {
        self.bank.with(work)
    }

    /// Whether it is part of anything: its device has not left.
    #[must_use]
    pub fn is_placed(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Length of the intervals it reports; 0 when it reports single moments.
    #[must_use]
    pub fn interval_ms(&self) -> Ms {
        self.interval.as_ref().map_or(0, |i| i.length_ms)
    }

    /// Its share of its stream, among `members` that are alike until they show otherwise.
    #[must_use]
    pub fn share(&self, members: usize) -> f64 {
        let alike = 1.0 / members.max(1) as f64;
        (f64::from(self.taught_n) + SHARE_DOUBT * alike) / (f64::from(self.taught_of) + SHARE_DOUBT)
    }

    /// Relative variance of its expectation from the little that was seen.
    #[must_use]
    pub fn variance(&self) -> f64 {
        1.0 / (1.0 + f64::from(self.taught_n))
    }

    /// Ends an hour in which its stream had `stream_n`.
    pub fn teach(&mut self, stream_n: f32) {
        self.taught_n += self.hour_n;
        self.taught_of += stream_n;
    }

    /// What it learned was `share` of it, and what its stream did `of_stream` of that.
    pub fn lower(&mut self, share: f64, of_stream: f64) {
        self.taught_n *= share as f32;
        self.taught_of *= of_stream as f32;
    }

    /// Discounts what it learned by `keep`.
    pub fn forget(&mut self, keep: f64) {
        self.taught_n *= keep as f32;
        self.taught_of *= keep as f32;
    }

    /// Forgets its evidence.
    pub fn start_anew(&mut self, clock: f64, now: Ms) {
        self.bank = PackedBank::new(now);
        self.expected_to = clock;
    }
}
