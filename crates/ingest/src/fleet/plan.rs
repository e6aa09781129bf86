//! What an import would change, before it does: the dry run, and the records that it would register.

use super::{DeviceRow, FleetFile, SiteRow, overlay};
use domain::fleet::SiteContact;
use domain::{CustomerKey, DeviceCode, DeviceRecord, SiteCode, SiteRecord};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The fleet as it is registered, for a [`Plan`] to be laid against.
pub trait Registered {
    /// A site.
    fn site(&self, customer: &CustomerKey, code: &SiteCode) -> Option<Cow<'_, SiteRecord>>;
    /// A device.
    fn device(&self, customer: &CustomerKey, code: &DeviceCode) -> Option<Cow<'_, DeviceRecord>>;
    /// The people of a site as the vault has them. Without it, those that the file has no column for would be lost.
    fn contact(&self, customer: &CustomerKey, code: &SiteCode) -> Option<SiteContact>;
}

/// What an import would do.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Sites, in the order of the file.
    pub sites: Vec<Planned<SiteRecord>>,
    /// Devices, in the order of the file.
    pub devices: Vec<Planned<DeviceRecord>>,
    /// Contacts to put in the vault: whose, and what.
    pub contacts: Vec<(CustomerKey, SiteCode, SiteContact)>,
    /// Devices whose site is neither registered nor in the file. An import with any is refused.
    pub orphans: Vec<Orphan>,
}

/// What becomes of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned<R> {
    /// Its line.
    pub line: u32,
    /// Whose.
    pub customer: CustomerKey,
    /// The record to register, whole: the row laid over what is registered.
    pub record: R,
    /// How that differs from what is registered.
    pub change: Change,
}

/// How a record differs from what is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing is registered under its code.
    New,
    /// These fields differ.
    Changed(Vec<FieldChange>),
    /// It is registered just so.
    Unchanged,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name; an attribute by its own.
    pub field: String,
    /// What is registered.
    pub from: Option<String>,
    /// What would be.
    pub to: Option<String>,
}

/// A device whose site is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// Its line in `devices.csv`.
    pub line: u32,
    /// Whose.
    pub customer: CustomerKey,
    /// The device.
    pub device: DeviceCode,
    /// The site that is not there.
    pub site: SiteCode,
}

/// How many rows are new, changed and unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Not registered before.
    pub new: usize,
    /// Different from before.
    pub changed: usize,
    /// As before.
    pub unchanged: usize,
}

impl Plan {
    /// Lays files over the registered fleet. Either file may be [`Default`]: nothing of its kind.
    pub fn of(sites: &FleetFile<SiteRow>, devices: &FleetFile<DeviceRow>, fleet: &impl Registered) -> Self {
        let mut plan = Self::default();
        let mut coming = BTreeSet::new();
        for row in &sites.rows {
            coming.insert((&row.customer, &row.record.code));
            plan.contacts.extend(contact(row, &sites.columns, fleet));
            plan.sites.push(plan_site(row, &sites.columns, fleet));
        }
        for row in &devices.rows {
            let planned = plan_device(row, &devices.columns, fleet);
            if let Some(site) = &planned.record.site
                && !coming.contains(&(&row.customer, site))
                && fleet.site(&row.customer, site).is_none()
            {
                let (customer, device) = (row.customer.clone(), row.record.code.clone());
                plan.orphans.push(Orphan { line: row.line, customer, device, site: site.clone() });
            }
            plan.devices.push(planned);
        }
        plan
    }

    /// Sites by what becomes of them.
    #[must_use]
    pub fn site_totals(&self) -> Totals {
        totals(self.sites.iter().map(|planned| &planned.change))
    }

    /// Devices by what becomes of them.
    #[must_use]
    pub fn device_totals(&self) -> Totals {
        totals(self.devices.iter().map(|planned| &planned.change))
    }

    /// Whether carrying it out would change nothing.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let (sites, devices) = (self.site_totals(), self.device_totals());
        sites.new + sites.changed + devices.new + devices.changed + self.contacts.len() == 0
    }
}

fn totals<'a>(changes: impl Iterator<Item = &'a Change>) -> Totals {
    changes.fold(Totals::default(), |mut totals, change| {
        match change {
            Change::New => totals.new += 1,
            Change::Changed(_) => totals.changed += 1,
            Change::Unchanged => totals.unchanged += 1,
        }
        totals
    })
}

fn plan_site(row: &SiteRow, columns: &BTreeSet<String>, fleet: &impl Registered) -> Planned<SiteRecord> {
    let (record, change) = match fleet.site(&row.customer, &row.record.code) {
        None => (row.record.clone(), Change::New),
        Some(old) => {
            let record = overlay::site(&old, row, columns);
            let changes = overlay::site_changes(&old, &record);
            (record, changed(changes))
        }
    };
    Planned { line: row.line, customer: row.customer.clone(), record, change }
}

fn plan_device(row: &DeviceRow, columns: &BTreeSet<String>, fleet: &impl Registered) -> Planned<DeviceRecord> {
    let (record, change) = match fleet.device(&row.customer, &row.record.code) {
        None => (row.record.clone(), Change::New),
        Some(old) => {
            let record = overlay::device(&old, row, columns);
            let changes = overlay::device_changes(&old, &record);
            (record, changed(changes))
        }
    };
    Planned { line: row.line, customer: row.customer.clone(), record, change }
}

fn changed(changes: Vec<FieldChange>) -> Change {
    if changes.is_empty() { Change::Unchanged } else { Change::Changed(changes) }
}

/// The contact to put in the vault for a row: what the file says over what is there, if that differs.
fn contact(
    row: &SiteRow,
    columns: &BTreeSet<String>,
    fleet: &impl Registered,
) -> Option<(CustomerKey, SiteCode, SiteContact)> {
    let old = fleet.contact(&row.customer, &row.record.code).unwrap_or_default();
    let pick = |field: &str, new: &Option<String>, old: &Option<String>| {
        if columns.contains(field) { new.clone() } else { old.clone() }
    };
    let new = SiteContact {
        phone: pick("phone", &row.contact.phone, &old.phone),
        manager: pick("manager", &row.contact.manager, &old.manager),
        manager_phone: pick("manager_phone", &row.contact.manager_phone, &old.manager_phone),
        email: pick("email", &row.contact.email, &old.email),
    };
    (new != old).then(|| (row.customer.clone(), row.record.code.clone(), new))
}
