//! Sites, devices, what is not registered, and import.

use super::bodies::{DeviceBody, SiteBody, SiteDetail, SitesBody};
use crate::fill;
use crate::imports::{self, Counts, Outcome};
use crate::routes::import::files;
use crate::routes::pages::read;
use crate::security::{FieldError, Problem, ProblemKind};
use crate::state::AppState;
use crate::visit::{Answer, Asked, Visit};
use axum::Json;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::account::Role;
use domain::{DeviceCode, SiteCode};
use serde::Serialize;
use utoipa::ToSchema;

/// So many wrong rows are listed.
const LISTED: usize = 1_000;

/// What signals name and nobody registered.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnregisteredBody {
    site: Option<String>,
    device: Option<String>,
    customer: String,
    #[schema(value_type = String, format = DateTime)]
    first_at: jiff::Timestamp,
    #[schema(value_type = String, format = DateTime)]
    last_at: jiff::Timestamp,
    signals: u64,
}

/// What an import did, or would do.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportedBody {
    dry_run: bool,
    sites: CountsBody,
    devices: CountsBody,
}

/// How many records.
#[derive(Serialize, ToSchema)]
pub(crate) struct CountsBody {
    added: u64,
    changed: u64,
    same: u64,
}

impl From<Counts> for CountsBody {
    fn from(counts: Counts) -> Self {
        Self { added: counts.added, changed: counts.changed, same: counts.same }
    }
}

/// The files of an import.
#[derive(ToSchema)]
#[allow(dead_code, reason = "it is the shape of a form, which is read field by field")]
pub(crate) struct ImportForm {
    /// Key of the customer whose rows name none.
    customer: String,
    /// `sites.csv`
    #[schema(value_type = Option<String>, format = Binary)]
    sites: Option<Vec<u8>>,
    /// `devices.csv`
    #[schema(value_type = Option<String>, format = Binary)]
    devices: Option<Vec<u8>>,
}

/// Sites, worst first, 100 a page.
#[utoipa::path(
    get, path = "/api/v1/sites", tag = "fleet",
    params(
        ("q" = Option<String>, Query, description = "Words of code, name or region"),
        ("state" = Option<String>, Query, description = "silent, unheard, unsure, partly, below, selling, shut or never"),
        ("page" = Option<u64>, Query, description = "From 1"),
    ),
    responses((status = 200, body = SitesBody)),
)]
pub(crate) async fn sites(State(app): State<AppState>, asked: Asked) -> Response {
    let work = |visit: &Visit| -> Answer {
        let view = fill::fleet::sites(visit);
        let sites = view.sites.iter().map(SiteBody::from).collect();
        Ok(Json(SitesBody { sites, page: view.paging.page, total: view.paging.total }).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

/// One site.
#[utoipa::path(
    get, path = "/api/v1/sites/{code}", tag = "fleet",
    params(("code" = String, Path), ("customer" = Option<String>, Query, description = "Where several have the code")),
    responses((status = 200, body = SiteDetail), (status = 404, body = Problem)),
)]
pub(crate) async fn site(State(app): State<AppState>, asked: Asked, Path(code): Path<String>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let code = read(SiteCode::new(code), "site")?;
        Ok(Json(SiteDetail::from(fill::site::site(visit, &code, Some("devices"))?)).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

/// One device, registered and observed.
#[utoipa::path(
    get, path = "/api/v1/devices/{code}", tag = "fleet",
    params(("code" = String, Path), ("customer" = Option<String>, Query, description = "Where several have the code")),
    responses((status = 200, body = DeviceBody), (status = 404, body = Problem)),
)]
pub(crate) async fn device(State(app): State<AppState>, asked: Asked, Path(code): Path<String>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let code = read(DeviceCode::new(code), "device")?;
        Ok(Json(DeviceBody::from(fill::device::device(visit, &code)?)).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

/// What signals name and nobody registered.
#[utoipa::path(get, path = "/api/v1/unregistered", tag = "fleet", responses((status = 200, body = [UnregisteredBody])))]
pub(crate) async fn unregistered(State(app): State<AppState>, asked: Asked) -> Response {
    let work = |visit: &Visit| -> Answer {
        let all = visit.app.loops.unregistered().into_iter();
        let seen = all.filter(|one| visit.scope().sees_customer(&one.customer));
        let body = |one: crate::port::Unregistered| UnregisteredBody {
            site: one.site.map(|site| site.to_string()),
            device: one.device.map(|device| device.to_string()),
            customer: one.customer.to_string(),
            first_at: one.first_at,
            last_at: one.last_at,
            signals: one.signals,
        };
        Ok(Json(seen.map(body).collect::<Vec<_>>()).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

/// Import sites and devices: all or nothing.
#[utoipa::path(
    post, path = "/api/v1/import", tag = "fleet",
    params(("dry_run" = Option<bool>, Query, description = "Only say what would be done")),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 200, body = ImportedBody), (status = 422, body = Problem)),
)]
pub(crate) async fn import(State(app): State<AppState>, asked: Asked, form: Multipart) -> Response {
    let guard = asked.clone().answer(app.clone(), Role::Admin, |_| Ok(StatusCode::OK.into_response())).await;
    if !guard.status().is_success() {
        return guard;
    }
    let files = match files(form).await {
        Ok(files) => files,
        Err(problem) => return problem.into_response(),
    };
    let work = move |visit: &Visit| -> Answer {
        let dry_run = visit.asked.query("dry_run").as_deref() == Some("true");
        match imports::run(visit, &files, dry_run)? {
            Outcome::Good { sites, devices } => {
                Ok(Json(ImportedBody { dry_run, sites: sites.into(), devices: devices.into() }).into_response())
            }
            Outcome::Wrong { errors, more } => {
                let count = errors.len() as u64 + more;
                let detail = format!("Nothing was imported: {count} faults.");
                let error = |wrong: imports::Wrong| FieldError {
                    line: (wrong.line > 0).then_some(wrong.line.into()),
                    field: format!("{} {}", wrong.file, wrong.field).trim().to_owned(),
                    reason: wrong.reason,
                };
                let listed = errors.into_iter().take(LISTED).map(error).collect();
                Err(Problem::new(ProblemKind::Invalid, detail).with_errors(listed))
            }
        }
    };
    asked.answer(app, Role::Admin, work).await
}
