//! A row laid over the record that is registered: fields the file has no column for stay as they are, and what differs is named.

use super::{DeviceRow, FieldChange, SiteRow};
use domain::fleet::{Attributes, Lifecycle};
use domain::{DeviceRecord, SiteRecord};
use std::collections::BTreeSet;

/// The record to register for a site that is registered as `old`.
pub(super) fn site(old: &SiteRecord, row: &SiteRow, columns: &BTreeSet<String>) -> SiteRecord {
    let (has, new) = (|field: &str| columns.contains(field), &row.record);
    let pick = |field, new: &Option<String>, old: &Option<String>| if has(field) { new.clone() } else { old.clone() };
    SiteRecord {
        code: new.code.clone(),
        name: pick("name", &new.name, &old.name),
        region: if has("region") { new.region.clone() } else { old.region.clone() },
        position: if has("latitude") || has("longitude") { new.position } else { old.position },
        timezone: pick("timezone", &new.timezone, &old.timezone),
        opening_hours: if has("opening_hours") { new.opening_hours.clone() } else { old.opening_hours.clone() },
        turnover_per_day: if has("turnover_per_day") { new.turnover_per_day } else { old.turnover_per_day },
        address: pick("address", &new.address, &old.address),
        gln: pick("gln", &new.gln, &old.gln),
        goods_in_hours: pick("goods_in_hours", &new.goods_in_hours, &old.goods_in_hours),
        contact: old.contact.clone(),
        attributes: attributes(&old.attributes, &new.attributes, columns),
    }
}

/// The record to register for a device that is registered as `old`.
pub(super) fn device(old: &DeviceRecord, row: &DeviceRow, columns: &BTreeSet<String>) -> DeviceRecord {
    let (has, new) = (|field: &str| columns.contains(field), &row.record);
    DeviceRecord {
        code: new.code.clone(),
        site: if has("site") { new.site.clone() } else { old.site.clone() },
        lifecycle: if has("lifecycle") { new.lifecycle } else { lifecycle(old, new, has("site")) },
        installed_on: if has("installed_on") { new.installed_on } else { old.installed_on },
        warranty_until: if has("warranty_until") { new.warranty_until } else { old.warranty_until },
        serial: if has("serial") { new.serial.clone() } else { old.serial.clone() },
        asset_tag: if has("asset_tag") { new.asset_tag.clone() } else { old.asset_tag.clone() },
        attributes: attributes(&old.attributes, &new.attributes, columns),
    }
}

/// A file that does not speak of the lifecycle changes it only where a device in stock is given a site.
fn lifecycle(old: &DeviceRecord, new: &DeviceRecord, says_site: bool) -> Lifecycle {
    match old.lifecycle {
        Lifecycle::InStock | Lifecycle::Planned if says_site && new.site.is_some() && old.site.is_none() => {
            Lifecycle::InService
        }
        state => state,
    }
}

fn attributes(old: &Attributes, new: &Attributes, columns: &BTreeSet<String>) -> Attributes {
    let kept = old.iter().filter(|(name, _)| !columns.contains(*name));
    kept.chain(new).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// How two sites differ, contact aside.
pub(super) fn site_changes(old: &SiteRecord, new: &SiteRecord) -> Vec<FieldChange> {
    let mut changes = Changes::default();
    changes.field("name", old.name.clone(), new.name.clone());
    changes.field("region", text(old.region.as_ref()), text(new.region.as_ref()));
    changes.field("latitude", text(old.position.map(|p| p.latitude)), text(new.position.map(|p| p.latitude)));
    changes.field("longitude", text(old.position.map(|p| p.longitude)), text(new.position.map(|p| p.longitude)));
    changes.field("timezone", old.timezone.clone(), new.timezone.clone());
    let hours = |site: &SiteRecord| site.opening_hours.as_ref().map(|hours| hours.as_str().to_owned());
    changes.field("opening_hours", hours(old), hours(new));
    changes.field("turnover_per_day", text(old.turnover_per_day), text(new.turnover_per_day));
    changes.field("address", old.address.clone(), new.address.clone());
    changes.field("gln", old.gln.clone(), new.gln.clone());
    changes.field("goods_in_hours", old.goods_in_hours.clone(), new.goods_in_hours.clone());
    changes.attributes(&old.attributes, &new.attributes);
    changes.0
}

/// How two devices differ.
pub(super) fn device_changes(old: &DeviceRecord, new: &DeviceRecord) -> Vec<FieldChange> {
    let mut changes = Changes::default();
    changes.field("site", text(old.site.as_ref()), text(new.site.as_ref()));
    changes.field("lifecycle", Some(state(old.lifecycle)), Some(state(new.lifecycle)));
    changes.field("installed_on", text(old.installed_on), text(new.installed_on));
    changes.field("warranty_until", text(old.warranty_until), text(new.warranty_until));
    changes.field("serial", old.serial.clone(), new.serial.clone());
    changes.field("asset_tag", old.asset_tag.clone(), new.asset_tag.clone());
    changes.attributes(&old.attributes, &new.attributes);
    changes.0
}

#[derive(Default)]
struct Changes(Vec<FieldChange>);

impl Changes {
    fn field(&mut self, field: &str, from: Option<String>, to: Option<String>) {
        if from != to {
            self.0.push(FieldChange { field: field.to_owned(), from, to });
        }
    }

    fn attributes(&mut self, old: &Attributes, new: &Attributes) {
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            self.field(name, old.get(name).cloned(), new.get(name).cloned());
        }
    }
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn state(lifecycle: Lifecycle) -> String {
    let name = match lifecycle {
        Lifecycle::Planned => "planned",
        Lifecycle::InStock => "in_stock",
        Lifecycle::InService => "in_service",
        Lifecycle::InRepair => "in_repair",
        Lifecycle::Retired => "retired",
    };
    name.to_owned()
}
