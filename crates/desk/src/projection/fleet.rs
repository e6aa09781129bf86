//! Devices as a line of a snapshot holds them: a row each, with their sites and their sets of attributes by number.

use crate::world::fleet::{Device, Papers};
use domain::fleet::{Attributes, Lifecycle};
use domain::{DeviceCode, SiteCode};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Devices of one customer.
#[derive(Serialize, Deserialize)]
pub(crate) struct Devices<'a> {
    /// Sets of attributes that occur.
    attributes: Vec<Cow<'a, Attributes>>,
    /// Sites at which they stand.
    sites: Vec<Cow<'a, SiteCode>>,
    rows: Vec<Row<'a>>,
}

/// Code, number of the site, state of life, number of the attributes, papers.
#[derive(Serialize, Deserialize)]
struct Row<'a>(
    Cow<'a, DeviceCode>,
    Option<usize>,
    Lifecycle,
    usize,
    #[serde(default, skip_serializing_if = "Option::is_none")] Option<Cow<'a, Papers>>,
);

impl<'a> Devices<'a> {
    pub(crate) fn of(devices: &[(&'a DeviceCode, &'a Device)]) -> Self {
        let (mut attributes, mut sites) = (Numbered::default(), Numbered::default());
        let row = |(code, device): &(&'a DeviceCode, &'a Device)| {
            let site = device.site.as_ref().map(|site| sites.number(site.as_str(), site));
            // Sets that are alike are one set in memory.
            let set = attributes.number(Arc::as_ptr(&device.attributes), &*device.attributes);
            let papers = device.papers.as_deref().map(Cow::Borrowed);
            Row(Cow::Borrowed(*code), site, device.lifecycle, set, papers)
        };
        let rows = devices.iter().map(row).collect();
        let borrowed = |site: &'a SiteCode| Cow::Borrowed(site);
        Self {
            attributes: attributes.things.into_iter().map(Cow::Borrowed).collect(),
            sites: sites.things.into_iter().map(borrowed).collect(),
            rows,
        }
    }

    /// The devices, with sets of attributes that are alike in `shared` once; none when a number leads nowhere.
    pub(crate) fn into_devices(self, shared: &mut BTreeSet<Arc<Attributes>>) -> Option<Vec<(DeviceCode, Device)>> {
        let share = |set: Cow<'_, Attributes>| match shared.get(&*set) {
            Some(known) => Arc::clone(known),
            None => {
                let fresh = Arc::new(set.into_owned());
                shared.insert(Arc::clone(&fresh));
                fresh
            }
        };
        let attributes: Vec<_> = self.attributes.into_iter().map(share).collect();
        let device = |Row(code, site, lifecycle, set, papers): Row<'_>| {
            let site = match site {
                Some(number) => Some(self.sites.get(number)?.clone().into_owned()),
                None => None,
            };
            let attributes = Arc::clone(attributes.get(set)?);
            let papers = papers.map(|papers| Box::new(papers.into_owned()));
            Some((code.into_owned(), Device { site, lifecycle, attributes, papers }))
        };
        self.rows.into_iter().map(device).collect()
    }
}

/// Things numbered in the order in which they come, each once.
struct Numbered<'a, K, T: ?Sized> {
    numbers: HashMap<K, usize>,
    things: Vec<&'a T>,
}

impl<K, T: ?Sized> Default for Numbered<'_, K, T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), things: Vec::new() }
    }
}

impl<'a, K: std::hash::Hash + Eq, T: ?Sized> Numbered<'a, K, T> {
    fn number(&mut self, key: K, thing: &'a T) -> usize {
        *self.numbers.entry(key).or_insert_with(|| {
            self.things.push(thing);
            self.things.len() - 1
        })
    }
}
