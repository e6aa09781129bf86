//! One form for every refusal: whatever refused, programs get a problem document and people a page with the same facts.

use crate::pages::{ProblemInsidePage, ProblemPage, ProblemView, html};
use crate::security::{Problem, ProblemKind};
use crate::state::AppState;
use crate::view::Nav;
use crate::visit::{Asked, Visit, wants_html};
use crate::words::Reader;
use askama::Template;
use axum::body::to_bytes;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What the pages' own forms send with what they save.
pub(super) const PAGE_HEADER: &str = "samband-fragment";
/// A refusal is never larger.
const MOST_BYTES: usize = 4 << 20;

/// Middleware around everything.
pub(crate) async fn refusals(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(asked) = Asked::from_request_parts(&mut parts, &()).await;
    let response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if content_type.starts_with("text/html")
        || asked.uri.path() == "/readyz"
        || asked.uri.path().starts_with("/static/")
    {
        return response;
    }
    let is_problem = content_type.starts_with("application/problem+json");
    let by_person = wants_html(&asked.headers) && !asked.uri.path().starts_with("/api/");
    let by_page = asked.headers.contains_key(PAGE_HEADER);
    if is_problem && !by_person && !by_page && status != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, MOST_BYTES).await.unwrap_or_default();
    let problem = if is_problem { serde_json::from_slice::<Problem>(&bytes).ok() } else { None };
    let mut problem = problem.unwrap_or_else(|| of_status(status, &String::from_utf8_lossy(&bytes)));
    if status == StatusCode::INTERNAL_SERVER_ERROR && problem.instance.is_none() {
        let id = app.fresh_id();
        tracing::error!(occurrence = %id, path = asked.uri.path(), detail = %problem.detail, "a request failed");
        problem = problem.with_occurrence(&id);
    }
    if by_page {
        translate(&mut problem, &asked.reader(&app));
    }
    let mut answer = if by_person { as_page(app, asked, status, problem).await } else { problem.into_response() };
    for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE, header::ALLOW] {
        if let Some(value) = head.headers.get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

/// For a form of a page, which says it where the person is: in the page's language.
fn translate(problem: &mut Problem, r: &Reader) {
    problem.detail = r.refusal(&problem.detail);
    for error in &mut problem.errors {
        error.reason = r.refusal(&error.reason);
    }
}

/// No such address.
pub(crate) async fn nowhere(asked: Asked) -> Problem {
    Problem::new(ProblemKind::NotFound, format!("There is no page {:?}.", asked.uri.path()))
}

/// A page, with the way on for those who are logged in. What went wrong on our side is said with as little as possible.
async fn as_page(app: AppState, asked: Asked, status: StatusCode, problem: Problem) -> Response {
    let work = move |asked: Asked| {
        let m = ProblemView { kind: ProblemKind::of(&problem), problem };
        let r = asked.reader(&app);
        let me = if status.is_client_error() { asked.who(&app).ok().flatten() } else { None };
        let rendered = match me {
            Some(me) => {
                let visit = Visit { app, asked, me, r };
                let shell = visit.shell(Nav::Elsewhere);
                ProblemInsidePage { r: &visit.r, shell: &shell, m: &m }.render()
            }
            None => ProblemPage { r: &r, theme: asked.theme(), m: &m }.render(),
        };
        Ok((status, html(rendered)).into_response())
    };
    asked.blocking(work).await
}

/// A refusal of the framework's own, in our form.
fn of_status(status: StatusCode, text: &str) -> Problem {
    let kind = match status {
        StatusCode::BAD_REQUEST => ProblemKind::Malformed,
        StatusCode::UNAUTHORIZED => ProblemKind::Unauthenticated,
        StatusCode::FORBIDDEN => ProblemKind::Forbidden,
        StatusCode::NOT_FOUND => ProblemKind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ProblemKind::MethodNotAllowed,
        StatusCode::CONFLICT => ProblemKind::Conflict,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemKind::UnsupportedMedia,
        StatusCode::UNPROCESSABLE_ENTITY => ProblemKind::Invalid,
        StatusCode::TOO_MANY_REQUESTS => ProblemKind::TooMany,
        StatusCode::SERVICE_UNAVAILABLE => ProblemKind::Unavailable,
        other if other.is_client_error() => ProblemKind::Malformed,
        _ => ProblemKind::Internal,
    };
    let detail = if text.is_empty() { kind.title().to_owned() } else { text.chars().take(500).collect() };
    Problem::new(kind, detail)
}
