//! A customer's registered fleet. Devices share their attribute sets: a thousand tills of one make hold them once.

use domain::fleet::{DeviceRecord, SiteRecord};
use domain::incident::FleetSize;
use domain::{Attributes, DeviceCode, SiteCode};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A device as registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Where it stands.
    pub site: Option<SiteCode>,
    /// Where it is in its life.
    pub lifecycle: domain::fleet::Lifecycle,
    /// Its attributes, shared with its like.
    pub attributes: Arc<Attributes>,
    /// What few have and fewer ask for.
    pub papers: Option<Box<Papers>>,
}

/// What stands in a device's papers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Papers {
    /// Day of installation.
    pub installed_on: Option<Date>,
    /// Last day of warranty.
    pub warranty_until: Option<Date>,
    /// Serial number.
    pub serial: Option<String>,
    /// The owner's inventory number.
    pub asset_tag: Option<String>,
}

/// Sites and devices of one customer.
#[derive(Debug, Default)]
pub struct Fleet {
    sites: BTreeMap<SiteCode, SiteRecord>,
    devices: BTreeMap<DeviceCode, Device>,
    at_site: BTreeMap<SiteCode, BTreeSet<DeviceCode>>,
    shared: BTreeSet<Arc<Attributes>>,
}

impl Fleet {
    /// The sites, in order of code.
    pub fn sites(&self) -> impl ExactSizeIterator<Item = &SiteRecord> {
        self.sites.values()
    }

    /// One site.
    #[must_use]
    pub fn site(&self, code: &SiteCode) -> Option<&SiteRecord> {
        self.sites.get(code)
    }

    /// The devices, in order of code.
    pub fn devices(&self) -> impl ExactSizeIterator<Item = (&DeviceCode, &Device)> {
        self.devices.iter()
    }

    /// One device.
    #[must_use]
    pub fn device(&self, code: &DeviceCode) -> Option<&Device> {
        self.devices.get(code)
    }

    /// The devices at a site, in order of code.
    pub fn devices_at(&self, site: &SiteCode) -> impl Iterator<Item = (&DeviceCode, &Device)> {
        self.at_site.get(site).into_iter().flatten().filter_map(|code| self.devices.get_key_value(code))
    }

    /// A device as it was imported.
    #[must_use]
    pub fn device_record(&self, code: &DeviceCode) -> Option<DeviceRecord> {
        let device = self.devices.get(code)?;
        let papers = device.papers.as_deref().cloned().unwrap_or_default();
        Some(DeviceRecord {
            code: code.clone(),
            site: device.site.clone(),
            lifecycle: device.lifecycle,
            installed_on: papers.installed_on,
            warranty_until: papers.warranty_until,
            serial: papers.serial,
            asset_tag: papers.asset_tag,
            attributes: (*device.attributes).clone(),
        })
    }

    /// How large it is.
    #[must_use]
    pub fn size(&self) -> FleetSize {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        FleetSize { sites: count(self.sites.len()), devices: count(self.devices.len()) }
    }

    pub(super) fn put_sites(&mut self, sites: &[SiteRecord]) {
        self.sites.extend(sites.iter().map(|site| (site.code.clone(), site.clone())));
    }

    pub(super) fn put_devices(&mut self, devices: &[DeviceRecord]) {
        for record in devices {
            let papers = Papers {
                installed_on: record.installed_on,
                warranty_until: record.warranty_until,
                serial: record.serial.clone(),
                asset_tag: record.asset_tag.clone(),
            };
            let papers = (papers != Papers::default()).then(|| Box::new(papers));
            let (site, lifecycle) = (record.site.clone(), record.lifecycle);
            let device = Device { site: site.clone(), lifecycle, attributes: self.share(&record.attributes), papers };
            let before = self.devices.insert(record.code.clone(), device).and_then(|before| before.site);
            if before == site {
                continue;
            }
            if let Some(at) = before.and_then(|left| self.at_site.get_mut(&left)) {
                at.remove(&record.code);
            }
            if let Some(site) = site {
                self.at_site.entry(site).or_default().insert(record.code.clone());
            }
        }
    }

    fn share(&mut self, attributes: &Attributes) -> Arc<Attributes> {
        if let Some(known) = self.shared.get(attributes) {
            return Arc::clone(known);
        }
        let fresh = Arc::new(attributes.clone());
        self.shared.insert(Arc::clone(&fresh));
        fresh
    }
}
