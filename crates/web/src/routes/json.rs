//! What the scripts of the pages ask for: curves, the map, the palette's hits.

use crate::charts::{self, CurveBody};
use crate::fill;
use crate::fill::fleet::MapBody;
use crate::fill::lines::take;
use crate::security::Problem;
use crate::state::AppState;
use crate::view::Headline;
use crate::visit::{Asked, Visit, encode};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::Hit;
use domain::account::Role;
use serde::Serialize;
use utoipa::ToSchema;

/// So many hits of each sort.
const HITS: usize = 8;

/// What the palette found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitsBody {
    /// Incidents first, then sites, then devices.
    hits: Vec<HitBody>,
}

/// One hit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitBody {
    /// What to call it.
    label: String,
    /// Where it leads.
    href: String,
    /// What it is.
    hint: String,
}

/// Expected against actual over 24 hours.
#[utoipa::path(
    get, path = "/api/v1/history", tag = "data",
    params(("series" = String, Query, description = "fleet, site:CODE, incident:ID or finding:ID")),
    responses((status = 200, body = CurveBody), (status = 404, body = Problem)),
)]
pub(crate) async fn history(State(app): State<AppState>, asked: Asked) -> Response {
    let work = |visit: &Visit| {
        let series = visit.asked.query("series").unwrap_or_else(|| "fleet".to_owned());
        Ok(Json(charts::curve(visit, &series)?.body(visit)).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

/// Every site with a position, and its state.
#[utoipa::path(get, path = "/api/v1/map", tag = "data", responses((status = 200, body = MapBody)))]
pub(crate) async fn map(State(app): State<AppState>, asked: Asked) -> Response {
    asked.answer(app, Role::Viewer, |visit| Ok(Json(fill::fleet::map(visit)).into_response())).await
}

/// Sites, devices, incidents and reports by the beginnings of words.
#[utoipa::path(
    get, path = "/api/v1/search", tag = "data",
    params(("q" = String, Query, description = "Words, whatever the case and the dots on letters")),
    responses((status = 200, body = HitsBody)),
)]
pub(crate) async fn search(State(app): State<AppState>, asked: Asked) -> Response {
    let work = |visit: &Visit| {
        let query = visit.asked.query("q").unwrap_or_default();
        let (hits, headlines) = visit.app.desk.read(visit.scope(), |view| {
            let hits = view.search(&query, HITS);
            let headline = |hit: &Hit| match hit {
                Hit::Incident { incident, .. } => {
                    let taken = take(view, view.incident(incident)?);
                    Some((taken.headline(), taken.given()))
                }
                Hit::Report { .. } | Hit::Site { .. } | Hit::Device { .. } => None,
            };
            let headlines: Vec<_> = hits.iter().map(headline).collect();
            (hits, headlines)
        });
        let hits = hits.into_iter().zip(headlines).map(|(hit, headline)| body(visit, hit, headline)).collect();
        Ok(Json(HitsBody { hits }).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

fn body(visit: &Visit, hit: Hit, headline: Option<(Headline, Option<String>)>) -> HitBody {
    match hit {
        Hit::Report { report, site, incident, .. } => HitBody {
            label: format!("{} {}", visit.r.say("report"), domain::report::reference(&report)),
            href: match incident {
                Some(incident) => format!("/incidents/{}", encode(incident.as_str())),
                None => format!("/fleet/sites/{}", encode(site.as_str())),
            },
            hint: site.to_string(),
        },
        Hit::Site { site, title, .. } => HitBody {
            label: if title == site.as_str() { title } else { format!("{site} {title}") },
            href: format!("/fleet/sites/{}", encode(site.as_str())),
            hint: visit.r.say("site"),
        },
        Hit::Device { device, site, .. } => HitBody {
            label: device.to_string(),
            href: format!("/fleet/devices/{}", encode(device.as_str())),
            hint: site.map_or_else(|| visit.r.say("device"), |site| site.to_string()),
        },
        Hit::Incident { incident, .. } => HitBody {
            label: match headline {
                Some((_, Some(given))) => given,
                Some((headline, None)) => headline.text(&visit.r),
                None => incident.to_string(),
            },
            href: format!("/incidents/{}", encode(incident.as_str())),
            hint: incident.to_string(),
        },
    }
}
