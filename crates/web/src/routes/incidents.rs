//! What people do with an incident: take command, set phase and severity, write, export.

use super::given_back::given_back;
use super::pages::read;
use crate::convert::{self, not_found};
use crate::fill;
use crate::pages::IncidentPage;
use crate::security::{Problem, ProblemKind};
use crate::state::AppState;
use crate::view::{IncidentDeed, IncidentForm, IncidentView, Nav};
use crate::visit::{Answer, Asked, Visit};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use domain::IncidentId;
use domain::account::Role;
use domain::incident::IncidentEvent;
use serde::Deserialize;

/// The forms and the export.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/incidents/{id}/command", post(command))
        .route("/incidents/{id}/phase", post(phase))
        .route("/incidents/{id}/severity", post(severity))
        .route("/incidents/{id}/notes", post(note))
        .route("/incidents/{id}/sites.csv", get(sites_csv))
}

#[derive(Deserialize)]
struct CommandForm {
    version: Option<u64>,
}

#[derive(Deserialize)]
struct PhaseForm {
    version: Option<u64>,
    phase: String,
    reason: Option<String>,
}

#[derive(Deserialize)]
struct SeverityForm {
    version: Option<u64>,
    severity: String,
    reason: String,
}

#[derive(Deserialize)]
struct NoteForm {
    text: String,
}

async fn command(
    State(app): State<AppState>,
    asked: Asked,
    Path(id): Path<String>,
    Form(form): Form<CommandForm>,
) -> Response {
    let work = move |visit: &Visit| {
        let done = incident_of(&id).and_then(|incident| take_command(visit, &incident, form.version));
        back_to(visit, &id, done, IncidentForm { deed: Some(IncidentDeed::Command), ..IncidentForm::default() })
    };
    asked.answer(app, Role::Commander, work).await
}

async fn phase(
    State(app): State<AppState>,
    asked: Asked,
    Path(id): Path<String>,
    Form(form): Form<PhaseForm>,
) -> Response {
    let work = move |visit: &Visit| {
        let change = |incident| change_phase(visit, &incident, form.version, &form.phase, form.reason.as_deref());
        let done = incident_of(&id).and_then(change);
        back_to(visit, &id, done, IncidentForm { deed: Some(IncidentDeed::Phase), ..IncidentForm::default() })
    };
    asked.answer(app, Role::Commander, work).await
}

async fn severity(
    State(app): State<AppState>,
    asked: Asked,
    Path(id): Path<String>,
    Form(form): Form<SeverityForm>,
) -> Response {
    let work = move |visit: &Visit| {
        let set = |incident| set_severity(visit, &incident, form.version, &form.severity, &form.reason);
        let done = incident_of(&id).and_then(set);
        let SeverityForm { severity, reason, .. } = form;
        let deed = Some(IncidentDeed::Severity);
        back_to(visit, &id, done, IncidentForm { deed, severity, reason, ..IncidentForm::default() })
    };
    asked.answer(app, Role::Commander, work).await
}

async fn note(
    State(app): State<AppState>,
    asked: Asked,
    Path(id): Path<String>,
    Form(form): Form<NoteForm>,
) -> Response {
    let work = move |visit: &Visit| {
        let add = |incident| Ok(visit.app.desk.add_note(&visit.caller(), &incident, &form.text, visit.now())?);
        let done = incident_of(&id).and_then(add);
        let deed = Some(IncidentDeed::Note);
        back_to(visit, &id, done, IncidentForm { deed, text: form.text, ..IncidentForm::default() })
    };
    asked.answer(app, Role::Responder, work).await
}

/// Takes command from whoever had it when the page was made.
pub(super) fn take_command(visit: &Visit, id: &IncidentId, version: Option<u64>) -> Result<(), Problem> {
    let held_by = unchanged_since(visit, id, version, |event| {
        matches!(event, IncidentEvent::CommandTaken(_) | IncidentEvent::CommandHandedOver(_))
    })?;
    Ok(visit.app.desk.take_command(&visit.caller(), id, held_by, visit.now())?)
}

/// Goes to another phase.
pub(super) fn change_phase(
    visit: &Visit,
    id: &IncidentId,
    version: Option<u64>,
    phase: &str,
    reason: Option<&str>,
) -> Result<(), Problem> {
    unchanged_since(visit, id, version, |event| matches!(event, IncidentEvent::PhaseChanged(_)))?;
    let unsaid = visit.r.say("phase-without-reason");
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty()).unwrap_or(&unsaid);
    Ok(visit.app.desk.change_phase(&visit.caller(), id, convert::phase(phase)?, reason, visit.now())?)
}

/// Holds the severity.
pub(super) fn set_severity(
    visit: &Visit,
    id: &IncidentId,
    version: Option<u64>,
    severity: &str,
    reason: &str,
) -> Result<(), Problem> {
    unchanged_since(visit, id, version, |event| {
        matches!(event, IncidentEvent::SeverityHeld(_) | IncidentEvent::SeverityReleased(_))
    })?;
    let severity = convert::severity(severity)?;
    Ok(visit.app.desk.set_severity(&visit.caller(), id, severity, reason, visit.now())?)
}

/// Sees that nothing of the kind that matters has happened since `version`; the answer is who has command. What else happened
/// meanwhile, a note or a new revision of a finding, does not stand in the way.
fn unchanged_since(
    visit: &Visit,
    id: &IncidentId,
    version: Option<u64>,
    matters: impl Fn(&IncidentEvent) -> bool,
) -> Result<Option<domain::UserId>, Problem> {
    let me = domain::Actor::User(visit.me.user.clone());
    visit.app.desk.read(visit.scope(), |view| {
        let entry = view.incident(id).ok_or_else(|| not_found("incident", id.as_str()))?;
        if let Some(version) = version {
            let since = usize::try_from(entry.version.0.saturating_sub(version)).unwrap_or(usize::MAX);
            // What the reader did themselves is known to them.
            let others = entry.timeline.iter().rev().take(since).filter(|moment| moment.actor != me);
            if others.into_iter().any(|moment| matters(&moment.event)) {
                let detail = "Someone else has just done the same. Load the incident again and look before you repeat.";
                return Err(Problem::new(ProblemKind::Conflict, detail));
            }
        }
        Ok(entry.incident.commander.clone())
    })
}

async fn sites_csv(State(app): State<AppState>, asked: Asked, Path(id): Path<String>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let id = read(IncidentId::new(id), "incident")?;
        let taken = fill::incident::taken(visit, &id)?;
        let mut text = String::from(
            "site,name,region,state,devices,devices_hit,heard_at,now_per_hour,expected_per_hour,currency\r\n",
        );
        for line in fill::incident::sites(visit, &taken, usize::MAX) {
            let decimal =
                |money: &Option<domain::Money>| money.as_ref().map(domain::Money::decimal).unwrap_or_default();
            let cells = [
                line.code.to_string(),
                line.name.unwrap_or_default(),
                line.region.unwrap_or_default(),
                line.state.name().to_owned(),
                line.devices.to_string(),
                line.devices_hit.to_string(),
                line.heard_at.map(|at| at.to_string()).unwrap_or_default(),
                decimal(&line.actual),
                decimal(&line.expected),
                line.expected.map(|money| money.currency.to_string()).unwrap_or_default(),
            ];
            text.push_str(&cells.map(|cell| csv_cell(&cell)).join(","));
            text.push_str("\r\n");
        }
        let name = format!("attachment; filename=\"{}-sites.csv\"", crate::visit::encode(id.as_str()));
        Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], text)
            .into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

/// A cell that no spreadsheet takes for a formula, quoted where it must be.
fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && text.parse::<f64>().is_err();
    let guard = if formula { "'" } else { "" };
    if text.contains([',', '"', '\n', '\r', ';']) || formula {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn incident_of(id: &str) -> Result<IncidentId, Problem> {
    read(IncidentId::new(id), "incident")
}

/// To the incident when it is done, else the incident again with the form as it was sent.
fn back_to<T>(visit: &Visit, id: &str, done: Result<T, Problem>, form: IncidentForm) -> Answer {
    let path = format!("/incidents/{}", crate::visit::encode(id));
    match done {
        Ok(_) => Ok(Redirect::to(&path).into_response()),
        Err(problem) => given_back(visit, problem, &["severity", "reason", "text", "phase"], |faults| {
            let m = IncidentView {
                form: IncidentForm { faults, ..form },
                ..fill::incident::incident(visit, &incident_of(id)?, true)?
            };
            let shell = visit.shell_of(Nav::Incidents, &path);
            Ok(visit.show(&IncidentPage { r: &visit.r, shell: &shell, m: &m }, None))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::csv_cell;

    #[test]
    fn a_name_that_is_a_formula_is_exported_as_text() {
        assert_eq!(csv_cell("=HYPERLINK(\"http://x\")"), "\"'=HYPERLINK(\"\"http://x\"\")\"");
        assert_eq!(csv_cell("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(csv_cell("-3.00"), "-3.00");
        assert_eq!(csv_cell("Jönköping"), "Jönköping");
        assert_eq!(csv_cell("a,b"), "\"a,b\"");
    }
}
