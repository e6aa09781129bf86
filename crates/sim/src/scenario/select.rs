//! Whom a break hits: devices and sites by terms on their attributes, and a share of them.

use crate::dice::{Purpose, draw};
use crate::world::World;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Whom a break hits: devices that satisfy all terms, at sites that do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Terms on the device, on its site where the device has no such attribute.
    #[serde(default)]
    pub devices: Terms,
    /// Terms on the site.
    #[serde(default)]
    pub sites: Terms,
    /// This share of the devices that qualify, chosen by chance.
    #[serde(default = "all")]
    pub share: f64,
    /// At most so many sites, chosen by chance.
    #[serde(default)]
    pub sites_max: Option<usize>,
    /// At most so many devices, chosen by chance.
    #[serde(default)]
    pub devices_max: Option<usize>,
}

fn all() -> f64 {
    1.0
}

/// Terms that must all hold: `type=till`, `model=HS-200|HS-300`, `format!=city`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Terms(pub Vec<String>);

/// Why a text is no term.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a term such as type=till, model=HS-200|HS-300 or format!=city")]
pub struct BadTerm(String);

/// A term taken apart: name, whether values are wanted or unwanted, the values.
type Parts<'a> = (&'a str, bool, &'a str);

fn parts(term: &str) -> Result<Parts<'_>, BadTerm> {
    let (name, values) = term.split_once('=').ok_or_else(|| BadTerm(term.to_owned()))?;
    let (name, wanted) = name.strip_suffix('!').map_or((name, true), |n| (n, false));
    if name.trim().is_empty() || values.split('|').any(str::is_empty) {
        return Err(BadTerm(term.to_owned()));
    }
    Ok((name.trim(), wanted, values))
}

impl Terms {
    /// Whether every term is one.
    ///
    /// # Errors
    /// [`BadTerm`] with the first that is not.
    pub fn check(&self) -> Result<(), BadTerm> {
        self.0.iter().try_for_each(|t| parts(t).map(|_| ()))
    }

    /// Whether a device satisfies all terms.
    #[must_use]
    pub fn hold(&self, world: &World, device: usize) -> bool {
        self.0.iter().all(|term| {
            parts(term).is_ok_and(|(name, wanted, values)| {
                let is = world.attribute(device, name);
                values.split('|').any(|v| is == Some(v)) == wanted
            })
        })
    }
}

impl Select {
    /// The devices hit, by index. The same key chooses the same ones.
    #[must_use]
    pub fn devices(&self, world: &World, key: u64) -> Vec<usize> {
        let lot = |what: u64, i: usize| draw(world.config.seed ^ key, Purpose::Hit, what, i as u64);
        let mut chosen: Vec<usize> =
            (0..world.devices.len()).filter(|d| self.devices.hold(world, *d) && self.sites.hold(world, *d)).collect();
        if let Some(max) = self.sites_max {
            let mut sites: BTreeMap<u64, usize> = BTreeMap::new();
            for d in &chosen {
                let site = world.devices[*d].site;
                sites.insert(lot(1, site), site);
            }
            let kept: Vec<usize> = sites.into_values().take(max).collect();
            chosen.retain(|d| kept.contains(&world.devices[*d].site));
        }
        let by_share = libm::round(chosen.len() as f64 * self.share) as usize;
        let keep = by_share.min(self.devices_max.unwrap_or(usize::MAX));
        if keep < chosen.len() {
            chosen.sort_by_key(|d| lot(2, *d));
            chosen.truncate(keep);
            chosen.sort_unstable();
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::WorldConfig;

    #[test]
    fn terms_choose_by_device_and_by_site() {
        let world = World::new(&WorldConfig { sites: 60, ..WorldConfig::default() }).unwrap();
        let terms = |t: &[&str]| Terms(t.iter().map(|s| (*s).to_owned()).collect());
        let select = |devices, sites| Select { devices, sites, share: 1.0, sites_max: None, devices_max: None };
        let all = select(terms(&["type=till|self-scanner"]), terms(&["format!=city"])).devices(&world, 0);
        assert!(!all.is_empty());
        for d in &all {
            assert_ne!(world.attribute(*d, "type"), Some("server"));
            assert_ne!(world.attribute(*d, "format"), Some("city"));
        }
        let half = Select { share: 0.5, ..select(terms(&["type=till"]), terms(&[])) }.devices(&world, 0);
        let whole = select(terms(&["type=till"]), terms(&[])).devices(&world, 0);
        assert_eq!(half.len(), (whole.len() as f64 / 2.0).round() as usize);
        let few = Select { sites_max: Some(3), ..select(terms(&["type=till"]), terms(&[])) }.devices(&world, 0);
        let sites: std::collections::BTreeSet<_> = few.iter().map(|d| world.devices[*d].site).collect();
        assert_eq!(sites.len(), 3);
    }

    #[test]
    fn what_is_no_term_is_named() {
        for text in ["till", "=x", "type=", "type=a||b"] {
            assert_eq!(Terms(vec![text.into()]).check(), Err(BadTerm(text.into())));
        }
    }
}
