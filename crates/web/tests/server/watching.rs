//! The live stream: replay, gaps, and only what one may see.

use super::home::*;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::account::Role;
use std::time::Duration;
use tokio_stream::StreamExt;
use tower::ServiceExt;

/// Reads frames until one satisfies `done`, or five seconds have passed.
async fn frames(home: &Home, cookie: &str, after: u64, done: impl Fn(&str) -> bool) -> String {
    let request = Request::get(format!("/api/v1/live?after={after}")).header("cookie", cookie);
    let response = home.app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    let mut text = String::new();
    let read = async {
        while let Some(chunk) = stream.next().await {
            text.push_str(&String::from_utf8_lossy(&chunk.unwrap()));
            if done(&text) {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(5), read).await;
    text
}

#[tokio::test]
async fn who_comes_back_gets_what_was_missed_with_the_journals_numbers() {
    let home = Home::new();
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    let before = home.desk.seq().0;
    home.finds("south", 1);
    let ours = home.desk.seq().0;
    home.finds("north", 2);
    let text = frames(&home, &cookie, before, |text| text.contains("incident:i-2") && text.contains("beat")).await;
    assert!(text.contains(&format!("id: {}\n", ours + 1)), "{text}");
    assert!(text.contains("event: changed\n") && text.contains("finding:f-2"), "{text}");
    assert!(text.contains("site:north-1") && text.contains("device:ssu-north-1"), "{text}");
    assert!(!text.contains("f-1\"") && !text.contains("south"), "another customer's: {text}");
    assert!(text.contains("event: beat\n"), "{text}");
}

#[tokio::test]
async fn a_gap_that_cannot_be_replayed_is_said() {
    let home = Home::new();
    let cookie = home.admin().await;
    // The feed of this home keeps 100 events.
    for n in 1..=60 {
        home.finds("north", n);
    }
    let text = frames(&home, &cookie, 1, |text| text.contains("resync")).await;
    assert!(text.contains("event: resync\n"), "{text}");
    assert!(text.contains(&format!("id: {}\n", home.desk.seq())), "{text}");
}

#[tokio::test]
async fn the_stream_is_for_those_who_are_logged_in() {
    let home = Home::new();
    let cookie = home.admin().await;
    assert_eq!(home.get("/api/v1/live/check", &cookie).await.status, StatusCode::OK);
    assert_eq!(home.get("/api/v1/live/check", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(home.get("/api/v1/live", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(home.get("/fragment/overview/states", "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_viewer_that_stalls_is_told_to_load_anew_and_holds_only_a_few_frames() {
    let home = Home::new();
    let cookie = home.admin().await;
    let after = home.desk.seq();
    let request = Request::get(format!("/api/v1/live?after={after}")).header("cookie", cookie);
    let response = home.app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    // Nobody reads, while more is recorded than the feed keeps. Yielding lets the server try to send.
    for n in 1..=120 {
        home.finds("north", n);
        tokio::task::yield_now().await;
    }
    let mut stream = response.into_body().into_data_stream();
    let mut text = String::new();
    let read = async {
        while let Some(chunk) = stream.next().await {
            text.push_str(&String::from_utf8_lossy(&chunk.unwrap()));
            if text.contains("resync") {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), read).await.unwrap();
    let before = text.split("event: resync").next().unwrap().matches("event: changed").count();
    assert!(before <= 20, "{before} frames were held for one who does not read");
    assert!(text.contains(&format!("id: {}\n", home.desk.seq())), "it goes on from the newest");
}
