//! For those who watch us: alive, ready, and the numbers, in OpenMetrics text.

use crate::port::Metric;
use crate::state::AppState;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use utoipa::ToSchema;

/// What the server itself counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    signals: AtomicU64,
    batches: AtomicU64,
    refused_lines: AtomicU64,
    refused_batches: AtomicU64,
}

/// Whether signals are taken and judged, and commands recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadyBody {
    /// All is well enough to work.
    ready: bool,
    /// What is not as it should be; may be more than nothing though `ready`.
    degraded: Vec<String>,
}

/// The addresses.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/livez", get(|| async { "ok\n" })).route("/readyz", get(ready)).route("/metrics", get(metrics))
}

impl Counters {
    pub(crate) fn taken(&self, signals: u64) {
        self.signals.fetch_add(signals, Ordering::Relaxed);
        self.batches.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn lines_refused(&self, lines: u64) {
        self.refused_lines.fetch_add(lines, Ordering::Relaxed);
    }

    pub(crate) fn batches_refused(&self) {
        self.refused_batches.fetch_add(1, Ordering::Relaxed);
    }

    fn metrics(&self) -> [Metric; 4] {
        let counter = |name, help, value: &AtomicU64| {
            #[allow(clippy::cast_precision_loss)]
            let value = value.load(Ordering::Relaxed) as f64;
            Metric { name, help, counts: true, value }
        };
        [
            counter("http_signals", "Signals taken over HTTP.", &self.signals),
            counter("http_batches", "Batches taken over HTTP.", &self.batches),
            counter("http_refused_lines", "Lines of batches that were not taken.", &self.refused_lines),
            counter("http_refused_batches", "Batches that were refused whole.", &self.refused_batches),
        ]
    }
}

async fn ready(State(app): State<AppState>) -> Response {
    let work = move || {
        let condition = app.loops.condition();
        let status = if condition.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (status, Json(ReadyBody { ready: condition.ready, degraded: condition.troubles })).into_response()
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn metrics(State(app): State<AppState>) -> Response {
    let work = move || {
        let condition = app.loops.condition();
        let own = app.counters.metrics();
        exposition(own.iter().chain(&condition.metrics), condition.ready)
    };
    let text = tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| "# EOF\n".to_owned());
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response()
}

/// OpenMetrics 1.0: each family with its type and help, a counter's sample with `_total`, and `# EOF`.
fn exposition<'m>(metrics: impl Iterator<Item = &'m Metric>, ready: bool) -> String {
    let mut text = String::new();
    let value = f64::from(u8::from(ready));
    let ready = Metric { name: "ready", help: "Whether signals are taken and judged.", counts: false, value };
    for Metric { name, help, counts, value } in metrics.cloned().chain([ready]) {
        let (kind, suffix) = if counts { ("counter", "_total") } else { ("gauge", "") };
        // Writing to memory cannot fail.
        let _ = writeln!(
            text,
            "# TYPE samband_{name} {kind}\n# HELP samband_{name} {help}\nsamband_{name}{suffix} {value}"
        );
    }
    text.push_str("# EOF\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_end_in_total_and_the_text_in_eof() {
        let one = Metric { name: "inbox_head", help: "Newest entry.", counts: true, value: 7.0 };
        let text = exposition([&one].into_iter(), true);
        assert_eq!(
            text,
            "# TYPE samband_inbox_head counter\n# HELP samband_inbox_head Newest entry.\nsamband_inbox_head_total 7\n\
             # TYPE samband_ready gauge\n# HELP samband_ready Whether signals are taken and judged.\nsamband_ready 1\n# EOF\n"
        );
    }
}
