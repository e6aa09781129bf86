//! The registered fleet in the engine's own numbers: customers, sites, members.
//!
//! A *member* is what can fall silent: a device, or a site's own source that names no device (slot 0 of each site). Members are the units
//! of explanation. Numbers are given in the order of the journal, so every run gives the same ones.

mod devices;
mod state;

pub use state::RegistryState;

use crate::clock::Zone;
use detect::explain::{AttributeTable, ColumnId};
use devices::Devices;
use domain::fleet::{CustomerRecord, DeviceRecord, FleetChange, Lifecycle, OpeningHours, SiteRecord};
use domain::money::SEK;
use domain::{Currency, CustomerKey, DeviceCode, Metric, SiteCode};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// What stands where no site is meant.
pub const NOWHERE: u32 = u32::MAX;
/// Stands for "nothing is registered"; no attribute's value holds control characters.
const NOTHING: &str = "\u{0}";

/// The registered fleet.
#[derive(Debug, Default)]
pub struct Registry {
    /// In the order of registration.
    pub customers: Vec<Customer>,
    by_key: FxHashMap<CustomerKey, u32>,
    /// All customers' sites.
    pub sites: Vec<Site>,
    /// Devices and sites' own sources.
    pub members: Vec<Member>,
    /// Effective attributes of members: observed, else registered.
    pub attributes: AttributeTable,
    /// What is registered where something else is observed; [`NOTHING`] where nothing is.
    displaced: AttributeTable,
    /// Zones in use.
    pub zones: Vec<Zone>,
    /// Activities: `(customer, metric)`.
    pub series: Vec<Series>,
}

/// A customer.
#[derive(Debug)]
pub struct Customer {
    /// Its key.
    pub key: CustomerKey,
    /// Currency of its turnover.
    pub currency: Currency,
    timezone: String,
    sites: FxHashMap<SiteCode, u32>,
    devices: Devices,
    series: Vec<u32>,
}

/// A site.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Site {
    /// Whose.
    pub customer: u32,
    /// Its code.
    pub code: SiteCode,
    /// Index of its zone.
    pub zone: u16,
    /// When it is open, if registered.
    pub hours: Option<OpeningHours>,
    /// Member of each slot; slot 0 is the site's own source.
    pub slots: Vec<u32>,
}

/// A device or a site's own source.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    /// Whose.
    pub customer: u32,
    /// Where; [`NOWHERE`] for a device on no site.
    pub site: u32,
    /// Which of the site's slots.
    pub slot: u32,
    /// Its code; `None` for a site's own source.
    pub device: Option<DeviceCode>,
    /// Whether it is in service.
    pub in_service: bool,
}

/// One activity of one customer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Series {
    /// Whose.
    pub customer: u32,
    /// What.
    pub metric: Metric,
}

/// A device that moved or left: its place there is void.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vacated {
    /// Where it was.
    pub site: u32,
    /// In which slot.
    pub slot: u32,
}

impl Registry {
    /// The number of a customer, registered with defaults on first sight.
    pub fn customer(&mut self, key: &CustomerKey) -> u32 {
        if let Some(&ix) = self.by_key.get(key) {
            return ix;
        }
        let ix = self.customers.len() as u32;
        self.customers.push(Customer {
            key: key.clone(),
            currency: SEK,
            timezone: "Europe/Stockholm".to_owned(),
            sites: FxHashMap::default(),
            devices: Devices::default(),
            series: Vec::new(),
        });
        self.by_key.insert(key.clone(), ix);
        ix
    }

    /// Takes a change in; the answer names places that fell void.
    pub fn apply(&mut self, change: &FleetChange) -> Vec<Vacated> {
        match change {
            FleetChange::Customer(record) => {
                self.customer_record(record);
                Vec::new()
            }
            FleetChange::Sites { customer, sites } => {
                let customer = self.customer(customer);
                for record in sites {
                    self.site_record(customer, record);
                }
                Vec::new()
            }
            FleetChange::Devices { customer, devices } => {
                let customer = self.customer(customer);
                devices.iter().filter_map(|record| self.device_record(customer, record)).collect()
            }
        }
    }

    /// Number of a registered site.
    #[must_use]
    pub fn site(&self, customer: u32, code: &SiteCode) -> Option<u32> {
        self.customers.get(customer as usize)?.sites.get(code).copied()
    }

    /// Number of a registered device's member.
    #[must_use]
    pub fn device(&self, customer: u32, code: &DeviceCode) -> Option<u32> {
        self.customers.get(customer as usize)?.devices.get(&self.members, code)
    }

    /// Number of an activity, made on first sight; the answer says whether it is new.
    pub fn series(&mut self, customer: u32, metric: &Metric) -> u32 {
        let known = self.customers.get(customer as usize).map_or(&[][..], |c| &c.series);
        if let Some(&ix) = known.iter().find(|&&ix| self.series[ix as usize].metric == *metric) {
            return ix;
        }
        let ix = self.series.len() as u32;
        self.series.push(Series { customer, metric: metric.clone() });
        self.customers[customer as usize].series.push(ix);
        ix
    }

    /// Sets what a device was seen to be; `None` falls back to what is registered. Returns the value before, if it changed.
    pub fn observe(&mut self, member: u32, attribute: &str, value: Option<&str>) -> Option<Option<String>> {
        let column = self.attributes.column(attribute);
        let before = self.attributes.value(member, column).map(str::to_owned);
        let registered = self.registered(member, column, attribute).map(str::to_owned);
        let after = value.map(str::to_owned).or_else(|| registered.clone());
        if before == after {
            return None;
        }
        self.set(member, column, after.as_deref());
        let displaced = (after != registered).then(|| registered.unwrap_or_else(|| NOTHING.to_owned()));
        self.displace(member, attribute, displaced.as_deref());
        Some(before)
    }

    /// A member's kind of thing: its `type`, or nothing for a site's own source.
    #[must_use]
    pub fn class_of(&self, member: u32) -> Option<&str> {
        self.attributes.find_column("type").and_then(|column| self.attributes.value(member, column))
    }

    fn customer_record(&mut self, record: &CustomerRecord) {
        let ix = self.customer(&record.key) as usize;
        self.customers[ix].currency = record.currency;
        self.customers[ix].timezone.clone_from(&record.timezone);
    }

    fn site_record(&mut self, customer: u32, record: &SiteRecord) {
        let zone_name = record.timezone.clone().unwrap_or_else(|| self.customers[customer as usize].timezone.clone());
        let zone = self.zone(&zone_name);
        let known = self.site(customer, &record.code);
        let ix = known.unwrap_or_else(|| {
            let ix = self.sites.len() as u32;
            let own = self.member(Member { customer, site: ix, slot: 0, device: None, in_service: true });
            self.sites.push(Site { customer, code: record.code.clone(), zone, hours: None, slots: vec![own] });
            self.customers[customer as usize].sites.insert(record.code.clone(), ix);
            ix
        });
        let site = &mut self.sites[ix as usize];
        site.zone = zone;
        site.hours.clone_from(&record.opening_hours);
        let slots = site.slots.clone();
        for member in slots {
            self.bear_site(member, record);
        }
        self.site_records_attributes(ix, record);
    }

    /// Site attributes are borne by every member of it.
    fn bear_site(&mut self, member: u32, record: &SiteRecord) {
        self.register(member, "site", Some(record.code.as_str()));
        self.register(member, "region", record.region.as_ref().map(|r| r.as_str()));
        for (name, value) in &record.attributes {
            self.register(member, name, Some(value));
        }
    }

    /// The site's own source carries the site's attributes; new devices copy them from there.
    fn site_records_attributes(&mut self, site: u32, record: &SiteRecord) {
        let own = self.sites[site as usize].slots[0];
        self.bear_site(own, record);
    }

    fn device_record(&mut self, customer: u32, record: &DeviceRecord) -> Option<Vacated> {
        let site = record.site.as_ref().and_then(|code| self.site(customer, code)).unwrap_or(NOWHERE);
        let known = self.device(customer, &record.code);
        let member = known.unwrap_or_else(|| {
            let device = Some(record.code.clone());
            let member = self.member(Member { customer, site: NOWHERE, slot: 0, device, in_service: true });
            self.customers[customer as usize].devices.add(&self.members, member);
            member
        });
        let before = (self.members[member as usize].site, self.members[member as usize].slot);
        self.members[member as usize].in_service = record.lifecycle == Lifecycle::InService;
        for (name, value) in &record.attributes {
            self.register(member, name, Some(value));
        }
        if let Some(installed) = record.installed_on {
            self.register(member, "installed_year", Some(&installed.year().to_string()));
        }
        if before.0 == site {
            return None;
        }
        if site != NOWHERE {
            let slots = &mut self.sites[site as usize].slots;
            let slot = slots.len() as u32;
            slots.push(member);
            let own = slots[0];
            (self.members[member as usize].site, self.members[member as usize].slot) = (site, slot);
            self.copy_site_attributes(own, member);
        } else {
            self.members[member as usize].site = NOWHERE;
        }
        (before.0 != NOWHERE).then_some(Vacated { site: before.0, slot: before.1 })
    }

    fn copy_site_attributes(&mut self, own: u32, member: u32) {
        let borne: Vec<(String, String)> = self
            .attributes
            .attributes()
            .filter_map(|(column, name)| {
                self.registered(own, column, name).map(|value| (name.to_owned(), value.to_owned()))
            })
            .collect();
        for (name, value) in borne {
            self.register(member, &name, Some(&value));
        }
    }

    /// Sets a registered value, which is effective too until something else is observed.
    fn register(&mut self, member: u32, attribute: &str, value: Option<&str>) {
        let column = self.attributes.column(attribute);
        let displaced = self.displaced.find_column(attribute).and_then(|c| self.displaced.value(member, c));
        if displaced.is_none() {
            self.set(member, column, value);
        } else if self.attributes.value(member, column) == value {
            self.displace(member, attribute, None);
        } else {
            self.displace(member, attribute, Some(value.unwrap_or(NOTHING)));
        }
    }

    /// What is registered, whatever is observed.
    fn registered(&self, member: u32, column: ColumnId, attribute: &str) -> Option<&str> {
        let displaced = self.displaced.find_column(attribute).and_then(|c| self.displaced.value(member, c));
        match displaced {
            Some(registered) => Some(registered).filter(|r| *r != NOTHING),
            None => self.attributes.value(member, column),
        }
    }

    fn displace(&mut self, member: u32, attribute: &str, registered: Option<&str>) {
        let column = self.displaced.column(attribute);
        // Members are added to both tables together, so the unit exists.
        let _ = self.displaced.set(member, column, registered);
    }

    fn set(&mut self, member: u32, column: ColumnId, value: Option<&str>) {
        // Members are added to both tables together, so the unit exists.
        let _ = self.attributes.set(member, column, value);
    }

    fn member(&mut self, member: Member) -> u32 {
        let ix = self.members.len() as u32;
        self.members.push(member);
        // The tables hold fewer units than a u32 can number; beyond that nothing is explained.
        let _ = self.attributes.add_unit();
        let _ = self.displaced.add_unit();
        ix
    }

    fn zone(&mut self, name: &str) -> u16 {
        let at = self.zones.iter().position(|zone| zone.name() == name).unwrap_or_else(|| {
            self.zones.push(Zone::new(name));
            self.zones.len() - 1
        });
        u16::try_from(at).unwrap_or(0)
    }
}
