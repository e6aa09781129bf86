//! Findings, incidents and reports.

use super::bodies::{FindingBody, IncidentBody, IncidentDetail, TimelineBody};
use crate::fill;
use crate::fill::lines::take;
use crate::routes::incidents::{change_phase, set_severity, take_command};
use crate::routes::pages::read;
use crate::security::Problem;
use crate::state::AppState;
use crate::visit::{Answer, Asked, Visit};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use desk::NewReport;
use domain::account::Role;
use domain::{FindingId, IncidentId, SiteCode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// So many are listed.
const LISTED: usize = 1_000;

/// What a command is based on.
#[derive(Deserialize, ToSchema)]
pub(crate) struct CommandBody {
    /// As the incident said; without it the newest is taken.
    version: Option<u64>,
}

/// Another phase.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PhaseBody {
    version: Option<u64>,
    /// `active`, `recovering`, `resolved`, `reviewed` or `closed`.
    phase: String,
    reason: Option<String>,
}

/// A severity to be held.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SeverityBody {
    version: Option<u64>,
    /// `sev1` to `sev4`.
    severity: String,
    reason: String,
}

/// A note.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NoteBody {
    text: String,
}

/// A report.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewReportBody {
    site: String,
    /// When it was seen; now, if not said.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<jiff::Timestamp>,
    /// `phone`, `page`, `sms`, `mail`.
    channel: String,
    /// Key of the symptom: `self_scanning`, `till`, `payment`, `scale`, `network`, `everything`, `other`.
    symptom: Option<String>,
    #[serde(default)]
    text: String,
}

/// A report as it was taken down.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportBody {
    report: String,
    /// What whoever reported it was given to say on the telephone.
    reference: String,
    site: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<jiff::Timestamp>,
    symptom: Option<String>,
    /// The incident that it belongs to, if any.
    incident: Option<String>,
}

/// Findings, those that go on first; at most 1,000.
#[utoipa::path(
    get, path = "/api/v1/findings", tag = "findings",
    params(("open" = Option<bool>, Query, description = "Only those that go on")),
    responses((status = 200, body = [FindingBody])),
)]
pub(crate) async fn findings(State(app): State<AppState>, asked: Asked) -> Response {
    let work = |visit: &Visit| -> Answer {
        let only_open = visit.asked.query("open").as_deref() == Some("true");
        let found: Vec<_> = visit.app.desk.read(visit.scope(), |view| {
            let open = view.open_findings().into_iter();
            let closed = view.customers().flat_map(|(_, part)| part.findings.closed().take(LISTED));
            let closed = closed.take(if only_open { 0 } else { LISTED });
            open.chain(closed).take(LISTED).map(|entry| FindingBody(Arc::clone(&entry.latest))).collect()
        });
        Ok(Json(found).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

/// One finding, in its newest revision.
#[utoipa::path(
    get, path = "/api/v1/findings/{id}", tag = "findings", params(("id" = String, Path)),
    responses((status = 200, body = FindingBody), (status = 404, body = Problem)),
)]
pub(crate) async fn finding(State(app): State<AppState>, asked: Asked, Path(id): Path<String>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let id = read(FindingId::new(id), "finding")?;
        let found = visit.app.desk.read(visit.scope(), |view| view.finding(&id).map(|e| Arc::clone(&e.latest)));
        let found = found.ok_or_else(|| crate::convert::not_found("finding", id.as_str()))?;
        Ok(Json(FindingBody(found)).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

/// Incidents: those being dealt with, then the newest of the others.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", responses((status = 200, body = [IncidentBody])))]
pub(crate) async fn incidents(State(app): State<AppState>, asked: Asked) -> Response {
    let work = |visit: &Visit| -> Answer {
        let taken: Vec<_> = visit.app.desk.read(visit.scope(), |view| {
            let newest = view.newest_incidents(LISTED).into_iter();
            let over = newest.filter(|entry| !entry.incident.phase.name().is_open());
            view.open_incidents().into_iter().chain(over).take(LISTED).map(|entry| take(view, entry)).collect()
        });
        let bodies: Vec<_> = taken.iter().map(|taken| IncidentBody::of(visit, taken)).collect();
        Ok(Json(bodies).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

/// One incident with its timeline.
#[utoipa::path(
    get, path = "/api/v1/incidents/{id}", tag = "incidents", params(("id" = String, Path)),
    responses((status = 200, body = IncidentDetail), (status = 404, body = Problem)),
)]
pub(crate) async fn incident(State(app): State<AppState>, asked: Asked, Path(id): Path<String>) -> Response {
    let work = move |visit: &Visit| shown(visit, &read(IncidentId::new(id), "incident")?);
    asked.answer(app, Role::Viewer, work).await
}

fn shown(visit: &Visit, id: &IncidentId) -> Answer {
    let taken = fill::incident::taken(visit, id)?;
    let timeline =
        fill::timeline::timeline(visit, id).into_iter().map(|entry| TimelineBody::of(visit, entry)).collect();
    Ok(Json(IncidentDetail { incident: IncidentBody::of(visit, &taken), timeline }).into_response())
}

/// Take command.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/command", tag = "incidents", params(("id" = String, Path)),
    request_body = CommandBody,
    responses((status = 200, body = IncidentDetail), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
pub(crate) async fn command(
    State(app): State<AppState>,
    asked: Asked,
    Path(id): Path<String>,
    Json(body): Json<CommandBody>,
) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let id = read(IncidentId::new(id), "incident")?;
        take_command(visit, &id, body.version)?;
        shown(visit, &id)
    };
    asked.answer(app, Role::Commander, work).await
}

/// Go to another phase.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/phase", tag = "incidents", params(("id" = String, Path)),
    request_body = PhaseBody,
    responses((status = 200, body = IncidentDetail), (status = 409, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn phase(
    State(app): State<AppState>,
    asked: Asked,
    Path(id): Path<String>,
    Json(body): Json<PhaseBody>,
) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let id = read(IncidentId::new(id), "incident")?;
        change_phase(visit, &id, body.version, &body.phase, body.reason.as_deref())?;
        shown(visit, &id)
    };
    asked.answer(app, Role::Commander, work).await
}

/// Hold the severity.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/severity", tag = "incidents", params(("id" = String, Path)),
    request_body = SeverityBody,
    responses((status = 200, body = IncidentDetail), (status = 409, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn severity(
    State(app): State<AppState>,
    asked: Asked,
    Path(id): Path<String>,
    Json(body): Json<SeverityBody>,
) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let id = read(IncidentId::new(id), "incident")?;
        set_severity(visit, &id, body.version, &body.severity, &body.reason)?;
        shown(visit, &id)
    };
    asked.answer(app, Role::Commander, work).await
}

/// Write a note.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/notes", tag = "incidents", params(("id" = String, Path)),
    request_body = NoteBody,
    responses((status = 200, body = IncidentDetail), (status = 404, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn note(
    State(app): State<AppState>,
    asked: Asked,
    Path(id): Path<String>,
    Json(body): Json<NoteBody>,
) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let id = read(IncidentId::new(id), "incident")?;
        visit.app.desk.add_note(&visit.caller(), &id, &body.text, visit.now())?;
        shown(visit, &id)
    };
    asked.answer(app, Role::Responder, work).await
}

/// Reports, newest first; at most 1,000.
#[utoipa::path(get, path = "/api/v1/reports", tag = "reports", responses((status = 200, body = [ReportBody])))]
pub(crate) async fn reports(State(app): State<AppState>, asked: Asked) -> Response {
    let work = |visit: &Visit| -> Answer {
        let mut reports: Vec<_> = visit.app.desk.read(visit.scope(), |view| {
            let newest = view.customers().flat_map(|(_, part)| part.reports.newest().take(LISTED));
            newest.cloned().collect()
        });
        reports.sort_by_key(|entry| std::cmp::Reverse(entry.received_at));
        let body = |entry: desk::world::reports::ReportEntry| ReportBody {
            report: entry.report.report.to_string(),
            reference: domain::report::reference(&entry.report.report),
            site: Some(entry.report.site.to_string()),
            at: Some(entry.report.at),
            symptom: entry.report.symptom,
            incident: entry.incident.map(|incident| incident.to_string()),
        };
        Ok(Json(reports.into_iter().take(LISTED).map(body).collect::<Vec<_>>()).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

/// Take a report down; the answer says to which incident it belongs.
#[utoipa::path(
    post, path = "/api/v1/reports", tag = "reports", request_body = NewReportBody,
    responses((status = 201, body = ReportBody), (status = 404, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn report(State(app): State<AppState>, asked: Asked, Json(body): Json<NewReportBody>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let site = read(SiteCode::new(body.site), "site")?;
        let customer = fill::places::customer_of_site(visit, &site)?;
        let at = body.at.unwrap_or(visit.now());
        let new = NewReport { customer, site, at, channel: body.channel, symptom: body.symptom, text: body.text };
        let (report, incident) = visit.app.desk.receive_report(&visit.caller(), &new, visit.now())?;
        let body = ReportBody {
            report: report.to_string(),
            reference: domain::report::reference(&report),
            site: Some(new.site.to_string()),
            at: Some(at),
            symptom: new.symptom,
            incident: incident.map(|incident| incident.to_string()),
        };
        Ok((StatusCode::CREATED, Json(body)).into_response())
    };
    asked.answer(app, Role::Responder, work).await
}
