//! Files of the fleet laid over what is registered, and carried out through the desk. The same for the page and the API.

use crate::security::Problem;
use crate::tickets::Files;
use crate::visit::Visit;
use desk::commands::ImportSite;
use domain::fleet::SiteContact;
use domain::{CustomerKey, DeviceCode, DeviceRecord, SiteCode, SiteRecord};
use ingest::fleet::{Change, FleetErrors, FleetFile, Plan, Planned, Registered, Totals, read_devices, read_sites};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// How many records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) added: u64,
    pub(crate) changed: u64,
    pub(crate) same: u64,
}

impl Counts {
    /// All of them.
    pub(crate) fn all(self) -> u64 {
        self.added + self.changed + self.same
    }
}

impl From<Totals> for Counts {
    fn from(totals: Totals) -> Self {
        Self { added: totals.new as u64, changed: totals.changed as u64, same: totals.unchanged as u64 }
    }
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    pub(crate) field: String,
    pub(crate) reason: String,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Every row is good.
    Good { sites: Counts, devices: Counts },
    /// Nothing is registered.
    Wrong { errors: Vec<Wrong>, more: u64 },
}

/// Reads both files, lays them over the fleet, and unless it is a dry run registers what differs.
pub(crate) fn run(visit: &Visit, files: &Files, dry_run: bool) -> Result<Outcome, Problem> {
    let mut errors = Vec::new();
    let mut more = 0;
    let sites = part("sites.csv", &files.sites, |bytes| read_sites(bytes, &files.customer), &mut errors, &mut more);
    let devices =
        part("devices.csv", &files.devices, |bytes| read_devices(bytes, &files.customer), &mut errors, &mut more);
    let (Some(sites), Some(devices)) = (sites, devices) else { return Ok(Outcome::Wrong { errors, more }) };
    let fleet = AsRegistered { visit };
    let plan = Plan::of(&sites, &devices, &fleet);
    errors.extend(plan.orphans.iter().map(|orphan| Wrong {
        file: "devices.csv",
        line: orphan.line,
        field: "site".into(),
        reason: format!("{:?} is neither registered nor in sites.csv", orphan.site.as_str()),
    }));
    errors.extend(strangers(visit, &plan));
    if !errors.is_empty() {
        return Ok(Outcome::Wrong { errors, more });
    }
    let outcome = Outcome::Good { sites: plan.site_totals().into(), devices: plan.device_totals().into() };
    if !dry_run {
        carry_out(visit, plan, &fleet)?;
    }
    Ok(outcome)
}

fn carry_out(visit: &Visit, plan: Plan, fleet: &AsRegistered<'_>) -> Result<(), Problem> {
    let (caller, now) = (visit.caller(), visit.now());
    let mut contacts: BTreeMap<_, _> =
        plan.contacts.into_iter().map(|(customer, site, contact)| ((customer, site), contact)).collect();
    let mut sites: BTreeMap<CustomerKey, Vec<ImportSite>> = BTreeMap::new();
    for planned in plan.sites {
        let key = (planned.customer, planned.record.code.clone());
        let fresh = contacts.remove(&key);
        if fresh.is_none() && planned.change == Change::Unchanged {
            continue;
        }
        // A file without columns for people leaves them as they are.
        let contact = fresh.or_else(|| fleet.contact(&key.0, &key.1)).unwrap_or_default();
        sites.entry(key.0).or_default().push(ImportSite { record: planned.record, contact });
    }
    for (customer, sites) in sites {
        visit.app.desk.import_sites(&caller, &customer, &sites, false, now)?;
    }
    let mut devices: BTreeMap<CustomerKey, Vec<DeviceRecord>> = BTreeMap::new();
    for Planned { customer, record, change, .. } in plan.devices {
        if change != Change::Unchanged {
            devices.entry(customer).or_default().push(record);
        }
    }
    for (customer, devices) in devices {
        visit.app.desk.import_devices(&caller, &customer, &devices, false, now)?;
    }
    Ok(())
}

fn part<R>(
    file: &'static str,
    bytes: &[u8],
    read: impl FnOnce(&[u8]) -> Result<FleetFile<R>, FleetErrors>,
    errors: &mut Vec<Wrong>,
    more: &mut u64,
) -> Option<FleetFile<R>> {
    if bytes.is_empty() {
        return Some(FleetFile::default());
    }
    match read(bytes) {
        Ok(read) => Some(read),
        Err(FleetErrors { faults, unlisted }) => {
            *more += unlisted;
            errors.extend(faults.into_iter().map(|fault| Wrong {
                file,
                line: fault.line.unwrap_or(0),
                field: fault.column.unwrap_or_default(),
                reason: fault.reason,
            }));
            None
        }
    }
}

/// Rows of customers that are not there, or not for this reader.
fn strangers(visit: &Visit, plan: &Plan) -> Vec<Wrong> {
    let known: BTreeSet<CustomerKey> = visit.app.desk.read(visit.scope(), |view| {
        view.customers().filter(|(_, part)| part.record.is_some()).map(|(key, _)| key.clone()).collect()
    });
    let wrong = |file, line, customer: &CustomerKey| Wrong {
        file,
        line,
        field: "customer".into(),
        reason: format!("{:?} is not registered", customer.as_str()),
    };
    let mut seen = BTreeSet::new();
    let rows = plan.sites.iter().map(|row| ("sites.csv", row.line, &row.customer));
    let rows = rows.chain(plan.devices.iter().map(|row| ("devices.csv", row.line, &row.customer)));
    let strange =
        rows.filter(|(file, _, customer)| !known.contains(*customer) && seen.insert((*file, (*customer).clone())));
    strange.map(|(file, line, customer)| wrong(file, line, customer)).collect()
}

/// The fleet as the reader sees it, looked at row by row so that nothing waits for a large import.
struct AsRegistered<'v> {
    visit: &'v Visit,
}

impl Registered for AsRegistered<'_> {
    fn site(&self, customer: &CustomerKey, code: &SiteCode) -> Option<Cow<'_, SiteRecord>> {
        let look = |view: &desk::View<'_>| view.customer(customer)?.fleet.site(code).cloned();
        self.visit.app.desk.read(self.visit.scope(), look).map(Cow::Owned)
    }

    fn device(&self, customer: &CustomerKey, code: &DeviceCode) -> Option<Cow<'_, DeviceRecord>> {
        let look = |view: &desk::View<'_>| view.customer(customer)?.fleet.device_record(code);
        self.visit.app.desk.read(self.visit.scope(), look).map(Cow::Owned)
    }

    fn contact(&self, customer: &CustomerKey, code: &SiteCode) -> Option<SiteContact> {
        let record = self.site(customer, code)?;
        self.visit.app.desk.contact(record.contact.as_ref()?)
    }
}
