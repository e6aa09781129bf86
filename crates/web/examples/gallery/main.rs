//! All pages with made-up but realistic contents, on loopback, to look at while working on them:
//! `cargo run -p samband-web --example gallery`. Nothing here is part of the product.
#![allow(missing_docs)]

mod api;
mod fleet;
mod operations;
mod settings;

use axum::{
    Router,
    extract::{Path, Query},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use web::pages::{self, fragment, page};
use web::security::{FieldError, Problem, ProblemKind};
use web::view::{Degraded, DegradedPart, DemoBar, DemoScenario, Nav, Role, Severity, Shell, SignedIn, Theme};
use web::words::{Lang, Reader, cookie};

/// 12 minutes after the self-scanners stopped, on a Tuesday in February.
pub fn now() -> Timestamp {
    "2026-02-17T09:43:04Z".parse().expect("a valid time")
}

pub fn before(seconds: i64) -> Timestamp {
    now() - jiff::SignedDuration::from_secs(seconds)
}

#[derive(Deserialize, Default, Clone)]
struct Wish {
    lang: Option<String>,
    theme: Option<String>,
    #[serde(default)]
    empty: Option<String>,
    #[serde(default)]
    sent: Option<String>,
    #[serde(default)]
    q: String,
}

struct Visit {
    r: Reader,
    shell: Shell,
    wish: Wish,
}

impl Visit {
    fn new(wish: Wish, headers: &HeaderMap, nav: Nav, path: &str) -> Self {
        let lang = Lang::choose(wish.lang.as_deref(), headers);
        let theme = wish.theme.as_deref().or(cookie(headers, Theme::COOKIE)).unwrap_or_default();
        let r = Reader {
            lang,
            zone: TimeZone::get("Europe/Stockholm").expect("a bundled zone"),
            now: now(),
            query: String::new(),
        };
        let empty = wish.empty.is_some();
        let shell = Shell {
            path: path.to_owned(),
            nav,
            user: Some(SignedIn { name: "Eva Lind".into(), role: Role::Admin }),
            theme: Theme::from_name(theme),
            single_keys: cookie(headers, "single_keys") != Some("off"),
            seq: 4_711,
            open: (!empty).then_some((3, Severity::Sev1)),
            degraded: if path == "/incidents" {
                vec![Degraded { part: DegradedPart::History, since: before(400) }]
            } else {
                Vec::new()
            },
            demo: (path == "/").then(|| DemoBar {
                scenarios: [("quiet", "A quiet day"), ("s1", "Self-scanners stop"), ("s5", "A region's network")]
                    .map(|(id, name)| DemoScenario { id: id.into(), name: name.into() })
                    .to_vec(),
                running: Some("s1".into()),
                speed: 10,
                simulated: now(),
                begins_at: Some(now() + jiff::SignedDuration::from_secs(72)),
            }),
        };
        Self { r, shell, wish }
    }
}

/// One page: its view model, rendered whole or in part.
macro_rules! show {
    ($visit:ident, $page:ident, $view:expr, $part:expr) => {{
        let m = $view;
        let p = pages::$page { r: &$visit.r, shell: &$visit.shell, m: &m };
        match $part {
            None => page(&p),
            Some(name) => fragment(&p, name),
        }
    }};
}

fn private(path: &str, part: Option<&str>, wish: Wish, headers: &HeaderMap) -> Response {
    let nav = match path.split('/').nth(1) {
        Some("incidents" | "findings") => Nav::Incidents,
        Some("fleet") => Nav::Fleet,
        Some("settings") => Nav::Settings,
        _ => Nav::Overview,
    };
    let visit = Visit::new(wish, headers, nav, path);
    let empty = visit.wish.empty.is_some();
    match path {
        "/" => show!(visit, OverviewPage, operations::overview(empty), part),
        "/incidents" => show!(visit, IncidentsPage, operations::incidents(empty), part),
        "/incidents/i-7f31" => show!(visit, IncidentPage, operations::incident(), part),
        "/findings/f-17" => show!(visit, FindingPage, operations::finding_page(), part),
        "/fleet" => show!(visit, FleetPage, fleet::sites(&visit.wish.q, empty), part),
        "/fleet/unregistered" => show!(visit, UnregisteredPage, fleet::unregistered(empty), part),
        "/settings/tokens" => show!(visit, TokensPage, settings::tokens(empty), part),
        "/settings/import" => show!(visit, ImportPage, settings::import(empty), part),
        "/settings/users" => show!(visit, UsersPage, settings::users(), part),
        _ if path.starts_with("/fleet/sites/") => show!(visit, SitePage, fleet::site(), part),
        _ if path.starts_with("/fleet/devices/") => show!(visit, DevicePage, fleet::device(), part),
        _ => problem(&visit),
    }
}

fn problem(visit: &Visit) -> Response {
    let error = FieldError { line: Some(3), field: "count".into(), reason: "must not be negative, is -4".into() };
    let problem = Problem::new(ProblemKind::Invalid, "1 of 9 lines was refused; the other 8 are stored.")
        .with_errors(vec![error])
        .with_occurrence("7f3a-91c2");
    let m = pages::ProblemView { kind: ProblemKind::Invalid, problem };
    page(&pages::ProblemPage { r: &visit.r, theme: visit.shell.theme, m: &m })
}

async fn any_page(uri: axum::http::Uri, Query(wish): Query<Wish>, headers: HeaderMap) -> Response {
    let path = uri.path();
    let visit = Visit::new(wish.clone(), &headers, Nav::Elsewhere, path);
    match path {
        "/login" => page(&pages::LoginPage { r: &visit.r, theme: visit.shell.theme, m: &settings::login() }),
        "/setup/abc" => page(&pages::SetupPage { r: &visit.r, theme: visit.shell.theme, m: &settings::setup() }),
        "/r/0412" => {
            let m = settings::report(visit.wish.sent.is_some(), visit.wish.empty.is_some());
            page(&pages::ReportPage { r: &visit.r, theme: visit.shell.theme, m: &m })
        }
        _ => private(path, None, wish, &headers),
    }
}

async fn any_fragment(Path(path): Path<String>, Query(wish): Query<Wish>, headers: HeaderMap) -> Response {
    let (owner, part) = path.rsplit_once('/').unwrap_or(("", &path));
    let (owner, part) = match (owner, part) {
        ("shell", "open") => ("/".to_owned(), "open_count"),
        ("overview", part) => ("/".to_owned(), part),
        ("incidents", "list") => ("/incidents".to_owned(), "list"),
        ("fleet", "sites") => ("/fleet".to_owned(), "sites"),
        (owner, "head") => (format!("/{owner}"), "head_facts"),
        (owner, part) => (format!("/{owner}"), part),
    };
    private(&owner, Some(part), wish, &headers)
}

async fn accept() -> Response {
    Redirect::to("/").into_response()
}

#[tokio::main]
async fn main() {
    let routes = Router::new()
        .route("/fragment/{*path}", get(any_fragment))
        .route("/api/v1/history", get(api::history))
        .route("/api/v1/map", get(api::map))
        .route("/api/v1/search", get(api::search))
        .route("/api/v1/live", get(api::live))
        .route("/api/v1/live/check", get(|| async { "ok" }))
        .route("/demo/{*what}", post(accept))
        .fallback(get(any_page).post(accept));
    let port = std::env::args().nth(1).unwrap_or_else(|| "7799".into());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await.expect("the port is free");
    println!("http://127.0.0.1:{port}/  (also ?lang=sv, ?theme=dark, ?empty=1)");
    axum::serve(listener, web::router::with_shell(routes)).await.expect("the server runs until it is stopped");
}
