//! Whole pages for those who are logged in.

use crate::convert::invalid;
use crate::fill;
use crate::pages::{
    DevicePage, FindingPage, FleetPage, IncidentPage, IncidentsPage, OverviewPage, SitePage, UnregisteredPage,
};
use crate::security::Problem;
use crate::state::AppState;
use crate::view::Nav;
use crate::visit::{Answer, Asked, Visit};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use domain::account::Role;
use domain::{BadCode, DeviceCode, FindingId, IncidentId, SiteCode};

/// The pages.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(overview))
        .route("/incidents", get(incidents))
        .route("/incidents/{id}", get(incident))
        .route("/findings/{id}", get(finding))
        .route("/fleet", get(fleet))
        .route("/fleet/unregistered", get(unregistered))
        .route("/fleet/sites/{code}", get(site))
        .route("/fleet/devices/{code}", get(device))
}

async fn overview(State(app): State<AppState>, asked: Asked) -> Response {
    asked.answer(app, Role::Viewer, |visit| show_overview(visit, None)).await
}

async fn incidents(State(app): State<AppState>, asked: Asked) -> Response {
    asked.answer(app, Role::Viewer, |visit| show_incidents(visit, None)).await
}

async fn incident(State(app): State<AppState>, asked: Asked, Path(id): Path<String>) -> Response {
    asked.answer(app, Role::Viewer, move |visit| show_incident(visit, &id, None)).await
}

async fn finding(State(app): State<AppState>, asked: Asked, Path(id): Path<String>) -> Response {
    asked.answer(app, Role::Viewer, move |visit| show_finding(visit, &id, None)).await
}

async fn fleet(State(app): State<AppState>, asked: Asked) -> Response {
    asked.answer(app, Role::Viewer, |visit| show_fleet(visit, None)).await
}

async fn site(State(app): State<AppState>, asked: Asked, Path(code): Path<String>) -> Response {
    asked.answer(app, Role::Viewer, move |visit| show_site(visit, &code, None)).await
}

async fn device(State(app): State<AppState>, asked: Asked, Path(code): Path<String>) -> Response {
    asked.answer(app, Role::Viewer, move |visit| show_device(visit, &code, None)).await
}

async fn unregistered(State(app): State<AppState>, asked: Asked) -> Response {
    let show = |visit: &Visit| {
        let (m, shell) = (fill::fleet::unregistered(visit), visit.shell(Nav::Fleet));
        Ok(visit.show(&UnregisteredPage { r: &visit.r, shell: &shell, m: &m }, None))
    };
    asked.answer(app, Role::Viewer, show).await
}

/// The overview, or a block of it.
pub(super) fn show_overview(visit: &Visit, part: Option<&str>) -> Answer {
    let (m, shell) = (fill::overview::overview(visit, part.is_none()), visit.shell(Nav::Overview));
    Ok(visit.show(&OverviewPage { r: &visit.r, shell: &shell, m: &m }, part))
}

/// The list of incidents, or a block of it.
pub(super) fn show_incidents(visit: &Visit, part: Option<&str>) -> Answer {
    let (m, shell) = (fill::overview::incidents(visit), visit.shell(Nav::Incidents));
    Ok(visit.show(&IncidentsPage { r: &visit.r, shell: &shell, m: &m }, part))
}

/// An incident, or a block of it.
pub(super) fn show_incident(visit: &Visit, id: &str, part: Option<&str>) -> Answer {
    let id = read(IncidentId::new(id), "incident")?;
    let (m, shell) = (fill::incident::incident(visit, &id, part.is_none())?, visit.shell(Nav::Incidents));
    Ok(visit.show(&IncidentPage { r: &visit.r, shell: &shell, m: &m }, part))
}

/// A finding, or a block of it.
pub(super) fn show_finding(visit: &Visit, id: &str, part: Option<&str>) -> Answer {
    let id = read(FindingId::new(id), "finding")?;
    let (m, shell) = (fill::finding::finding(visit, &id, part.is_none())?, visit.shell(Nav::Incidents));
    Ok(visit.show(&FindingPage { r: &visit.r, shell: &shell, m: &m }, part))
}

/// The sites, or a block of them.
pub(super) fn show_fleet(visit: &Visit, part: Option<&str>) -> Answer {
    let (m, shell) = (fill::fleet::sites(visit), visit.shell(Nav::Fleet));
    Ok(visit.show(&FleetPage { r: &visit.r, shell: &shell, m: &m }, part))
}

/// A site, or a block of it.
pub(super) fn show_site(visit: &Visit, code: &str, part: Option<&str>) -> Answer {
    let code = read(SiteCode::new(code), "site")?;
    let (m, shell) = (fill::site::site(visit, &code, part)?, visit.shell(Nav::Fleet));
    Ok(visit.show(&SitePage { r: &visit.r, shell: &shell, m: &m }, part))
}

/// A device, or a block of it.
pub(super) fn show_device(visit: &Visit, code: &str, part: Option<&str>) -> Answer {
    let code = read(DeviceCode::new(code), "device")?;
    let (m, shell) = (fill::device::device(visit, &code)?, visit.shell(Nav::Fleet));
    Ok(visit.show(&DevicePage { r: &visit.r, shell: &shell, m: &m }, part))
}

/// A code or id out of a path.
pub(crate) fn read<T>(parsed: Result<T, BadCode>, what: &str) -> Result<T, Problem> {
    parsed.map_err(|bad| invalid(what, bad.to_string()))
}
