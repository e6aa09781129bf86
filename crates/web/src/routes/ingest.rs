//! `POST /api/v1/signals`: a body of signals in, an answer once they are durable. The token fixes the customer; what is under way
//! is bounded before a byte is read; good lines are taken and bad ones listed.

use crate::limits::Purpose;
use crate::port::{Incoming, IntakeRefused};
use crate::security::{FieldError, Problem, ProblemKind};
use crate::state::AppState;
use crate::visit::Asked;
use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use desk::TokenGrant;
use domain::signal::Envelope;
use domain::{CustomerKey, Scope, SiteCode};
use ingest::body::{BodyError, BodyLimits, Encoding, MediaType, unfold};
use ingest::native::{self, Form};
use ingest::{Limits, Parsed, Refused, transactions};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// The largest body, as sent and when unfolded.
const MOST_BYTES: usize = 64 << 20;
/// A plain body up to this size is read where it is: handing it over would take as long.
const SMALL_BYTES: usize = 96 << 10;
/// A folded body is counted as this many times its size while it is read.
const FOLDED: usize = 8;
/// So many refused lines are listed.
const LISTED: usize = 1_000;
/// A body must be here within this time.
const PATIENCE: Duration = Duration::from_secs(60);

/// The answer to a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Taken {
    /// Signals taken; they are durable.
    accepted: usize,
    /// Their place in the inbox: settled once the node has settled that. Absent when nothing was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    /// Lines that were not taken, each with its field and why; set them aside.
    refused: Vec<RefusedLine>,
    /// How many more were refused than are listed.
    #[serde(skip_serializing_if = "is_zero")]
    refused_unlisted: u64,
    /// What was tolerated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

/// One line that was not taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedLine {
    /// From 1.
    line: u32,
    /// The field at fault, where it is one.
    field: Option<String>,
    /// What is wrong with it.
    reason: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// How a body is to be read.
struct Reading {
    media: MediaType,
    encoding: Encoding,
    customer: CustomerKey,
    envelope: Option<Envelope>,
    timezone: Option<TimeZone>,
    site: Option<SiteCode>,
}

/// Hand in signals.
///
/// NDJSON, a JSON array, or CSV of transactions; gzip or zstd. The answer comes once everything taken is durable.
#[utoipa::path(
    post, path = "/api/v1/signals", tag = "signals", security(("ingest" = [])),
    params(
        ("timezone" = Option<String>, Query, description = "CSV only: zone of times without offset; the customer's by default"),
        ("site" = Option<String>, Query, description = "CSV only: site of rows that name none"),
        ("samband-origin" = Option<String>, Header, description = "Envelope of the whole batch: all four headers or none"),
        ("samband-boot" = Option<String>, Header), ("samband-lane" = Option<String>, Header),
        ("samband-seq" = Option<u64>, Header),
    ),
    request_body(content = String, content_type = "application/x-ndjson"),
    responses(
        (status = 200, body = Taken), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 413, body = Problem), (status = 415, body = Problem), (status = 503, body = Problem),
    ),
)]
pub(crate) async fn take(State(app): State<AppState>, asked: Asked, body: Body) -> Response {
    match batch(&app, asked, body).await {
        Ok(taken) => Json(taken).into_response(),
        Err(problem) => {
            app.counters.batches_refused();
            problem.into_response()
        }
    }
}

async fn batch(app: &AppState, asked: Asked, body: Body) -> Result<Taken, Problem> {
    let grant = grant(app, &asked)?;
    let reading = reading(&asked, &grant)?;
    let kib = weight_kib(&asked.headers, reading.encoding)?;
    let Ok(_weight) = app.bodies.try_acquire_many(kib) else {
        let why = "Too much is coming in at this moment.";
        return Err(Problem::new(ProblemKind::Unavailable, why).with_retry_after_s(1));
    };
    let read = tokio::time::timeout(PATIENCE, to_bytes(body, MOST_BYTES)).await;
    let read = read.map_err(|_| Problem::new(ProblemKind::Malformed, "The body did not arrive within a minute."))?;
    let bytes = read.map_err(|error| cut_off(&error))?;
    let now = app.now();
    let worker = app.clone();
    let work = move || parse_and_hand_in(&worker, reading, grant, &bytes, now);
    let (durable, mut taken) = if is_small(&asked.headers, kib) {
        work()?
    } else {
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| Problem::new(ProblemKind::Internal, "The body could not be read. The log says why."))??
    };
    if let Some(durable) = durable {
        taken.position = Some(durable.await.map_err(|refused| refusal(&refused))?);
        app.counters.taken(taken.accepted as u64);
    }
    app.counters.lines_refused(taken.refused.len() as u64 + taken.refused_unlisted);
    Ok(taken)
}

fn parse_and_hand_in(
    app: &AppState,
    reading: Reading,
    grant: TokenGrant,
    bytes: &Bytes,
    now: jiff::Timestamp,
) -> Result<(Option<crate::port::Durable>, Taken), Problem> {
    let limits = BodyLimits { bytes: MOST_BYTES, ..BodyLimits::default() };
    let unfolded = unfold(reading.encoding, bytes, limits).map_err(|error| body_problem(&error))?;
    let parsed = parse(app, &reading, &unfolded)?;
    drop(unfolded);
    let Parsed { signals, refused, refused_unlisted, notes } = parsed;
    let taken = Taken {
        accepted: signals.len(),
        position: None,
        refused_unlisted: refused_unlisted + refused.len().saturating_sub(LISTED) as u64,
        refused: refused.into_iter().take(LISTED).map(RefusedLine::from).collect(),
        notes: notes.iter().map(ToString::to_string).collect(),
    };
    if signals.is_empty() {
        return Ok((None, taken));
    }
    let TokenGrant { token, customer } = grant;
    let incoming = Incoming { customer, token, received_at: now, envelope: reading.envelope, signals };
    let durable = app.loops.hand_in(incoming).map_err(|refused| refusal(&refused))?;
    Ok((Some(durable), taken))
}

fn parse(app: &AppState, reading: &Reading, bytes: &[u8]) -> Result<Parsed, Problem> {
    let record = |app: &AppState| {
        app.desk
            .read(&Scope::customer(reading.customer.clone()), |view| view.customer(&reading.customer)?.record.clone())
    };
    let limits = Limits { refused_listed: LISTED, ..Limits::default() };
    let form = match reading.media {
        MediaType::Ndjson => Form::Lines,
        MediaType::Json => Form::Document,
        MediaType::Csv => {
            let record = record(app);
            let own_zone = || record.as_ref().and_then(|record| TimeZone::get(&record.timezone).ok());
            let options = transactions::Options {
                timezone: reading.timezone.clone().or_else(own_zone),
                site: reading.site.clone(),
                currency: record.as_ref().map(|record| record.currency),
                limits,
                ..transactions::Options::default()
            };
            return transactions::parse(bytes, &options)
                .map_err(|error| Problem::new(ProblemKind::Malformed, error.to_string()));
        }
    };
    Ok(native::parse(bytes, &native::Options { form, default_currency: None, limits }))
}

fn grant(app: &AppState, asked: &Asked) -> Result<TokenGrant, Problem> {
    let grant = asked.bearer().and_then(|secret| app.desk.token_grant(secret));
    let Some(grant) = grant else {
        asked.limit(app, Purpose::BadToken)?;
        let detail = "Send an ingest token that is in force: Authorization: Bearer smb_... An administrator makes one under Settings.";
        return Err(Problem::new(ProblemKind::Unauthenticated, detail));
    };
    app.token_was_used(&grant.token, app.now());
    Ok(grant)
}

fn reading(asked: &Asked, grant: &TokenGrant) -> Result<Reading, Problem> {
    let header = |name: &str| asked.headers.get(name).and_then(|value| value.to_str().ok());
    let media = MediaType::of_header(header("content-type")).map_err(|error| body_problem(&error))?;
    let encoding = Encoding::of_header(header("content-encoding")).map_err(|error| body_problem(&error))?;
    if native::HEADERS.iter().any(|name| asked.headers.get(*name).is_some_and(|value| value.to_str().is_err())) {
        return Err(Problem::new(ProblemKind::Malformed, "The headers of the envelope must be plain text."));
    }
    let envelope = native::batch_envelope(native::HEADERS.map(header));
    let envelope = envelope.map_err(|bad| Problem::new(ProblemKind::Malformed, bad.to_string()))?;
    let (mut timezone, mut site) = (None, None);
    if media == MediaType::Csv {
        if let Some(name) = asked.query("timezone") {
            let zone = TimeZone::get(&name);
            timezone = Some(zone.map_err(|_| query_problem("timezone", format!("{name:?} is no IANA time zone")))?);
        }
        if let Some(code) = asked.query("site") {
            site = Some(SiteCode::new(code).map_err(|bad| query_problem("site", bad.to_string()))?);
        }
    }
    Ok(Reading { media, encoding, customer: grant.customer.clone(), envelope, timezone, site })
}

/// What a body may weigh while it is read; one without a stated length may be the largest.
fn weight_kib(headers: &HeaderMap, encoding: Encoding) -> Result<u32, Problem> {
    let stated = stated_length(headers);
    if stated.is_some_and(|bytes| bytes > MOST_BYTES) {
        let detail = format!("The body is larger than {MOST_BYTES} bytes; send it in parts.");
        return Err(Problem::new(ProblemKind::TooLarge, detail));
    }
    let bytes = stated.unwrap_or(MOST_BYTES);
    let bytes = if encoding == Encoding::Identity { bytes } else { bytes.saturating_mul(FOLDED).min(MOST_BYTES) };
    Ok(u32::try_from(bytes / 1_024 + 1).unwrap_or(u32::MAX))
}

fn stated_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_small(headers: &HeaderMap, kib: u32) -> bool {
    stated_length(headers).is_some() && (kib as usize) <= SMALL_BYTES / 1_024 + 1
}

/// The body ended before its end, or went on beyond the bound.
fn cut_off(error: &axum::Error) -> Problem {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(one) = source {
        if one.to_string().contains("length limit exceeded") {
            let detail = format!("The body is larger than {MOST_BYTES} bytes; send it in parts.");
            return Problem::new(ProblemKind::TooLarge, detail);
        }
        source = one.source();
    }
    Problem::new(ProblemKind::Malformed, "The body was cut off.")
}

fn body_problem(error: &BodyError) -> Problem {
    let kind = match error {
        BodyError::Encoding(_) | BodyError::MediaType(_) => ProblemKind::UnsupportedMedia,
        BodyError::TooLarge(_) | BodyError::TooDense(_) => ProblemKind::TooLarge,
        BodyError::Broken { .. } => ProblemKind::Malformed,
    };
    Problem::new(kind, error.to_string())
}

fn query_problem(field: &str, reason: String) -> Problem {
    let error = FieldError { line: None, field: field.to_owned(), reason };
    Problem::new(ProblemKind::Malformed, error.reason.clone()).with_errors(vec![error])
}

fn refusal(refused: &IntakeRefused) -> Problem {
    let said = refused.to_string();
    match refused {
        IntakeRefused::Later { retry_after, .. } => {
            let seconds = u32::try_from(retry_after.as_secs()).unwrap_or(u32::MAX).max(1);
            Problem::new(ProblemKind::Unavailable, said).with_retry_after_s(seconds)
        }
        IntakeRefused::TooLarge(_) => Problem::new(ProblemKind::TooLarge, said),
        IntakeRefused::Unkeepable(_) => Problem::new(ProblemKind::Invalid, said),
    }
}

impl From<Refused> for RefusedLine {
    fn from(refused: Refused) -> Self {
        let Refused { line, field, reason } = refused;
        Self { line, field, reason }
    }
}
