//! The fold of an incident's events: what is true after one more of them.

use super::event::{IncidentEvent, Opened};
use super::phase::{Phase, PhaseReason};
use super::refusal::Unfit;
use super::severity::{HeldSeverity, SeverityState};
use super::{Incident, Link};
use crate::ids::FindingId;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The incident after `event`, which happened at `at`.
///
/// # Errors
/// [`Unfit`] when the event cannot have followed; no history that [`super::decide`] made has one.
pub fn apply(incident: Option<Incident>, event: &IncidentEvent, at: Timestamp) -> Result<Incident, Unfit> {
    match (incident, event) {
        (None, IncidentEvent::Opened(opened)) => Ok(open(opened, at)),
        (None, _) => Err(Unfit::NotOpened),
        (Some(incident), IncidentEvent::Opened(_)) => Err(Unfit::OpenedTwice(incident.id)),
        (Some(incident), event) if *event.incident() != incident.id => {
            Err(Unfit::OtherIncident { found: event.incident().clone(), wanted: incident.id })
        }
        (Some(mut incident), event) => {
            change(&mut incident, event, at);
            Ok(incident)
        }
    }
}

fn open(opened: &Opened, at: Timestamp) -> Incident {
    Incident {
        id: opened.incident.clone(),
        customer: opened.customer.clone(),
        opened_at: at,
        composed: opened.title.clone(),
        given: None,
        severity: SeverityState { assessed: opened.severity, held: None },
        phase: Phase::Triage { since: at },
        commander: None,
        lead: opened.finding.clone(),
        findings: BTreeMap::from([(opened.finding.clone(), Link::Open)]),
        reports: BTreeSet::new(),
        touched: false,
    }
}

fn change(incident: &mut Incident, event: &IncidentEvent, at: Timestamp) {
    match event {
        // `apply` has turned a second opening away.
        IncidentEvent::Opened(_) => {}
        IncidentEvent::FindingAttached(e) | IncidentEvent::FindingReturned(e) => link(incident, &e.finding, e.open),
        IncidentEvent::FindingSettled(e) => link(incident, &e.finding, false),
        IncidentEvent::FindingDetached(e) => {
            incident.findings.insert(e.finding.clone(), Link::Detached);
            incident.touched = true;
            follow_another(incident);
        }
        IncidentEvent::ReportAttached(e) => {
            incident.reports.insert(e.report.clone());
            incident.touched = true;
        }
        IncidentEvent::ReportDetached(e) => {
            incident.reports.remove(&e.report);
        }
        IncidentEvent::SeverityAssessed(e) => incident.severity.assessed = e.severity,
        IncidentEvent::SeverityHeld(e) => {
            let (by, reason) = (e.by.clone(), e.reason.clone());
            incident.severity.held = Some(HeldSeverity { severity: e.severity, by, since: at, reason });
            incident.touched = true;
        }
        IncidentEvent::SeverityReleased(_) => incident.severity.held = None,
        IncidentEvent::PhaseChanged(e) => {
            incident.phase = incident.phase.moved(&e.to, at);
            incident.touched |= matches!(e.reason, PhaseReason::Person(_));
        }
        IncidentEvent::CommandTaken(e) => {
            incident.commander = Some(e.by.clone());
            incident.touched = true;
        }
        IncidentEvent::CommandHandedOver(e) => incident.commander = Some(e.to.clone()),
        IncidentEvent::NoteAdded(_) => incident.touched = true,
        IncidentEvent::Retitled(e) => {
            incident.lead = e.finding.clone();
            incident.composed = e.title.clone();
        }
        IncidentEvent::Renamed(e) => {
            incident.given = e.title.clone();
            incident.touched = true;
        }
    }
}

fn link(incident: &mut Incident, finding: &FindingId, open: bool) {
    incident.findings.insert(finding.clone(), if open { Link::Open } else { Link::Settled });
    follow_another(incident);
}

/// A finding that was taken away leads no longer: the first that still belongs here does.
fn follow_another(incident: &mut Incident) {
    if incident.findings.get(&incident.lead) == Some(&Link::Detached) {
        let next = incident.attached().next().cloned();
        incident.lead = next.unwrap_or_else(|| incident.lead.clone());
    }
}
