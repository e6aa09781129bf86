//! Sums of groups in fixed point: integers add up alike in any order, so any number of shards agrees to the byte.

use serde::{Deserialize, Serialize};

/// One transaction a second, in the unit of rates.
pub const RATE_ONE: f64 = 4_294_967_296.0;
/// One transaction, in the unit of expected counts.
pub const COUNT_ONE: f64 = 1_048_576.0;
/// One minor unit a second, in the unit of value rates.
pub const VALUE_ONE: f64 = 65_536.0;

/// A real number as a whole number of `1 / one`.
#[must_use]
pub fn fixed(x: f64, one: f64) -> i64 {
    // Saturates; rates of any real fleet lie far inside.
    (x * one).round() as i64
}

/// What one site gives a group, as long as nothing changes there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Which group.
    pub group: u32,
    /// Expected transactions a second.
    pub rate: i64,
    /// The part of it that is credited by whole intervals, as reports come due.
    pub lumpy: i64,
    /// `sum rate^2` over members.
    pub device2: i64,
    /// `rate^2` of the site's share in the group.
    pub site2: i64,
    /// `sum rate^2 v` with the variances of what is merely estimated: baselines and members' shares.
    pub base2: i64,
    /// Expected minor units a second.
    pub value: i64,
    /// The part of it that is credited by whole intervals.
    pub lumpy_value: i64,
    /// Expected transactions a week.
    pub weekly: i64,
    /// Members.
    pub members: i64,
    /// Sites.
    pub sites: i64,
}

/// Sums of all groups over some sites.
#[derive(Debug, Clone, Default)]
pub struct Sums {
    /// Standing rates, by group.
    pub standing: Vec<Given>,
    /// What this tick brought, by group.
    pub moved: Vec<Moved>,
    /// Groups with something in `moved`.
    pub touched: Vec<u32>,
    /// Whether a standing rate changed since it was last asked.
    pub changed: bool,
    /// What one site gives, while it is made up.
    listed: Vec<Given>,
    /// Where each group stands in that list, plus one.
    places: Vec<u32>,
}

/// What a tick brought to a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// Transactions observed.
    pub n: i64,
    /// Expected transactions credited at once: whole intervals.
    pub mu: i64,
    /// Turnover observed, minor units.
    pub value: i64,
    /// Expected turnover credited at once, minor units.
    pub mu_value: i64,
    touched: bool,
}

impl Sums {
    /// Adds to what a site is about to give to a group.
    pub fn list(&mut self, group: u32, part: &Given) {
        let at = group as usize;
        if self.places.len() <= at {
            self.places.resize(at + 1, 0);
        }
        if self.places[at] == 0 {
            self.listed.push(Given { group, ..Given::default() });
            self.places[at] = self.listed.len() as u32;
        }
        self.listed[self.places[at] as usize - 1].add(part, 1);
    }

    /// Adds (`sign` 1) or takes back (`sign` -1) what was listed; `variance` is that of the site's baseline.
    pub fn give_list(&mut self, variance: f64, sign: i64) {
        self.changed |= !self.listed.is_empty();
        for mut given in self.listed.drain(..) {
            let rate = given.rate as f64 / RATE_ONE;
            given.site2 = fixed(rate * rate, RATE_ONE);
            given.base2 += fixed(rate * rate * variance, RATE_ONE);
            given.sites = 1;
            let at = given.group as usize;
            self.places[at] = 0;
            if self.standing.len() <= at {
                self.standing.resize(at + 1, Given::default());
            }
            self.standing[at].add(&given, sign);
        }
    }

    /// Something moved in a group.
    pub fn moved(&mut self, group: u32) -> &mut Moved {
        let at = group as usize;
        if self.moved.len() <= at {
            self.moved.resize(at + 1, Moved::default());
        }
        let moved = &mut self.moved[at];
        if !moved.touched {
            moved.touched = true;
            self.touched.push(group);
        }
        moved
    }

    /// Hands over what moved, group by group, and starts anew.
    pub fn drain(&mut self, mut take: impl FnMut(u32, Moved)) {
        for group in self.touched.drain(..) {
            take(group, std::mem::take(&mut self.moved[group as usize]));
        }
    }
}

impl Given {
    /// Adds another, `sign` times.
    pub fn add(&mut self, other: &Self, sign: i64) {
        self.rate += sign * other.rate;
        self.lumpy += sign * other.lumpy;
        self.device2 += sign * other.device2;
        self.site2 += sign * other.site2;
        self.base2 += sign * other.base2;
        self.value += sign * other.value;
        self.lumpy_value += sign * other.lumpy_value;
        self.weekly += sign * other.weekly;
        self.members += sign * other.members;
        self.sites += sign * other.sites;
    }
}
