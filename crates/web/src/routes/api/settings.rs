//! Tokens and users.

use crate::fill;
use crate::routes::pages::read;
use crate::routes::settings::{link, role, set_role};
use crate::security::Problem;
use crate::state::AppState;
use crate::view::{TokenForm, UserForm};
use crate::visit::{Answer, Asked, Visit};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::account::Role;
use domain::{CustomerKey, Scope, TokenId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A token; its secret is shown once, when it is made.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenBody {
    token: String,
    name: String,
    customer: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<jiff::Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewTokenBody {
    /// What sends with it.
    name: String,
    /// Key of the customer it is fixed to.
    customer: String,
}

/// A user.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserBody {
    user: String,
    name: String,
    login: String,
    /// `viewer`, `responder`, `commander` or `admin`.
    role: &'static str,
    is_set_up: bool,
}

/// A user to be invited.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewUserBody {
    name: String,
    /// E-mail address.
    login: String,
    /// `viewer`, `responder`, `commander` or `admin`.
    role: String,
    /// Keys of the customers they see; all, if not said.
    customers: Option<Vec<String>>,
}

/// What a user may do from now on.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RoleBody {
    /// `viewer`, `responder`, `commander` or `admin`.
    role: String,
}

/// A link that sets a password, once.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkBody {
    user: String,
    url: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: jiff::Timestamp,
}

/// Ingest tokens.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "settings", responses((status = 200, body = [TokenBody])))]
pub(crate) async fn tokens(State(app): State<AppState>, asked: Asked) -> Response {
    let work = |visit: &Visit| -> Answer {
        let body = |line: crate::view::TokenLine| TokenBody {
            token: line.id,
            name: line.name,
            customer: line.customer,
            created_at: line.created_at,
            revoked_at: line.revoked_at,
            secret: None,
        };
        let tokens = fill::settings::tokens(visit, None, TokenForm::default()).tokens;
        Ok(Json(tokens.into_iter().map(body).collect::<Vec<_>>()).into_response())
    };
    asked.answer(app, Role::Admin, work).await
}

/// Make a token. Its secret is in the answer and never seen again.
#[utoipa::path(
    post, path = "/api/v1/tokens", tag = "settings", request_body = NewTokenBody,
    responses((status = 201, body = TokenBody), (status = 422, body = Problem)),
)]
pub(crate) async fn create_token(
    State(app): State<AppState>,
    asked: Asked,
    Json(body): Json<NewTokenBody>,
) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let customer = read(CustomerKey::new(body.customer), "customer")?;
        let made = visit.app.desk.create_token(&visit.caller(), &customer, &body.name, visit.now())?;
        let body = TokenBody {
            token: made.id.to_string(),
            name: body.name,
            customer: customer.to_string(),
            created_at: visit.now(),
            revoked_at: None,
            secret: Some(made.secret),
        };
        Ok((StatusCode::CREATED, Json(body)).into_response())
    };
    asked.answer(app, Role::Admin, work).await
}

/// Make a token worth nothing.
#[utoipa::path(
    delete, path = "/api/v1/tokens/{id}", tag = "settings", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
pub(crate) async fn revoke_token(State(app): State<AppState>, asked: Asked, Path(id): Path<String>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let id = read(TokenId::new(id), "token")?;
        visit.app.desk.revoke_token(&visit.caller(), &id, visit.now())?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    asked.answer(app, Role::Admin, work).await
}

/// Users.
#[utoipa::path(get, path = "/api/v1/users", tag = "settings", responses((status = 200, body = [UserBody])))]
pub(crate) async fn users(State(app): State<AppState>, asked: Asked) -> Response {
    let work = |visit: &Visit| -> Answer {
        let body = |line: crate::view::UserLine| UserBody {
            user: line.id,
            name: line.name,
            login: line.login,
            role: line.role.name(),
            is_set_up: line.is_set_up,
        };
        let users = fill::settings::users(visit, None, UserForm::default()).users;
        Ok(Json(users.into_iter().map(body).collect::<Vec<_>>()).into_response())
    };
    asked.answer(app, Role::Admin, work).await
}

/// Invite somebody. The link is for that person only.
#[utoipa::path(
    post, path = "/api/v1/users", tag = "settings", request_body = NewUserBody,
    responses((status = 201, body = LinkBody), (status = 422, body = Problem)),
)]
pub(crate) async fn create_user(State(app): State<AppState>, asked: Asked, Json(body): Json<NewUserBody>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let sees = match body.customers {
            None => Scope::All,
            Some(keys) => {
                let keys = keys.into_iter().map(|key| read(CustomerKey::new(key), "customers"));
                Scope::Customers(keys.collect::<Result<BTreeSet<_>, _>>()?)
            }
        };
        let role = role(&body.role)?;
        let desk = &visit.app.desk;
        let made = desk.invite_user(&visit.caller(), &body.name, body.login.trim(), role, &sees, visit.now())?;
        Ok((StatusCode::CREATED, Json(link_body(visit, &made))).into_response())
    };
    asked.answer(app, Role::Admin, work).await
}

/// Take somebody's login away; all their sessions end.
#[utoipa::path(
    delete, path = "/api/v1/users/{id}", tag = "settings", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
pub(crate) async fn disable_user(State(app): State<AppState>, asked: Asked, Path(id): Path<String>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let user = read(UserId::new(id), "user")?;
        visit.app.desk.disable_user(&visit.caller(), &user, visit.now())?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    asked.answer(app, Role::Admin, work).await
}

/// Let somebody do more or less; what they see stays.
#[utoipa::path(
    put, path = "/api/v1/users/{id}/role", tag = "settings", params(("id" = String, Path)), request_body = RoleBody,
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
)]
pub(crate) async fn change_role(
    State(app): State<AppState>,
    asked: Asked,
    Path(id): Path<String>,
    Json(body): Json<RoleBody>,
) -> Response {
    let work = move |visit: &Visit| -> Answer {
        set_role(visit, &read(UserId::new(id), "user")?, &body.role)?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    asked.answer(app, Role::Admin, work).await
}

/// A new link for somebody; the old password and all sessions are worth nothing from now on.
#[utoipa::path(
    post, path = "/api/v1/users/{id}/setup-link", tag = "settings", params(("id" = String, Path)),
    responses((status = 201, body = LinkBody), (status = 404, body = Problem)),
)]
pub(crate) async fn setup_link(State(app): State<AppState>, asked: Asked, Path(id): Path<String>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let user = read(UserId::new(id), "user")?;
        let made = visit.app.desk.renew_link(&visit.caller(), &user, visit.now())?;
        Ok((StatusCode::CREATED, Json(link_body(visit, &made))).into_response())
    };
    asked.answer(app, Role::Admin, work).await
}

fn link_body(visit: &Visit, made: &desk::SetupLink) -> LinkBody {
    let user = made.user.to_string();
    let shown = link(visit, user.clone(), made);
    LinkBody { user, url: shown.url, expires_at: shown.expires_at }
}
