//! A stream: what a site's members of one class do together. It is the unit that learns a week.
//!
//! Kept are discounted sums only (transactions and time observed, by hour of the week), so that learning never depends on the order in
//! which the estimates became better. Source of the shrinkage: Gamma-Poisson, see `detect::profile`.

use crate::clock::{LocalBin, Ms};
use crate::view::ClassView;
use detect::profile::{BIN_MS, HOURS};
use domain::fleet::DayKind;
use serde::{Deserialize, Serialize};

/// Quarters that wait for late signals before they teach.
const PENDING: usize = 8;
/// Whole quarters that must have passed before one teaches.
const SETTLED_AFTER: i64 = 4;
/// Length of a week.
pub const WEEK_MS: f64 = 604_800_000.0;
/// Chance that an hour in which nothing ever happened is an hour of closing.
const CLOSED_PRIOR: f64 = 0.1;

/// Sums of one stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// Its class.
    pub class: u32,
    n: Vec<f32>,
    weeks: Vec<f32>,
    pending: [Pending; PENDING],
    next: i64,
    /// Transactions a week where the class's shape is its mean; 0 while unknown.
    pub scale: f64,
    value_n: f64,
    value_minor: f64,
    /// Why the present must not teach: bits of [`block`].
    pub blocked: u8,
}

/// Reasons for which the present does not teach.
pub mod block {
    /// The site is not heard from.
    pub const LOST: u8 = 1;
    /// A member is held by an open finding.
    pub const HELD: u8 = 2;
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Pending {
    quarter: i64,
    n: f32,
    blocked: bool,
}

/// A quarter that has settled and teaches its class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taught {
    /// Class.
    pub class: u32,
    /// Bin of the week.
    pub bin: usize,
    /// Transactions.
    pub n: f64,
}

impl Stream {
    /// A stream that has seen nothing, from `now` on.
    #[must_use]
    pub fn new(class: u32, now: Ms) -> Self {
        Self {
            class,
            n: vec![0.0; HOURS],
            weeks: vec![0.0; HOURS],
            pending: [Pending::default(); PENDING],
            next: now.div_euclid(BIN_MS) + 1,
            scale: 0.0,
            value_n: 0.0,
            value_minor: 0.0,
            blocked: 0,
        }
    }

    /// `n` transactions in `(at - interval, at]`.
    pub fn teach(&mut self, at: Ms, interval_ms: Ms, n: f64) {
        let last = (at - 1).div_euclid(BIN_MS);
        let first = if interval_ms > BIN_MS { (at - interval_ms).div_euclid(BIN_MS) } else { last };
        let quarters = (last - first + 1).max(1);
        for quarter in first..=last {
            if let Some(pending) = self.pending_mut(quarter) {
                pending.n += (n / quarters as f64) as f32;
            }
        }
    }

    /// Turnover of `n` transactions.
    pub fn teach_value(&mut self, n: f64, minor: i64) {
        self.value_n += n;
        self.value_minor += minor as f64;
    }

    /// Mean turnover of a transaction, minor units; `None` while no value was ever told.
    #[must_use]
    pub fn value_per_count(&self) -> Option<f64> {
        (self.value_n > 0.0 && self.value_minor != 0.0).then(|| self.value_minor / self.value_n)
    }

    /// The quarters from `since` on shall not teach.
    pub fn forbid(&mut self, since: Ms) {
        let first = since.div_euclid(BIN_MS);
        for pending in &mut self.pending {
            if pending.quarter >= first {
                pending.blocked = true;
            }
        }
    }

    /// Nobody saw what it did in a stretch of time: its quarters shall not teach.
    pub fn unobserved(&mut self, from: Ms, to: Ms) {
        let last = to.div_euclid(BIN_MS);
        for quarter in from.div_euclid(BIN_MS).max(last - PENDING as i64 + 1)..=last {
            if let Some(pending) = self.pending_mut(quarter) {
                pending.blocked = true;
            }
        }
    }

    /// Lets settled quarters teach. `bin` tells which bin of the week a moment lies in.
    pub fn settle(&mut self, now: Ms, mut bin: impl FnMut(Ms) -> LocalBin, mut taught: impl FnMut(Taught)) {
        let present = now.div_euclid(BIN_MS);
        let blocked = self.blocked != 0;
        if let Some(pending) = self.pending_mut(present) {
            pending.blocked |= blocked;
        }
        // After a long pause only the last quarters can be known; the others were not observed.
        self.next = self.next.max(present - PENDING as i64 + 1);
        while self.next + SETTLED_AFTER <= present {
            let quarter = self.next;
            self.next += 1;
            let pending = self.pending[slot(quarter)];
            let local = bin(quarter * BIN_MS);
            let known = pending.quarter == quarter;
            // Paydays teach like others: they come each month, and the factor stands beside what they taught.
            let alike = matches!(local.kind, DayKind::Ordinary | DayKind::Payday);
            if (known && pending.blocked) || !alike {
                continue;
            }
            let n = if known { f64::from(pending.n) } else { 0.0 };
            self.n[local.bin / 4] += n as f32;
            self.weeks[local.bin / 4] += 0.25;
            taught(Taught { class: self.class, bin: local.bin, n });
        }
    }

    /// Expected transactions a millisecond in a bin of the week.
    #[must_use]
    pub fn rate(&self, class: &ClassView, bin: usize) -> f64 {
        let hour = bin / 4;
        let expected = self.expected_in_hour(class, hour);
        let n = f64::from(self.n[hour]);
        let kappa = class.kappa;
        let mut ratio = (n + kappa) / (expected + kappa);
        if n == 0.0 && expected > 0.0 {
            let open = (1.0 - CLOSED_PRIOR) * libm::pow(kappa / (kappa + expected), kappa);
            ratio *= open / (open + CLOSED_PRIOR);
        }
        self.scale * class.profile.shape(bin) * ratio / WEEK_MS
    }

    /// Relative variance of that rate as far as this stream's own ratio goes.
    #[must_use]
    pub fn variance(&self, class: &ClassView, bin: usize) -> f64 {
        let total: f32 = self.n.iter().sum();
        1.0 / (f64::from(self.n[bin / 4]) + class.kappa) + 1.0 / (1.0 + f64::from(total))
    }

    /// Days observed so far, discounted.
    #[must_use]
    pub fn days(&self) -> f64 {
        f64::from(self.weeks.iter().sum::<f32>()) / 24.0
    }

    /// Finds the scale anew under a class's shape.
    pub fn rescale(&mut self, class: &ClassView) {
        let n: f64 = self.n.iter().map(|x| f64::from(*x)).sum();
        let share: f64 =
            (0..HOURS).map(|h| f64::from(self.weeks[h]) * class.profile.hour_shape(h)).sum::<f64>() / HOURS as f64;
        self.scale = if share > 0.0 { n / share } else { 0.0 };
    }

    /// Adds what the class's fit needs: exposure by hour, and how far this stream's hours stray from the class's.
    pub fn fit_sums(&self, class: &ClassView, exposure: &mut [f64], stray: &mut (f64, f64)) {
        for (hour, exposed) in exposure.iter_mut().enumerate() {
            *exposed += self.scale * f64::from(self.weeks[hour]);
            let expected = self.expected_in_hour(class, hour);
            if expected > 0.5 {
                let off = f64::from(self.n[hour]) - expected;
                stray.0 += ((off * off - expected) / expected).min(25.0 + expected);
                stray.1 += expected;
            }
        }
    }

    /// All that it did was `share` of it.
    pub fn lower(&mut self, share: f64) {
        for x in &mut self.n {
            *x *= share as f32;
        }
        self.scale *= share;
        self.value_n *= share;
        self.value_minor *= share;
    }

    /// Discounts everything by `keep`.
    pub fn forget(&mut self, keep: f64) {
        for x in self.n.iter_mut().chain(&mut self.weeks) {
            *x *= keep as f32;
        }
        self.value_n *= keep;
        self.value_minor *= keep;
    }

    fn expected_in_hour(&self, class: &ClassView, hour: usize) -> f64 {
        self.scale * f64::from(self.weeks[hour]) * class.profile.hour_shape(hour) / HOURS as f64
    }

    fn pending_mut(&mut self, quarter: i64) -> Option<&mut Pending> {
        if quarter < self.next {
            return None;
        }
        let pending = &mut self.pending[slot(quarter)];
        if pending.quarter < quarter {
            *pending = Pending { quarter, n: 0.0, blocked: self.blocked != 0 };
        }
        (pending.quarter == quarter).then_some(pending)
    }
}

fn slot(quarter: i64) -> usize {
    quarter.rem_euclid(PENDING as i64) as usize
}
