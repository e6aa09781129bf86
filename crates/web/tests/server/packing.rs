//! What is sent packed, and what is not.

use super::home::*;

#[tokio::test]
async fn pages_and_data_are_packed_for_who_takes_it_and_answers_to_forms_are_not() {
    use std::io::Read;
    let home = Home::new();
    let cookie = home.admin().await;
    let ask = |path: &str| {
        let request = axum::http::Request::get(path).header("accept", "text/html").header("cookie", &cookie);
        request.header("accept-encoding", "gzip, br").body(axum::body::Body::empty()).unwrap()
    };
    let response = tower::ServiceExt::oneshot(home.app.clone(), ask("/")).await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert!(response.headers()["vary"].to_str().unwrap().contains("accept-encoding"));
    let packed = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let mut page = String::new();
    flate2::read::GzDecoder::new(&*packed).read_to_string(&mut page).unwrap();
    assert_eq!(page, home.get("/", &cookie).await.text);
    let data = tower::ServiceExt::oneshot(home.app.clone(), ask("/api/v1/openapi.json")).await.unwrap();
    assert_eq!(data.headers()["content-encoding"], "gzip");
    let live = tower::ServiceExt::oneshot(home.app.clone(), ask("/api/v1/live?after=0")).await.unwrap();
    assert!(live.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    assert!(!live.headers().contains_key("content-encoding"), "a stream must not wait");
    let fields = [("name", "till export"), ("customer", "north")];
    let mut secret = form("/settings/tokens", &cookie, &fields).header("sec-fetch-site", "same-origin");
    secret = secret.header("accept-encoding", "gzip");
    let made = home.send(secret.body(encoded(&fields)).unwrap()).await;
    assert!(!made.headers.contains_key("content-encoding") && made.text.contains("class=\"secret\""));
}
