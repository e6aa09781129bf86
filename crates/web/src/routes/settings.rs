//! Tokens and users.

use super::given_back::given_back;
use super::pages::read;
use crate::convert::{invalid, not_found};
use crate::fill;
use crate::pages::{TokensPage, UsersPage};
use crate::security::Problem;
use crate::state::AppState;
use crate::view::{self, FreshToken, Nav, SetupLink};
use crate::visit::{Answer, Asked, Visit};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use domain::account::Role;
use domain::{CustomerKey, Scope, TokenId, UserId};
use serde::Deserialize;

/// The pages and their forms.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/settings/tokens", get(tokens).post(create_token))
        .route("/settings/tokens/{id}/revoke", post(revoke_token))
        .route("/settings/users", get(users).post(create_user))
        .route("/settings/users/{id}/setup-link", post(new_link))
        .route("/settings/users/{id}/role", post(change_role))
        .route("/settings/users/{id}/disable", post(disable_user))
}

#[derive(Deserialize)]
struct TokenForm {
    name: String,
    customer: String,
}

#[derive(Deserialize)]
struct UserForm {
    name: String,
    login: String,
    role: String,
}

#[derive(Deserialize)]
struct RoleForm {
    role: String,
}

async fn tokens(State(app): State<AppState>, asked: Asked) -> Response {
    asked.answer(app, Role::Admin, |visit| Ok(tokens_page(visit, None, view::TokenForm::default()))).await
}

async fn create_token(State(app): State<AppState>, asked: Asked, Form(form): Form<TokenForm>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let made = read(CustomerKey::new(form.customer.as_str()), "customer").and_then(|customer| {
            Ok(visit.app.desk.create_token(&visit.caller(), &customer, &form.name, visit.now())?)
        });
        match made {
            Ok(made) => {
                let fresh = FreshToken { name: form.name, secret: made.secret };
                Ok(tokens_page(visit, Some(fresh), view::TokenForm::default()))
            }
            Err(problem) => given_back(visit, problem, &["name", "customer"], |faults| {
                Ok(tokens_page(visit, None, view::TokenForm { name: form.name, customer: form.customer, faults }))
            }),
        }
    };
    asked.answer(app, Role::Admin, work).await
}

async fn revoke_token(State(app): State<AppState>, asked: Asked, Path(id): Path<String>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let id = read(TokenId::new(id), "token")?;
        match visit.app.desk.revoke_token(&visit.caller(), &id, visit.now()) {
            Ok(_) => Ok(Redirect::to("/settings/tokens").into_response()),
            Err(error) => given_back(visit, error.into(), &[], |faults| {
                Ok(tokens_page(visit, None, view::TokenForm { faults, ..view::TokenForm::default() }))
            }),
        }
    };
    asked.answer(app, Role::Admin, work).await
}

async fn users(State(app): State<AppState>, asked: Asked) -> Response {
    asked.answer(app, Role::Admin, |visit| Ok(users_page(visit, None, view::UserForm::default()))).await
}

async fn create_user(State(app): State<AppState>, asked: Asked, Form(form): Form<UserForm>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let made = role(&form.role).and_then(|role| {
            let (desk, login) = (&visit.app.desk, form.login.trim());
            Ok(desk.invite_user(&visit.caller(), &form.name, login, role, &Scope::All, visit.now())?)
        });
        match made {
            Ok(made) => Ok(users_page(visit, Some(link(visit, form.name, &made)), view::UserForm::default())),
            Err(problem) => given_back(visit, problem, &["name", "login", "role"], |faults| {
                let form = view::UserForm { name: form.name, login: form.login, role: form.role, faults };
                Ok(users_page(visit, None, form))
            }),
        }
    };
    asked.answer(app, Role::Admin, work).await
}

async fn new_link(State(app): State<AppState>, asked: Asked, Path(id): Path<String>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let user = read(UserId::new(id), "user")?;
        match visit.app.desk.renew_link(&visit.caller(), &user, visit.now()) {
            Ok(made) => {
                let name = visit.name_of(&user).unwrap_or_else(|| user.to_string());
                Ok(users_page(visit, Some(link(visit, name, &made)), view::UserForm::default()))
            }
            Err(error) => users_again(visit, error.into()),
        }
    };
    asked.answer(app, Role::Admin, work).await
}

async fn change_role(
    State(app): State<AppState>,
    asked: Asked,
    Path(id): Path<String>,
    Form(form): Form<RoleForm>,
) -> Response {
    let work = move |visit: &Visit| -> Answer {
        match set_role(visit, &read(UserId::new(id), "user")?, &form.role) {
            Ok(()) => Ok(Redirect::to("/settings/users").into_response()),
            Err(problem) => users_again(visit, problem),
        }
    };
    asked.answer(app, Role::Admin, work).await
}

async fn disable_user(State(app): State<AppState>, asked: Asked, Path(id): Path<String>) -> Response {
    let work = move |visit: &Visit| -> Answer {
        let user = read(UserId::new(id), "user")?;
        match visit.app.desk.disable_user(&visit.caller(), &user, visit.now()) {
            Ok(_) => Ok(Redirect::to("/settings/users").into_response()),
            Err(error) => users_again(visit, error.into()),
        }
    };
    asked.answer(app, Role::Admin, work).await
}

/// Lets somebody do more or less, with what they see as it was.
pub(super) fn set_role(visit: &Visit, user: &UserId, to: &str) -> Result<(), Problem> {
    let to = role(to)?;
    let sees =
        visit.app.desk.read(visit.scope(), |view| view.users().find(|u| u.user == *user).map(|u| u.sees.clone()));
    let sees = sees.ok_or_else(|| not_found("user", user.as_str()))?;
    Ok(visit.app.desk.change_role(&visit.caller(), user, to, &sees, visit.now())?)
}

/// Reads a role from a form.
pub(super) fn role(text: &str) -> Result<Role, Problem> {
    text.parse().map_err(|bad: domain::account::BadRole| invalid("role", bad.to_string()))
}

/// A link as it is handed over.
pub(super) fn link(visit: &Visit, name: String, made: &desk::SetupLink) -> SetupLink {
    SetupLink { name, url: format!("{}/setup/{}", visit.app.public_url, made.secret), expires_at: made.expires }
}

fn tokens_page(visit: &Visit, fresh: Option<FreshToken>, form: view::TokenForm) -> Response {
    let (m, shell) = (fill::settings::tokens(visit, fresh, form), visit.shell_of(Nav::Settings, "/settings/tokens"));
    visit.show(&TokensPage { r: &visit.r, shell: &shell, m: &m }, None)
}

/// The users, with what was refused said above the form.
fn users_again(visit: &Visit, problem: Problem) -> Answer {
    let show = |faults| Ok(users_page(visit, None, view::UserForm { faults, ..view::UserForm::default() }));
    given_back(visit, problem, &[], show)
}

fn users_page(visit: &Visit, link: Option<SetupLink>, form: view::UserForm) -> Response {
    let (m, shell) = (fill::settings::users(visit, link, form), visit.shell_of(Nav::Settings, "/settings/users"));
    visit.show(&UsersPage { r: &visit.r, shell: &shell, m: &m }, None)
}
