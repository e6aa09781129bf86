//! Import of the fleet: two files, a dry run that says everything, and then all or nothing.

use super::given_back::given_back;
use super::pages::read;
use crate::fill;
use crate::imports::{self, Outcome};
use crate::pages::ImportPage;
use crate::security::{Problem, ProblemKind};
use crate::state::AppState;
use crate::tickets::Files;
use crate::view::{DryRun, DryRunLine, ImportError, ImportForm, ImportView, Nav};
use crate::visit::{Answer, Asked, Visit};
use axum::Router;
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, Multipart, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use domain::CustomerKey;
use domain::account::Role;
use std::sync::Arc;

/// Both files together.
pub(crate) const MOST_BYTES: usize = 64 << 20;
/// So many errors are listed.
const ERRORS_LISTED: usize = 200;

/// The page and its forms.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/settings/import", get(show).post(dry_run).layer(DefaultBodyLimit::max(MOST_BYTES)))
        .route("/settings/import/{ticket}", post(carry_out))
}

async fn show(State(app): State<AppState>, asked: Asked) -> Response {
    asked.answer(app, Role::Admin, |visit| Ok(page(visit, ImportForm::default(), None, None))).await
}

async fn dry_run(State(app): State<AppState>, asked: Asked, form: Multipart) -> Response {
    // Nobody who may not import makes us hold 64 MiB: who asks is seen to before the files are read.
    let guard =
        asked.clone().answer(app.clone(), Role::Admin, |_| Ok(axum::http::StatusCode::OK.into_response())).await;
    if !guard.status().is_success() {
        return guard;
    }
    let sent = match sent(form).await {
        Ok(sent) => sent,
        Err(problem) => return asked.answer(app, Role::Admin, |visit| again(visit, problem, String::new())).await,
    };
    let work = move |visit: &Visit| {
        let customer = sent.customer.clone();
        match sent.files().and_then(|files| try_out(visit, files)) {
            Ok(answer) => Ok(answer),
            Err(problem) => again(visit, problem, customer),
        }
    };
    asked.answer(app, Role::Admin, work).await
}

/// The form again, with what is wrong.
fn again(visit: &Visit, problem: Problem, customer: String) -> Answer {
    given_back(visit, problem, &["customer", "sites", "devices"], |faults| {
        Ok(page(visit, ImportForm { customer, faults }, None, None))
    })
}

fn try_out(visit: &Visit, files: Files) -> Answer {
    let customer = files.customer.to_string();
    let outcome = imports::run(visit, &files, true)?;
    let ticket = visit.app.fresh_id();
    let dry_run = of_outcome(outcome, ticket.clone());
    if dry_run.errors.is_empty() {
        visit.app.tickets.keep(ticket, visit.me.user.clone(), Arc::new(files), visit.now());
    }
    let form = ImportForm { customer, ..ImportForm::default() };
    Ok(page(visit, form, Some(dry_run), None))
}

async fn carry_out(State(app): State<AppState>, asked: Asked, Path(ticket): Path<String>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let Some(files) = visit.app.tickets.take(&ticket, &visit.me.user, visit.now()) else {
            let detail = "These files are no longer held: more than half an hour has passed, or the import was carried out. Send them again.";
            return again(visit, Problem::new(ProblemKind::Refused, detail), String::new());
        };
        let outcome = imports::run(visit, &files, false)?;
        let done = match &outcome {
            Outcome::Good { sites, devices } => Some((sites.all(), devices.all())),
            Outcome::Wrong { .. } => None,
        };
        let dry_run = if done.is_none() { Some(of_outcome(outcome, ticket)) } else { None };
        Ok(page(visit, ImportForm::default(), dry_run, done))
    };
    asked.answer(app, Role::Admin, work).await
}

/// What was sent, not looked at yet.
#[derive(Default)]
struct Sent {
    customer: String,
    sites: Vec<u8>,
    devices: Vec<u8>,
}

impl Sent {
    fn files(self) -> Result<Files, Problem> {
        let customer = read(CustomerKey::new(self.customer), "customer")?;
        if self.sites.is_empty() && self.devices.is_empty() {
            return Err(Problem::new(
                ProblemKind::Invalid,
                "Choose at least one file: sites.csv, devices.csv or both.",
            ));
        }
        Ok(Files { customer, sites: self.sites, devices: self.devices })
    }
}

/// Reads the form's files, whatever their order.
pub(super) async fn files(form: Multipart) -> Result<Files, Problem> {
    sent(form).await?.files()
}

async fn sent(mut form: Multipart) -> Result<Sent, Problem> {
    let mut sent = Sent::default();
    while let Some(field) = form.next_field().await.map_err(|error| multipart(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|error| multipart(&error))?;
        match name.as_str() {
            "customer" => sent.customer = String::from_utf8_lossy(&bytes).into_owned(),
            "sites" => sent.sites = bytes.to_vec(),
            "devices" => sent.devices = bytes.to_vec(),
            other => return Err(crate::convert::invalid(other, "is none of customer, sites, devices")),
        }
    }
    Ok(sent)
}

fn multipart(error: &MultipartError) -> Problem {
    let kind = if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        ProblemKind::TooLarge
    } else {
        ProblemKind::Malformed
    };
    Problem::new(kind, error.body_text())
}

fn of_outcome(outcome: Outcome, ticket: String) -> DryRun {
    let line = |counts: imports::Counts| DryRunLine { added: counts.added, changed: counts.changed, same: counts.same };
    match outcome {
        Outcome::Good { sites, devices } => {
            DryRun { sites: line(sites), devices: line(devices), errors: Vec::new(), errors_more: 0, ticket }
        }
        Outcome::Wrong { errors, more } => {
            let more = more + errors.len().saturating_sub(ERRORS_LISTED) as u64;
            let errors = errors.into_iter().take(ERRORS_LISTED).map(|wrong| ImportError {
                file: wrong.file.to_owned(),
                line: wrong.line.into(),
                field: wrong.field,
                reason: wrong.reason,
            });
            DryRun {
                sites: DryRunLine::default(),
                devices: DryRunLine::default(),
                errors: errors.collect(),
                errors_more: more,
                ticket,
            }
        }
    }
}

fn page(visit: &Visit, form: ImportForm, dry_run: Option<DryRun>, done: Option<(u64, u64)>) -> Response {
    let m = ImportView { form, customers: fill::settings::customers(visit), dry_run, done };
    let shell = visit.shell_of(Nav::Settings, "/settings/import");
    visit.show(&ImportPage { r: &visit.r, shell: &shell, m: &m }, None)
}
