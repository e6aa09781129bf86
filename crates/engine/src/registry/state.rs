//! The registry as a snapshot keeps it.

use super::{Customer, Devices, Member, Registry, Series, Site};
use crate::clock::Zone;
use detect::explain::AttributeTable;
use domain::{Currency, CustomerKey};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Everything that is registered and observed.
#[derive(Debug, Serialize, Deserialize)]
pub struct RegistryState {
    customers: Vec<(CustomerKey, Currency, String)>,
    sites: Vec<Site>,
    members: Vec<Member>,
    attributes: Vec<TableColumn>,
    displaced: Vec<TableColumn>,
    zones: Vec<String>,
    series: Vec<Series>,
}

/// One column of a table: name, values, and the value's number plus one for each unit (0: none).
type TableColumn = (String, Vec<String>, Vec<u32>);

impl Registry {
    /// For a snapshot.
    #[must_use]
    pub fn state(&self) -> RegistryState {
        RegistryState {
            customers: self.customers.iter().map(|c| (c.key.clone(), c.currency, c.timezone.clone())).collect(),
            sites: self.sites.clone(),
            members: self.members.clone(),
            attributes: columns(&self.attributes),
            displaced: columns(&self.displaced),
            zones: self.zones.iter().map(|z| z.name().to_owned()).collect(),
            series: self.series.clone(),
        }
    }

    /// From a snapshot.
    #[must_use]
    pub fn restore(state: RegistryState) -> Self {
        let mut registry = Self::default();
        for (key, currency, timezone) in state.customers {
            let ix = registry.customer(&key) as usize;
            let customer: &mut Customer = &mut registry.customers[ix];
            (customer.currency, customer.timezone) = (currency, timezone);
        }
        for (ix, site) in state.sites.iter().enumerate() {
            registry.customers[site.customer as usize].sites.insert(site.code.clone(), ix as u32);
        }
        for (ix, series) in state.series.iter().enumerate() {
            registry.customers[series.customer as usize].series.push(ix as u32);
        }
        (registry.sites, registry.series, registry.members) = (state.sites, state.series, state.members);
        for (ix, member) in registry.members.iter().enumerate() {
            let devices: &mut Devices = &mut registry.customers[member.customer as usize].devices;
            devices.add(&registry.members, ix as u32);
        }
        for table in [&mut registry.attributes, &mut registry.displaced] {
            for _ in &registry.members {
                // There were so many before.
                let _ = table.add_unit();
            }
        }
        fill(&mut registry.attributes, state.attributes);
        fill(&mut registry.displaced, state.displaced);
        registry.zones = state.zones.iter().map(|z| Zone::new(z)).collect();
        registry
    }
}

fn columns(table: &AttributeTable) -> Vec<TableColumn> {
    table
        .attributes()
        .map(|(column, name)| {
            let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
            let mut values = Vec::new();
            let codes = (0..table.units())
                .map(|unit| {
                    table.value(unit, column).map_or(0, |value| {
                        *numbers.entry(value).or_insert_with(|| {
                            values.push(value.to_owned());
                            values.len() as u32
                        })
                    })
                })
                .collect();
            (name.to_owned(), values, codes)
        })
        .collect()
}

fn fill(table: &mut AttributeTable, columns: Vec<TableColumn>) {
    for (name, values, codes) in columns {
        let column = table.column(&name);
        for (unit, code) in codes.into_iter().enumerate() {
            let value = (code as usize).checked_sub(1).and_then(|at| values.get(at));
            if let Some(value) = value {
                // The units were added before.
                let _ = table.set(unit as u32, column, Some(value));
            }
        }
    }
}
