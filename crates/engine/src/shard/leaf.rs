//! A leaf of the lattice: one activity of one member.

use super::recent::Recent;
use crate::clock::Ms;
use detect::bank::Bank;
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
    /// Groups that take its evidence while nothing is wrong; the first counts everything and judges nothing.
    pub groups: Vec<u32>,
    /// The open finding's group that holds it, if one does.
    pub held: Option<u32>,
    /// Expected transactions a millisecond at this time, by the site's clock.
    pub rate: f64,
    /// Level prior of it alone.
    pub k: f32,
    /// Natural logarithm of its allotted transactions between false alarms.
    pub ln_gamma: f32,
    /// Its own bank; a site's own source has none, the site's serves.
    pub bank: Option<Box<Bank<3>>>,
    /// Operational clock up to which its bank has expected.
    pub expected_to: f64,
    /// When the heap looks at it next.
    pub queued: Ms,
    /// When it last did something and how much.
    pub recent: Recent,
    /// Length of its intervals; 0 when it reports single moments.
    pub interval_ms: Ms,
    /// End of the last interval that was credited.
    pub credited: Ms,
    /// When the heap looks at its credit next.
    pub credit_queued: Ms,
    /// Transactions of this tick.
    pub tick_n: u32,
    /// Turnover of this tick, minor units.
    pub tick_value: i64,
    /// Transactions and expectation of this hour.
    pub hour_n: f32,
    /// Expected transactions of this hour.
    pub hour_mu: f32,
    taught_n: f32,
    taught_of: f32,
}

/// Transactions of doubt about a member's share of its stream.
const SHARE_DOUBT: f64 = 4.0;

impl Leaf {
    /// A leaf that has seen nothing.
    #[must_use]
    pub fn new(member: u32, slot: u32, stream: u32, groups: Vec<u32>, now: Ms) -> Self {
        Self {
            member,
            slot,
            stream,
            groups,
            held: None,
            rate: 0.0,
            k: 1.0,
            ln_gamma: 0.0,
            bank: (slot > 0).then(|| Box::new(Bank::new(now))),
            expected_to: 0.0,
            queued: Ms::MAX,
            recent: Recent::new(),
            interval_ms: 0,
            credited: now,
            credit_queued: Ms::MAX,
            tick_n: 0,
            tick_value: 0,
            hour_n: 0.0,
            hour_mu: 0.0,
            taught_n: 0.0,
            taught_of: 0.0,
        }
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

    /// Discounts what it learned by `keep`.
    pub fn forget(&mut self, keep: f64) {
        self.taught_n *= keep as f32;
        self.taught_of *= keep as f32;
    }

    /// Forgets its evidence.
    pub fn start_anew(&mut self, clock: f64, now: Ms) {
        if let Some(bank) = &mut self.bank {
            bank.reset(now);
        }
        self.expected_to = clock;
    }
}
