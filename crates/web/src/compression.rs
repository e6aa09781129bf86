//! Pages and data are sent packed to whoever takes gzip. Streams are not, since what is packed waits for more; nor are answers to
//! forms, which alone hold secrets (a new token, a setup link): length tells nothing of them (BREACH).

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

/// Less is not worth it: it goes out in one packet either way.
const LEAST_BYTES: u64 = 1_200;
/// More is not held in memory twice.
const MOST_BYTES: u64 = 16 << 20;
/// More than this is packed where blocking is fine.
const BLOCKING_BYTES: usize = 256 << 10;
/// What is packed: texts.
const PACKED: [&str; 5] = ["text/html", "application/json", "application/problem+json", "text/csv", "text/plain"];

/// Middleware around everything.
pub(crate) async fn compress(request: Request, next: Next) -> Response {
    let may = request.method() == Method::GET && takes_gzip(request.headers());
    let response = next.run(request).await;
    if !is_text(response.headers()) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    head.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    let size = axum::body::HttpBody::size_hint(&body).exact().unwrap_or(0);
    if !may || !(LEAST_BYTES..=MOST_BYTES).contains(&size) {
        return Response::from_parts(head, body);
    }
    // The size is known, so the body is whole and cannot fail.
    let Ok(plain) = to_bytes(body, usize::MAX).await else { return Response::from_parts(head, Body::empty()) };
    let packed = if plain.len() > BLOCKING_BYTES {
        let copy = plain.clone();
        tokio::task::spawn_blocking(move || gzip(&copy)).await.ok().flatten()
    } else {
        gzip(&plain)
    };
    let Some(packed) = packed else { return Response::from_parts(head, Body::from(plain)) };
    head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(packed))
}

/// Whether a client takes gzip: names it, or everything, and not with the weight nought.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let weight = |name: &str| {
        accepted.split(',').find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            if !parts.next()?.eq_ignore_ascii_case(name) {
                return None;
            }
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            Some(weight.and_then(|weight| weight.parse::<f32>().ok()).unwrap_or(1.0))
        })
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

fn is_text(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    !headers.contains_key(header::CONTENT_ENCODING) && PACKED.iter().any(|packed| content_type.starts_with(packed))
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::new(4));
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().filter(|packed| packed.len() < bytes.len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn gzip_is_sent_to_who_names_it_and_to_nobody_who_refuses_it() {
        for (accepted, takes) in [
            ("gzip, deflate, br", true),
            ("br, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("br", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
            assert_eq!(takes_gzip(&headers), takes, "{accepted:?}");
        }
    }
}
