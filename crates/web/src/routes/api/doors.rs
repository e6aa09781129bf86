//! Sessions for programs.

use crate::limits::Purpose;
use crate::security::{Problem, ProblemKind};
use crate::state::AppState;
use crate::visit::{Answer, Asked, Visit};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use desk::LoginRefused;
use domain::account::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Login and password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LoginBody {
    login: String,
    password: String,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionBody {
    /// Send it as `Authorization: Bearer ...`. Over after 12 hours without use, or a week.
    session: String,
}

/// Log in.
#[utoipa::path(
    post, path = "/api/v1/sessions", tag = "sessions", security(()), request_body = LoginBody,
    responses((status = 201, body = SessionBody), (status = 401, body = Problem), (status = 429, body = Problem)),
)]
pub(crate) async fn log_in(State(app): State<AppState>, asked: Asked, Json(body): Json<LoginBody>) -> Response {
    let work = move |asked: Asked| -> Answer {
        asked.limit(&app, Purpose::Login)?;
        let session = app.desk.log_in(body.login.trim(), &body.password, app.now()).map_err(refused)?;
        Ok((StatusCode::CREATED, Json(SessionBody { session })).into_response())
    };
    asked.blocking(work).await
}

/// End this session.
#[utoipa::path(delete, path = "/api/v1/sessions/current", tag = "sessions", responses((status = 204)))]
pub(crate) async fn log_out(State(app): State<AppState>, asked: Asked) -> Response {
    let work = |visit: &Visit| -> Answer {
        visit.app.desk.log_out(&visit.me.session)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    asked.answer(app, Role::Viewer, work).await
}

fn refused(refused: LoginRefused) -> Problem {
    let said = refused.to_string();
    match refused {
        LoginRefused::Wrong => Problem::new(ProblemKind::Unauthenticated, said),
        LoginRefused::Locked { .. } => Problem::new(ProblemKind::TooMany, said).with_retry_after_s(60),
        LoginRefused::Busy(_) => Problem::new(ProblemKind::Unavailable, said).with_retry_after_s(5),
        LoginRefused::Desk(error) => error.into(),
    }
}
