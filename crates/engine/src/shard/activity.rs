//! One activity at one site: its leaves, its streams, the bank that watches their sum, and what they give to the groups.

use super::chart::Chart;
use super::expect::{Place, stream_rate, stream_variance};
use super::giving::Terms;
use super::leaf::{Leaf, LeafGiven};
use super::stream::{Stream, WEEK_MS};
use crate::clock::{LocalBin, Ms};
use crate::lists::GroupList;
use crate::sums::Sums;
use crate::view::{Calendar, SeriesView, View};
use detect::bank::{Bank, DEVICE_FALLS, FALLS, Prior};
use detect::profile::BINS;
use domain::fleet::{DayKind, OpeningHours};
use serde::{Deserialize, Serialize};

/// State of an activity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// Number of `(customer, metric)`.
    pub series: u32,
    /// In the order in which they were first heard.
    pub leaves: Vec<Leaf>,
    /// Leaf of each slot, plus one; 0 where there is none.
    pub by_slot: Vec<u32>,
    /// One for each class at the site.
    pub streams: Vec<Stream>,
    /// Watches the sum of the leaves that nothing holds.
    pub bank: Bank<6>,
    /// Expected transactions a millisecond of that sum, by the site's clock.
    pub rate: f64,
    /// Level prior of that sum.
    pub k: f32,
    /// Natural logarithm of its allotted transactions between false alarms.
    pub ln_gamma: f32,
    /// Operational clock up to which its bank has expected.
    pub expected_to: f64,
    /// When the heap looks at it next.
    pub queued: Ms,
    /// Whether the present may be judged: a baseline stands, the site is heard, the day is like others.
    pub judged: bool,
    /// Whether its evidence goes to groups at all: heard, a day like others, and its expectation known (or nothing judged yet).
    pub counted: bool,
    /// Since when its evidence counts: what happened before and comes later is late.
    pub since: Ms,
    /// Since when the first sign of life of the trading day is waited for.
    pub opening: Option<Ms>,
    /// Whether it is we who were away, so that nothing is learned of how late it opens.
    pub returning: bool,
    /// What was expected since, damped.
    pub opening_mu: f64,
    /// The last stretch of time in which the first sign of life of a day was waited for.
    pub waited: (Ms, Ms),
    /// How late the first sign of life usually comes, milliseconds.
    pub lateness_ms: f32,
    closed_bins: u8,
    /// Transactions of this tick, of leaves that nothing holds.
    pub tick_n: f64,
    /// What its groups have been given; `None` while it is taken back.
    pub given: Option<Terms>,
    /// Sums for the chart.
    pub chart: Chart,
}

/// Below this share of the week's mean a site counts as closed.
const CLOSED: f64 = 0.04;
/// Expected transactions between false alarms that any threshold allows at least.
pub const LEAST_GAMMA: f64 = 20.0;
/// A quarter after which less than this share is left is the day's last.
const EDGE: f64 = 0.25;
/// A last quarter is only partly busy when it has less than this share of the one before it.
const WANING: f64 = 0.85;
/// Lateness assumed before any is learned.
const LATENESS_MS: f32 = 240_000.0;
/// A site counts for at most so many usual ones.
const GRAVEST: f64 = 10.0;
/// Days of a stream's own that must have been observed before it is judged.
const OWN_DAYS: f64 = 1.0;

impl Activity {
    /// An activity that has seen nothing.
    #[must_use]
    pub fn new(series: u32, now: Ms) -> Self {
        Self {
            series,
            leaves: Vec::new(),
            by_slot: Vec::new(),
            streams: Vec::new(),
            bank: Bank::new(now),
            rate: 0.0,
            k: 1.0,
            ln_gamma: 0.0,
            expected_to: 0.0,
            queued: Ms::MAX,
            judged: false,
            counted: false,
            since: Ms::MIN,
            opening: None,
            returning: false,
            opening_mu: 0.0,
            waited: (0, 0),
            lateness_ms: LATENESS_MS,
            closed_bins: 0,
            tick_n: 0.0,
            given: None,
            chart: Chart::new(now),
        }
    }

    /// Where the leaf of a slot stands.
    #[must_use]
    pub fn leaf_at(&self, slot: u32) -> Option<usize> {
        (*self.by_slot.get(slot as usize)? as usize).checked_sub(1)
    }

    /// The leaf of a slot.
    pub fn leaf(&mut self, slot: u32) -> Option<(usize, &mut Leaf)> {
        let at = self.leaf_at(slot)?;
        self.leaves.get_mut(at).map(|leaf| (at, leaf))
    }

    /// Adds a leaf for a slot.
    pub fn add(&mut self, leaf: Leaf) {
        let slot = leaf.slot as usize;
        if self.by_slot.len() <= slot {
            self.by_slot.reserve_exact(slot + 1 - self.by_slot.len());
            self.by_slot.resize(slot + 1, 0);
        }
        if self.leaves.len() == self.leaves.capacity() {
            // A site has about as many as it has: doubling would cost a third of all leaves' room.
            self.leaves.reserve_exact(1 + self.leaves.len() / 8);
        }
        self.leaves.push(leaf);
        self.by_slot[slot] = self.leaves.len() as u32;
    }

    /// The stream of the site's own source, if that alone reported so far: what was told of the site as a whole is told by device from now
    /// on, and devices share what was expected of it.
    pub fn inherit(&mut self) -> Option<usize> {
        let own = self.leaf(0)?.1.stream;
        let known = self.streams.get(own as usize).is_some_and(|s| s.scale > 0.0 && s.days() >= OWN_DAYS);
        if !known || self.leaves.iter().any(|l| l.stream != own) {
            return None;
        }
        if let Some((_, leaf)) = self.leaf(0) {
            leaf.rate = 0.0;
            leaf.groups = GroupList::none();
        }
        Some(own as usize)
    }

    /// Takes a leaf out of the sums for good: its device moved away.
    pub fn vacate(&mut self, slot: u32) {
        if let Some((_, leaf)) = self.leaf(slot) {
            leaf.rate = 0.0;
            leaf.groups = GroupList::none();
            leaf.held = None;
        }
        if let Some(at) = self.by_slot.get_mut(slot as usize) {
            *at = 0;
        }
    }

    /// Brings banks up to the present of the series' clock, before a rate changes.
    pub fn settle(&mut self, clock: f64, now: Ms) {
        self.bank.expect(self.rate * (clock - self.expected_to));
        self.expected_to = clock;
        let passed = (now - self.chart.to).max(0) as f64;
        if self.opening.is_some() {
            self.opening_mu += self.rate * passed;
        }
        for leaf in &mut self.leaves {
            if leaf.interval.is_none() {
                leaf.hour_mu += (leaf.rate * passed) as f32;
                if leaf.is_watched() && leaf.held.is_none() && self.judged {
                    let mu = leaf.rate * (clock - leaf.expected_to);
                    leaf.with_bank(|bank| bank.expect(mu));
                }
            }
            leaf.expected_to = clock;
        }
        self.chart.settle(now);
    }

    /// Computes all rates anew for the quarter that begins, or because something changed; gives the groups what stands from now on.
    pub fn refresh(&mut self, place: Place<'_>, view: &View, now: Ms, sums: &mut Sums) {
        let Some(series) = view.series.get(self.series as usize) else { return };
        self.settle(series.clock, now);
        self.take_back(sums);
        let open = self.is_open(place, view);
        self.counted = !place.lost && (!view.judging || open && self.day_is_judged(place) && self.has_baseline(view));
        let judged = view.judging && self.counted;
        if judged != self.judged {
            self.begin_day(series.clock, now);
        }
        self.judged = judged;
        self.open_or_close(open, now);
        let late = self.still_late(now);
        let members = self.members();
        let rate = |s: &Stream| stream_rate(s, view, &series.calendar, place);
        let variance = |s: &Stream| stream_variance(s, view, place.local.bin);
        let rates: Vec<(f64, f64)> = self.streams.iter().map(|s| (rate(s), variance(s))).collect();
        let shared = series.common_left * (series.components.common + series.calendar.variance(place.local.kind));
        for leaf in &mut self.leaves {
            let stream = &self.streams[leaf.stream as usize];
            let (rate, variance) = rates[leaf.stream as usize];
            let share = if leaf.is_placed() { leaf.share(members[leaf.stream as usize]) } else { 0.0 };
            leaf.rate = rate * share * late;
            let v = &series.components;
            leaf.k = (1.0 / (v.device + v.site + v.region + shared + variance + leaf.variance())) as f32;
            leaf.ln_gamma =
                libm::log((stream.scale * share * series.device_every_ms / WEEK_MS).max(LEAST_GAMMA)) as f32;
            leaf.given = LeafGiven::of(leaf, stream.value_per_count().unwrap_or(0.0), stream.scale * share);
        }
        let variance = self.sum_up(series, (place.lost, shared), &rates, &members);
        self.give(Terms { counted: self.counted, variance }, sums);
    }

    /// Computes rate, level and threshold of the site's own bank from its leaves; the answer is the relative variance of its baseline.
    fn sum_up(
        &mut self,
        series: &SeriesView,
        (lost, shared): (bool, f64),
        rates: &[(f64, f64)],
        members: &[usize],
    ) -> f64 {
        let v = &series.components;
        let (mut total, mut spread2, mut weekly, mut chart) = (0.0, 0.0, 0.0, (0.0, 0.0));
        let mut variance: f64 = 0.0;
        self.rate = 0.0;
        for leaf in self.leaves.iter().filter(|leaf| leaf.is_placed()) {
            let stream = &self.streams[leaf.stream as usize];
            let value = stream.value_per_count().unwrap_or(0.0);
            chart = (chart.0 + leaf.rate, chart.1 + leaf.rate * value);
            weekly += stream.scale * leaf.share(members[leaf.stream as usize]);
            if leaf.held.is_none() && !lost && self.judged {
                total += leaf.rate;
                spread2 += leaf.rate * leaf.rate * (v.device + leaf.variance());
                variance = variance.max(rates[leaf.stream as usize].1);
                // The bank is credited by the clock for those that report single moments, by intervals for the others.
                self.rate += if leaf.interval.is_none() { leaf.rate } else { 0.0 };
            }
        }
        let spread = if total > 0.0 { spread2 / (total * total) } else { v.device };
        self.k = (1.0 / (spread + v.site + variance + v.region + shared)) as f32;
        let every_ms = series.site_every_ms * self.gravity(series);
        self.ln_gamma = libm::log((weekly * every_ms / WEEK_MS).max(LEAST_GAMMA)) as f32;
        self.chart.rate = chart;
        variance
    }

    /// Expected turnover of a week, minor units; 0 while none was ever told.
    #[must_use]
    pub fn weekly_value(&self) -> f64 {
        self.streams.iter().map(|s| s.scale * s.value_per_count().unwrap_or(0.0)).sum()
    }

    /// By how much more seldom than others a false alarm of this site may come: where twice as much is at stake, a quarter as often.
    fn gravity(&self, series: &SeriesView) -> f64 {
        let times = if series.site_value > 0.0 { self.weekly_value() / series.site_value } else { 1.0 };
        times.clamp(1.0, GRAVEST) * times.clamp(1.0, GRAVEST)
    }

    /// Prior of the site's level.
    #[must_use]
    pub fn prior(&self) -> Prior {
        Prior { k: f64::from(self.k) }
    }

    /// Judging ends with the trading day, and begins again with the next: what was shown stays, at another day's level.
    fn begin_day(&mut self, clock: f64, now: Ms) {
        if self.since == Ms::MIN {
            self.start_anew(clock, now);
            return;
        }
        self.bank.begin_day(now, self.prior(), &FALLS);
        for leaf in &mut self.leaves {
            let prior = Prior { k: f64::from(leaf.k) };
            leaf.with_bank(|bank| bank.begin_day(now, prior, &DEVICE_FALLS));
        }
    }

    /// Forgets evidence: judged for the first time, heard again, or released.
    pub fn start_anew(&mut self, clock: f64, now: Ms) {
        self.bank.reset(now);
        self.expected_to = clock;
        self.since = now;
        for leaf in &mut self.leaves {
            leaf.start_anew(clock, now);
        }
    }

    /// Streams of which no member is held teach again.
    pub fn free_streams(&mut self) {
        for (at, stream) in self.streams.iter_mut().enumerate() {
            if !self.leaves.iter().any(|l| l.stream as usize == at && l.held.is_some()) {
                stream.blocked &= !super::stream::block::HELD;
            }
        }
    }

    /// What a finding's group holds is expected at `share` of what it was.
    pub fn lower(&mut self, group: u32, share: f64) {
        let members = self.members();
        for (at, stream) in self.streams.iter_mut().enumerate() {
            let held = |l: &&mut Leaf| l.held == Some(group);
            let mine = |l: &&mut Leaf| l.stream as usize == at && l.is_placed();
            let lowered: f64 = self.leaves.iter_mut().filter(mine).filter(held).map(|l| l.share(members[at])).sum();
            let of_stream = 1.0 - lowered.min(1.0) * (1.0 - share);
            if lowered > 0.0 {
                stream.lower(of_stream);
                self.leaves.iter_mut().filter(mine).for_each(|leaf| {
                    leaf.lower(if leaf.held == Some(group) { share } else { 1.0 }, of_stream);
                });
            }
        }
    }

    /// Whether the site trades now, by its own habit.
    #[must_use]
    pub fn is_trading(&self) -> bool {
        self.closed_bins == 0
    }

    fn has_baseline(&self, view: &View) -> bool {
        self.streams.iter().any(|s| {
            s.scale > 0.0 && s.days() >= OWN_DAYS && view.classes.get(s.class as usize).is_some_and(|c| c.ready)
        })
    }

    /// On holidays of which nothing is known, and late on their eves, silence means nothing.
    fn day_is_judged(&self, place: Place<'_>) -> bool {
        let stated = place.hours.is_some_and(OpeningHours::knows_holidays);
        match place.local.kind {
            DayKind::Ordinary | DayKind::Payday => true,
            DayKind::Holiday => stated,
            DayKind::Eve => stated || place.local.minute < 13 * 60,
        }
    }

    /// Whether the site is open by its own habit. Its last quarter, of which only a part is busy, counts as closed.
    fn is_open(&self, place: Place<'_>, view: &View) -> bool {
        let busiest = self.streams.iter().max_by(|a, b| a.scale.total_cmp(&b.scale));
        let Some(stream) = busiest.filter(|s| s.scale > 0.0) else { return false };
        let shape = |bin: usize| {
            let local = LocalBin { bin: bin % BINS, ..place.local };
            stream_rate(stream, view, &Calendar::default(), Place { local, ..place }) * WEEK_MS / stream.scale
        };
        let bin = place.local.bin;
        let (before, now, next) = (shape(bin + BINS - 1), shape(bin), shape(bin + 1));
        let last_part = next < EDGE * now && now < WANING * before;
        now >= CLOSED && !last_part
    }

    fn open_or_close(&mut self, open: bool, now: Ms) {
        if !open {
            self.closed_bins = self.closed_bins.saturating_add(1);
            self.opening = None;
            return;
        }
        if self.closed_bins >= 4 {
            (self.opening, self.returning) = (Some(now), false);
            self.opening_mu = 0.0;
        }
        self.closed_bins = 0;
    }

    /// It is we who were away: its first sign of life is waited for as at its opening.
    pub fn wait_again(&mut self, now: Ms) {
        if self.is_trading() && self.opening.is_none() {
            (self.opening, self.returning) = (Some(now), true);
            self.opening_mu = 0.0;
        }
    }

    /// Share of the expectation that holds while the day's first sign of life is waited for.
    fn still_late(&self, now: Ms) -> f64 {
        match self.opening {
            Some(since) => {
                -libm::expm1(-((now - since).max(0) as f64 + 30_000.0) / f64::from(self.lateness_ms.max(60_000.0)))
            }
            None => 1.0,
        }
    }

    /// The first sign of life of the day came: learns how late. The answer is how much of it was not expected because it might have been
    /// later still; crediting that keeps the level true.
    pub fn opened(&mut self, n: f64, now: Ms) -> f64 {
        let Some(since) = self.opening.take() else { return 0.0 };
        self.waited = (since, now);
        if !std::mem::take(&mut self.returning) {
            let late = (now - since).clamp(0, 7_200_000) as f32;
            self.lateness_ms += 0.2 * (late - self.lateness_ms);
        }
        (n - self.opening_mu).max(0.0)
    }
}
