//! How much is sold: profile x calendar x nested gamma levels, and sales drawn from it as a Poisson process.
//!
//! Every form of reporting reads the same sales: a quarter-hour sum is the sum of the single sales that would have been sent.

use crate::calendar::{BLOCK_MS, Clock};
use crate::config::Scale;
use crate::dice::{Dice, Purpose};
use crate::world::{ValueLaw, World};

/// One sale, wherever it is made in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sale {
    /// When, true time.
    pub at_ms: i64,
    /// On which device.
    pub device: usize,
    /// For how much.
    pub value_minor: i64,
}

/// Levels of whom a shock is shared by: the key of its draws.
#[derive(Debug, Clone, Copy)]
enum Level {
    Common,
    Region(u32),
    Site(usize),
    Device(usize),
}

impl Level {
    fn key(self) -> u64 {
        match self {
            Self::Common => 0,
            Self::Region(r) => 1 << 60 | u64::from(r),
            Self::Site(s) => 2 << 60 | s as u64,
            Self::Device(d) => 3 << 60 | d as u64,
        }
    }

    fn day(self, seed: u64, scale: Scale, day: i64) -> f64 {
        Dice::new(seed, Purpose::DayShock, self.key(), day as u64).gamma(scale.day)
    }

    fn hour(self, seed: u64, scale: Scale, hour: i64) -> f64 {
        Dice::new(seed, Purpose::HourShock, self.key(), hour as u64).gamma(scale.hour)
    }
}

/// What one site shares on a day and in an hour, and its devices' own levels: drawn once, used for every block within.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    day: Option<i64>,
    hour: Option<i64>,
    day_shared: f64,
    hour_shared: f64,
    day_own: Vec<f64>,
    hour_own: Vec<f64>,
}

impl Levels {
    /// Draws anew what has changed since the last block.
    pub fn refresh(&mut self, world: &World, site: usize, clock: &Clock) {
        let Some(s) = world.sites.get(site) else { return };
        let (seed, shocks) = (world.config.seed, &world.config.shocks);
        let shared = [
            (Level::Common, shocks.common),
            (Level::Region(s.region_index), shocks.region),
            (Level::Site(site), shocks.site),
        ];
        if self.day != Some(clock.day) {
            self.day = Some(clock.day);
            self.day_shared = clock.factor
                * weather(seed, shocks.weather, s.region_index, clock.day)
                * shared.iter().map(|(level, scale)| level.day(seed, *scale, clock.day)).product::<f64>();
            self.day_own = s.devices.clone().map(|d| Level::Device(d).day(seed, shocks.device, clock.day)).collect();
        }
        let hour = clock.hour();
        if self.hour != Some(hour) {
            self.hour = Some(hour);
            self.hour_shared = shared.iter().map(|(level, scale)| level.hour(seed, *scale, hour)).product();
            self.hour_own = s.devices.clone().map(|d| Level::Device(d).hour(seed, shocks.device, hour)).collect();
        }
    }

    /// The level of the site's `nth` device: mean 1 times the calendar's factor.
    pub fn of(&self, nth: usize) -> f64 {
        let own = |v: &[f64]| v.get(nth).copied().unwrap_or(1.0);
        self.day_shared * self.hour_shared * own(&self.day_own) * own(&self.hour_own)
    }
}

/// Weather: a normal process over days with correlation 0.7 from one to the next, half common, half regional; mean 1.
fn weather(seed: u64, sigma: f64, region: u32, day: i64) -> f64 {
    if sigma <= 0.0 {
        return 1.0;
    }
    const MEMORY: f64 = 0.7;
    let walk = |key: u64| {
        let (mut sum, mut weight, mut squares) = (0.0, 1.0, 0.0);
        for back in 0..14 {
            sum += weight * Dice::new(seed, Purpose::Weather, key, (day - back) as u64).normal();
            squares += weight * weight;
            weight *= MEMORY;
        }
        sum / libm::sqrt(squares)
    };
    let both = (walk(0) + walk(1 + u64::from(region))) / std::f64::consts::SQRT_2;
    libm::exp(sigma * both - 0.5 * sigma * sigma)
}

/// Share of the rate that the first quarter after closing still has, and how long.
const AFTER_CLOSING: (f64, i64) = (0.15, 480_000);

/// How a shop stands in a block: its level without shocks, and the stretch of the block in which sales are possible.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trading {
    /// Level against the usual open hour.
    pub level: f64,
    /// Within the opening hours.
    pub open: bool,
    /// First millisecond of the block that sells.
    pub from_ms: i64,
    /// First millisecond of the block that does not.
    pub until_ms: i64,
}

impl Trading {
    /// Reads a site's week; `delay_ms`: how late the doors open today.
    pub fn of(world: &World, site: usize, clock: &Clock, delay_ms: i64) -> Self {
        let start = clock.start_ms();
        let quiet = Self { level: world.config.floor, open: false, from_ms: start, until_ms: start + BLOCK_MS };
        let Some(s) = world.sites.get(site) else { return quiet };
        let week = world.week(s.format);
        if let Some(span) = week.span(clock) {
            let since = (i64::from(clock.minute) + 1440 - i64::from(span.from)).rem_euclid(1440) * 60_000;
            let from_ms = start + (delay_ms - since).clamp(0, BLOCK_MS);
            return Self { level: week.level(clock), open: true, from_ms, until_ms: start + BLOCK_MS };
        }
        let closing = week.hours.spans(clock.weekday, clock.kind).iter().any(|s| s.to % 1440 == clock.minute);
        if closing {
            let level = AFTER_CLOSING.0 * week.level(clock);
            return Self { level, open: false, from_ms: start, until_ms: start + AFTER_CLOSING.1 };
        }
        quiet
    }
}

/// Draws a device's sales in a block; `level` holds everything but the device's own usual rate.
pub fn draw(world: &World, device: usize, clock: &Clock, trading: &Trading, level: f64, out: &mut Vec<Sale>) {
    let Some(d) = world.devices.get(device) else { return };
    let mean = d.sales_per_hour * 0.25 * trading.level * level;
    if mean <= 0.0 {
        return;
    }
    let law: &ValueLaw = world.value_law(d.device_type);
    let mut dice = Dice::new(world.config.seed, Purpose::Sales, device as u64, clock.block as u64);
    let start = clock.start_ms();
    for _ in 0..dice.poisson(mean) {
        let at_ms = start + dice.below(BLOCK_MS as u64) as i64;
        let value_minor = law.draw(&mut dice);
        if (trading.from_ms..trading.until_ms).contains(&at_ms) {
            out.push(Sale { at_ms, device, value_minor });
        }
    }
}

impl World {
    /// Sales that a device is expected to make in a block, all levels at their mean and doors opening on time.
    #[must_use]
    pub fn expected_sales(&self, device: usize, clock: &Clock) -> f64 {
        let Some(d) = self.devices.get(device) else { return 0.0 };
        let trading = Trading::of(self, d.site, clock, 0);
        let share = (trading.until_ms - trading.from_ms) as f64 / BLOCK_MS as f64;
        d.sales_per_hour * 0.25 * trading.level * share * clock.factor
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::config::{Shocks, WorldConfig};

    fn variance(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0))
    }

    fn world(shocks: Shocks) -> World {
        let config = WorldConfig { sites: 40, shocks, ..WorldConfig::default() };
        World::new(&config).unwrap()
    }

    #[test]
    fn shocks_have_the_stated_variance_at_each_level() {
        let still = Shocks::none();
        let scale = Scale { day: 0.1, hour: 0.1 };
        for shocks in [
            Shocks { device: scale, ..still },
            Shocks { site: scale, ..still },
            Shocks { region: scale, ..still },
            Shocks { common: scale, ..still },
        ] {
            let world = world(shocks);
            let mut seen = Vec::new();
            let mut levels = Levels::default();
            // One hour a day: day and hour levels both fresh each time. Ordinary days only, so that the calendar says 1.
            for day in 0..4000_i64 {
                let clock = Clock::read(world.zone(), (day * 24 + 12) * 4);
                levels.refresh(&world, 0, &clock);
                seen.push(levels.of(0) / clock.factor);
            }
            let (mean, var) = variance(&seen);
            assert!((mean - 1.0).abs() < 0.01, "{mean}");
            // Two independent factors of mean 1: (1 + 0.01)^2 - 1.
            assert!((var / 0.0201 - 1.0).abs() < 0.1, "{var}");
        }
    }

    #[test]
    fn a_shock_is_shared_by_those_it_belongs_to_and_nobody_else() {
        let scale = Scale { day: 0.2, hour: 0.0 };
        let world = world(Shocks { region: scale, ..Shocks::none() });
        let clock = Clock::read(world.zone(), 1_970_000);
        let level = |site: usize| {
            let mut levels = Levels::default();
            levels.refresh(&world, site, &clock);
            levels.of(0)
        };
        for a in 0..world.sites.len() {
            for b in 0..a {
                let same = world.sites[a].region == world.sites[b].region;
                assert_eq!(same, (level(a) - level(b)).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn weather_has_mean_one_and_lasts_for_days() {
        let w: Vec<f64> = (0..6000).map(|d| libm::log(weather(1, 0.05, 3, d))).collect();
        let (mean, var) = variance(&w);
        assert!((mean + 0.00125).abs() < 0.004, "{mean}");
        assert!((libm::sqrt(var) / 0.05 - 1.0).abs() < 0.1);
        let lag: f64 = w.windows(2).map(|p| (p[0] - mean) * (p[1] - mean)).sum::<f64>() / w.len() as f64;
        assert!((lag / var - 0.7).abs() < 0.06, "{}", lag / var);
    }
}
