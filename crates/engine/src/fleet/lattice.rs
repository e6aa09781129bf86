//! The lattice: groups of members that share an attribute's value, each with the bank that watches the sum of them.

use super::second::Question;
use crate::clock::Ms;
use crate::registry::Registry;
use crate::sums::{COUNT_ONE, Given, Moved, RATE_ONE, VALUE_ONE};
use detect::bank::{Bank, FALLS, Prior, Verdict};
use detect::components::Components;
use detect::explain::ColumnId;
use domain::Term;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// All groups of all series.
#[derive(Debug, Default)]
pub struct Lattice {
    /// By number.
    pub groups: Vec<Group>,
    by_key: FxHashMap<(u32, GroupKey), u32>,
    count: FxHashMap<u32, usize>,
}

/// What a group is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GroupKey {
    /// Everything, judged or not: for charts.
    Total,
    /// Everything that is judged.
    Everything,
    /// Members that bear a value.
    Value {
        /// Attribute.
        attribute: String,
        /// Value.
        value: String,
    },
    /// What an open finding holds.
    Held(u32),
}

/// One group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Group {
    /// Of which series.
    pub series: u32,
    /// What it is.
    pub key: GroupKey,
    /// Watches its sum.
    pub bank: Bank<6>,
    /// Standing sums of all shards.
    #[serde(skip)]
    pub standing: Given,
    /// Level prior.
    pub k: f64,
    /// Natural logarithm of its allotted transactions between false alarms.
    pub ln_gamma: f64,
    /// Whether it is watched.
    pub judged: bool,
    /// Whether it is so little of everything that the others show what all do.
    pub following: bool,
    /// What all do at present, 1 as usual, where that is followed: its bank expects so much more or less.
    pub follows: f64,
    /// When something sold was last reported.
    told: Ms,
    /// When the last burst of reports began, where they come by intervals, and how long after the one before.
    burst: Ms,
    every: Ms,
    /// Up to when it has expected.
    pub to: Ms,
    /// When it is looked at next.
    pub queued: Ms,
    /// Whether next to nothing is expected of it, as by night.
    asleep: bool,
    /// When its day began.
    pub woke: Ms,
    /// When a conjunction within it was last searched for.
    pub asked: Question,
    /// Sums since the hour began.
    pub hour: Tally,
    /// Sums since the last sample; of [`GroupKey::Everything`], of the last minutes, discounted.
    pub chart: Tally,
    /// When that was.
    pub charted: Ms,
    /// Sums since the finding that it belongs to began; for [`GroupKey::Held`].
    pub held: Tally,
}

/// Observed and expected sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Transactions observed.
    pub n: f64,
    /// Transactions expected.
    pub mu: f64,
    /// Turnover observed, minor units.
    pub value: f64,
    /// Turnover expected, minor units.
    pub mu_value: f64,
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.n += other.n;
        self.mu += other.mu;
        self.value += other.value;
        self.mu_value += other.mu_value;
    }
}

/// Groups of one series beyond which no further values are watched.
const MOST_GROUPS: usize = 20_000;

/// What all share differs from day to day and is known from few days: its variance is taken for more than it was found to be.
pub const COMMON_DOUBT: f64 = 1.75;
/// Share of the week's mean rate below which a group is asleep.
const AWAKE: f64 = 0.1;
/// Length of a week, milliseconds.
const WEEK_MS: f64 = 604_800_000.0;

/// A pause this long lies between two bursts of reports by intervals.
const PAUSE_MS: Ms = 5_000;
/// Where reports come all the time, a burst is as long as this.
const LONGEST_BURST_MS: Ms = 60_000;
/// What is credited this late, as a share of the time between bursts, belongs to the next one, which never came.
const OVERDUE: f64 = 0.7;

impl Group {
    /// Expects from now on as all others do at present.
    pub fn follow(&mut self, now: Ms, common: f64) {
        if self.judged && self.follows != common {
            self.settle(now, &Moved::default());
            self.follows = common;
        }
    }

    /// Expected transactions a millisecond that accrue by the clock.
    #[must_use]
    pub fn flowing(&self) -> f64 {
        (self.standing.rate - self.standing.lumpy) as f64 / RATE_ONE / 1_000.0
    }

    /// Expected transactions a millisecond, however they accrue.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.standing.rate as f64 / RATE_ONE / 1_000.0
    }

    /// Expected transactions a week.
    #[must_use]
    pub fn weekly(&self) -> f64 {
        self.standing.weekly as f64 / COUNT_ONE
    }

    /// Whether it trades: a share of what it does over the week is expected now.
    #[must_use]
    pub fn is_awake(&self) -> bool {
        self.rate() * WEEK_MS >= AWAKE * self.weekly()
    }

    /// When trading ends the day is over for its bank, and another begins with trading.
    pub fn fall_asleep_or_wake(&mut self, now: Ms) {
        if self.asleep == self.is_awake() {
            self.bank.begin_day(now, self.prior(), &FALLS);
            self.asleep = !self.asleep;
            if !self.asleep {
                self.woke = now;
            }
        }
    }

    /// Prior of its level.
    #[must_use]
    pub fn prior(&self) -> Prior {
        Prior { k: self.k }
    }

    /// Begins to be judged: nothing before counts.
    pub fn start_anew(&mut self, now: Ms) {
        self.bank.reset(now);
        (self.to, self.burst, self.told) = (now, now, now);
    }

    /// Credits the expectation up to `now`, and what moved in the tick.
    pub fn settle(&mut self, now: Ms, moved: &Moved) -> Tally {
        let passed = (now - self.to).max(0) as f64;
        let flowing_value = (self.standing.value - self.standing.lumpy_value) as f64 / VALUE_ONE / 1_000.0;
        let tally = Tally {
            n: moved.n as f64,
            mu: self.flowing() * passed + moved.mu as f64 / COUNT_ONE,
            value: moved.value as f64,
            mu_value: flowing_value * passed + moved.mu_value as f64,
        };
        self.to = now;
        self.hour.add(&tally);
        self.chart.add(&tally);
        if matches!(self.key, GroupKey::Held(_)) {
            self.held.add(&tally);
        }
        if self.judged {
            self.judge(now, &tally);
        }
        tally
    }

    /// Takes a tally into the bank. Where reports come by intervals, what was sold comes first and the expectation of those that sold nothing
    /// when theirs is overdue: arms start anew only between two bursts of reports, when both are in.
    fn judge(&mut self, now: Ms, tally: &Tally) {
        if !self.is_lumpy() {
            (self.burst, self.told) = (now, now);
            self.bank.expect(tally.mu * self.follows);
            if tally.n > 0.0 {
                self.bank.observe(tally.n, now, self.prior(), &FALLS);
            }
            return;
        }
        let since = now - self.burst;
        let begins = tally.n > 0.0 && (now - self.told >= PAUSE_MS || since >= LONGEST_BURST_MS);
        let overdue = tally.mu > 0.0 && since as f64 >= OVERDUE * self.every as f64;
        if begins || overdue {
            // What is in is known up to the last burst.
            self.bank.settle(self.burst, self.prior(), &FALLS);
            if begins {
                self.every = since;
            }
            self.burst = now;
        }
        if tally.n > 0.0 {
            self.told = now;
        }
        self.bank.expect(tally.mu * self.follows);
        self.bank.tell(tally.n);
    }

    /// The level of the last minutes, asked for once a minute: the slower one, corrected by what was seen in so much time as shows it to half
    /// the deviation of an hour's common shock.
    pub fn level_lately(&mut self, level: f64, common: f64) -> f64 {
        // Half of what all share changes from hour to hour.
        let k = 2.0 / common;
        let lately = (k * level + self.chart.n) / (k + self.chart.mu);
        let memory_ms = (4.0 * k / self.rate()).clamp(60_000.0, 1_800_000.0);
        let keep = libm::exp(-60_000.0 / memory_ms);
        (self.chart.n, self.chart.mu) = (self.chart.n * keep, self.chart.mu * keep);
        lately
    }

    /// Whether most of what it expects is credited by whole intervals.
    #[must_use]
    pub fn is_lumpy(&self) -> bool {
        self.standing.lumpy * 2 > self.standing.rate
    }

    /// What its bank says.
    #[must_use]
    pub fn verdict(&self, thresholds: &[f64; 6]) -> Verdict {
        self.bank.verdict(self.prior(), &FALLS, thresholds)
    }

    /// Level prior from variance components and the group's own composition; `regions` is the share that one region's shock has, `shared` the
    /// variance of what all share and is not followed.
    #[must_use]
    pub fn level_size(&self, v: &Components, regions: f64, shared: f64) -> f64 {
        let rate = self.standing.rate as f64 / RATE_ONE;
        if rate <= 0.0 {
            return 1.0;
        }
        let of = |sum: i64| sum as f64 / RATE_ONE / (rate * rate);
        let own = of(self.standing.device2) * v.device + of(self.standing.site2) * v.site + of(self.standing.base2);
        1.0 / (own + v.region * regions.max(of(self.standing.site2)).min(1.0) + shared)
    }

    /// What to call it.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.key {
            GroupKey::Total | GroupKey::Everything => "everything".to_owned(),
            GroupKey::Value { attribute, value } => format!("{attribute}={value}"),
            GroupKey::Held(n) => format!("held {n}"),
        }
    }
}

impl Lattice {
    /// The number of a group, made on first sight; `None` when a series has too many.
    pub fn group(&mut self, series: u32, key: GroupKey, now: Ms) -> Option<u32> {
        if let Some(&ix) = self.by_key.get(&(series, key.clone())) {
            return Some(ix);
        }
        let count = self.count.entry(series).or_default();
        if *count >= MOST_GROUPS && matches!(key, GroupKey::Value { .. }) {
            return None;
        }
        *count += 1;
        let ix = self.groups.len() as u32;
        self.by_key.insert((series, key.clone()), ix);
        self.groups.push(Group {
            series,
            key,
            bank: Bank::new(now),
            standing: Given::default(),
            k: 1.0,
            ln_gamma: 0.0,
            judged: false,
            following: false,
            follows: 1.0,
            told: now,
            burst: now,
            every: 0,
            to: now,
            queued: Ms::MAX,
            asleep: false,
            woke: now,
            asked: Question::NONE,
            hour: Tally::default(),
            chart: Tally::default(),
            charted: now,
            held: Tally::default(),
        });
        Some(ix)
    }

    /// Takes up groups from a snapshot.
    #[must_use]
    pub fn restore(groups: Vec<Group>) -> Self {
        let mut lattice = Self::default();
        for (ix, group) in groups.iter().enumerate() {
            lattice.by_key.insert((group.series, group.key.clone()), ix as u32);
            *lattice.count.entry(group.series).or_default() += 1;
        }
        lattice.groups = groups;
        lattice
    }

    /// The groups that a member's evidence goes to, the one that counts everything first.
    pub fn groups_of(&mut self, registry: &Registry, series: u32, member: u32, now: Ms) -> Vec<u32> {
        let mut groups: Vec<u32> = [GroupKey::Total, GroupKey::Everything]
            .into_iter()
            .filter_map(|key| self.group(series, key, now))
            .collect();
        let borne: Vec<(String, String)> = registry
            .attributes
            .attributes()
            .filter(|(_, name)| *name != "site")
            .filter_map(|(column, name)| {
                registry.attributes.value(member, column).map(|value| (name.to_owned(), value.to_owned()))
            })
            .collect();
        for (attribute, value) in borne {
            groups.extend(self.group(series, GroupKey::Value { attribute, value }, now));
        }
        groups
    }
}

/// Whether a member bears all terms of an explanation; the empty one covers everything.
#[must_use]
pub fn bears(registry: &Registry, terms: &[Term], member: u32) -> bool {
    terms.iter().all(|term| {
        if term.attribute == "device" {
            return registry.members[member as usize].device.as_ref().is_some_and(|d| d.as_str() == term.value);
        }
        let column: Option<ColumnId> = registry.attributes.find_column(&term.attribute);
        column.and_then(|c| registry.attributes.value(member, c)) == Some(term.value.as_str())
    })
}
