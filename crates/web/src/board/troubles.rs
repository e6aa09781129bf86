//! What open findings say of sites and devices. A finding that names some of a site's devices says nothing of the others: such a
//! site is partly hit, until its own sales are seen to have stopped.

use super::{Activity, Picture, SiteState};
use desk::View;
use desk::world::Part;
use desk::world::fleet::Device;
use domain::finding::Contact;
use domain::fleet::Lifecycle;
use domain::report::ReportPolicy;
use domain::{CustomerKey, DeviceCode, Finding, FindingKind, SiteCode};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A site that sells this share of what is expected has not stopped, whatever findings say of all of it.
const STILL_SELLING: f64 = 0.1;
/// Symptoms that speak of devices which sell.
const SELLING: [&str; 2] = ["self_scanning", "till"];

/// What findings say of one site.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Said {
    /// The worst of what is said of all of it; `Shut` where nothing is.
    whole: SiteState,
    /// Whether something is said of some of its devices only.
    partly: bool,
    /// When the latest of those began that say that it sells nothing.
    since: Timestamp,
}

/// What open findings say of sites and devices.
#[derive(Debug, Default)]
pub(crate) struct Troubles<'a> {
    sites: HashMap<(&'a CustomerKey, &'a SiteCode), Said>,
    devices: HashMap<(&'a CustomerKey, &'a DeviceCode), SiteState>,
    hit: HashMap<(&'a CustomerKey, &'a SiteCode), HashSet<&'a DeviceCode>>,
}

impl<'a> Troubles<'a> {
    /// Of all open findings that a view shows.
    pub(crate) fn of(view: &View<'a>) -> Self {
        let mut troubles = Self::default();
        let selling = types_that_sell(&view.policies().reports);
        for (customer, part) in view.customers() {
            for entry in part.findings.open() {
                troubles.add_devices(customer, part, &entry.latest);
            }
            for entry in part.findings.open() {
                troubles.add_sites(customer, part, &entry.latest, &selling);
            }
        }
        troubles
    }

    fn add_devices(&mut self, customer: &'a CustomerKey, part: &'a Part, finding: &'a Finding) {
        let Some(state) = state_of(finding) else { return };
        for code in finding.devices.iter().flatten() {
            worsen(self.devices.entry((customer, code)).or_insert(state), state);
            if let Some(site) = part.fleet.device(code).and_then(|device| device.site.as_ref()) {
                self.hit.entry((customer, site)).or_default().insert(code);
            }
        }
    }

    fn add_sites(&mut self, customer: &'a CustomerKey, part: &Part, finding: &'a Finding, selling: &BTreeSet<String>) {
        let Some(state) = state_of(finding) else { return };
        for site in &finding.sites {
            let whole = match state {
                SiteState::Silent | SiteState::Unsure => self.covers(customer, site, part, finding, |device| {
                    device.attributes.get("type").is_none_or(|kind| selling.contains(kind))
                }),
                // Devices that are not heard, at a site that is.
                SiteState::Unheard if finding.kind == FindingKind::Silence => {
                    self.covers(customer, site, part, finding, |_| true)
                }
                _ => true,
            };
            let since = finding.started_at;
            let said = Said { whole: SiteState::Shut, partly: false, since };
            let said = self.sites.entry((customer, site)).or_insert(said);
            said.since = said.since.max(since);
            if whole { worsen(&mut said.whole, state) } else { said.partly = true }
        }
    }

    /// Whether a finding takes in all of a site: it names the site, none of its devices, or all of those that matter.
    fn covers(
        &self,
        customer: &'a CustomerKey,
        site: &'a SiteCode,
        part: &Part,
        finding: &Finding,
        matters: impl Fn(&Device) -> bool,
    ) -> bool {
        let Some(hit) = self.hit.get(&(customer, site)) else { return true };
        let names_site = finding.explanation.iter().any(|term| term.attribute == "site");
        let mut working = part.fleet.devices_at(site).filter(|(_, device)| device.lifecycle == Lifecycle::InService);
        names_site || working.all(|(code, device)| hit.contains(code) || !matters(device))
    }

    /// How a site is doing. What it is seen to sell goes before what findings say, and nobody is missed at a shop that is shut.
    pub(crate) fn site(&self, picture: &Picture, customer: &CustomerKey, site: &SiteCode) -> SiteState {
        let activity = picture.site(customer, site);
        let Some(said) = self.sites.get(&(customer, site)) else {
            return activity.map_or(SiteState::Never, Activity::state);
        };
        if said.whole == SiteState::Unheard {
            return SiteState::Unheard;
        }
        if activity.is_some_and(Activity::is_shut) {
            return SiteState::Shut;
        }
        let sold = activity.and_then(|activity| activity.sold_since(said.since));
        match (said.whole, sold) {
            (SiteState::Silent | SiteState::Unsure, Some(sold)) if sold >= STILL_SELLING && !said.partly => {
                SiteState::Below
            }
            (SiteState::Silent | SiteState::Unsure, Some(sold)) if sold >= STILL_SELLING => SiteState::Partly,
            (SiteState::Silent | SiteState::Unsure, _) => said.whole,
            // A finding that names some of its devices, and nothing was sold by any.
            _ if said.partly && activity.is_some_and(|activity| activity.stopped_since(said.since)) => {
                SiteState::Silent
            }
            _ if said.partly => SiteState::Partly,
            (whole, _) => whole,
        }
    }

    /// Whether what a site sold last was sold before the disruption that it is said to be in, and says nothing of now.
    pub(crate) fn outdates(&self, sold_from: Timestamp, customer: &CustomerKey, site: &SiteCode) -> bool {
        let said = self.sites.get(&(customer, site));
        said.is_some_and(|said| said.whole <= SiteState::Unsure && sold_from < said.since)
    }

    /// What findings say of a device.
    pub(crate) fn device(&self, customer: &CustomerKey, device: &DeviceCode) -> Option<SiteState> {
        self.devices.get(&(customer, device)).copied()
    }

    /// How many devices of a site are hit.
    pub(crate) fn devices_hit(&self, customer: &CustomerKey, site: &SiteCode) -> u64 {
        self.hit.get(&(customer, site)).map_or(0, |hit| hit.len() as u64)
    }
}

/// The types of devices that sell, as the symptoms of reports name them: servers and printers sell nothing and are never named.
fn types_that_sell(policy: &ReportPolicy) -> BTreeSet<String> {
    SELLING.iter().filter_map(|key| policy.symptoms.get(*key)).flat_map(|rule| rule.types.iter().cloned()).collect()
}

/// What a finding makes of what it hits; none for kinds that say nothing of activity now.
fn state_of(finding: &Finding) -> Option<SiteState> {
    match finding.kind {
        FindingKind::ContactLost => Some(SiteState::Unheard),
        // It rests on heartbeats alone.
        FindingKind::Silence if finding.metric.is_none() => Some(SiteState::Unheard),
        FindingKind::Silence | FindingKind::CoFailure | FindingKind::Stall => Some(match finding.evidence.contact {
            Contact::Lost => SiteState::Unheard,
            Contact::Undecided => SiteState::Unsure,
            Contact::Heard | Contact::CountsOnly => SiteState::Silent,
        }),
        FindingKind::Drop => Some(SiteState::Below),
        FindingKind::Surge
        | FindingKind::Punctual
        | FindingKind::Outlier
        | FindingKind::Missed
        | FindingKind::Quarantine
        | FindingKind::Flood
        | FindingKind::Drift
        | FindingKind::Regression
        | FindingKind::BrakeBroken
        | FindingKind::Novelty
        | FindingKind::Limit => None,
    }
}

fn worsen(state: &mut SiteState, other: SiteState) {
    // Worst first, as the enum has them.
    *state = (*state).min(other);
}

/// Counts of states, for the legend.
pub(crate) fn count(states: impl Iterator<Item = SiteState>) -> crate::view::StateCounts {
    let mut counted: BTreeMap<SiteState, u64> = BTreeMap::new();
    states.for_each(|state| *counted.entry(state).or_default() += 1);
    crate::view::StateCounts(SiteState::ALL.map(|state| counted.get(&state).copied().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::activity::tests::{at, sample, selling};
    use super::*;

    fn stated(whole: SiteState, partly: bool, activity: Option<Activity>, since: &str) -> SiteState {
        let (customer, site) = (CustomerKey::new("demo").unwrap(), SiteCode::new("0412").unwrap());
        let sites = activity.map(|activity| ((customer.clone(), site.clone()), activity)).into_iter().collect();
        let picture = Picture { sites, ..Picture::default() };
        let said = Said { whole, partly, since: at(since) };
        let troubles = Troubles { sites: HashMap::from([((&customer, &site), said)]), ..Troubles::default() };
        troubles.site(&picture, &customer, &site)
    }

    #[test]
    fn a_shop_whose_tills_go_on_selling_is_not_said_to_sell_nothing() {
        let (before, within) = ("2026-02-17T09:36:00Z", "2026-02-17T09:46:00Z");
        let shop = |sold| Some(selling(sample(sold)));
        assert_eq!(stated(SiteState::Shut, true, shop(20.0), within), SiteState::Partly, "nothing is known since");
        assert_eq!(stated(SiteState::Shut, true, shop(9.0), before), SiteState::Partly);
        assert_eq!(
            stated(SiteState::Shut, true, shop(12.0), "2026-02-17T09:43:30Z"),
            SiteState::Partly,
            "a slow shop before it began is no stopped shop after"
        );
        assert_eq!(stated(SiteState::Shut, true, None, before), SiteState::Partly);
        assert_eq!(stated(SiteState::Shut, true, shop(0.0), before), SiteState::Silent, "its own sales have stopped");
    }

    #[test]
    fn a_finding_of_a_whole_shop_gives_way_to_what_it_is_seen_to_sell() {
        let (before, within) = ("2026-02-17T09:36:00Z", "2026-02-17T09:42:00Z");
        let shop = |sold| Some(selling(sample(sold)));
        assert_eq!(stated(SiteState::Silent, false, shop(9.0), before), SiteState::Below);
        assert_eq!(stated(SiteState::Silent, false, shop(9.0), "2026-02-17T09:40:35Z"), SiteState::Below);
        assert_eq!(stated(SiteState::Silent, false, shop(9.0), within), SiteState::Silent, "it may be from before");
        assert_eq!(stated(SiteState::Silent, false, shop(1.0), before), SiteState::Silent, "a stray sale");
        assert_eq!(stated(SiteState::Unsure, false, shop(0.0), before), SiteState::Unsure, "perhaps only not heard");
        assert_eq!(stated(SiteState::Unheard, false, shop(9.0), before), SiteState::Unheard);
    }

    #[test]
    fn at_a_shop_that_is_shut_nothing_is_missed() {
        let mut shop = selling(sample(0.0));
        shop.stand(Some(crate::hours::Doors::Shut(at("2026-02-17T09:00:00Z"))), at("2026-02-17T09:46:00Z"));
        for (whole, partly) in [(SiteState::Silent, false), (SiteState::Below, false), (SiteState::Shut, true)] {
            assert_eq!(stated(whole, partly, Some(shop.clone()), "2026-02-17T09:36:00Z"), SiteState::Shut);
        }
        let lost = stated(SiteState::Unheard, false, Some(shop), "2026-02-17T09:36:00Z");
        assert_eq!(lost, SiteState::Unheard, "who should be heard at night is missed at night");
    }
}
