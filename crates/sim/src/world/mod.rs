//! The fleet of a synthetic chain: shops in real Swedish localities, and the devices in them.

mod equip;
mod format;
mod place;
mod records;
mod value;

pub use equip::DeviceType;
pub use format::{Format, Week};
pub use value::ValueLaw;

use crate::config::{BadWorld, WorldConfig};
use crate::dice::{Dice, Purpose};
use domain::fleet::{Attributes, Position};
use domain::{DeviceCode, SiteCode};
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::ops::Range;

/// A chain of shops, immutable once built: share it behind an `Arc`.
#[derive(Debug, Clone)]
pub struct World {
    /// How it was built.
    pub config: WorldConfig,
    /// Its shops, by code.
    pub sites: Vec<Site>,
    /// Its devices, by site.
    pub devices: Vec<Device>,
    zone: TimeZone,
    weeks: [Week; 4],
    values: [ValueLaw; 3],
}

/// One shop.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Its code.
    pub code: SiteCode,
    /// Its name: `Jönköping 2`.
    pub name: String,
    /// Its county.
    pub region: &'static str,
    /// Number of the county in the world: the key of its shocks.
    pub region_index: u32,
    /// Where it stands.
    pub position: Position,
    /// Its format.
    pub format: Format,
    /// Its size against the usual shop.
    pub size: f64,
    /// `format`, `isp`, ...
    pub attributes: Attributes,
    /// Indices of its devices.
    pub devices: Range<usize>,
    /// Expected turnover of a usual day in kronor.
    pub turnover_per_day: f64,
}

/// One device.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Its code.
    pub code: DeviceCode,
    /// Index of its site.
    pub site: usize,
    /// What it is.
    pub device_type: DeviceType,
    /// Expected sales in a usual open hour.
    pub sales_per_hour: f64,
    /// Serial number.
    pub serial: String,
    /// Day of installation.
    pub installed_on: Date,
    /// `type`, `vendor`, `model`, `firmware`, ...
    pub attributes: Attributes,
}

impl World {
    /// Builds a world.
    ///
    /// # Errors
    /// [`BadWorld`] names the setting that cannot be.
    ///
    /// ```
    /// let world = sim::World::new(&sim::WorldConfig { sites: 3, ..Default::default() }).unwrap();
    /// assert_eq!(world.sites.len(), 3);
    /// ```
    pub fn new(config: &WorldConfig) -> Result<Self, BadWorld> {
        config.check()?;
        let zone = TimeZoneDatabase::bundled()
            .get(&config.timezone)
            .map_err(|_| BadWorld::Timezone(config.timezone.clone()))?;
        let weeks = Format::SHARES.map(|(format, _)| Week::of(format));
        let values = [DeviceType::SelfScanner, DeviceType::Till, DeviceType::Server].map(DeviceType::value_law);
        let mut sites = place::sites(config);
        let devices = equip::devices(config, &mut sites);
        let mut world = Self { config: config.clone(), sites, devices, zone, weeks, values };
        for i in 0..world.sites.len() {
            let per_hour: f64 = world.devices[world.sites[i].devices.clone()]
                .iter()
                .map(|d| d.sales_per_hour * world.value_law(d.device_type).mean_sek())
                .sum();
            world.sites[i].turnover_per_day = per_hour * world.week(world.sites[i].format).open_hours_per_day;
        }
        Ok(world)
    }

    /// The time zone of all sites.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The week of a format.
    #[must_use]
    pub fn week(&self, format: Format) -> &Week {
        &self.weeks[format as usize]
    }

    /// The law of what one sale is worth.
    #[must_use]
    pub fn value_law(&self, device_type: DeviceType) -> &ValueLaw {
        &self.values[device_type as usize]
    }

    /// The value of an attribute of a device: its own, else its site's; `site`, `device` and `region` are attributes too.
    #[must_use]
    pub fn attribute(&self, device: usize, name: &str) -> Option<&str> {
        let d = self.devices.get(device)?;
        let site = self.sites.get(d.site)?;
        match name {
            "device" => Some(d.code.as_str()),
            "site" => Some(site.code.as_str()),
            "region" => Some(site.region),
            _ => d.attributes.get(name).or_else(|| site.attributes.get(name)).map(String::as_str),
        }
    }
}

/// Deals `n` places out by weight, as exactly as whole numbers allow, and shuffles them.
fn deal(n: usize, weights: &[f64], dice: &mut Dice) -> Vec<usize> {
    let total: f64 = weights.iter().sum();
    let mut out = Vec::with_capacity(n);
    let mut upto = 0.0;
    for (i, w) in weights.iter().enumerate() {
        upto += w;
        let end = libm::round(upto / total * n as f64) as usize;
        out.resize(end.clamp(out.len(), n), i);
    }
    out.resize(n, weights.len().saturating_sub(1));
    for i in (1..n).rev() {
        let j = dice.below(i as u64 + 1) as usize;
        out.swap(i, j);
    }
    out
}

/// The dice that lay one aspect of the world out.
fn layout(seed: u64, aspect: u64, of: u64) -> Dice {
    Dice::new(seed, Purpose::Layout, aspect, of)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn two_hundred_shops_have_about_a_thousand_self_scanners() {
        let world = World::new(&WorldConfig::default()).unwrap();
        let count = |t| world.devices.iter().filter(|d| d.device_type == t).count();
        assert!((900..=1100).contains(&count(DeviceType::SelfScanner)), "{}", count(DeviceType::SelfScanner));
        assert!((600..=1000).contains(&count(DeviceType::Till)));
        assert_eq!(count(DeviceType::Server), 200);
        let codes: BTreeSet<_> = world.devices.iter().map(|d| &d.code).collect();
        assert_eq!(codes.len(), world.devices.len());
        let ninety = world.sites.iter().filter(|s| s.attributes["isp"] == "Nordlink").count();
        assert_eq!(ninety, 90);
    }

    #[test]
    fn firmware_is_nested_in_model_and_model_in_vendor() {
        let world = World::new(&WorldConfig { sites: 400, ..WorldConfig::default() }).unwrap();
        let mut vendor_of = BTreeMap::new();
        for d in &world.devices {
            let vendor = vendor_of.entry(&d.attributes["model"]).or_insert(&d.attributes["vendor"]);
            assert_eq!(*vendor, &d.attributes["vendor"]);
        }
        let scanners: BTreeSet<_> = world
            .devices
            .iter()
            .filter(|d| d.device_type == DeviceType::SelfScanner)
            .map(|d| &d.attributes["model"])
            .collect();
        assert_eq!(scanners.len(), 4);
    }

    #[test]
    fn shops_stand_where_people_live() {
        let world = World::new(&WorldConfig { sites: 1300, ..WorldConfig::default() }).unwrap();
        let regions: BTreeSet<_> = world.sites.iter().map(|s| s.region).collect();
        assert_eq!(regions.len(), 21);
        let at = |n: &str| world.sites.iter().filter(|s| s.name == n || s.name.starts_with(&format!("{n} "))).count();
        assert!(at("Stockholm") > at("Malmö") && at("Malmö") > at("Jönköping") && at("Jönköping") > 3);
        let names: BTreeSet<_> = world.sites.iter().map(|s| &s.name).collect();
        assert_eq!(names.len(), 1300);
        assert!(world.sites.iter().any(|s| s.code.as_str() == "0412"));
    }

    #[test]
    fn places_are_dealt_out_exactly() {
        let dealt = deal(200, &[0.45, 0.3, 0.15, 0.1], &mut layout(1, 99, 0));
        let of = |k| dealt.iter().filter(|x| **x == k).count();
        assert_eq!([of(0), of(1), of(2), of(3)], [90, 60, 30, 20]);
    }

    #[test]
    fn a_setting_that_cannot_be_is_named() {
        let bad = |c: WorldConfig| World::new(&c).unwrap_err().to_string();
        let base = WorldConfig::default;
        assert!(bad(WorldConfig { sites: 0, ..base() }).contains("1 to 1,000,000 sites"));
        assert!(bad(WorldConfig { floor: f64::NAN, ..base() }).contains("floor"));
        assert!(bad(WorldConfig { timezone: "Mars/Olympus".into(), ..base() }).contains("Mars/Olympus"));
    }
}
