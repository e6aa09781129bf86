//! Registering customers, sites and devices. An import goes in whole or not at all, in parts that fit an event; records that
//! are registered just so already make no event.

use crate::caller::Caller;
use crate::codec::Draft;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::streams;
use crate::view::Text;
use crate::world::Part;
use domain::account::Role;
use domain::event::{DevicesImported, Event, SitesImported};
use domain::fleet::SiteContact;
use domain::{CustomerKey, CustomerRecord, DeviceRecord, PersonalRef, RowScope, SiteRecord};
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::{Expected, VaultError};

/// So many records go into one event: at a kilobyte or two each, far below its bound.
const PER_EVENT: usize = 500;
/// The most records of one import.
const MAX_RECORDS: usize = 2_000_000;

/// A site to be registered, with the people there.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportSite {
    /// The record; its `contact` is filled in by the desk.
    pub record: SiteRecord,
    /// Personal data, for the vault.
    pub contact: SiteContact,
}

/// What an import did, or in a dry run would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// New records.
    pub added: usize,
    /// Records that differ from what was registered.
    pub changed: usize,
    /// Records that were registered just so.
    pub unchanged: usize,
}

impl Desk {
    /// Registers a customer or changes its record.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn register_customer(&self, caller: &Caller, record: &CustomerRecord, now: Timestamp) -> Result<(), DeskError> {
        caller.may(Role::Admin)?;
        caller.sees(&record.key)?;
        super::label("name", &record.name, 120)?;
        if jiff::tz::TimeZone::get(&record.timezone).is_err() {
            return Err(DeskError::invalid("timezone", format!("{:?} is no IANA time zone", record.timezone)));
        }
        self.run(&caller.actor, now, |world| {
            let before = world.parts.get(&record.key).and_then(|part| part.record.as_ref());
            if before == Some(record) {
                return Ok((vec![], ()));
            }
            Ok((vec![draft(&record.key, Event::CustomerRegistered(record.clone()))], ()))
        })
    }

    /// Registers sites. With `dry_run` nothing is recorded.
    ///
    /// # Errors
    /// [`DeskError`] says why not; then none is registered.
    pub fn import_sites(
        &self,
        caller: &Caller,
        customer: &CustomerKey,
        sites: &[ImportSite],
        dry_run: bool,
        now: Timestamp,
    ) -> Result<Imported, DeskError> {
        self.may_import(caller, customer, sites.len())?;
        once("site", sites.iter().map(|site| site.record.code.as_str()))?;
        let mut records = Vec::with_capacity(sites.len());
        for site in sites {
            let before = self.site_before(customer, site);
            let kept = before.as_ref().and_then(|record| record.contact.clone());
            let contact = if dry_run {
                self.contact_if_same(kept.as_ref(), &site.contact)
            } else {
                self.keep_contact(customer, site, kept.as_ref())?
            };
            records.push((SiteRecord { contact, ..site.record.clone() }, dry_run && !site.contact.is_empty()));
        }
        self.run(&caller.actor, now, |world| {
            let part = registered(world.parts.get(customer), customer)?;
            let mut imported = Imported::default();
            let mut fresh = Vec::new();
            for (record, contact_pending) in &records {
                let before = part.fleet.site(&record.code);
                let same = before == Some(record) && !(*contact_pending && record.contact.is_none());
                if imported.count(before.is_some(), same) {
                    fresh.push(record.clone());
                }
            }
            let chunks = fresh
                .chunks(PER_EVENT)
                .map(|chunk| Event::SitesImported(SitesImported { customer: customer.clone(), sites: chunk.to_vec() }));
            let drafts = if dry_run { vec![] } else { chunks.map(|event| draft(customer, event)).collect() };
            Ok((drafts, imported))
        })
    }

    /// Registers devices, whose sites must be registered. With `dry_run` nothing is recorded.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] names a device at a site that nobody registered; then none is registered.
    pub fn import_devices(
        &self,
        caller: &Caller,
        customer: &CustomerKey,
        devices: &[DeviceRecord],
        dry_run: bool,
        now: Timestamp,
    ) -> Result<Imported, DeskError> {
        self.may_import(caller, customer, devices.len())?;
        once("device", devices.iter().map(|device| device.code.as_str()))?;
        self.run(&caller.actor, now, |world| {
            let part = registered(world.parts.get(customer), customer)?;
            let mut imported = Imported::default();
            let mut fresh = Vec::new();
            for device in devices {
                if let Some(site) = device.site.as_ref().filter(|site| part.fleet.site(site).is_none()) {
                    let reason = format!("{site:?} of device {:?} is not registered", device.code.as_str());
                    return Err(DeskError::invalid("site", reason));
                }
                let before = part.fleet.device_record(&device.code);
                if imported.count(before.is_some(), before.as_ref() == Some(device)) {
                    fresh.push(device.clone());
                }
            }
            let chunks = fresh.chunks(PER_EVENT).map(|chunk| {
                Event::DevicesImported(DevicesImported { customer: customer.clone(), devices: chunk.to_vec() })
            });
            let drafts = if dry_run { vec![] } else { chunks.map(|event| draft(customer, event)).collect() };
            Ok((drafts, imported))
        })
    }

    fn may_import(&self, caller: &Caller, customer: &CustomerKey, records: usize) -> Result<(), DeskError> {
        caller.may(Role::Admin)?;
        caller.sees(customer)?;
        registered(self.world().parts.get(customer), customer)?;
        if records > MAX_RECORDS {
            return Err(DeskError::invalid("import", format!("has more than {MAX_RECORDS} records")));
        }
        Ok(())
    }

    fn site_before(&self, customer: &CustomerKey, site: &ImportSite) -> Option<SiteRecord> {
        self.world().parts.get(customer)?.fleet.site(&site.record.code).cloned()
    }

    /// The reference to a site's contact: the one there is when it says the same, else a new one.
    fn keep_contact(
        &self,
        customer: &CustomerKey,
        site: &ImportSite,
        kept: Option<&PersonalRef>,
    ) -> Result<Option<PersonalRef>, DeskError> {
        if site.contact.is_empty() {
            return Ok(None);
        }
        if let Some(same) = self.contact_if_same(kept, &site.contact) {
            return Ok(Some(same));
        }
        let text = contact_text(&site.contact);
        match self.keep(&streams::site_subject(customer, &site.record.code), "contact", &text) {
            Ok(reference) => Ok(Some(reference)),
            // Who asked to be forgotten is not put in again by a file.
            Err(DeskError::Vault(VaultError::SubjectErased(_))) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn contact_if_same(&self, kept: Option<&PersonalRef>, contact: &SiteContact) -> Option<PersonalRef> {
        let kept = kept?;
        match self.text(kept) {
            Text::Plain(text) if text == contact_text(contact) => Some(kept.clone()),
            Text::Plain(_) | Text::Erased | Text::Unreadable => None,
        }
    }
}

impl Imported {
    /// Counts a record; true when it is to be recorded.
    fn count(&mut self, known: bool, same: bool) -> bool {
        match (known, same) {
            (true, true) => self.unchanged += 1,
            (true, false) => self.changed += 1,
            (false, _) => self.added += 1,
        }
        !(known && same)
    }
}

/// A contact as the vault holds it. All its fields are texts, which always have a JSON form.
fn contact_text(contact: &SiteContact) -> String {
    serde_json::to_string(contact).unwrap_or_default()
}

fn registered<'w>(part: Option<&'w Part>, customer: &CustomerKey) -> Result<&'w Part, DeskError> {
    part.filter(|part| part.record.is_some())
        .ok_or_else(|| DeskError::NotFound { what: "customer", id: customer.to_string() })
}

fn once<'a>(field: &'static str, codes: impl Iterator<Item = &'a str>) -> Result<(), DeskError> {
    let mut seen = BTreeSet::new();
    for code in codes {
        if !seen.insert(code) {
            return Err(DeskError::invalid(field, format!("{code:?} stands in the import twice")));
        }
    }
    Ok(())
}

fn draft(customer: &CustomerKey, event: Event) -> Draft {
    Draft {
        stream: streams::fleet(customer),
        expected: Expected::Any,
        scope: RowScope::Customer(customer.clone()),
        cause: None,
        event,
    }
}
