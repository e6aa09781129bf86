//! The war room.

use super::cost::later;
use super::lines::{Taken, take};
use super::places::{Sites, picture};
use super::timeline;
use super::why::why;
use crate::board::Troubles;
use crate::charts;
use crate::convert::{not_found, phase_targets};
use crate::security::Problem;
use crate::view::{Allowed, ChartView, IncidentForm, IncidentView, SiteLine};
use crate::visit::Visit;
use domain::account::Role;
use domain::incident::{Command, Incident, decide};
use domain::{IncidentId, PersonalRef};
use jiff::Timestamp;

/// So many sites are listed on the page; the export has all.
const SITES_LISTED: usize = 100;
/// The most that are listed when all are asked for.
const SITES_MOST: usize = 5_000;
/// So many lines of the timeline, unless all are asked for.
const LINES_LISTED: usize = 100;
/// The most that are shown at all.
const LINES_MOST: usize = 5_000;

/// One incident; with its chart when `whole`.
pub(crate) fn incident(visit: &Visit, id: &IncidentId, whole: bool) -> Result<IncidentView, Problem> {
    let taken = taken(visit, id)?;
    let mut timeline = timeline::timeline(visit, id);
    let asked_for_all = |what: &str| visit.asked.query(what).as_deref() == Some("all");
    let (whole_timeline, whole_sites) = (asked_for_all("timeline"), asked_for_all("sites"));
    let shown = if whole_timeline { LINES_MOST } else { LINES_LISTED };
    let timeline_more = timeline.len().saturating_sub(shown) as u64;
    timeline.truncate(shown);
    let mut findings = taken.lines();
    findings.sort_by(|a, b| {
        let over = |line: &crate::view::FindingLine| line.ended_at.is_some();
        over(a).cmp(&over(b)).then_with(|| b.sites.cmp(&a.sites)).then_with(|| a.detected_at.cmp(&b.detected_at))
    });
    let mut sites = sites(visit, &taken, usize::MAX);
    let listed = if whole_sites { SITES_MOST } else { SITES_LISTED };
    let sites_more = sites.len().saturating_sub(listed) as u64;
    sites.truncate(listed);
    let is_open = taken.entry.incident.phase.name() != domain::incident::PhaseName::Closed;
    Ok(IncidentView {
        line: taken.line(visit),
        leading: taken.leading().map(|finding| (**finding).clone()),
        why: taken.leading().and_then(|finding| why(visit, finding)),
        findings,
        chart: whole.then(|| chart(visit, id, &taken)).flatten(),
        sites,
        sites_more,
        whole_sites,
        timeline,
        timeline_more,
        whole_timeline,
        next_phases: next_phases(&taken.entry.incident, visit.now()),
        allowed: Allowed {
            note: visit.me.role.may(Role::Responder) && is_open,
            command: visit.me.role.may(Role::Commander),
        },
        version: taken.entry.version.0,
        form: IncidentForm::default(),
    })
}

/// Its curve, and what came later.
fn chart(visit: &Visit, id: &IncidentId, taken: &Taken) -> Option<ChartView> {
    let later = taken.leading().and_then(|finding| later(finding));
    Some(ChartView { later, ..charts::chart(visit, &format!("incident:{id}"))? })
}

/// An incident with its findings, if the reader sees it.
pub(crate) fn taken(visit: &Visit, id: &IncidentId) -> Result<Taken, Problem> {
    let taken = visit.app.desk.read(visit.scope(), |view| view.incident(id).map(|entry| take(view, entry)));
    taken.ok_or_else(|| not_found("incident", id.as_str()))
}

/// The affected sites as rows, worst first.
pub(crate) fn sites(visit: &Visit, taken: &Taken, limit: usize) -> Vec<SiteLine> {
    let picture = picture(visit);
    let customer = &taken.entry.incident.customer;
    visit.app.desk.read(visit.scope(), |view| {
        let troubles = Troubles::of(view);
        let rows = Sites { visit, picture: &picture, troubles: &troubles };
        let part = view.customer(customer);
        part.map_or_else(Vec::new, |part| rows.lines_of(customer, part, taken.sites().into_iter(), limit))
    })
}

/// The phases that `decide` would allow now.
fn next_phases(incident: &Incident, now: Timestamp) -> Vec<crate::view::Phase> {
    let reason = || PersonalRef { id: String::new(), commitment: String::new() };
    let allowed = phase_targets().into_iter().filter(|to| {
        let command = Command::ChangePhase { to: to.clone(), reason: reason() };
        *to != current(incident) && decide(Some(incident), &command, now).is_ok_and(|events| !events.is_empty())
    });
    allowed.map(|to| to.name().into()).collect()
}

fn current(incident: &Incident) -> domain::incident::PhaseTarget {
    let here = incident.phase.name();
    phase_targets().into_iter().find(|to| to.name() == here).unwrap_or(domain::incident::PhaseTarget::Active)
}
