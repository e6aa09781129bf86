//! One device: registered and observed side by side.

use super::lines::finding_line;
use super::places::{customer_of_device, device_line, picture};
use crate::board::Troubles;
use crate::convert::not_found;
use crate::security::Problem;
use crate::view::{AttributeLine, DeviceView, SiteState};
use crate::visit::Visit;
use domain::{DeviceCode, RowScope};
use std::collections::BTreeSet;

/// So many findings of a device are listed.
const FINDINGS_LISTED: usize = 20;

/// One device.
pub(crate) fn device(visit: &Visit, code: &DeviceCode) -> Result<DeviceView, Problem> {
    let customer = customer_of_device(visit, code)?;
    let picture = picture(visit);
    let found = visit.app.desk.read(visit.scope(), |view| {
        let troubles = Troubles::of(view);
        let part = view.customer(&customer)?;
        let device = part.fleet.device(code)?.clone();
        let site = device.site.as_ref().and_then(|site| part.fleet.site(site));
        let of_site = site.map_or(SiteState::Never, |site| troubles.site(&picture, &customer, &site.code));
        let site = site.map(|site| (site.code.clone(), site.name.clone()));
        let all = part.findings.open().chain(part.findings.closed());
        let hit = all.filter(|entry| entry.latest.devices.iter().flatten().any(|hit| hit == code));
        let findings: Vec<_> =
            hit.take(FINDINGS_LISTED).map(|entry| finding_line(&entry.latest, &entry.types)).collect();
        Some((device, site, of_site, troubles.device(&customer, code), findings))
    });
    let (device, site, of_site, said, findings) = found.ok_or_else(|| not_found("device", code.as_str()))?;
    let of = RowScope::Customer(customer.clone());
    let seen = visit.app.history.attributes_at(visit.scope(), &of, code, visit.now(), None).unwrap_or_default();
    let names: BTreeSet<&String> = device.attributes.keys().chain(seen.keys()).collect();
    let attributes = names.into_iter().map(|name| AttributeLine {
        name: name.clone(),
        registered: device.attributes.get(name).cloned(),
        observed: seen.get(name).and_then(|change| change.value.clone()),
        observed_at: seen.get(name).map(|change| change.at),
    });
    let mut attributes: Vec<_> = attributes.collect();
    if let Some(papers) = device.papers.as_deref() {
        let text = |name: &str, value: Option<String>| {
            value.map(|value| AttributeLine {
                name: name.to_owned(),
                registered: Some(value),
                observed: None,
                observed_at: None,
            })
        };
        attributes.extend(text("serial", papers.serial.clone()));
        attributes.extend(text("asset_tag", papers.asset_tag.clone()));
        attributes.extend(text("installed_on", papers.installed_on.map(|day| day.to_string())));
        attributes.extend(text("warranty_until", papers.warranty_until.map(|day| day.to_string())));
    }
    Ok(DeviceView {
        line: device_line(visit, &picture, &customer, (code, &device), said, of_site),
        site,
        attributes,
        findings,
    })
}
