//! Sites and devices as rows, and whose a code is: codes are unique within a customer only.

use crate::board::{Activity, Picture, Troubles};
use crate::convert::{invalid, not_found};
use crate::security::Problem;
use crate::view::{DeviceLine, SiteLine, SiteState};
use crate::visit::Visit;
use desk::world::Part;
use desk::world::fleet::Device;
use domain::fleet::Lifecycle;
use domain::{CustomerKey, DeviceCode, Money, RowScope, SiteCode, SiteRecord};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::history::{AttributeChange, TransitionTo};

/// A device that gave a sign of life this lately is alive.
const LATELY: SignedDuration = SignedDuration::from_mins(10);

/// The customer whose site has this code: the one that `?customer=` names, else the first that the reader sees.
pub(crate) fn customer_of_site(visit: &Visit, code: &SiteCode) -> Result<CustomerKey, Problem> {
    let wanted = wanted_customer(visit)?;
    let found = visit.app.desk.read(visit.scope(), |view| {
        let mut parts = view.customers().filter(|(key, _)| wanted.as_ref().is_none_or(|wanted| wanted == *key));
        parts.find(|(_, part)| part.fleet.site(code).is_some()).map(|(key, _)| key.clone())
    });
    found.ok_or_else(|| not_found("site", code.as_str()))
}

/// The same for a device.
pub(crate) fn customer_of_device(visit: &Visit, code: &DeviceCode) -> Result<CustomerKey, Problem> {
    let wanted = wanted_customer(visit)?;
    let found = visit.app.desk.read(visit.scope(), |view| {
        let mut parts = view.customers().filter(|(key, _)| wanted.as_ref().is_none_or(|wanted| wanted == *key));
        parts.find(|(_, part)| part.fleet.device(code).is_some()).map(|(key, _)| key.clone())
    });
    found.ok_or_else(|| not_found("device", code.as_str()))
}

fn wanted_customer(visit: &Visit) -> Result<Option<CustomerKey>, Problem> {
    let text = visit.asked.query("customer").filter(|text| !text.is_empty());
    text.map(CustomerKey::new).transpose().map_err(|bad| invalid("customer", bad.to_string()))
}

/// The picture of all sites as of now.
pub(crate) fn picture(visit: &Visit) -> Arc<Picture> {
    visit.app.board.picture(&*visit.app.history, &visit.app.desk, visit.now())
}

/// What is needed to write rows of sites.
pub(crate) struct Sites<'v> {
    pub(crate) visit: &'v Visit,
    pub(crate) picture: &'v Picture,
    pub(crate) troubles: &'v Troubles<'v>,
}

impl Sites<'_> {
    /// One site as a row.
    pub(crate) fn line(&self, customer: &CustomerKey, part: &Part, site: &SiteRecord) -> SiteLine {
        let activity = self.picture.site(customer, &site.code);
        let newest = activity.and_then(|activity| activity.newest);
        let currency = part.record.as_ref().map(|record| record.currency);
        let money = |minor: i64| currency.map(|currency| Money { minor, currency });
        let outdated = newest.is_some_and(|newest| self.troubles.outdates(newest.from, customer, &site.code));
        let heard = newest.filter(|newest| newest.heard && !outdated);
        let valued = |minor: Option<i64>| minor.filter(|_| has_values(newest)).and_then(money);
        SiteLine {
            code: site.code.clone(),
            name: site.name.clone(),
            region: site.region.as_ref().map(ToString::to_string),
            state: self.troubles.site(self.picture, customer, &site.code),
            devices: in_service(part, &site.code),
            devices_hit: self.troubles.devices_hit(customer, &site.code),
            heard_at: self.heard_at(customer, part, &site.code).max(activity.and_then(Activity::heard_at)),
            actual: valued(heard.map(|newest| newest.observed_minor_per_hour)),
            expected: valued(newest.map(|newest| newest.expected_minor_per_hour)),
        }
    }

    /// When a signal of the site or of one of its devices came last, as far as the loops remember.
    fn heard_at(&self, customer: &CustomerKey, part: &Part, site: &SiteCode) -> Option<Timestamp> {
        let loops = &self.visit.app.loops;
        let devices = part.fleet.devices_at(site).filter_map(|(code, _)| loops.device_heard_at(customer, code)).max();
        loops.site_heard_at(customer, site).max(devices)
    }

    /// Rows of the sites with these codes, worst first, at most `limit`.
    pub(crate) fn lines_of<'c>(
        &self,
        customer: &CustomerKey,
        part: &Part,
        codes: impl Iterator<Item = &'c SiteCode>,
        limit: usize,
    ) -> Vec<SiteLine> {
        let known = codes.filter_map(|code| part.fleet.site(code));
        let mut lines: Vec<_> = known.map(|site| self.line(customer, part, site)).collect();
        lines.sort_by(|a, b| a.state.cmp(&b.state).then_with(|| b.expected_minor().cmp(&a.expected_minor())));
        lines.truncate(limit);
        lines
    }
}

impl SiteLine {
    fn expected_minor(&self) -> i64 {
        self.expected.map_or(0, |money| money.minor)
    }
}

fn has_values(newest: Option<crate::board::Newest>) -> bool {
    newest.is_some_and(|newest| newest.expected_minor_per_hour != 0 || newest.observed_minor_per_hour != 0)
}

fn in_service(part: &Part, site: &SiteCode) -> u64 {
    part.fleet.devices_at(site).filter(|(_, device)| device.lifecycle == Lifecycle::InService).count() as u64
}

/// A device as a row. Reads its observed attributes, so not within a look at the desk.
pub(crate) fn device_line(
    visit: &Visit,
    picture: &Picture,
    customer: &CustomerKey,
    (code, device): (&DeviceCode, &Device),
    said: Option<SiteState>,
    of_site: SiteState,
) -> DeviceLine {
    let attribute = |name: &str| device.attributes.get(name).cloned();
    let last = picture.device(customer, code);
    let observed = observed(visit, customer, code);
    // What it reported of itself came from it, too.
    let reported = observed.values().map(|change| change.at).max();
    let turned = last.filter(|(to, _)| matches!(to, TransitionTo::Heard | TransitionTo::Up)).map(|(_, at)| at);
    let heard_at = visit.app.loops.device_heard_at(customer, code).max(turned).max(reported);
    let is_heard = heard_at.is_some_and(|at| visit.now().duration_since(at) < LATELY);
    let alive = if of_site == SiteState::Shut { SiteState::Shut } else { SiteState::Selling };
    let state = match (said, last.map(|(to, _)| to)) {
        (Some(said), _) if of_site == SiteState::Shut && said != SiteState::Unheard => Some(SiteState::Shut),
        (Some(said), _) => Some(said),
        (None, Some(TransitionTo::Unheard | TransitionTo::Down)) => Some(SiteState::Unheard),
        (None, Some(TransitionTo::Heard | TransitionTo::Up)) => Some(alive),
        (None, None) if is_heard => Some(alive),
        (None, None) => (of_site == SiteState::Never && heard_at.is_none()).then_some(SiteState::Never),
    };
    let firmware = observed.get("firmware").and_then(|change| change.value.clone());
    DeviceLine {
        code: code.clone(),
        kind: attribute("type"),
        model: attribute("model"),
        firmware: firmware.or_else(|| attribute("firmware")),
        state,
        heard_at,
    }
}

/// What a device was last seen to be.
fn observed(visit: &Visit, customer: &CustomerKey, device: &DeviceCode) -> BTreeMap<String, AttributeChange> {
    let of = RowScope::Customer(customer.clone());
    let read = visit.app.history.attributes_at(visit.scope(), &of, device, visit.now(), None);
    read.unwrap_or_else(|error| {
        tracing::warn!(%error, "observed attributes cannot be read");
        BTreeMap::new()
    })
}
