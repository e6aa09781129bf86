//! The fleet that a replay runs on: from files, or from the signals themselves.

use anyhow::{Context, Result};
use domain::fleet::{CustomerRecord, FleetChange};
use domain::{Currency, CustomerKey, DeviceCode, DeviceRecord, Signal, SiteCode, SiteRecord};
use ingest::fleet::{FleetErrors, read_devices, read_sites};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// A fleet, as changes to apply, and whose each place is.
#[derive(Debug)]
pub struct Fleet {
    /// Customers, then sites, then devices.
    pub changes: Vec<FleetChange>,
    customers: Vec<CustomerKey>,
    sites: HashMap<SiteCode, u32>,
    devices: HashMap<DeviceCode, u32>,
}

impl Fleet {
    /// Reads the files; what they do not register is registered from the signals only where no sites file is given.
    pub fn read(
        sites: Option<&Path>,
        devices: Option<&Path>,
        customer: &CustomerKey,
        timezone: &str,
        currency: Currency,
        signals: &[Signal],
    ) -> Result<Self> {
        let mut by_customer: BTreeMap<CustomerKey, (Vec<SiteRecord>, Vec<DeviceRecord>)> = BTreeMap::new();
        by_customer.entry(customer.clone()).or_default();
        if let Some(path) = sites {
            let file = read_sites(&bytes(path)?, customer).map_err(|e| explain(path, &e))?;
            for row in file.rows {
                by_customer.entry(row.customer).or_default().0.push(row.record);
            }
        }
        if let Some(path) = devices {
            let file = read_devices(&bytes(path)?, customer).map_err(|e| explain(path, &e))?;
            let only: Option<CustomerKey> = one_customer(&by_customer);
            for row in file.rows {
                // A devices file that names no customer goes with the sites.
                let whose = if row.customer == *customer { only.clone().unwrap_or(row.customer) } else { row.customer };
                by_customer.entry(whose).or_default().1.push(row.record);
            }
        }
        if sites.is_none() {
            register_seen(by_customer.entry(customer.clone()).or_default(), signals);
        } else if devices.is_none() {
            for own in by_customer.values_mut() {
                register_seen_devices(own, signals);
            }
        }
        let mut fleet =
            Self { changes: Vec::new(), customers: Vec::new(), sites: HashMap::new(), devices: HashMap::new() };
        by_customer.retain(|key, (sites, devices)| key == customer || !sites.is_empty() || !devices.is_empty());
        if by_customer.len() > 1 && by_customer.get(customer).is_some_and(|(s, d)| s.is_empty() && d.is_empty()) {
            by_customer.remove(customer);
        }
        for (key, (sites, devices)) in by_customer {
            fleet.add(key, sites, devices, timezone, currency);
        }
        Ok(fleet)
    }

    /// Whose a signal is: the one whose site or device it names.
    pub fn customer_of(&self, signal: &Signal) -> &CustomerKey {
        let known = signal
            .device
            .as_ref()
            .and_then(|d| self.devices.get(d))
            .or_else(|| signal.site.as_ref().and_then(|s| self.sites.get(s)));
        &self.customers[known.copied().unwrap_or(0) as usize]
    }

    fn add(
        &mut self,
        key: CustomerKey,
        sites: Vec<SiteRecord>,
        devices: Vec<DeviceRecord>,
        timezone: &str,
        currency: Currency,
    ) {
        let ix = self.customers.len() as u32;
        for site in &sites {
            self.sites.entry(site.code.clone()).or_insert(ix);
        }
        for device in &devices {
            self.devices.entry(device.code.clone()).or_insert(ix);
        }
        let name = key.as_str().to_owned();
        self.changes.push(FleetChange::Customer(CustomerRecord {
            key: key.clone(),
            name,
            currency,
            timezone: timezone.to_owned(),
        }));
        self.changes.push(FleetChange::Sites { customer: key.clone(), sites });
        self.changes.push(FleetChange::Devices { customer: key.clone(), devices });
        self.customers.push(key);
    }
}

/// The one customer that has sites, if there is only one.
fn one_customer(by_customer: &BTreeMap<CustomerKey, (Vec<SiteRecord>, Vec<DeviceRecord>)>) -> Option<CustomerKey> {
    let mut with_sites = by_customer.iter().filter(|(_, (sites, _))| !sites.is_empty()).map(|(key, _)| key.clone());
    let first = with_sites.next()?;
    with_sites.next().is_none().then_some(first)
}

fn register_seen(own: &mut (Vec<SiteRecord>, Vec<DeviceRecord>), signals: &[Signal]) {
    let mut seen: HashSet<&SiteCode> = HashSet::new();
    let named: Vec<SiteCode> = own.1.iter().filter_map(|d| d.site.clone()).collect();
    for site in signals.iter().filter_map(|s| s.site.as_ref()).filter(|s| seen.insert(s)) {
        own.0.push(SiteRecord::bare(site.clone()));
    }
    register_seen_devices(own, signals);
    let sites = &mut own.0;
    for site in named {
        if !sites.iter().any(|s| s.code == site) {
            sites.push(SiteRecord::bare(site));
        }
    }
}

/// Devices that signals name at a registered site.
fn register_seen_devices((sites, devices): &mut (Vec<SiteRecord>, Vec<DeviceRecord>), signals: &[Signal]) {
    let here: HashSet<SiteCode> = sites.iter().map(|s| s.code.clone()).collect();
    let mut known: HashSet<DeviceCode> = devices.iter().map(|d| d.code.clone()).collect();
    for signal in signals {
        if let (Some(device), Some(site)) = (&signal.device, &signal.site)
            && here.contains(site)
            && !known.contains(device)
        {
            known.insert(device.clone());
            devices.push(DeviceRecord::bare(device.clone(), Some(site.clone())));
        }
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn explain(path: &Path, errors: &FleetErrors) -> anyhow::Error {
    for fault in errors.faults.iter().take(50) {
        eprintln!("samband: {}: {fault}", path.display());
    }
    anyhow::anyhow!("{}: {} faults; nothing of it was taken", path.display(), errors.faults.len())
}
