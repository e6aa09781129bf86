//! The fleet as others take it in: records, changes of the fleet, `sites.csv` and `devices.csv`.

use super::World;
use domain::fleet::{CustomerRecord, DeviceRecord, FleetChange, Lifecycle, SiteRecord};
use domain::money::SEK;
use domain::{DeviceCode, RegionCode};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Devices in one [`FleetChange`]: keeps each journal event of modest size.
const DEVICES_PER_CHANGE: usize = 5_000;

impl World {
    /// The customer as registered.
    #[must_use]
    pub fn customer_record(&self) -> CustomerRecord {
        CustomerRecord {
            key: self.config.customer.clone(),
            name: self.config.customer_name.clone(),
            currency: SEK,
            timezone: self.config.timezone.clone(),
        }
    }

    /// The sites as registered, by code.
    #[must_use]
    pub fn site_records(&self) -> Vec<SiteRecord> {
        let record = |s: &super::Site| SiteRecord {
            name: Some(s.name.clone()),
            region: RegionCode::new(s.region).ok(),
            position: Some(s.position),
            timezone: Some(self.config.timezone.clone()),
            opening_hours: Some(self.week(s.format).hours.clone()),
            turnover_per_day: Some(libm::round(s.turnover_per_day)),
            attributes: s.attributes.clone(),
            ..SiteRecord::bare(s.code.clone())
        };
        self.sites.iter().map(record).collect()
    }

    /// The devices as registered, by site.
    #[must_use]
    pub fn device_records(&self) -> Vec<DeviceRecord> {
        let record = |d: &super::Device| DeviceRecord {
            lifecycle: Lifecycle::InService,
            installed_on: Some(d.installed_on),
            serial: Some(d.serial.clone()),
            attributes: d.attributes.clone(),
            ..DeviceRecord::bare(d.code.clone(), Some(self.sites[d.site].code.clone()))
        };
        self.devices.iter().map(record).collect()
    }

    /// Everything needed to register the fleet: the customer, then its sites, then its devices in portions.
    #[must_use]
    pub fn fleet_changes(&self) -> Vec<FleetChange> {
        let customer = self.config.customer.clone();
        let mut out = vec![
            FleetChange::Customer(self.customer_record()),
            FleetChange::Sites { customer: customer.clone(), sites: self.site_records() },
        ];
        for portion in self.device_records().chunks(DEVICES_PER_CHANGE) {
            out.push(FleetChange::Devices { customer: customer.clone(), devices: portion.to_vec() });
        }
        out
    }

    /// The sites as `sites.csv`.
    #[must_use]
    pub fn sites_csv(&self) -> String {
        let extra: BTreeSet<&str> = self.sites.iter().flat_map(|s| s.attributes.keys()).map(String::as_str).collect();
        let known = "site,name,customer,region,latitude,longitude,timezone,opening_hours,turnover_per_day";
        let mut out = row(known.split(',').chain(extra.iter().copied()));
        for s in &self.sites {
            let numbers = [
                s.position.latitude.to_string(),
                s.position.longitude.to_string(),
                format!("{:.0}", s.turnover_per_day),
            ];
            let fields = [
                s.code.as_str(),
                &s.name,
                self.config.customer.as_str(),
                s.region,
                &numbers[0],
                &numbers[1],
                &self.config.timezone,
                s.format.hours_text(),
                &numbers[2],
            ];
            let more = extra.iter().map(|name| s.attributes.get(*name).map_or("", String::as_str));
            out.push_str(&row(fields.into_iter().chain(more)));
        }
        out
    }

    /// The devices as `devices.csv`.
    #[must_use]
    pub fn devices_csv(&self) -> String {
        const FIRST: [&str; 6] = ["type", "vendor", "model", "firmware", "os", "os_version"];
        let all: BTreeSet<&str> = self.devices.iter().flat_map(|d| d.attributes.keys()).map(String::as_str).collect();
        let extra: Vec<&str> = all.into_iter().filter(|name| !FIRST.contains(name)).collect();
        let columns: Vec<&str> = FIRST.into_iter().chain(extra).collect();
        let mut out = row(["device", "site", "serial", "installed_on"].into_iter().chain(columns.iter().copied()));
        for d in &self.devices {
            let day = d.installed_on.to_string();
            let code: &DeviceCode = &d.code;
            let fields = [code.as_str(), self.sites[d.site].code.as_str(), &d.serial, &day];
            let more = columns.iter().map(|name| d.attributes.get(*name).map_or("", String::as_str));
            out.push_str(&row(fields.into_iter().chain(more)));
        }
        out
    }
}

/// One line of CSV (RFC 4180).
fn row<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for (i, field) in fields.enumerate() {
        let comma = if i == 0 { "" } else { "," };
        let written = if field.contains([',', '"', '\n', '\r']) {
            write!(out, "{comma}\"{}\"", field.replace('"', "\"\""))
        } else {
            write!(out, "{comma}{field}")
        };
        written.expect("writing to a string cannot fail");
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::WorldConfig;

    #[test]
    fn the_fleet_files_have_a_line_for_each_and_quote_what_needs_it() {
        let world = World::new(&WorldConfig { sites: 12, ..WorldConfig::default() }).unwrap();
        let sites = world.sites_csv();
        assert_eq!(sites.lines().count(), 13);
        assert!(sites.starts_with(
            "site,name,customer,region,latitude,longitude,timezone,opening_hours,turnover_per_day,format,isp,psp\n"
        ));
        let devices = world.devices_csv();
        assert_eq!(devices.lines().count(), world.devices.len() + 1);
        assert!(devices.lines().nth(1).unwrap().starts_with("ssu-0100-01,0100,"));
        assert_eq!(row(["a,b", "c\"d", "e"].into_iter()), "\"a,b\",\"c\"\"d\",e\n");
    }

    #[test]
    fn fleet_changes_hold_every_record() {
        let world = World::new(&WorldConfig { sites: 700, ..WorldConfig::default() }).unwrap();
        let changes = world.fleet_changes();
        let devices: usize =
            changes.iter().map(|c| if let FleetChange::Devices { devices, .. } = c { devices.len() } else { 0 }).sum();
        assert_eq!(devices, world.devices.len());
        assert!(changes.len() >= 4);
    }
}
