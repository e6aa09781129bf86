//! Parts of pages that stay live, fetched anew when something they show has changed.

use super::pages::{show_device, show_finding, show_fleet, show_incident, show_incidents, show_overview, show_site};
use crate::state::AppState;
use crate::visit::Asked;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use domain::account::Role;

/// The fragments.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/fragment/shell/open", get(open_count))
        .route("/fragment/overview/{part}", get(overview))
        .route("/fragment/incidents/list", get(incidents))
        .route("/fragment/incidents/{id}/{part}", get(incident))
        .route("/fragment/findings/{id}/body", get(finding))
        .route("/fragment/fleet/sites", get(fleet))
        .route("/fragment/fleet/sites/{code}/{part}", get(site))
        .route("/fragment/fleet/devices/{code}/body", get(device))
}

async fn open_count(State(app): State<AppState>, asked: Asked) -> Response {
    asked.answer(app, Role::Viewer, |visit| show_overview(visit, Some("open_count"))).await
}

async fn overview(State(app): State<AppState>, asked: Asked, Path(part): Path<String>) -> Response {
    asked.answer(app, Role::Viewer, move |visit| show_overview(visit, Some(&part))).await
}

async fn incidents(State(app): State<AppState>, asked: Asked) -> Response {
    asked.answer(app, Role::Viewer, |visit| show_incidents(visit, Some("list"))).await
}

async fn incident(State(app): State<AppState>, asked: Asked, Path((id, part)): Path<(String, String)>) -> Response {
    let part = if part == "head" { "head_facts".to_owned() } else { part };
    asked.answer(app, Role::Viewer, move |visit| show_incident(visit, &id, Some(&part))).await
}

async fn finding(State(app): State<AppState>, asked: Asked, Path(id): Path<String>) -> Response {
    asked.answer(app, Role::Viewer, move |visit| show_finding(visit, &id, Some("body"))).await
}

async fn fleet(State(app): State<AppState>, asked: Asked) -> Response {
    asked.answer(app, Role::Viewer, |visit| show_fleet(visit, Some("sites"))).await
}

async fn site(State(app): State<AppState>, asked: Asked, Path((code, part)): Path<(String, String)>) -> Response {
    asked.answer(app, Role::Viewer, move |visit| show_site(visit, &code, Some(&part))).await
}

async fn device(State(app): State<AppState>, asked: Asked, Path(code): Path<String>) -> Response {
    asked.answer(app, Role::Viewer, move |visit| show_device(visit, &code, Some("body"))).await
}
