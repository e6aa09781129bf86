//! The REST of it: the same reads and commands as the pages, for programs. The document is made from this code.

mod bodies;
mod doors;
mod fleet;
mod operations;
mod refused;
mod settings;

use crate::pages::{ApiPage, page};
use crate::security::Problem;
use crate::state::AppState;
use crate::visit::Asked;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::Response;
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use refused::Refusals;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Samband",
        description = "Signals in, findings and incidents out. Refusals are RFC 9457 problems. Log in with POST /api/v1/sessions and send the session as a bearer token, or use the browser's cookie.",
        license(name = "Apache-2.0 OR MIT"),
    ),
    paths(
        crate::routes::ingest::take, crate::routes::json::history, crate::routes::json::map, crate::routes::json::search,
        doors::log_in, doors::log_out, operations::findings, operations::finding, operations::incidents,
        operations::incident, operations::command, operations::phase, operations::severity, operations::note,
        operations::reports, operations::report, fleet::sites, fleet::site, fleet::device, fleet::unregistered,
        fleet::import, settings::tokens, settings::create_token, settings::revoke_token, settings::users,
        settings::create_user, settings::disable_user, settings::change_role, settings::setup_link,
    ),
    components(schemas(Problem)),
    security(("session" = [])),
    modifiers(&Schemes, &Refusals),
)]
pub(crate) struct Document;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = |what: &str| {
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(what)).build())
        };
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("session", bearer("A session, from POST /api/v1/sessions."));
        components.add_security_scheme("ingest", bearer("An ingest token, smb_..., made under Settings."));
    }
}

/// The addresses with small bodies.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api", get(try_it))
        .route("/api/v1/openapi.json", get(document))
        .route("/api/v1/sessions", post(doors::log_in))
        .route("/api/v1/sessions/current", delete(doors::log_out))
        .route("/api/v1/findings", get(operations::findings))
        .route("/api/v1/findings/{id}", get(operations::finding))
        .route("/api/v1/incidents", get(operations::incidents))
        .route("/api/v1/incidents/{id}", get(operations::incident))
        .route("/api/v1/incidents/{id}/command", post(operations::command))
        .route("/api/v1/incidents/{id}/phase", post(operations::phase))
        .route("/api/v1/incidents/{id}/severity", post(operations::severity))
        .route("/api/v1/incidents/{id}/notes", post(operations::note))
        .route("/api/v1/reports", get(operations::reports).post(operations::report))
        .route("/api/v1/sites", get(fleet::sites))
        .route("/api/v1/sites/{code}", get(fleet::site))
        .route("/api/v1/devices/{code}", get(fleet::device))
        .route("/api/v1/unregistered", get(fleet::unregistered))
        .route("/api/v1/tokens", get(settings::tokens).post(settings::create_token))
        .route("/api/v1/tokens/{id}", delete(settings::revoke_token))
        .route("/api/v1/users", get(settings::users).post(settings::create_user))
        .route("/api/v1/users/{id}", delete(settings::disable_user))
        .route("/api/v1/users/{id}/role", put(settings::change_role))
        .route("/api/v1/users/{id}/setup-link", post(settings::setup_link))
}

/// The address that takes files.
pub(crate) fn large_routes() -> Router<AppState> {
    let limit = DefaultBodyLimit::max(crate::routes::import::MOST_BYTES);
    Router::new().route("/api/v1/import", post(fleet::import).layer(limit))
}

async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}

async fn try_it(State(app): State<AppState>, asked: Asked) -> Response {
    page(&ApiPage { r: &asked.reader(&app), theme: asked.theme() })
}
