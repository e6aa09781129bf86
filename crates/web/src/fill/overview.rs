//! The overview and the list of incidents.

use super::cost::later;
use super::lines::{Taken, finding_line, report_line, take};
use super::places::picture;
use crate::board::{Troubles, count};
use crate::charts;
use crate::view::{CameLater, ChartView, IncidentLine, IncidentsView, OverviewView, SiteState};
use crate::visit::Visit;
use jiff::SignedDuration;

/// So many findings and reports are listed.
const LISTED: usize = 8;
/// So many incidents are shown beside those at full size.
const SMALL: usize = 4;
/// So many findings that are over are looked at for what came later.
const CAME: usize = 200;
/// So many incidents that are over are listed.
const OVER: usize = 200;

/// The overview; with its chart when `whole`.
pub(crate) fn overview(visit: &Visit, whole: bool) -> OverviewView {
    let picture = picture(visit);
    let a_day_ago = visit.now().checked_sub(SignedDuration::from_hours(24)).unwrap_or(visit.now());
    let (mut view, incidents, later) = visit.app.desk.read(visit.scope(), |view| {
        let troubles = Troubles::of(view);
        let states: Vec<_> = view
            .customers()
            .flat_map(|(key, part)| part.fleet.sites().map(move |site| (key, site)))
            .map(|(key, site)| (key, site, troubles.site(&picture, key, &site.code)))
            .collect();
        let heard = states.iter().filter(|(key, site, state)| {
            // Who is shut is heard if it ever was.
            state.is_heard() && (*state != SiteState::Shut || picture.site(key, &site.code).is_some())
        });
        let open = view.open_findings();
        let mut newest: Vec<_> = view
            .customers()
            .flat_map(|(_, part)| part.findings.closed().take(LISTED))
            .chain(open.iter().copied())
            .collect();
        newest.sort_by(|a, b| {
            let (a, b) = (&a.latest, &b.latest);
            let over = |finding: &domain::Finding| finding.ended_at.is_some();
            over(a).cmp(&over(b)).then_with(|| b.detected_at.cmp(&a.detected_at)).then_with(|| a.id.cmp(&b.id))
        });
        let mut reports: Vec<_> = view
            .customers()
            .flat_map(|(_, part)| part.reports.newest().take(LISTED).map(move |entry| report_line(part, entry)))
            .collect();
        reports.sort_by_key(|report| std::cmp::Reverse(report.at));
        reports.truncate(LISTED);
        let today = view.customers().flat_map(|(_, part)| part.reports.newest());
        let today = today.take_while(|entry| entry.received_at > a_day_ago).count() as u64;
        let incidents: Vec<Taken> = view.open_incidents().into_iter().map(|entry| take(view, entry)).collect();
        let filled = OverviewView {
            incidents: Vec::new(),
            incidents_more: 0,
            turnover: None,
            chart: None,
            sites_heard: heard.count() as u64,
            sites_total: states.len() as u64,
            states: count(states.iter().map(|(_, _, state)| *state)),
            findings: newest.into_iter().take(LISTED).map(|entry| finding_line(&entry.latest, &entry.types)).collect(),
            findings_open: open.len() as u64,
            reports,
            reports_today: today,
            unregistered: 0,
        };
        let all = view.customers().flat_map(|(_, part)| part.findings.open().chain(part.findings.closed().take(CAME)));
        let ended = all.filter(|entry| entry.latest.ended_at.is_none_or(|end| end > a_day_ago));
        let later = ended
            .filter_map(|entry| later(&entry.latest))
            .reduce(|a, b| CameLater { came: a.came + b.came, expected: a.expected + b.expected });
        (filled, incidents, later)
    });
    let lines = incidents.iter().map(|taken| taken.line(visit));
    let (large, small): (Vec<_>, Vec<_>) = lines.partition(IncidentLine::is_large);
    view.incidents_more = small.len().saturating_sub(SMALL) as u64;
    view.incidents = large.into_iter().chain(small.into_iter().take(SMALL)).collect();
    view.turnover = charts::turnover(visit);
    view.chart = whole.then(|| charts::chart(visit, "fleet")).flatten().map(|chart| ChartView { later, ..chart });
    view.unregistered = unregistered(visit);
    view
}

/// All incidents.
pub(crate) fn incidents(visit: &Visit) -> IncidentsView {
    let (open, over) = visit.app.desk.read(visit.scope(), |view| {
        let open: Vec<_> = view.open_incidents().into_iter().map(|entry| take(view, entry)).collect();
        let newest = view.newest_incidents(OVER + open.len());
        let over = newest.into_iter().filter(|entry| !entry.incident.phase.name().is_open());
        (open, over.map(|entry| take(view, entry)).collect::<Vec<_>>())
    });
    let lines = |taken: &[Taken]| taken.iter().map(|taken| taken.line(visit)).collect();
    IncidentsView { open: lines(&open), over: lines(&over) }
}

/// How many codes signals name and nobody registered.
pub(crate) fn unregistered(visit: &Visit) -> u64 {
    let all = visit.app.loops.unregistered();
    all.iter().filter(|one| visit.scope().sees_customer(&one.customer)).count() as u64
}
