//! A customer's registered fleet. Devices share their attribute sets: a thousand tills of one make hold them once.

use domain::fleet::{DeviceRecord, SiteRecord};
use domain::incident::FleetSize;
use domain::{Attributes, DeviceCode, SiteCode};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Papers {
    /// Day of installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installed_on: Option<Date>,
    /// Last day of warranty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warranty_until: Option<Date>,
    /// Serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The owner's inventory number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_tag: Option<String>,
}

/// Sites and devices of one customer.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    sites: BTreeMap<SiteCode, SiteRecord>,
    devices: BTreeMap<DeviceCode, Device>,
    at_site: BTreeMap<SiteCode, BTreeSet<DeviceCode>>,
    shared: BTreeSet<Arc<Attributes>>,
}

/// Two fleets are the same when the same stands in them, whatever else stood there once.
impl PartialEq for Fleet {
    fn eq(&self, other: &Self) -> bool {
        let Self { sites, devices, at_site, shared: _ } = self;
        *sites == other.sites && *devices == other.devices && *at_site == other.at_site
    }
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
            if let Some(left) = before {
                self.leave(&left, &record.code);
            }
            if let Some(site) = site {
                self.at_site.entry(site).or_default().insert(record.code.clone());
            }
        }
    }

    fn leave(&mut self, site: &SiteCode, device: &DeviceCode) {
        let Some(at) = self.at_site.get_mut(site) else { return };
        at.remove(device);
        if at.is_empty() {
            self.at_site.remove(site);
        }
    }

    /// A fleet of these, with the sets of attributes that the devices share.
    pub(crate) fn of(
        sites: Vec<SiteRecord>,
        devices: Vec<(DeviceCode, Device)>,
        shared: BTreeSet<Arc<Attributes>>,
    ) -> Self {
        let mut at_site: BTreeMap<SiteCode, BTreeSet<DeviceCode>> = BTreeMap::new();
        for (code, site) in devices.iter().filter_map(|(code, device)| Some((code, device.site.as_ref()?))) {
            match at_site.get_mut(site) {
                Some(at) => drop(at.insert(code.clone())),
                None => drop(at_site.insert(site.clone(), BTreeSet::from([code.clone()]))),
            }
        }
        let sites = sites.into_iter().map(|site| (site.code.clone(), site)).collect();
        Self { sites, devices: devices.into_iter().collect(), at_site, shared }
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
