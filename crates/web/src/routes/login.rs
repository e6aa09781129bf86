//! The doors: login, logout, and the first password behind a setup link.

use crate::limits::Purpose;
use crate::pages::{LoginPage, SetupPage, page};
use crate::router::local_path;
use crate::security::Problem;
use crate::state::AppState;
use crate::view::{LoginView, SetupView};
use crate::visit::{Answer, Asked, cookie_name, encode};
use crate::words::{Key, Reader};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use desk::{LoginRefused, NewPassword, WeakPassword};
use domain::Scope;
use serde::Deserialize;

/// The doors.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/login", get(show_login).post(log_in))
        .route("/logout", post(log_out))
        .route("/setup/{token}", get(show_setup).post(set_up))
}

#[derive(Deserialize)]
struct LoginForm {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct SetupForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    login: String,
    password: String,
}

async fn show_login(State(app): State<AppState>, asked: Asked) -> Response {
    let work = move |asked: Asked| {
        let next = asked.query("next").unwrap_or_default();
        if asked.who(&app)?.is_some() {
            return Ok(Redirect::to(local_path(&next)).into_response());
        }
        Ok(login_page(&asked, &asked.reader(&app), &LoginView { next, ..LoginView::default() }))
    };
    asked.blocking(work).await
}

async fn log_in(State(app): State<AppState>, asked: Asked, Form(form): Form<LoginForm>) -> Response {
    let work = move |asked: Asked| -> Answer {
        asked.limit(&app, Purpose::Login)?;
        let refused = match app.desk.log_in(form.login.trim(), &form.password, app.now()) {
            Ok(secret) => return Ok(with_session(&app, &secret, local_path(&form.next))),
            Err(refused) => refused,
        };
        let (status, error) = match refused {
            LoginRefused::Wrong => (StatusCode::UNAUTHORIZED, Key("login-wrong")),
            LoginRefused::Locked { .. } => (StatusCode::TOO_MANY_REQUESTS, Key("login-locked")),
            LoginRefused::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, Key("login-busy")),
            LoginRefused::Desk(error) => return Err(error.into()),
        };
        let mut r = asked.reader(&app);
        r.query = format!("next={}", encode(&form.next));
        let view = LoginView { error: Some(error), login: form.login, next: form.next };
        Ok((status, login_page(&asked, &r, &view)).into_response())
    };
    asked.blocking(work).await
}

async fn log_out(State(app): State<AppState>, asked: Asked) -> Response {
    let work = move |asked: Asked| -> Answer {
        if let Some(me) = asked.who(&app)? {
            app.desk.log_out(&me.session)?;
        }
        let mut response = Redirect::to("/login").into_response();
        set_cookie(&app, &mut response, "", 0);
        Ok(response)
    };
    asked.blocking(work).await
}

async fn show_setup(State(app): State<AppState>, asked: Asked, Path(token): Path<String>) -> Response {
    let work = move |asked: Asked| -> Answer {
        asked.limit(&app, Purpose::Login)?;
        let view = setup_view(&app, token)?;
        Ok(setup_page(&asked, &asked.reader(&app), &view))
    };
    asked.blocking(work).await
}

async fn set_up(
    State(app): State<AppState>,
    asked: Asked,
    Path(token): Path<String>,
    Form(form): Form<SetupForm>,
) -> Response {
    let work = move |asked: Asked| -> Answer {
        asked.limit(&app, Purpose::Login)?;
        let before = setup_view(&app, token.clone())?;
        let (name, login) = (form.name.trim(), form.login.trim());
        let first = before.login.is_empty().then_some((name, login));
        let login = if before.login.is_empty() { login.to_owned() } else { before.login.clone() };
        let error = match app.desk.set_up(&token, &form.password, first, app.now()) {
            Ok(_) => {
                return Ok(match app.desk.log_in(&login, &form.password, app.now()) {
                    Ok(secret) => with_session(&app, &secret, "/"),
                    Err(_) => Redirect::to("/login").into_response(),
                });
            }
            Err(NewPassword::LinkOver) => None,
            Err(NewPassword::Weak(weak)) => Some(weak_key(weak)),
            Err(NewPassword::Busy(_)) => Some(Key("login-busy")),
            Err(NewPassword::Desk(desk::DeskError::Invalid { field: "email", .. })) => Some(Key("setup-address")),
            Err(NewPassword::Desk(desk::DeskError::Invalid { .. })) => Some(Key("setup-name")),
            Err(NewPassword::Desk(error)) => return Err(error.into()),
        };
        let view = SetupView { error, name: form.name.clone(), is_dead: error.is_none(), ..before };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Ok((status, setup_page(&asked, &asked.reader(&app), &view)).into_response())
    };
    asked.blocking(work).await
}

/// Opens the session in the browser and goes on.
fn with_session(app: &AppState, secret: &str, next: &str) -> Response {
    let mut response = Redirect::to(next).into_response();
    // As long as a session can last; the desk ends it earlier when it is unused.
    set_cookie(app, &mut response, secret, 7 * 24 * 3_600);
    response
}

fn set_cookie(app: &AppState, response: &mut Response, value: &str, max_age_s: u32) {
    let secure = if app.is_https() { "; Secure" } else { "" };
    let name = cookie_name(app);
    let cookie = format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// What the page behind a link shows: dead, for the first of all, or for somebody who was invited.
fn setup_view(app: &AppState, token: String) -> Result<SetupView, Problem> {
    let Some(user) = app.desk.link_is_good(&token, app.now())? else {
        return Ok(SetupView { token, is_dead: true, ..SetupView::default() });
    };
    let email = app.desk.read(&Scope::All, |view| view.user(&user).map(|user| user.email.clone()));
    let login = email.map(|email| match app.desk.text(&email) {
        desk::Text::Plain(text) => text,
        desk::Text::Erased | desk::Text::Unreadable => user.to_string(),
    });
    Ok(SetupView { token, login: login.unwrap_or_default(), ..SetupView::default() })
}

fn weak_key(weak: WeakPassword) -> Key {
    match weak {
        WeakPassword::TooShort => Key("password-short"),
        WeakPassword::TooLong => Key("password-long"),
        WeakPassword::Repeats => Key("password-repeats"),
        WeakPassword::Run => Key("password-run"),
        WeakPassword::Common => Key("password-common"),
        WeakPassword::Personal => Key("password-personal"),
    }
}

fn login_page(asked: &Asked, r: &Reader, m: &LoginView) -> Response {
    page(&LoginPage { r, theme: asked.theme(), m })
}

fn setup_page(asked: &Asked, r: &Reader, m: &SetupView) -> Response {
    page(&SetupPage { r, theme: asked.theme(), m })
}
