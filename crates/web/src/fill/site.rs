//! One site.

use super::lines::finding_line;
use super::places::{Sites, customer_of_site, device_line, picture};
use crate::board::Troubles;
use crate::charts;
use crate::convert::not_found;
use crate::security::Problem;
use crate::view::SiteView;
use crate::visit::{Visit, encode};
use domain::SiteCode;

/// So many closed findings of a site are listed.
const CLOSED_LISTED: usize = 20;
/// So many devices of a site are listed.
const DEVICES_LISTED: usize = 1_000;

/// One site; `part` says which block is wanted, so that the others are not read.
pub(crate) fn site(visit: &Visit, code: &SiteCode, part: Option<&str>) -> Result<SiteView, Problem> {
    let customer = customer_of_site(visit, code)?;
    let picture = picture(visit);
    let found = visit.app.desk.read(visit.scope(), |view| {
        let troubles = Troubles::of(view);
        let world = view.customer(&customer)?;
        let record = world.fleet.site(code)?.clone();
        let line = Sites { visit, picture: &picture, troubles: &troubles }.line(&customer, world, &record);
        let devices: Vec<_> = world
            .fleet
            .devices_at(code)
            .take(DEVICES_LISTED)
            .map(|(code, device)| (code.clone(), device.clone(), troubles.device(&customer, code)))
            .collect();
        let open = world.findings.open().chain(world.findings.closed().take(2_000));
        let hit = open
            .filter(|entry| entry.latest.sites.contains(code))
            .map(|entry| finding_line(&entry.latest, &entry.types));
        let findings: Vec<_> = hit.take(CLOSED_LISTED).collect();
        let zone = record.timezone.clone().or_else(|| Some(world.record.as_ref()?.timezone.clone()));
        let shared = view.customers().filter(|(_, part)| part.fleet.site(code).is_some()).count() > 1;
        Some((record, line, devices, findings, zone, shared))
    });
    let (record, line, devices, findings, zone, shared) = found.ok_or_else(|| not_found("site", code.as_str()))?;
    let wanted = |block: &str| part.is_none_or(|part| part == block);
    let devices = if wanted("devices") { devices } else { Vec::new() };
    let devices = devices
        .into_iter()
        .map(|(code, device, said)| device_line(visit, &picture, &customer, (&code, &device), said, line.state))
        .collect();
    let contact = record.contact.as_ref().and_then(|reference| visit.app.desk.contact(reference));
    let mut report_path = format!("/r/{}", encode(code.as_str()));
    if shared {
        report_path.push_str(&format!("?customer={}", encode(customer.as_str())));
    }
    Ok(SiteView {
        chart: part.is_none().then(|| charts::chart(visit, &format!("site:{code}"))).flatten(),
        line,
        hours: record.opening_hours.map(|hours| hours.as_str().to_owned()),
        zone: zone.unwrap_or_else(|| visit.r.zone_name().to_owned()),
        phone: contact.and_then(|contact| contact.phone),
        report_path: Some(report_path),
        devices,
        findings,
    })
}
