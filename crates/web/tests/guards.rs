//! What every answer carries and every unsafe request must pass, through the real router.
#![allow(clippy::unwrap_used)]

use axum::{Router, body::Body, http::Request, routing::get};
use tower::ServiceExt;

fn app() -> Router {
    web::router::with_shell(Router::new().route("/", get(|| async { "page" }).post(|| async { "changed" })))
}

fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let builder = headers.iter().fold(Request::builder().method(method).uri(path), |b, (n, v)| b.header(*n, *v));
    builder.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn every_answer_even_a_refusal_carries_the_security_headers() {
    let forged = [("cookie", "s=1"), ("sec-fetch-site", "cross-site")];
    for (method, path, headers, status) in
        [("GET", "/", &[][..], 200), ("GET", "/none", &[], 404), ("POST", "/", &forged[..], 403)]
    {
        let answer = app().oneshot(request(method, path, headers)).await.unwrap();
        assert_eq!(answer.status(), status);
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"));
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn static_files_are_kept_for_ever_and_compressed_when_asked() {
    let path = web::assets::url("vendor/leaflet/leaflet.js");
    let plain = app().oneshot(request("GET", &path, &[])).await.unwrap();
    assert!(plain.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    assert!(plain.headers().get("content-encoding").is_none());
    let packed = app().oneshot(request("GET", &path, &[("accept-encoding", "br, gzip;q=0.9")])).await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let old = app().oneshot(request("GET", "/static/0123456789ab/app.css", &[])).await.unwrap();
    assert_eq!((old.status().as_u16(), old.headers()["cache-control"].to_str().unwrap()), (200, "no-cache"));
    let outside = app().oneshot(request("GET", "/static/x/../../Cargo.toml", &[])).await.unwrap();
    assert_eq!(outside.status(), 404);
}

#[tokio::test]
async fn a_preference_is_kept_in_a_cookie_and_leads_back() {
    let mut asked = request("POST", "/preferences", &[("content-type", "application/x-www-form-urlencoded")]);
    *asked.body_mut() = Body::from("next=%2Ffleet&lang=sv&theme=dark");
    let answer = app().oneshot(asked).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, "/fleet"));
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    assert!(cookies[0].starts_with("lang=sv;") && cookies[1].starts_with("theme=dark;"), "{cookies:?}");
}
