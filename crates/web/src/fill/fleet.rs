//! The list of sites, what sends and is not registered, and the map.

use super::overview;
use super::places::{Sites, picture};
use crate::board::{Troubles, count};
use crate::view::{Paging, SiteLine, SiteState, SitesView, UnregisteredLine, UnregisteredView};
use crate::visit::Visit;
use serde::Serialize;
use utoipa::ToSchema;

/// Rows on a page.
const PAGE: usize = 100;
/// So many unregistered codes are listed.
const UNREGISTERED: usize = 1_000;

/// The map: every site that has a position.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MapBody {
    /// Code, name, latitude, longitude, and state: `silent`, `unheard`, `unsure`, `partly`, `below`, `selling`, `shut` or `never`.
    sites: Vec<(String, Option<String>, f64, f64, &'static str)>,
}

/// All sites as rows.
pub(crate) fn all_lines(visit: &Visit) -> Vec<SiteLine> {
    let picture = picture(visit);
    visit.app.desk.read(visit.scope(), |view| {
        let troubles = Troubles::of(view);
        let rows = Sites { visit, picture: &picture, troubles: &troubles };
        let sites = view.customers().flat_map(|(key, part)| part.fleet.sites().map(move |site| (key, part, site)));
        sites.map(|(key, part, site)| rows.line(key, part, site)).collect()
    })
}

/// The sites that `?q`, `?state` and `?page` ask for.
pub(crate) fn sites(visit: &Visit) -> SitesView {
    let query = visit.asked.query("q").unwrap_or_default();
    let wanted = visit.asked.query("state");
    let state = SiteState::ALL.into_iter().find(|state| Some(state.name()) == wanted.as_deref());
    let page = visit.asked.query("page").and_then(|page| page.parse::<u64>().ok()).unwrap_or(1).max(1);
    let found = if query.trim().is_empty() { None } else { Some(codes_of(visit, &query)) };
    let mut lines = all_lines(visit);
    lines.retain(|line| found.as_ref().is_none_or(|found| found.contains(line.code.as_str())));
    // Of what is searched for: the filters say what they would show.
    let states = count(lines.iter().map(|line| line.state));
    lines.retain(|line| state.is_none_or(|state| line.state == state));
    lines.sort_by(|a, b| a.state.cmp(&b.state).then_with(|| a.code.cmp(&b.code)));
    let paging = Paging { page, size: PAGE as u64, total: lines.len() as u64 };
    let page = page.min(paging.last());
    let from = usize::try_from((page - 1).saturating_mul(PAGE as u64)).unwrap_or(usize::MAX);
    SitesView {
        query,
        state,
        sites: lines.into_iter().skip(from).take(PAGE).collect(),
        paging: Paging { page, ..paging },
        states,
        unregistered: overview::unregistered(visit),
    }
}

/// Codes of the sites that a search finds.
fn codes_of(visit: &Visit, query: &str) -> std::collections::HashSet<String> {
    const FOUND: usize = 20_000;
    let hits = visit.app.desk.read(visit.scope(), |view| view.search(query, FOUND));
    let site = |hit: desk::Hit| match hit {
        desk::Hit::Site { site, .. } => Some(site.to_string()),
        desk::Hit::Device { site, .. } => site.map(|site| site.to_string()),
        desk::Hit::Report { site, .. } => Some(site.to_string()),
        desk::Hit::Incident { .. } => None,
    };
    hits.into_iter().filter_map(site).collect()
}

/// What signals name and nobody registered.
pub(crate) fn unregistered(visit: &Visit) -> UnregisteredView {
    let mut all = visit.app.loops.unregistered();
    all.retain(|one| visit.scope().sees_customer(&one.customer));
    all.sort_by_key(|one| std::cmp::Reverse(one.last_at));
    let total = all.len() as u64;
    let line = |one: crate::port::Unregistered| UnregisteredLine {
        site: one.site.map(|site| site.to_string()),
        device: one.device.map(|device| device.to_string()),
        first_at: one.first_at,
        last_at: one.last_at,
        signals: one.signals,
        token: one.customer.to_string(),
    };
    UnregisteredView { lines: all.into_iter().take(UNREGISTERED).map(line).collect(), total }
}

/// The map.
pub(crate) fn map(visit: &Visit) -> MapBody {
    let picture = picture(visit);
    let sites = visit.app.desk.read(visit.scope(), |view| {
        let troubles = Troubles::of(view);
        let placed = view
            .customers()
            .flat_map(|(key, part)| part.fleet.sites().filter_map(move |site| Some((key, site, site.position?))));
        let row = |(key, site, at): (&domain::CustomerKey, &domain::SiteRecord, domain::fleet::Position)| {
            let state = troubles.site(&picture, key, &site.code).name();
            (site.code.to_string(), site.name.clone(), at.latitude, at.longitude, state)
        };
        placed.map(row).collect()
    });
    MapBody { sites }
}
