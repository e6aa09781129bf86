//! The REST addresses and their document, as programs use them.

use super::home::*;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use domain::account::Role;
use serde_json::{Value, json};

async fn call(home: &Home, method: Method, path: &str, session: &str, body: Option<Value>) -> Got {
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {session}"));
    let request = request.header("content-type", "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    home.send(request.body(body).unwrap()).await
}

async fn session(home: &Home, login: &str) -> String {
    let body = json!({"login": login, "password": PASSWORD});
    let got = call(home, Method::POST, "/api/v1/sessions", "", Some(body)).await;
    assert_eq!(got.status, StatusCode::CREATED, "{}", got.text);
    got.json()["session"].as_str().unwrap().to_owned()
}

fn upload(session: &str, query: &str, sites: &str) -> Request<Body> {
    let part = |name: &str, file: &str, text: &str| {
        format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n")
    };
    let body = part("customer", "", "north") + &part("sites", "; filename=\"sites.csv\"", sites) + "--X--\r\n";
    Request::post(format!("/api/v1/import{query}"))
        .header("authorization", format!("Bearer {session}"))
        .header("content-type", "multipart/form-data; boundary=X")
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test]
async fn the_document_names_only_addresses_that_answer() {
    let home = Home::new();
    let admin = session(&home, "karin@example.org").await;
    let document = home.get("/api/v1/openapi.json", "").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 20, "{}", paths.len());
    for (path, methods) in paths {
        for method in methods.as_object().unwrap().keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let path = path.replace("{id}", "x").replace("{code}", "x");
            let got =
                call(&home, method.clone(), &path, if path.ends_with("current") { "" } else { &admin }, None).await;
            assert_ne!(got.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert!(!got.text.contains("There is no page"), "{method} {path}: {}", got.text);
        }
    }
    assert!(home.get("/api", "").await.text.contains("js/api.js"));
}

#[tokio::test]
async fn a_program_logs_in_commands_and_reports() {
    let home = Home::new();
    home.finds("north", 1);
    home.someone("cilla", Role::Commander, "north").await;
    let cilla = session(&home, "cilla@example.org").await;
    let incidents = call(&home, Method::GET, "/api/v1/incidents", &cilla, None).await.json();
    assert_eq!(incidents[0]["incident"], "i-1");
    assert_eq!(incidents[0]["per_hour"], json!({"value": "1840000.00", "currency": "SEK"}));
    let finding = call(&home, Method::GET, "/api/v1/findings/f-1", &cilla, None).await.json();
    assert_eq!(finding["explanation"][0]["value"], "4.2.1");
    let version = incidents[0]["version"].clone();
    let taken =
        call(&home, Method::POST, "/api/v1/incidents/i-1/command", &cilla, Some(json!({"version": version}))).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text);
    assert!(taken.json()["commander"].is_string());
    let wrong = call(&home, Method::POST, "/api/v1/incidents/i-1/phase", &cilla, Some(json!({"phase": "later"}))).await;
    assert_eq!(
        (wrong.status, &wrong.json()["errors"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"phase".into())
    );
    let report = json!({"site": "north-1", "channel": "phone", "text": "dött"});
    let report = call(&home, Method::POST, "/api/v1/reports", &cilla, Some(report)).await;
    assert_eq!((report.status, &report.json()["incident"]), (StatusCode::CREATED, &"i-1".into()));
    let theirs = call(&home, Method::GET, "/api/v1/sites/south-1", &cilla, None).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    assert_eq!(call(&home, Method::GET, "/api/v1/tokens", &cilla, None).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        call(&home, Method::DELETE, "/api/v1/sessions/current", &cilla, None).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(call(&home, Method::GET, "/api/v1/incidents", &cilla, None).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_import_is_tried_out_then_done_and_one_bad_row_stops_it_all() {
    let home = Home::new();
    let admin = session(&home, "karin@example.org").await;
    let good = "site,name\nnorth-1,Jönköping A6\nnorth-9,Nybygget\n";
    let tried = home.send(upload(&admin, "?dry_run=true", good)).await.json();
    assert_eq!(tried["sites"], json!({"added": 1, "changed": 0, "same": 1}));
    assert_eq!(call(&home, Method::GET, "/api/v1/sites/north-9", &admin, None).await.status, StatusCode::NOT_FOUND);
    let bad = home.send(upload(&admin, "", "site,latitude,longitude\nnorth-8,57.1,14\nnorth-9,ninety,14\n")).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", bad.text);
    assert_eq!(bad.json()["errors"][0]["line"], 3);
    assert_eq!(call(&home, Method::GET, "/api/v1/sites/north-8", &admin, None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(home.send(upload(&admin, "", good)).await.status, StatusCode::OK);
    let site = call(&home, Method::GET, "/api/v1/sites/north-9", &admin, None).await.json();
    assert_eq!(site["name"], "Nybygget");
    let page = home.get("/fleet/sites/north-1", &home.admin().await).await;
    assert!(page.text.contains("036-123"), "a file without telephone numbers leaves them as they are");
}
