//! Live updates: what was recorded, as topics that say what to fetch anew. The id of a frame is the journal's, so that a page
//! that was away is given the rest; one that was away too long, or reads too slowly, is told to load anew. A viewer costs one
//! place in the desk's ring and a few frames under way, however slow it is.

use crate::board::Picture;
use crate::security::{Problem, ProblemKind};
use crate::state::AppState;
use crate::visit::Asked;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use desk::{Pulse, Recorded, Step};
use domain::account::Role;
use domain::{FindingId, ReportId, Scope};
use jiff::Timestamp;
use std::convert::Infallible;
use std::time::Duration;
use store::Seq;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// So often a stream says that it lives.
const BEAT: Duration = Duration::from_secs(15);
/// So many frames may be under way to one viewer.
const UNDER_WAY: usize = 16;
/// So many sites and devices of one event are named; beyond, their pages follow with the next beat of the whole.
const NAMED: usize = 500;

/// The stream and its check.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/api/v1/live", get(live)).route("/api/v1/live/check", get(check))
}

async fn check(State(app): State<AppState>, asked: Asked) -> Response {
    asked.answer(app, Role::Viewer, |_| Ok(StatusCode::OK.into_response())).await
}

async fn live(State(app): State<AppState>, asked: Asked) -> Response {
    let header = asked.headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let last = header.or_else(|| asked.query("after")).and_then(|id| id.parse().ok()).map(Seq);
    let Some(secret) = asked.session_secret(&app).map(str::to_owned) else {
        return Problem::new(ProblemKind::Unauthenticated, "Log in first.").into_response();
    };
    let Some(scope) = scope_of(&app, &secret).await else {
        return Problem::new(ProblemKind::Unauthenticated, "Log in first.").into_response();
    };
    let (frames, stream) = mpsc::channel(UNDER_WAY);
    tokio::spawn(Viewer { app, secret, scope, frames, pictured: 0 }.run(last));
    Sse::new(ReceiverStream::new(stream)).into_response()
}

/// What the session sees now; none when it is over.
async fn scope_of(app: &AppState, secret: &str) -> Option<Scope> {
    let (app, secret) = (app.clone(), secret.to_owned());
    let session = tokio::task::spawn_blocking(move || app.desk.session(&secret, app.now())).await.ok()?;
    session.ok().flatten().map(|me| me.sees)
}

struct Viewer {
    app: AppState,
    secret: String,
    scope: Scope,
    frames: mpsc::Sender<Result<Event, Infallible>>,
    pictured: u64,
}

/// The viewer has gone, or its session is over.
struct Gone;

impl Viewer {
    async fn run(mut self, last: Option<Seq>) {
        self.pictured = self.app.board.last().generation;
        let mut subscription = self.app.desk.feed().subscribe(self.scope.clone(), last);
        let mut beat = tokio::time::interval(BEAT);
        loop {
            let told = tokio::select! {
                () = self.frames.closed() => return,
                _ = beat.tick() => self.beat().await,
                step = subscription.next() => match step {
                    Some(step) => self.step(step).await,
                    None => return,
                },
            };
            if told.is_err() {
                return;
            }
        }
    }

    /// Says that the stream lives, and sees that the session does, with the same scope as at its start.
    async fn beat(&mut self) -> Result<(), Gone> {
        if scope_of(&self.app, &self.secret).await.as_ref() != Some(&self.scope) {
            return Err(Gone);
        }
        self.send(Event::default().event("beat").data("{}")).await
    }

    async fn step(&mut self, step: Step) -> Result<(), Gone> {
        match step {
            Step::Resync(seq) => self.send(Event::default().event("resync").id(seq.to_string()).data("{}")).await,
            Step::Recorded(recorded) => {
                let topics = topics(&self.app, &self.scope, &recorded);
                let data = serde_json::json!({ "topics": topics }).to_string();
                self.send(Event::default().event("changed").id(recorded.seq.to_string()).data(data)).await
            }
            Step::Pulse(pulse) => self.pulse(&pulse).await,
        }
    }

    async fn pulse(&mut self, pulse: &Pulse) -> Result<(), Gone> {
        let mut topics = vec!["ticks".to_owned()];
        let picture = self.app.board.last();
        if picture.generation != self.pictured {
            topics.extend(pictured(&picture, &self.scope));
            self.pictured = picture.generation;
        }
        let (tick, position, now) = (pulse.n, pulse.position, pulse.now.as_millisecond());
        let data = serde_json::json!({ "topics": topics, "tick": tick, "position": position, "now": now }).to_string();
        self.send(Event::default().event("changed").data(data)).await?;
        self.renew(pulse.now);
        Ok(())
    }

    /// Lets somebody else look whether the picture of the sites is old.
    fn renew(&self, now: Timestamp) {
        if self.app.board.is_old() {
            let app = self.app.clone();
            tokio::task::spawn_blocking(move || drop(app.board.picture(&*app.history, &app.desk, now)));
        }
    }

    async fn send(&self, frame: Event) -> Result<(), Gone> {
        self.frames.send(Ok(frame)).await.map_err(|_| Gone)
    }
}

fn pictured(picture: &Picture, scope: &Scope) -> Vec<String> {
    let seen = picture.changed.iter().filter(|(customer, _)| scope.sees_customer(customer));
    let mut topics: Vec<_> = seen.take(NAMED).map(|(_, site)| format!("site:{site}")).collect();
    if !topics.is_empty() {
        topics.push("sites".to_owned());
    }
    topics
}

/// What an event changes.
fn topics(app: &AppState, scope: &Scope, recorded: &Recorded) -> Vec<String> {
    let subject = &recorded.subject;
    let (family, _) = recorded.kind.split_once('.').unwrap_or((recorded.kind, ""));
    let mut topics: Vec<String> = match family {
        "finding" => of_finding(app, scope, subject),
        "incident" => vec!["incidents".into(), "reports".into()],
        "report" => of_report(app, scope, subject),
        "fleet" | "customer" => vec!["sites".into()],
        _ => Vec::new(),
    };
    if let Some(incident) = &recorded.incident {
        topics.push(format!("incident:{incident}"));
    }
    topics
}

fn of_finding(app: &AppState, scope: &Scope, subject: &str) -> Vec<String> {
    let mut topics = vec!["findings".into(), "incidents".into(), "sites".into(), format!("finding:{subject}")];
    let Ok(id) = FindingId::new(subject) else { return topics };
    let latest = app.desk.read(scope, |view| view.finding(&id).map(|entry| std::sync::Arc::clone(&entry.latest)));
    if let Some(finding) = latest {
        topics.extend(finding.sites.iter().take(NAMED).map(|site| format!("site:{site}")));
        topics.extend(finding.devices.iter().flatten().take(NAMED).map(|device| format!("device:{device}")));
    }
    topics
}

fn of_report(app: &AppState, scope: &Scope, subject: &str) -> Vec<String> {
    let mut topics = vec!["reports".to_owned()];
    let Ok(id) = ReportId::new(subject) else { return topics };
    let site = app.desk.read(scope, |view| view.report(&id).map(|entry| entry.report.site.clone()));
    topics.extend(site.map(|site| format!("site:{site}")));
    topics
}
