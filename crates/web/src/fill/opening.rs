//! When the sites of a finding are open: costs go on only then. Where no hours are registered, when the whole fleet usually sells.

use crate::board::hours_of;
use crate::charts::{self, Curve};
use crate::hours::{Doors, Hours};
use crate::view::AllShut;
use crate::visit::Visit;
use desk::world::Part;
use domain::SiteCode;
use jiff::Timestamp;
use std::cell::OnceCell;
use std::sync::Arc;

/// Below this share of its sites a finding counts as shut: a shop or two may never shut.
const HARDLY_ANY_OPEN: f64 = 0.01;

/// The opening hours of a set of sites, each with how many sites share it; none where they are not registered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opening(Vec<(u32, Option<Hours>)>);

impl Opening {
    /// Of these sites.
    pub(crate) fn of<'c>(part: &Part, sites: impl Iterator<Item = &'c SiteCode>) -> Self {
        let mut groups: Vec<(u32, Option<Hours>)> = Vec::new();
        for site in sites.filter_map(|code| part.fleet.site(code)) {
            let known = hours_of(part, site);
            let same = |group: &&mut (u32, Option<Hours>)| match (&group.1, known) {
                (Some(hours), Some((wanted, zone))) => hours.are(wanted, zone),
                (None, None) => true,
                _ => false,
            };
            match groups.iter_mut().find(same) {
                Some((sites, _)) => *sites += 1,
                None => groups.push((1, known.and_then(|(hours, zone)| Hours::new(hours, zone)))),
            }
        }
        Self(groups)
    }

    fn mean(&self, value: impl Fn(Option<&Hours>) -> f64) -> Option<f64> {
        let sites: u32 = self.0.iter().map(|(sites, _)| sites).sum();
        let sum: f64 = self.0.iter().map(|(sites, hours)| f64::from(*sites) * value(hours.as_ref())).sum();
        (sites > 0).then(|| sum / f64::from(sites))
    }

    fn opens_after(&self, at: Timestamp) -> Option<Timestamp> {
        self.0.iter().filter_map(|(_, hours)| hours.as_ref()?.opens_after(at)).min()
    }
}

/// The hours of an [`Opening`] against the present.
pub(crate) struct OpenNow<'v> {
    visit: &'v Visit,
    usual: OnceCell<Option<Arc<Curve>>>,
}

impl<'v> OpenNow<'v> {
    pub(crate) fn of(visit: &'v Visit) -> Self {
        Self { visit, usual: OnceCell::new() }
    }

    /// Share of the sites that are open at a moment.
    fn share(&self, opening: &Opening, at: Timestamp) -> f64 {
        let share = opening.mean(|hours| match hours {
            Some(hours) => f64::from(u8::from(!matches!(hours.doors(at), Doors::Shut(_)))),
            None => f64::from(u8::from(self.usually_sells(at))),
        });
        share.unwrap_or(1.0)
    }

    /// Whether none of the sites is open now, and when the first of them opens.
    pub(crate) fn all_shut(&self, opening: &Opening) -> Option<AllShut> {
        let now = self.visit.now();
        (self.share(opening, now) < HARDLY_ANY_OPEN).then(|| AllShut { opens_at: opening.opens_after(now) })
    }

    /// What a rate said at `from` is now, as a factor: less while only some are still open.
    pub(crate) fn factor(&self, opening: &Opening, from: Timestamp) -> f64 {
        let (then, now) = (self.share(opening, from), self.share(opening, self.visit.now()));
        if then > 0.0 { (now / then).min(1.0) } else { 1.0 }
    }

    /// Hours at the rate said at `from` that have passed since: time in which sites are shut costs nothing.
    pub(crate) fn hours_since(&self, opening: &Opening, from: Timestamp) -> f64 {
        let now = self.visit.now();
        let passed = now.duration_since(from).as_secs_f64().max(0.0);
        let open = opening.mean(|hours| match hours {
            Some(hours) => hours.open_s(from, now),
            None => self.usual().map_or(passed, |curve| curve.busy_s(from, now)),
        });
        let then = self.share(opening, from);
        let open = open.unwrap_or(passed);
        (if then > 0.0 { open / then } else { open }).min(passed) / 3_600.0
    }

    fn usually_sells(&self, at: Timestamp) -> bool {
        self.usual().is_none_or(|curve| curve.is_busy(at))
    }

    fn usual(&self) -> Option<&Arc<Curve>> {
        self.usual.get_or_init(|| charts::curve(self.visit, "fleet").ok()).as_ref()
    }
}
