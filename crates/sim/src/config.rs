//! What a world is made of, how it reports, and how much background trouble it has: every knob with its default.

use domain::CustomerKey;
use serde::{Deserialize, Serialize};

/// How to build a [`crate::World`]. The same config gives the same world and the same signals, byte for byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorldConfig {
    /// Everything follows from it.
    pub seed: u64,
    /// The customer's key.
    pub customer: CustomerKey,
    /// The customer's name for people.
    pub customer_name: String,
    /// Number of shops.
    pub sites: u32,
    /// Self-scanners at a shop of usual size; formats and chance vary it.
    pub scanners_per_site: f64,
    /// Tills at a shop of usual size.
    pub tills_per_site: f64,
    /// Whether every shop has a server.
    pub servers: bool,
    /// Sales of a usual self-scanner in a usual open hour.
    pub scanner_sales_per_hour: f64,
    /// Sales of a usual till in a usual open hour.
    pub till_sales_per_hour: f64,
    /// Sigma of the lognormal size of shops: 0 makes them alike.
    pub size_sigma: f64,
    /// Sigma of the lognormal share of a device in its shop.
    pub device_sigma: f64,
    /// Sales outside opening hours, as a share of the usual open rate.
    pub floor: f64,
    /// Latent levels that make traffic overdispersed.
    pub shocks: Shocks,
    /// IANA time zone of all sites.
    pub timezone: String,
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            customer: CustomerKey::new("demo").expect("a short word is a valid key"),
            customer_name: "Handelskedjan".to_owned(),
            sites: 200,
            scanners_per_site: 5.0,
            tills_per_site: 4.0,
            servers: true,
            scanner_sales_per_hour: 20.0,
            till_sales_per_hour: 24.0,
            size_sigma: 0.35,
            device_sigma: 0.2,
            floor: 1e-4,
            shocks: Shocks::default(),
            timezone: "Europe/Stockholm".to_owned(),
        }
    }
}

/// Coefficient of variation of a gamma level with mean 1, redrawn each day and each hour.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// Of the level that holds for a local day.
    pub day: f64,
    /// Of the level that holds for a clock hour.
    pub hour: f64,
}

/// Nested shocks: what makes devices, sites, regions and the whole chain sell more or less than usual.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Shocks {
    /// Each device for itself.
    pub device: Scale,
    /// Each site.
    pub site: Scale,
    /// Each region.
    pub region: Scale,
    /// All sites alike.
    pub common: Scale,
    /// Sigma of the logarithm of a smooth factor over days (weather), half of it common and half regional.
    pub weather: f64,
}

impl Default for Shocks {
    fn default() -> Self {
        Self {
            device: Scale { day: 0.07, hour: 0.07 },
            site: Scale { day: 0.07, hour: 0.07 },
            region: Scale { day: 0.05, hour: 0.05 },
            common: Scale { day: 0.05, hour: 0.05 },
            weather: 0.03,
        }
    }
}

impl Shocks {
    /// None at all: plain Poisson around the profile.
    #[must_use]
    pub fn none() -> Self {
        let still = Scale { day: 0.0, hour: 0.0 };
        Self { device: still, site: still, region: still, common: still, weather: 0.0 }
    }
}

/// The form in which devices report their sales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sales {
    /// One signal a sale, to the millisecond.
    Single,
    /// Sums over intervals of so many seconds; must divide 900. Zeros are reported while the shop is open.
    Interval(u32),
    /// None.
    Off,
}

/// What a stream delivers of the world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reporting {
    /// How sales are told.
    pub sales: Sales,
    /// Seconds between the heartbeats of a device; 0: none. Must divide 900.
    pub heartbeat_s: u32,
    /// Whether each shop's agent numbers its signals (needed for duplicates to be seen as such).
    pub envelopes: bool,
    /// Trouble that is not the disruption.
    pub trouble: Trouble,
}

impl Reporting {
    /// Single sales, heartbeats each minute, envelopes, the usual trouble.
    #[must_use]
    pub fn live() -> Self {
        Self { sales: Sales::Single, heartbeat_s: 60, envelopes: true, trouble: Trouble::default() }
    }

    /// Interval sums for learning: no heartbeats, no envelopes; the world's own trouble, none in transport.
    #[must_use]
    pub fn history(interval_s: u32) -> Self {
        let trouble = Trouble { late: 0.0, duplicated: 0.0, ..Trouble::default() };
        Self { sales: Sales::Interval(interval_s), heartbeat_s: 0, envelopes: false, trouble }
    }
}

/// Background trouble, each as a rate or probability; [`Trouble::none`] switches all off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    /// Reboots of a device a day; each takes minutes and is followed by `link` up and `observed`.
    pub reboots_per_day: f64,
    /// Chance that a handheld sleeps through a night in its cradle.
    pub asleep: f64,
    /// Chance that a handheld runs flat on a day, for hours.
    pub flat_per_day: f64,
    /// Chance that a site goes offline on a day, for minutes to hours, with its backlog afterwards.
    pub offline_per_day: f64,
    /// Chance that a site opens a quarter to an hour late.
    pub late_opening: f64,
    /// Chance that a signal is delivered seconds to minutes late.
    pub late: f64,
    /// Chance that a signal is delivered twice (only with envelopes).
    pub duplicated: f64,
    /// Standard deviation of a device's clock error in seconds.
    pub skew_s: f64,
}

impl Default for Trouble {
    fn default() -> Self {
        Self {
            reboots_per_day: 0.05,
            asleep: 0.2,
            flat_per_day: 0.003,
            offline_per_day: 0.01,
            late_opening: 0.004,
            late: 0.002,
            duplicated: 0.001,
            skew_s: 1.5,
        }
    }
}

impl Trouble {
    /// A world in which nothing goes wrong by itself.
    #[must_use]
    pub fn none() -> Self {
        Self {
            reboots_per_day: 0.0,
            asleep: 0.0,
            flat_per_day: 0.0,
            offline_per_day: 0.0,
            late_opening: 0.0,
            late: 0.0,
            duplicated: 0.0,
            skew_s: 0.0,
        }
    }
}

/// Why a world cannot be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BadWorld {
    /// No sites, or too many to be given codes.
    #[error("a world has 1 to 1,000,000 sites, not {0}")]
    Sites(u32),
    /// Not in the time zone database.
    #[error("unknown time zone {0:?}")]
    Timezone(String),
    /// A number that cannot be a rate, share or spread.
    #[error("{name} must be a finite number from 0 to {max}, not {value}")]
    Number {
        /// The field.
        name: &'static str,
        /// What was given.
        value: f64,
        /// The largest that is taken.
        max: f64,
    },
}

impl WorldConfig {
    /// Checks every number.
    ///
    /// # Errors
    /// [`BadWorld`] names the first field that cannot be.
    pub fn check(&self) -> Result<(), BadWorld> {
        if self.sites == 0 || self.sites > 1_000_000 {
            return Err(BadWorld::Sites(self.sites));
        }
        let s = &self.shocks;
        for (name, value, max) in [
            ("scanners_per_site", self.scanners_per_site, 200.0),
            ("tills_per_site", self.tills_per_site, 200.0),
            ("scanner_sales_per_hour", self.scanner_sales_per_hour, 10_000.0),
            ("till_sales_per_hour", self.till_sales_per_hour, 10_000.0),
            ("size_sigma", self.size_sigma, 3.0),
            ("device_sigma", self.device_sigma, 3.0),
            ("floor", self.floor, 1.0),
            ("shocks.device.day", s.device.day, 3.0),
            ("shocks.device.hour", s.device.hour, 3.0),
            ("shocks.site.day", s.site.day, 3.0),
            ("shocks.site.hour", s.site.hour, 3.0),
            ("shocks.region.day", s.region.day, 3.0),
            ("shocks.region.hour", s.region.hour, 3.0),
            ("shocks.common.day", s.common.day, 3.0),
            ("shocks.common.hour", s.common.hour, 3.0),
            ("shocks.weather", s.weather, 3.0),
        ] {
            if !(value.is_finite() && (0.0..=max).contains(&value)) {
                return Err(BadWorld::Number { name, value, max });
            }
        }
        Ok(())
    }
}
