//! One request of one person: who asks, in which language, what they may see and do. Every page and every form goes through
//! here, off the async threads, since the desk blocks.

use crate::limits::Purpose;
use crate::pages;
use crate::port::demo_bar;
use crate::security::{Problem, ProblemKind};
use crate::state::AppState;
use crate::view::{self, Nav, Shell, Theme};
use crate::words::{Lang, Reader, cookie};
use askama::Template;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::{HeaderMap, Method, Uri, header, request::Parts};
use axum::response::{IntoResponse, Redirect, Response};
use desk::{Caller, SignedIn, Text};
use domain::account::Role;
use domain::{PersonalRef, Scope, UserId};
use jiff::Timestamp;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

/// What a handler answers.
pub(crate) type Answer = Result<Response, Problem>;

/// A request before it is known who asks.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) peer: Option<IpAddr>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(at)| at.ip());
        Ok(Self { method: parts.method.clone(), uri: parts.uri.clone(), headers: parts.headers.clone(), peer })
    }
}

/// A request of somebody who is logged in.
pub(crate) struct Visit {
    pub(crate) app: AppState,
    pub(crate) asked: Asked,
    pub(crate) me: SignedIn,
    pub(crate) r: Reader,
}

impl Asked {
    /// Answers somebody who is logged in and may do what `needed` may. Runs where blocking is fine.
    pub(crate) async fn answer(
        self,
        app: AppState,
        needed: Role,
        work: impl FnOnce(&Visit) -> Answer + Send + 'static,
    ) -> Response {
        self.blocking(move |asked| {
            let me = match asked.who(&app) {
                Ok(Some(me)) => me,
                Ok(None) => return Ok(asked.ask_to_log_in()),
                Err(problem) => return Err(problem),
            };
            if !me.role.may(needed) {
                let detail = format!("This needs the role {}; yours is {}.", needed.name(), me.role.name());
                return Err(Problem::new(ProblemKind::Forbidden, detail));
            }
            let r = asked.reader(&app);
            work(&Visit { app, asked, me, r })
        })
        .await
    }

    /// Answers anybody. Runs where blocking is fine.
    pub(crate) async fn blocking(self, work: impl FnOnce(Self) -> Answer + Send + 'static) -> Response {
        match tokio::task::spawn_blocking(move || work(self)).await {
            Ok(Ok(response)) => response,
            Ok(Err(problem)) => problem.into_response(),
            Err(error) => {
                tracing::error!(%error, "a request ended in a panic");
                Problem::new(ProblemKind::Internal, "The request could not be answered. The log says why.")
                    .into_response()
            }
        }
    }

    /// Whose session this is.
    pub(crate) fn who(&self, app: &AppState) -> Result<Option<SignedIn>, Problem> {
        let Some(secret) = self.session_secret(app) else { return Ok(None) };
        app.desk.session(secret, app.now()).map_err(Problem::from)
    }

    /// The secret of a session: of the cookie, or of a program that logged in.
    pub(crate) fn session_secret(&self, app: &AppState) -> Option<&str> {
        self.bearer().or_else(|| cookie(&self.headers, cookie_name(app)))
    }

    /// What stands after `Authorization: Bearer`.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let value = self.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, secret) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
    }

    /// For whom the answer is written.
    pub(crate) fn reader(&self, app: &AppState) -> Reader {
        let lang = Lang::choose(self.query("lang").as_deref(), &self.headers);
        let pairs = self.uri.query().unwrap_or_default().split('&');
        let others: Vec<&str> = pairs.filter(|pair| !pair.is_empty() && !pair.starts_with("lang=")).collect();
        Reader { lang, zone: app.zone.clone(), now: app.now(), query: others.join("&") }
    }

    /// One value of the query.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&self.uri).ok()?;
        pairs.0.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Light or dark.
    pub(crate) fn theme(&self) -> Theme {
        Theme::from_name(cookie(&self.headers, Theme::COOKIE).unwrap_or_default())
    }

    /// Takes one from the caller's bucket.
    pub(crate) fn limit(&self, app: &AppState, purpose: Purpose) -> Result<(), Problem> {
        app.limiter.take(purpose, self.peer, app.now()).map_err(|seconds| {
            let detail = format!("Too many requests from your address. Try again in {seconds} s.");
            Problem::new(ProblemKind::TooMany, detail).with_retry_after_s(seconds)
        })
    }

    /// People are sent to the login; programs and parts of pages are told.
    fn ask_to_log_in(&self) -> Response {
        let path = self.uri.path();
        let by_program = path.starts_with("/api/") || path.starts_with("/fragment/") || !wants_html(&self.headers);
        if by_program {
            return Problem::new(ProblemKind::Unauthenticated, "Log in first, or send a session as a bearer token.")
                .into_response();
        }
        let next =
            if self.method == Method::GET { self.uri.path_and_query().map_or(path, |p| p.as_str()) } else { "/" };
        Redirect::to(&format!("/login?next={}", encode(next))).into_response()
    }
}

impl Visit {
    /// What they see.
    pub(crate) fn scope(&self) -> &Scope {
        &self.me.sees
    }

    /// Them as whoever gives a command.
    pub(crate) fn caller(&self) -> Caller {
        self.me.caller()
    }

    /// The present.
    pub(crate) fn now(&self) -> Timestamp {
        self.r.now
    }

    /// A person's name, if it is known and not erased.
    pub(crate) fn name_of(&self, user: &UserId) -> Option<String> {
        let reference = self.app.desk.read(self.scope(), |view| view.name_of(user).cloned())?;
        self.plain(&reference)
    }

    /// The words behind a reference.
    pub(crate) fn plain(&self, reference: &PersonalRef) -> Option<String> {
        match self.app.desk.text(reference) {
            Text::Plain(text) => Some(text),
            Text::Erased | Text::Unreadable => None,
        }
    }

    /// What stands around a page.
    pub(crate) fn shell(&self, nav: Nav) -> Shell {
        let (seq, open) = self.app.desk.read(self.scope(), |view| {
            let open = view.open_incidents();
            let worst = open.first().map(|entry| view::Severity::from(entry.incident.severity.current()));
            (view.seq().0, worst.map(|worst| (open.len() as u64, worst)))
        });
        let name = self.name_of(&self.me.user).unwrap_or_else(|| self.me.user.to_string());
        // Where a form was sent to, one cannot go back to.
        let here = self.asked.uri.path_and_query().filter(|_| self.asked.method == Method::GET);
        Shell {
            path: here.map_or("/", |p| p.as_str()).to_owned(),
            nav,
            user: Some(view::SignedIn { name, role: self.me.role.into() }),
            theme: self.asked.theme(),
            single_keys: cookie(&self.asked.headers, "single_keys") != Some("off"),
            seq,
            open,
            degraded: self.app.loops.condition().degraded,
            demo: self.app.demo.as_deref().map(|demo| demo_bar(demo, self.r.lang)),
        }
    }

    /// The same around a page that answers a form: the page itself is elsewhere.
    pub(crate) fn shell_of(&self, nav: Nav, path: &str) -> Shell {
        Shell { path: path.to_owned(), ..self.shell(nav) }
    }

    /// A whole page, or one block of it.
    pub(crate) fn show<P: Template + pages::Fragments>(&self, page: &P, part: Option<&str>) -> Response {
        match part {
            None => pages::page(page),
            Some(part) => pages::fragment(page, part),
        }
    }
}

/// The session's cookie. With the `__Host-` prefix a browser accepts it from TLS only, and from this host only.
pub(crate) fn cookie_name(app: &AppState) -> &'static str {
    if app.is_https() { "__Host-samband" } else { "samband" }
}

/// Whether an answer is best given as a page.
pub(crate) fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let place = |what: &str| accept.find(what).unwrap_or(usize::MAX);
    let html = place("text/html");
    html != usize::MAX && html < place("application/problem+json").min(place("application/json"))
}

/// Escapes everything but letters, digits and a few signs, for a path or a query.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
