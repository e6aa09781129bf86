//! A bank of CUSUMs against falls of unknown depth, on a level that is itself only known as a distribution.
//!
//! A group's activity is Poisson around `F * mu`, `F ~ Gamma(k, k)`. The level is filtered as the day goes; each arm of the bank
//! compares "as before" with "fallen to rho since tau" by the ratio of their predictive likelihoods (a negative binomial each):
//! `W_rho = n ln rho + (k + N) ln[(k + M) / (k + M_tau + rho (M - M_tau))]`. As `k` grows this is the Poisson CUSUM.

mod arm;
mod falls;
mod level;
mod packed;

pub use falls::{DEVICE_FALLS, DEVICE_SPREAD, FALLS, FALLS_SPREAD, Falls};
pub use level::trusted_level;
pub use packed::PackedBank;

use arm::{Arm, Case};
use level::Level;
use serde::{Deserialize, Serialize};

/// Time constant in which a level falls back to its prior, milliseconds.
pub const LEVEL_MEMORY_MS: f64 = 3_600_000.0;

/// Falls to no more than this are deep: no season, campaign or holiday does that.
const DEEP: f64 = 0.3;

/// Share of the highest statistic that another arm must have for its zero to be taken for the onset.
const NEARLY: f64 = 0.6;

/// How surely the level of a group is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Size of the level: `1 / variance`.
    pub k: f64,
}

/// State of the bank: totals since the bank began, the filtered level, and one arm for each fall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bank<const B: usize> {
    n: f64,
    m: f64,
    level: Level,
    #[serde(with = "arms")]
    arms: [Arm; B],
}

/// What the bank has to say now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Which arm stands highest above its threshold.
    pub arm: usize,
    /// Its statistic, nats.
    pub w: f64,
    /// Its threshold, nats.
    pub h: f64,
    /// The estimate of the onset: when the last of the arms that stand nearly as high stood at zero.
    pub tau_ms: i64,
}

impl Verdict {
    /// Nats above the threshold; an alarm when not negative.
    #[must_use]
    pub fn excess(&self) -> f64 {
        self.w - self.h
    }
}

impl<const B: usize> Bank<B> {
    /// A bank that starts from zero.
    #[must_use]
    pub fn new(now_ms: i64) -> Self {
        let arm = Arm { tau_ms: now_ms, ..Arm::default() };
        Self { n: 0.0, m: 0.0, level: Level { at_ms: now_ms, ..Level::default() }, arms: [arm; B] }
    }

    /// Forgets everything: evidence and level.
    pub fn reset(&mut self, now_ms: i64) {
        *self = Self::new(now_ms);
    }

    /// Begins another day. Levels of days are nearly the same for weeks, so a modest fall is weighed against one level over all days; no level
    /// explains a deep one, so what each day showed of it stays as nats, and the next is weighed by itself. Said at the end of a day it is
    /// weighed by that day's prior; said again at the beginning of the next, only arms at zero move.
    pub fn begin_day(&mut self, now_ms: i64, prior: Prior, falls: &Falls<B>) {
        for i in 0..B {
            let w = self.case(i, prior, falls).statistic();
            let arm = &mut self.arms[i];
            if w <= 0.0 {
                *arm = Arm { n0: self.n, m0: self.m, tau_ms: now_ms, ..Arm::default() };
            } else if falls.rho[i] <= DEEP {
                *arm = Arm { n0: self.n, m0: self.m, carried: w as f32, tau_ms: arm.tau_ms, ..Arm::default() };
            }
        }
    }

    /// Expected transactions passed without one observed.
    pub fn expect(&mut self, m: f64) {
        self.m += m;
        self.level.m += m as f32;
    }

    /// `n` transactions observed of which not all expectation is credited yet; arms stand until the next settling.
    pub fn tell(&mut self, n: f64) {
        self.n += n;
        self.level.n += n as f32;
    }

    /// `n` transactions observed now; arms whose evidence is gone start anew.
    pub fn observe(&mut self, n: f64, now_ms: i64, prior: Prior, falls: &Falls<B>) {
        self.tell(n);
        self.settle(now_ms, prior, falls);
    }

    /// Brings level and arms up to `now_ms`: an arm at or below zero starts anew from the filtered level.
    pub fn settle(&mut self, now_ms: i64, prior: Prior, falls: &Falls<B>) {
        self.level.forget(now_ms);
        let mut trusted = None;
        for i in 0..B {
            if self.case(i, prior, falls).is_spent() {
                let (level_n, level_m) = *trusted.get_or_insert_with(|| self.level.trusted(prior.k));
                self.arms[i] = Arm { n0: self.n, m0: self.m, level_n, level_m, carried: 0.0, tau_ms: now_ms };
            }
        }
        if self.m > 1e6 {
            self.rebase();
        }
    }

    /// The arm that stands highest above (or least below) its threshold.
    #[must_use]
    pub fn verdict(&self, prior: Prior, falls: &Falls<B>, thresholds: &[f64; B]) -> Verdict {
        let mut best = Verdict { arm: 0, w: 0.0, h: f64::INFINITY, tau_ms: 0 };
        let mut stands = [0.0; B];
        for (i, &h) in thresholds.iter().enumerate() {
            stands[i] = self.case(i, prior, falls).statistic();
            if stands[i] - h > best.excess() {
                best = Verdict { arm: i, w: stands[i], h, tau_ms: self.arms[i].tau_ms };
            }
        }
        // An arm for a lesser fall may have begun by chance long before: what shows nearly as much since later began then.
        let nearly = (0..B).filter(|&i| stands[i] >= NEARLY * best.w);
        best.tau_ms = nearly.map(|i| self.arms[i].tau_ms).max().unwrap_or(best.tau_ms).max(best.tau_ms);
        best
    }

    /// How many expected transactions without any observed until the first arm crosses its threshold; 0 when one has.
    #[must_use]
    pub fn until_alarm(&self, prior: Prior, falls: &Falls<B>, thresholds: &[f64; B]) -> f64 {
        let soonest = |soonest: f64, (i, &h)| soonest.min(self.case(i, prior, falls).until(h));
        thresholds.iter().enumerate().fold(f64::INFINITY, soonest)
    }

    /// How many expected transactions without any observed until which certainly no arm crosses its threshold: a bound on
    /// [`Bank::until_alarm`] from below, for a small part of its cost.
    #[must_use]
    pub fn no_alarm_before(&self, prior: Prior, falls: &Falls<B>, thresholds: &[f64; B]) -> f64 {
        let soonest = |soonest: f64, (i, &h)| soonest.min(self.case(i, prior, falls).not_before(h));
        thresholds.iter().enumerate().fold(f64::INFINITY, soonest)
    }

    /// Takes a part of the group out of the evidence: `n` observed where `m` were expected, since `since_ms`.
    pub fn remove(&mut self, n: f64, m: f64, since_ms: i64, now_ms: i64, prior: Prior, falls: &Falls<B>) {
        let whole = (now_ms - since_ms).max(1) as f64;
        for arm in &mut self.arms {
            let share = ((now_ms - arm.tau_ms).max(0) as f64 / whole).min(1.0);
            arm.n0 = (arm.n0 + n * share).min(self.n);
            arm.m0 = (arm.m0 + m * share).min(self.m);
            // Whose the missing of the days before was is not known.
            arm.carried = 0.0;
        }
        self.level.n = (self.level.n - n as f32).max(0.0);
        self.level.m = (self.level.m - m as f32).max(0.0);
        self.settle(now_ms, prior, falls);
    }

    /// Posterior mean of the level: 1 is as usual.
    #[must_use]
    pub fn level(&self, prior: Prior) -> f64 {
        (prior.k + f64::from(self.level.n)) / (prior.k + f64::from(self.level.m))
    }

    /// Expected transactions since the bank began; only differences mean anything.
    #[must_use]
    pub fn expected_total(&self) -> f64 {
        self.m
    }

    fn case(&self, arm: usize, prior: Prior, falls: &Falls<B>) -> Case {
        self.arms[arm].case(self.n, self.m, prior.k, (falls.rho[arm], falls.ln[arm]))
    }

    /// Keeps the totals small, so that adding a thousandth of a transaction never drowns.
    fn rebase(&mut self) {
        let (n, m) = self.arms.iter().fold((self.n, self.m), |(n, m), arm| (n.min(arm.n0), m.min(arm.m0)));
        self.n -= n;
        self.m -= m;
        for arm in &mut self.arms {
            arm.n0 -= n;
            arm.m0 -= m;
        }
    }
}

/// Serde for arrays of any length.
mod arms {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub fn serialize<S: Serializer, T: Serialize, const B: usize>(arms: &[T; B], s: S) -> Result<S::Ok, S::Error> {
        arms.as_slice().serialize(s)
    }

    pub fn deserialize<'de, D: Deserializer<'de>, T: Deserialize<'de>, const B: usize>(
        d: D,
    ) -> Result<[T; B], D::Error> {
        let arms = Vec::<T>::deserialize(d)?;
        let len = arms.len();
        arms.try_into().map_err(|_| D::Error::invalid_length(len, &"one arm for each fall"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bound::DropTest;

    const SURE: Prior = Prior { k: 1e12 };

    #[test]
    fn a_silent_group_of_known_level_alarms_after_h_expected_transactions() {
        let mut bank = Bank::<6>::new(0);
        let h = [10.0; 6];
        assert!((bank.until_alarm(SURE, &FALLS, &h) - 10.0).abs() < 1e-3);
        bank.expect(9.99);
        assert!(bank.verdict(SURE, &FALLS, &h).excess() < 0.0);
        bank.expect(0.02);
        assert!(bank.verdict(SURE, &FALLS, &h).excess() > 0.0);
    }

    #[test]
    fn the_forecast_of_an_alarm_is_the_moment_of_the_alarm() {
        let h = [9.0, 9.5, 9.2, 8.0, 7.5, 7.0];
        let prior = Prior { k: 30.0 };
        let mut bank = Bank::<6>::new(0);
        for minute in 0..60 {
            bank.expect(4.0);
            bank.observe(if minute % 3 == 0 { 9.0 } else { 2.0 }, minute * 60_000, prior, &FALLS);
        }
        let m = bank.until_alarm(prior, &FALLS, &h);
        let mut before = bank.clone();
        before.expect(m - 1e-6);
        assert!(before.verdict(prior, &FALLS, &h).excess() < 0.0);
        bank.expect(m + 1e-6);
        assert!(bank.verdict(prior, &FALLS, &h).excess() >= 0.0);
    }

    #[test]
    fn a_fall_to_half_raises_the_arm_that_looks_for_it() {
        let mut bank = Bank::<6>::new(0);
        let h = FALLS.rho.map(|rho| DropTest::new(rho).threshold(1e6));
        let mut t = 0;
        while bank.verdict(SURE, &FALLS, &h).excess() < 0.0 && t < 400 {
            t += 1;
            bank.expect(1.0);
            bank.observe(f64::from(t % 2 == 0), i64::from(t) * 1000, SURE, &FALLS);
        }
        assert!((60..140).contains(&t), "{t}");
        assert_eq!(FALLS.rho[bank.verdict(SURE, &FALLS, &h).arm], 0.5);
    }

    #[test]
    fn an_uncertain_level_never_alarms_at_a_modest_drop() {
        let mut bank = Bank::<6>::new(0);
        let prior = Prior { k: 25.0 };
        let h = [14.0; 6];
        for t in 0..2000 {
            bank.expect(1.0);
            bank.observe(f64::from(t % 10 < 8), t * 1000, prior, &FALLS);
            assert!(bank.verdict(prior, &FALLS, &h).excess() < 0.0, "at {t}");
        }
    }

    #[test]
    fn the_end_of_a_rush_is_no_fall() {
        let mut bank = Bank::<6>::new(0);
        let prior = Prior { k: 150.0 };
        let h = [12.0; 6];
        for second in 0..3_600 {
            bank.expect(1.0);
            let rush = second < 600 && second % 5 < 2;
            bank.observe(1.0 + f64::from(rush), second * 1_000, prior, &FALLS);
            assert!(bank.verdict(prior, &FALLS, &h).excess() < 0.0, "at {second}");
        }
    }

    #[test]
    fn what_a_day_showed_is_not_forgotten_by_night() {
        let h = [10.0; 6];
        for prior in [SURE, Prior { k: 20.0 }] {
            let mut bank = Bank::<6>::new(0);
            for day in 0..2 {
                bank.begin_day(day * 86_400_000, prior, &FALLS);
                assert!(bank.verdict(prior, &FALLS, &h).excess() < 0.0);
                bank.expect(7.0);
                bank.settle(day * 86_400_000 + 3_600_000, prior, &FALLS);
            }
            let verdict = bank.verdict(prior, &FALLS, &h);
            assert!(verdict.excess() > 0.0 && verdict.tau_ms == 0, "{prior:?} {verdict:?}");
            // Two days are two levels: each is doubted by itself.
            let one_day = prior.k * libm::log1p(7.0 / prior.k);
            assert!((verdict.w / (2.0 * one_day) - 1.0).abs() < 0.001, "{prior:?} {verdict:?}");
        }
    }

    #[test]
    fn a_good_morning_takes_back_what_an_evening_showed() {
        let mut bank = Bank::<6>::new(0);
        bank.expect(7.0);
        bank.begin_day(50_000, SURE, &FALLS);
        assert!(bank.verdict(SURE, &FALLS, &[10.0; 6]).w > 6.9);
        bank.expect(40.0);
        bank.observe(40.0, 60_000, SURE, &FALLS);
        assert!(bank.verdict(SURE, &FALLS, &[10.0; 6]).w < 1.0);
        assert!(bank.arms[..5].iter().all(|arm| arm.tau_ms == 60_000));
    }

    #[test]
    fn a_quieter_month_is_no_fall_however_many_its_days() {
        let (prior, h) = (Prior { k: 30.0 }, [12.0; 6]);
        let mut bank = Bank::<6>::new(0);
        for day in 0..60_i64 {
            bank.begin_day(day * 86_400_000, prior, &FALLS);
            for hour in 8..22 {
                bank.expect(10.0);
                bank.observe(7.0, day * 86_400_000 + hour * 3_600_000, prior, &FALLS);
                assert!(bank.verdict(prior, &FALLS, &h).excess() < 0.0, "day {day}");
            }
        }
    }

    #[test]
    fn taking_the_failing_part_out_leaves_no_evidence() {
        let mut bank = Bank::<6>::new(0);
        bank.expect(50.0);
        bank.observe(50.0, 1_000, SURE, &FALLS);
        bank.expect(20.0);
        bank.observe(2.0, 11_000, SURE, &FALLS);
        let h = [5.0; 6];
        assert!(bank.verdict(SURE, &FALLS, &h).excess() > 0.0);
        bank.remove(0.0, 18.0, 1_000, 11_000, SURE, &FALLS);
        assert!(bank.verdict(SURE, &FALLS, &h).w < 0.5);
    }

    #[test]
    fn totals_stay_small_for_ever() {
        let mut bank = Bank::<6>::new(0);
        for t in 0..300 {
            bank.expect(10_000.0);
            bank.observe(10_000.0, t * 1000, Prior { k: 600.0 }, &FALLS);
        }
        assert!(bank.expected_total() < 1.1e6);
    }
}
