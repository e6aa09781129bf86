//! The demo's switches; outside a demo there is nothing here.

use super::refusals::PAGE_HEADER;
use crate::convert::invalid;
use crate::port::{DemoControl, demo_bar};
use crate::router::local_path;
use crate::security::{Problem, ProblemKind};
use crate::state::AppState;
use crate::view::DemoBar;
use crate::visit::{Asked, Visit};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use domain::account::Role;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The switches.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/demo/scenario", post(scenario)).route("/demo/speed", post(speed))
}

#[derive(Deserialize)]
struct ScenarioForm {
    scenario: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct SpeedForm {
    speed: u32,
    #[serde(default)]
    next: String,
}

/// For the demo's bar.
#[derive(Serialize)]
struct BeginsBody {
    text: String,
    at_ms: Option<i64>,
}

async fn scenario(State(app): State<AppState>, asked: Asked, Form(form): Form<ScenarioForm>) -> Response {
    let work = move |visit: &Visit| {
        let demo = demo(&visit.app)?;
        if !demo.pick(&form.scenario) {
            return Err(invalid("scenario", format!("{:?} is none of the demo's", form.scenario)));
        }
        if visit.asked.headers.contains_key(PAGE_HEADER) {
            return Ok(Json(begins(visit, demo)).into_response());
        }
        Ok(Redirect::to(local_path(&form.next)).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

/// When what was picked begins: at the pace of real time nothing is seen until then.
fn begins(visit: &Visit, demo: &dyn DemoControl) -> BeginsBody {
    let bar = demo_bar(demo, visit.r.lang);
    let at = bar.begins().copied();
    BeginsBody {
        text: at.map(|at| visit.r.say_a("demo-begins", visit.r.clock(&at))).unwrap_or_default(),
        at_ms: at.map(Timestamp::as_millisecond),
    }
}

async fn speed(State(app): State<AppState>, asked: Asked, Form(form): Form<SpeedForm>) -> Response {
    let work = move |visit: &Visit| {
        if !DemoBar::SPEEDS.contains(&form.speed) {
            return Err(invalid("speed", format!("must be one of {:?}, is {}", DemoBar::SPEEDS, form.speed)));
        }
        demo(&visit.app)?.set_speed(form.speed);
        Ok(Redirect::to(local_path(&form.next)).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

fn demo(app: &AppState) -> Result<&dyn DemoControl, Problem> {
    app.demo.as_deref().ok_or_else(|| Problem::new(ProblemKind::NotFound, "This is not a demo."))
}
