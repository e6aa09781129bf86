//! The demo's switches; outside a demo there is nothing here.

use crate::convert::invalid;
use crate::port::DemoControl;
use crate::router::local_path;
use crate::security::{Problem, ProblemKind};
use crate::state::AppState;
use crate::view::DemoBar;
use crate::visit::{Asked, Visit};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Form, Router};
use domain::account::Role;
use serde::Deserialize;

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

async fn scenario(State(app): State<AppState>, asked: Asked, Form(form): Form<ScenarioForm>) -> Response {
    let work = move |visit: &Visit| {
        if !demo(&visit.app)?.pick(&form.scenario) {
            return Err(invalid("scenario", format!("{:?} is none of the demo's", form.scenario)));
        }
        Ok(Redirect::to(local_path(&form.next)).into_response())
    };
    asked.answer(app, Role::Viewer, work).await
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
