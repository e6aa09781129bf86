//! Logging in and out, and who gets in where.

use super::home::*;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::account::Role;

#[tokio::test]
async fn a_stranger_is_led_to_the_login_and_back() {
    let home = Home::new();
    let got = home.get("/incidents/i-1?timeline=all", "").await;
    assert_eq!(
        (got.status, got.location()),
        (StatusCode::SEE_OTHER, "/login?next=%2Fincidents%2Fi-1%3Ftimeline%3Dall")
    );
    let page = home.get("/login?next=%2Ffleet", "").await;
    assert!(page.status.is_success() && page.text.contains("name=\"password\""));
    let fields = [("login", "karin@example.org"), ("password", PASSWORD), ("next", "/fleet")];
    let got = home.post("/login", "", &fields).await;
    assert_eq!((got.status, got.location()), (StatusCode::SEE_OTHER, "/fleet"));
    assert_eq!(home.get("/fleet", &got.cookie()).await.status, StatusCode::OK);
    let elsewhere = home.post("/login", "", &[fields[0], fields[1], ("next", "//evil.test")]).await;
    assert_eq!(elsewhere.location(), "/");
}

#[tokio::test]
async fn a_wrong_password_says_so_and_keeps_what_was_typed() {
    let home = Home::new();
    let got = home.post("/login", "", &[("login", "karin@example.org"), ("password", "fel fel fel fel")]).await;
    assert_eq!(got.status, StatusCode::UNAUTHORIZED);
    assert!(got.text.contains("Login or password is wrong") && got.text.contains("karin@example.org"));
}

#[tokio::test]
async fn logging_out_ends_the_session_at_the_server() {
    let home = Home::new();
    let cookie = home.admin().await;
    assert_eq!(home.get("/", &cookie).await.status, StatusCode::OK);
    let got = home.post("/logout", &cookie, &[]).await;
    assert_eq!(got.location(), "/login");
    assert_eq!(home.get("/", &cookie).await.status, StatusCode::SEE_OTHER, "the old cookie is worth nothing");
}

#[tokio::test]
async fn an_invited_person_sets_a_password_by_link_once_and_is_in() {
    let home = Home::new();
    let cookie = home.admin().await;
    let fields = [("name", "Per Ek"), ("login", "per@example.org"), ("role", "responder")];
    let page = home.post("/settings/users", &cookie, &fields).await;
    let link = page.text.split("http://127.0.0.1:7700").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let shown = home.get(&link, "").await;
    assert!(shown.text.contains("per@example.org"), "{}", shown.text);
    let weak = home.post(&link, "", &[("password", "aaaaaaaaaaaa")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.text.contains("repeats itself"));
    let done = home.post(&link, "", &[("password", "sju sjuka sjömän i Sölvesborg")]).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(home.get("/", &done.cookie()).await.status, StatusCode::OK);
    assert!(home.get(&link, "").await.text.contains("has been used"));
    let settings = home.get("/settings/users", &done.cookie()).await;
    assert_eq!(settings.status, StatusCode::FORBIDDEN);
    assert!(settings.text.contains("Your role does not allow that"), "people get a page");
}

#[tokio::test]
async fn the_session_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites() {
    let home = Home::new();
    let got = home.post("/login", "", &[("login", "karin@example.org"), ("password", PASSWORD)]).await;
    let cookie = got.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.starts_with("samband="),
        "{cookie}"
    );
}

#[tokio::test]
async fn one_who_only_looks_cannot_act() {
    let home = Home::new();
    home.finds("north", 1);
    let viewer = home.someone("vera", Role::Viewer, "north").await;
    for (path, fields) in [
        ("/incidents/i-1/notes", [("text", "hej")].as_slice()),
        ("/incidents/i-1/command", &[("version", "1")]),
        ("/incidents/i-1/phase", &[("phase", "active")]),
        ("/incidents/i-1/severity", &[("severity", "sev4"), ("reason", "x")]),
        ("/settings/tokens", &[("name", "x"), ("customer", "north")]),
    ] {
        assert_eq!(home.post(path, &viewer, fields).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn programs_get_problems_and_people_pages_for_what_is_not_there() {
    let home = Home::new();
    let got = home.get("/nowhere", "").await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
    assert!(got.text.contains("<h1>Nothing here</h1>"), "{}", got.text);
    let request = Request::get("/api/v1/nowhere").body(Body::empty()).unwrap();
    let got = home.send(request).await;
    assert_eq!(got.headers["content-type"], "application/problem+json");
    assert_eq!(got.json()["type"], "urn:samband:problem:not-found");
    let wrong_method = home.send(Request::delete("/api/v1/signals").body(Body::empty()).unwrap()).await;
    assert_eq!(wrong_method.json()["type"], "urn:samband:problem:method-not-allowed");
}
