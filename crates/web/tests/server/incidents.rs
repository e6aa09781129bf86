//! What people do with an incident, and what stops them.

use super::home::*;
use axum::http::StatusCode;
use domain::account::Role;

#[tokio::test]
async fn a_commander_takes_command_writes_and_sets_severity() {
    let home = Home::new();
    home.finds("north", 1);
    let cookie = home.someone("cilla", Role::Commander, "north").await;
    let page = home.get("/incidents/i-1", &cookie).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    for said in ["firmware\u{a0}=\u{a0}4.2.1", "1.84\u{202f}MSEK/h", "not taken", "Take command"] {
        assert!(page.text.contains(said), "the page does not say {said:?}");
    }
    let got = home.post("/incidents/i-1/command", &cookie, &[("version", "1")]).await;
    assert_eq!((got.status, got.location()), (StatusCode::SEE_OTHER, "/incidents/i-1"));
    assert_eq!(home.post("/incidents/i-1/notes", &cookie, &[("text", "<b>ingen ska patcha</b>")]).await.status, 303);
    let fields = [("version", "1"), ("severity", "sev3"), ("reason", "a test shop")];
    assert_eq!(home.post("/incidents/i-1/severity", &cookie, &fields).await.status, 303);
    let page = home.get("/incidents/i-1?timeline=all", &cookie).await;
    for said in ["&#60;b&#62;ingen ska patcha&#60;/b&#62;", "a test shop", "SEV3", "<strong>you</strong>"] {
        assert!(page.text.contains(said), "the page does not say {said:?}");
    }
    let head = home.get("/fragment/incidents/i-1/head", &cookie).await;
    assert!(head.status.is_success() && !head.text.contains("<html"));
}

#[tokio::test]
async fn another_site_cannot_act_with_our_cookie() {
    let home = Home::new();
    home.finds("north", 1);
    let cookie = home.someone("cilla", Role::Commander, "north").await;
    let fields = [("version", "1")];
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")] {
        let request =
            form("/incidents/i-1/command", &cookie, &fields).header("host", "samband.test").header(name, value);
        let got = home.send(request.body(encoded(&fields)).unwrap()).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert!(home.get("/incidents/i-1", &cookie).await.text.contains("not taken"));
}

#[tokio::test]
async fn who_acts_on_an_old_page_is_told_that_someone_was_faster() {
    let home = Home::new();
    home.finds("north", 1);
    let first = home.someone("cilla", Role::Commander, "north").await;
    let second = home.someone("carl", Role::Commander, "north").await;
    let version = home.get("/incidents/i-1", &first).await.text;
    let version = version.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let fields = [("version", version.as_str())];
    assert_eq!(home.post("/incidents/i-1/notes", &first, &[("text", "a note does no harm")]).await.status, 303);
    assert_eq!(home.post("/incidents/i-1/command", &first, &fields).await.status, 303);
    let late = home.post("/incidents/i-1/command", &second, &fields).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.text.contains("Someone was faster"));
}

#[tokio::test]
async fn the_export_holds_every_site_and_no_formula() {
    let home = Home::new();
    home.finds("north", 1);
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    let got = home.get("/incidents/i-1/sites.csv", &cookie).await;
    assert_eq!(got.headers["content-type"], "text/csv; charset=utf-8");
    assert!(got.text.contains("north-1,Jönköping A6,Jönköping,silent"), "{}", got.text);
    assert!(got.text.contains("\"'=cmd()\""), "{}", got.text);
}

#[tokio::test]
async fn shop_staff_report_without_a_login_and_the_incident_gets_it() {
    let home = Home::new();
    home.finds("north", 1);
    let page = home.get("/r/north-1", "").await;
    assert!(page.status.is_success() && page.text.contains("Jönköping A6"));
    assert!(!page.text.contains("4.2.1"), "nothing that was not published");
    let missing = home.post("/r/north-1", "", &[("text", "dött")]).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(missing.text.contains("dött"), "what was typed is kept");
    let sent = home.post("/r/north-1", "", &[("symptom", "network"), ("text", "dött"), ("phone", "070-1")]).await;
    assert!(sent.status.is_success() && sent.text.contains("we have it"), "{}", sent.text);
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    assert!(home.get("/fragment/overview/reports", &cookie).await.text.contains("Network or phone"));
    assert_eq!(home.get("/r/no-such-shop", "").await.status, StatusCode::NOT_FOUND);
    for _ in 0..10 {
        home.post("/r/north-1", "", &[("symptom", "tills")]).await;
    }
    let flood = home.post("/r/north-1", "", &[("symptom", "tills")]).await;
    assert_eq!(flood.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_refused_form_comes_back_as_it_was_filled_in_with_the_incident_around_it() {
    let home = Home::new();
    home.finds("north", 1);
    let cookie = home.someone("cilla", Role::Commander, "north").await;
    let fields = [("severity", "sev3"), ("reason", "a test shop")];
    assert_eq!(home.post("/incidents/i-1/severity", &cookie, &fields).await.status, 303);
    let again = [("version", "1"), ("severity", "sev3"), ("reason", "the same <again>")];
    let refused = home.post("/incidents/i-1/severity", &cookie, &again).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    for said in ["the severity is held at that already", "value=\"the same &#60;again&#62;\"", "What we know"] {
        assert!(refused.text.contains(said), "the page does not say {said:?}: {}", refused.text);
    }
    assert!(!refused.text.contains("Someone was faster"), "nobody was");
    let empty = home.post("/incidents/i-1/severity", &cookie, &[("severity", "sev2"), ("reason", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.text.contains("id=\"reason-fault\"") && empty.text.contains("value=\"sev2\" selected"));
    let script = form("/incidents/i-1/severity", &cookie, &[])
        .header("accept", "application/problem+json, text/html;q=0.5")
        .header("sec-fetch-site", "same-origin");
    let mut script = script.body(encoded(&[("severity", "sev2"), ("reason", " ")])).unwrap();
    script.headers_mut().insert("accept", "application/problem+json, text/html;q=0.5".parse().unwrap());
    assert_eq!(home.send(script).await.json()["errors"][0]["field"], "reason");
}

#[tokio::test]
async fn the_finding_that_opened_an_incident_stands_first_with_what_it_said_then() {
    let home = Home::new();
    home.finds("north", 1);
    let mut later = finding("north", 1);
    later.revision = 2;
    later.explanation[0].value = "9.9.9".into();
    home.desk.record_findings(store::Position(2), now(), &[later]).unwrap();
    let cookie = home.someone("vera", Role::Viewer, "north").await;
    let lines = home.get("/fragment/incidents/i-1/timeline", &cookie).await.text;
    let first = lines.find("Finding: No sales where firmware\u{a0}=\u{a0}4.2.1").unwrap_or_else(|| panic!("{lines}"));
    assert!(lines.find("Incident opened").unwrap() < first, "newest first: {lines}");
    assert!(lines.contains("9.9.9"));
}
