//! What an activity gives to the groups of its leaves: standing rates, taken back exactly before anything changes, and what single ticks bring.
//!
//! Nothing is remembered for each group: what was given follows from the leaves as they stand, so they are taken back first and
//! changed then.

use super::activity::Activity;
use super::leaf::{Leaf, LeafGiven};
use crate::sums::{COUNT_ONE, Given, RATE_ONE, Sums, VALUE_ONE, fixed};
use serde::{Deserialize, Serialize};

/// Under which circumstances it was given, so that the same can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// Whether evidence goes to groups at all.
    pub counted: bool,
    /// Relative variance of the site's baseline.
    pub variance: f64,
}

impl Activity {
    /// Takes back what the groups were given. Anything that changes a leaf's rate, groups, holder or form comes after this, and
    /// [`Activity::give`] after that.
    pub fn take_back(&mut self, sums: &mut Sums) {
        if let Some(terms) = self.given.take() {
            self.pass(terms, sums, -1);
        }
    }

    /// Gives the groups what stands from now on.
    pub fn give(&mut self, terms: Terms, sums: &mut Sums) {
        self.given = Some(terms);
        self.pass(terms, sums, 1);
    }

    /// Gives anew what was given before a snapshot was written.
    pub fn give_again(&self, sums: &mut Sums) {
        if let Some(terms) = self.given {
            self.pass(terms, sums, 1);
        }
    }

    fn pass(&self, terms: Terms, sums: &mut Sums, sign: i64) {
        for leaf in self.leaves.iter().filter(|leaf| leaf.is_placed()) {
            let a_second = leaf.rate * 1e3;
            let (rate, lumpy) = (fixed(a_second, RATE_ONE), leaf.interval.is_some());
            let now = Given {
                rate,
                lumpy: if lumpy { rate } else { 0 },
                device2: fixed(a_second * a_second, RATE_ONE),
                base2: leaf.given.base2,
                value: leaf.given.value,
                lumpy_value: if lumpy { leaf.given.value } else { 0 },
                ..Given::default()
            };
            // How much a group means over the week stands whatever the hour; what it expects now does not.
            let standing = Given { weekly: leaf.given.weekly, members: 1, ..Given::default() };
            for &group in leaf.groups.iter() {
                sums.list(group, &standing);
            }
            for group in leaf_groups(leaf, terms.counted) {
                sums.list(group, &now);
            }
        }
        sums.give_list(terms.variance, sign);
    }
}

impl LeafGiven {
    /// What is given for a leaf, with the rate that it has: expected minor units of a transaction, and transactions of a week.
    #[must_use]
    pub fn of(leaf: &Leaf, value: f64, a_week: f64) -> Self {
        let a_second = leaf.rate * 1e3;
        Self {
            base2: fixed(a_second * a_second * leaf.variance(), RATE_ONE),
            value: fixed(a_second * value, VALUE_ONE),
            weekly: fixed(a_week, COUNT_ONE),
        }
    }
}

/// The groups that a leaf's evidence goes to as things stand; the first counts everything and judges nothing.
pub fn leaf_groups(leaf: &Leaf, counted: bool) -> impl Iterator<Item = u32> + '_ {
    let all = leaf.groups.first().copied();
    let rest = match &leaf.held {
        Some(held) => std::slice::from_ref(held),
        None if !counted => &[],
        None => leaf.groups.get(1..).unwrap_or(&[]),
    };
    all.into_iter().chain(rest.iter().copied())
}

/// Whole intervals credited to a leaf: expected transactions and turnover.
pub fn credit(activity: &mut Activity, leaf: usize, mu: f64, lost: bool, sums: &mut Sums) {
    let (judged, counted) = (activity.judged, activity.counted);
    if activity.opening.is_some() {
        activity.opening_mu += mu;
    }
    let leaf = &mut activity.leaves[leaf];
    let value = activity.streams[leaf.stream as usize].value_per_count().unwrap_or(0.0);
    for group in leaf_groups(leaf, counted) {
        let moved = sums.moved(group);
        moved.mu += fixed(mu, COUNT_ONE);
        moved.mu_value += fixed(mu * value, 1.0);
    }
    leaf.hour_mu += mu as f32;
    if leaf.held.is_none() && !lost && judged {
        if leaf.is_watched() {
            leaf.with_bank(|bank| bank.expect(mu));
        }
        activity.bank.expect(mu);
    }
}
