//! The whole server as one router: pages, parts of them, forms, ingest, live updates, and what watches us.

use crate::router::with_shell;
use crate::routes;
use crate::state::AppState;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, middleware};

/// A form is never larger.
const MOST_FORM_BYTES: usize = 256 << 10;

/// The server. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that limits are per address.
pub fn app(state: AppState) -> Router {
    let pages = Router::new()
        .merge(routes::pages::routes())
        .merge(routes::fragments::routes())
        .merge(routes::incidents::routes())
        .merge(routes::login::routes())
        .merge(routes::report::routes())
        .merge(routes::settings::routes())
        .merge(routes::demo::routes())
        .merge(routes::live::routes())
        .merge(routes::metrics::routes())
        .merge(routes::api::routes())
        .route("/api/v1/history", get(routes::json::history))
        .route("/api/v1/map", get(routes::json::map))
        .route("/api/v1/search", get(routes::json::search))
        .layer(DefaultBodyLimit::max(MOST_FORM_BYTES))
        .route("/api/v1/signals", post(routes::ingest::take))
        .merge(routes::import::routes())
        .merge(routes::api::large_routes())
        .fallback(routes::refusals::nowhere);
    let served = with_shell(pages).layer(middleware::from_fn_with_state(state.clone(), routes::refusals::refusals));
    let served = served.layer(middleware::from_fn(crate::compression::compress));
    let served = if state.is_https() { served.layer(middleware::map_response(keep_to_tls)) } else { served };
    served.with_state(state)
}

/// Browsers that came over TLS once come over nothing else for a year.
async fn keep_to_tls(mut response: Response) -> Response {
    let value = HeaderValue::from_static("max-age=31536000; includeSubDomains");
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
    response
}
