//! Signals in: what is taken is in the inbox before the answer is, and what is not is named.

use super::home::*;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use std::io::Write;
use std::sync::atomic::Ordering;
use store::Position;
use store::inbox::{Entry, Inbox};

const LINE: &str = r#"{"kind":"heartbeat","at":"2026-02-17T09:43:04Z","device":"ssu-north-1"}"#;

fn in_inbox(home: &Home) -> Vec<(String, u32)> {
    let read = home.stores.inbox.read_from(Position(1), 1 << 20).unwrap();
    let batch = |entry: Entry| match entry {
        Entry::Batch(batch) => Some((batch.customer.to_string(), batch.count)),
        Entry::Tick(_) => None,
    };
    read.into_iter().filter_map(|(_, entry)| batch(entry)).collect()
}

#[tokio::test]
async fn good_lines_are_durable_when_the_answer_comes_and_bad_ones_are_named() {
    let home = Home::new();
    let token = home.token("north");
    let body = format!(
        "{LINE}\n{{\"kind\":\"count\",\"at\":\"2026-02-17T09:43:04Z\",\"site\":\"north-1\",\"metric\":\"sales\",\"count\":-4}}\n{LINE}\nnot json\n"
    );
    let got = home.signals(&token, "application/x-ndjson", body).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.text);
    let answer = got.json();
    assert_eq!(answer["accepted"], 2);
    assert_eq!(answer["refused"][0]["line"], 2);
    assert_eq!(answer["refused"][0]["field"], "count");
    assert_eq!(answer["refused"][1]["line"], 4);
    assert_eq!(in_inbox(&home), [("north".to_owned(), 2)], "the token fixes the customer");
}

#[tokio::test]
async fn arrays_tables_and_folded_bodies_are_read() {
    let home = Home::new();
    let token = home.token("north");
    let array = home.signals(&token, "application/json", format!("[{LINE},{LINE}]")).await;
    assert_eq!(array.json()["accepted"], 2);
    let csv = "\u{feff}datum;tid;butik;belopp\n2026-02-10;10:31;north-1;129,50\n";
    let table = home.signals(&token, "text/csv", csv).await;
    assert_eq!(table.json()["accepted"], 1, "{}", table.text);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(LINE.as_bytes()).unwrap();
    let zstd = zstd::stream::encode_all(LINE.as_bytes(), 3).unwrap();
    for (encoding, body) in [("gzip", gzip.finish().unwrap()), ("zstd", zstd)] {
        let request = Request::post("/api/v1/signals")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/x-ndjson")
            .header("content-encoding", encoding);
        let got = home.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(got.json()["accepted"], 1, "{encoding}: {}", got.text);
    }
}

#[tokio::test]
async fn what_cannot_be_read_at_all_is_refused_with_its_reason() {
    let home = Home::new();
    let token = home.token("north");
    let bomb = zstd::stream::encode_all(&*vec![b'\n'; 40 << 20], 19).unwrap();
    let send = |content_type: &'static str, encoding: &'static str, body: Vec<u8>, bearer: String| {
        let request = Request::post("/api/v1/signals")
            .header("authorization", bearer)
            .header("content-type", content_type)
            .header("content-encoding", encoding);
        home.send(request.body(Body::from(body)).unwrap())
    };
    let bearer = format!("Bearer {token}");
    for (content_type, encoding, body, bearer, status, kind) in [
        ("text/html", "identity", LINE.into(), bearer.clone(), 415, "unsupported-media"),
        ("application/x-ndjson", "br", LINE.into(), bearer.clone(), 415, "unsupported-media"),
        ("application/x-ndjson", "gzip", LINE.into(), bearer.clone(), 400, "malformed"),
        ("application/x-ndjson", "zstd", bomb, bearer.clone(), 413, "too-large"),
        ("text/csv", "identity", b"a;b\n1;2\n".to_vec(), bearer.clone(), 400, "malformed"),
        ("application/x-ndjson", "identity", LINE.into(), "Bearer smb_wrong".into(), 401, "unauthenticated"),
    ] {
        let got = send(content_type, encoding, body, bearer).await;
        assert_eq!(got.status.as_u16(), status, "{content_type} {encoding}: {}", got.text);
        assert_eq!(got.json()["type"], format!("urn:samband:problem:{kind}"));
        assert_eq!(got.headers["content-type"], "application/problem+json");
    }
    assert!(in_inbox(&home).is_empty());
}

#[tokio::test]
async fn half_an_envelope_is_refused_and_no_line_is_lost_by_it() {
    let home = Home::new();
    let token = home.token("north");
    let request = Request::post("/api/v1/signals")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/x-ndjson")
        .header("samband-origin", "agent-1");
    let got = home.send(request.body(Body::from(LINE)).unwrap()).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    assert!(got.json()["detail"].as_str().unwrap().contains("samband-boot"));
}

#[tokio::test]
async fn a_full_inbox_says_when_to_try_again_and_readyz_says_why() {
    let home = Home::new();
    let token = home.token("north");
    home.loops.full.store(true, Ordering::Relaxed);
    let got = home.signals(&token, "application/x-ndjson", LINE).await;
    assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(got.headers["retry-after"], "30");
    let ready = home.get("/readyz", "").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.json()["degraded"][0], "the inbox is full");
    assert_eq!(home.get("/livez", "").await.status, StatusCode::OK);
    let cookie = home.admin().await;
    assert_eq!(home.get("/", &cookie).await.status, StatusCode::OK, "pages are still readable");
}

#[tokio::test]
async fn a_revoked_token_is_worth_nothing_and_metrics_count() {
    let home = Home::new();
    let cookie = home.admin().await;
    let page = home.post("/settings/tokens", &cookie, &[("name", "pos"), ("customer", "north")]).await;
    let token = page.text.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(home.signals(&token, "application/x-ndjson", LINE).await.status, StatusCode::OK);
    let metrics = home.get("/metrics", "").await;
    assert!(metrics.text.contains("samband_http_signals_total 1\n"), "{}", metrics.text);
    assert!(metrics.text.ends_with("# EOF\n"));
    let page = home.get("/settings/tokens", &cookie).await;
    assert!(!page.text.contains(&token), "a secret is shown once");
    let id = page.text.split("/settings/tokens/").find_map(|rest| rest.split_once("/revoke")).unwrap().0.to_owned();
    let got = home.post(&format!("/settings/tokens/{id}/revoke"), &cookie, &[]).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER);
    assert_eq!(home.signals(&token, "application/x-ndjson", LINE).await.status, StatusCode::UNAUTHORIZED);
}
