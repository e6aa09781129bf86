//! What is refused comes back where it was filled in, and who is logged in is never thrown out.

use super::home::*;
use axum::http::StatusCode;
use domain::account::Role;

#[tokio::test]
async fn a_user_that_cannot_be_made_is_given_back_with_the_field_named() {
    let home = Home::new();
    let cookie = home.admin().await;
    let fields = [("name", "Åsa Öberg"), ("login", "asa"), ("role", "responder")];
    let got = home.post("/settings/users", &cookie, &fields).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in [
        "value=\"Åsa Öberg\"",
        "value=\"asa\"",
        "<option value=\"responder\" selected>",
        "Login must be an address such as name@example.org",
        "aria-describedby=\"login-fault\"",
    ] {
        assert!(got.text.contains(said), "the page does not say {said:?}: {}", got.text);
    }
    let token = home.post("/settings/tokens", &cookie, &[("name", " "), ("customer", "south")]).await;
    assert_eq!(token.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(token.text.contains("id=\"name-fault\"") && token.text.contains("value=\"south\" selected"));
}

#[tokio::test]
async fn an_import_without_a_file_says_so_on_its_own_page() {
    let home = Home::new();
    let cookie = home.admin().await;
    let body = "--x\r\nContent-Disposition: form-data; name=\"customer\"\r\n\r\nsouth\r\n--x--\r\n";
    let request = axum::http::Request::post("/settings/import")
        .header("accept", "text/html")
        .header("cookie", &cookie)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "multipart/form-data; boundary=x");
    let got = home.send(request.body(axum::body::Body::from(body)).unwrap()).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("Choose at least one file") && got.text.contains("action=\"/settings/import\""));
    assert!(got.text.contains("value=\"south\" selected"), "{}", got.text);
}

#[tokio::test]
async fn who_is_logged_in_keeps_the_way_on_when_there_is_nothing_at_an_address() {
    let home = Home::new();
    home.finds("north", 1);
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    let got = home.get("/incidents/i-nope", &cookie).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
    assert!(got.text.contains("href=\"/fleet\"") && got.text.contains("class=\"badge sev1\""), "{}", got.text);
    let stranger = home.get("/nope", "").await;
    assert!(!stranger.text.contains("href=\"/fleet\""));
}
