//! The data behind charts, map and palette, with the outage of S1 in it.

use crate::{fleet, now};
use axum::{
    Json,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

pub const STEP_S: i64 = 300;

/// Expected hourly turnover of the chain at a Stockholm hour of day, MSEK.
pub fn expected_at(hour: f64) -> f64 {
    let peak = |at: f64, width: f64, height: f64| height * (-((hour - at) / width).powi(2)).exp();
    if (7.0..22.0).contains(&hour) {
        2.0 + peak(12.0, 2.2, 26.0) + peak(17.3, 2.0, 42.0) + peak(9.5, 1.8, 20.0)
    } else {
        0.0
    }
}

fn noise(i: i64) -> f64 {
    let x = i.wrapping_mul(2_654_435_761).rem_euclid(1_000);
    (x as f64 / 1_000.0 - 0.5) * 2.0
}

pub async fn history(query: axum::extract::RawQuery) -> Json<Value> {
    let affected = query.0.unwrap_or_default().contains("affected");
    let now_s = now().as_second();
    let start = (now_s - 86_400) / STEP_S * STEP_S;
    let (mut t, mut actual, mut expected, mut low, mut high) = (vec![], vec![], vec![], vec![], vec![]);
    for i in 0..=((86_400 + 3_600) / STEP_S) {
        let at = start + i * STEP_S;
        let hour = ((at + 3_600).rem_euclid(86_400)) as f64 / 3_600.0;
        let e = expected_at(hour) * if affected { 0.046 } else { 1.0 };
        let unheard = (at > now_s - 50_000 && at < now_s - 46_400) || at > now_s;
        let stopped = at > now_s - 720;
        let share = if !stopped {
            1.0
        } else if affected {
            0.0
        } else {
            0.954
        };
        t.push(at);
        actual.push((!unheard).then_some((e * share * (1.0 + 0.05 * noise(i))).max(0.0)));
        expected.push(e);
        low.push(e * 0.9);
        high.push(e * 1.1);
    }
    Json(
        json!({"unit":"MSEK/h","step_s":STEP_S,"unheard":vec![0.0; t.len()],"t":t,"actual":actual,"expected":expected,"low":low,"high":high,"now":now_s}),
    )
}

pub async fn map() -> Json<Value> {
    let sites: Vec<_> = fleet::world()
        .into_iter()
        .map(|s| json!([s.line.code.as_str(), s.line.name, s.latitude, s.longitude, s.line.state.name()]))
        .collect();
    Json(json!({ "sites": sites }))
}

pub async fn search(axum::extract::Query(query): axum::extract::Query<Vec<(String, String)>>) -> Json<Value> {
    let text = query.into_iter().find(|(k, _)| k == "q").map(|(_, v)| v.to_lowercase()).unwrap_or_default();
    let hits: Vec<_> = fleet::world()
        .into_iter()
        .filter_map(|s| {
            let label = format!("{} {}", s.line.code, s.line.name.unwrap_or_default());
            let href = format!("/fleet/sites/{}", s.line.code);
            label.to_lowercase().contains(&text).then(|| json!({"label":label,"href":href,"hint":"site"}))
        })
        .take(20)
        .collect();
    Json(json!({ "hits": hits }))
}

/// A stream that says one beat and stays open as long as the browser retries: enough to see "Live".
pub async fn live() -> Response {
    let body = "retry: 3600000\n\nid: 4711\nevent: beat\ndata: {}\n\n";
    let stream = axum::body::Body::from_stream(Held(Some(body)));
    ([(header::CONTENT_TYPE, "text/event-stream")], stream).into_response()
}

struct Held(Option<&'static str>);

impl tokio_stream::Stream for Held {
    type Item = Result<&'static str, std::convert::Infallible>;
    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        match self.0.take() {
            Some(text) => std::task::Poll::Ready(Some(Ok(text))),
            None => std::task::Poll::Pending,
        }
    }
}
