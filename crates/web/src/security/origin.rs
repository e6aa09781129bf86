//! Protection against forged requests without tokens: an unsafe method must come from our own origin, as the browser
//! itself says in `Sec-Fetch-Site`, or as `Origin` matches `Host`. Machines authenticate by bearer token and send no
//! cookie, so a request without either header passes only when it carries no cookie.

use super::problem::{Problem, ProblemKind};
use axum::{
    extract::Request,
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Why a request was taken for forged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginRefused {
    /// The browser says that another site made it.
    #[error("the browser reports Sec-Fetch-Site: {0}")]
    OtherSite(String),
    /// `Origin` is not where we are.
    #[error("Origin {origin:?} is not this server, {host:?}")]
    OtherOrigin {
        /// As sent.
        origin: String,
        /// As sent.
        host: String,
    },
    /// A cookie, but nothing that says where the request came from.
    #[error("a cookie was sent without Sec-Fetch-Site or Origin")]
    Unsaid,
}

/// Whether a request may change something.
///
/// # Errors
/// [`OriginRefused`] when an unsafe method does not come from our own pages.
pub fn check_same_origin(method: &Method, headers: &HeaderMap) -> Result<(), OriginRefused> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    if let Some(site) = text("sec-fetch-site") {
        // `none`: typed or bookmarked by the user, which cannot be forged by a page.
        return if site == "same-origin" || site == "none" { Ok(()) } else { Err(OriginRefused::OtherSite(site)) };
    }
    if let Some(origin) = text("origin") {
        let host = text("host").unwrap_or_default();
        let authority = origin.split_once("://").map(|(_, rest)| rest);
        return if !host.is_empty() && authority == Some(host.as_str()) {
            Ok(())
        } else {
            Err(OriginRefused::OtherOrigin { origin, host })
        };
    }
    if headers.contains_key(header::COOKIE) { Err(OriginRefused::Unsaid) } else { Ok(()) }
}

/// Middleware around [`check_same_origin`].
pub async fn require_same_origin(request: Request, next: Next) -> Response {
    match check_same_origin(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => Problem::new(ProblemKind::ForeignOrigin, refused.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(pairs: &[(&'static str, &str)]) -> Result<(), OriginRefused> {
        let headers = pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        check_same_origin(&Method::POST, &headers)
    }

    #[test]
    fn another_site_cannot_act_with_our_cookie() {
        assert!(check(&[("sec-fetch-site", "cross-site"), ("cookie", "s=1")]).is_err());
        assert!(check(&[("sec-fetch-site", "same-site")]).is_err(), "a neighbour on the same domain is a stranger too");
        assert!(check(&[("origin", "https://evil.test"), ("host", "samband.test")]).is_err());
        assert!(check(&[("origin", "null"), ("host", "samband.test")]).is_err());
        assert!(check(&[("origin", "https://samband.test.evil.test"), ("host", "samband.test")]).is_err());
        assert_eq!(check(&[("cookie", "s=1")]), Err(OriginRefused::Unsaid));
    }

    #[test]
    fn our_own_pages_and_machines_with_tokens_pass() {
        assert_eq!(check(&[("sec-fetch-site", "same-origin"), ("cookie", "s=1")]), Ok(()));
        assert_eq!(check(&[("origin", "http://127.0.0.1:7700"), ("host", "127.0.0.1:7700")]), Ok(()));
        assert_eq!(check(&[("authorization", "Bearer x")]), Ok(()));
    }

    #[test]
    fn reading_is_free() {
        let headers = [("sec-fetch-site".parse().unwrap(), "cross-site".parse().unwrap())].into_iter().collect();
        assert_eq!(check_same_origin(&Method::GET, &headers), Ok(()));
    }
}
