//! Who looks at a demo: an administrator of its own, logged in without a form. That is safe because only this machine reaches
//! the server, by a name of this machine: another site's page cannot lead here under its own name (DNS rebinding).

use anyhow::{Context, Result};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE32_NOPAD;
use desk::Desk;
use jiff::Timestamp;
use node::Clock;
use std::sync::{Arc, Mutex, PoisonError};
use store::Entropy;

/// The cookie of a session without TLS.
const COOKIE: &str = "samband";
/// Under which address the guest logs in.
const EMAIL: &str = "demo@samband.invalid";

/// The demo's user and their session.
pub struct Guest {
    desk: Arc<Desk>,
    clock: Arc<dyn Clock>,
    password: String,
    session: Mutex<String>,
}

impl Guest {
    /// Sets the guest up.
    ///
    /// # Errors
    /// When the desk refuses.
    pub fn new(desk: Arc<Desk>, clock: Arc<dyn Clock>, entropy: &mut dyn Entropy, name: &str) -> Result<Self> {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        let password = BASE32_NOPAD.encode(&bytes);
        let now = clock.now();
        let link = desk.first_link(now)?;
        desk.set_up(&link.secret, &password, Some((name, EMAIL)), now).context("the demo's user")?;
        let session = desk.log_in(EMAIL, &password, now)?;
        Ok(Self { desk, clock, password, session: Mutex::new(session) })
    }

    /// The secret of a session that is in force; simulated days pass quickly, so that it may be a new one.
    pub fn session(&self) -> Option<String> {
        let now: Timestamp = self.clock.now();
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(self.desk.session(&session, now), Ok(Some(_))) {
            return Some(session.clone());
        }
        *session = self.desk.log_in(EMAIL, &self.password, now).ok()?;
        Some(session.clone())
    }
}

/// Lets requests in as the guest, if they come by a name of this machine.
pub async fn let_in(State(guest): State<Arc<Guest>>, mut request: Request, next: Next) -> Response {
    if !names_this_machine(request.headers()) {
        let why = "the demo answers to 127.0.0.1 and localhost only\n";
        return (StatusCode::MISDIRECTED_REQUEST, why).into_response();
    }
    let has_bearer = request.headers().contains_key(header::AUTHORIZATION);
    if !has_bearer
        && let Ok(Some(session)) = tokio::task::spawn_blocking(move || guest.session()).await
        && let Ok(value) = HeaderValue::from_str(&with_session(request.headers(), &session))
    {
        request.headers_mut().insert(header::COOKIE, value);
    }
    next.run(request).await
}

fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name =
        host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(n, _)| n);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

/// The cookies of a request with the guest's session in place of any other.
fn with_session(headers: &HeaderMap, session: &str) -> String {
    let given = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let kept = given.flat_map(|line| line.split(';')).map(str::trim);
    let kept = kept.filter(|cookie| !cookie.is_empty() && !cookie.starts_with(&format!("{COOKIE}=")));
    let mut all: Vec<String> = kept.map(str::to_owned).collect();
    all.push(format!("{COOKIE}={session}"));
    all.join("; ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let named = |host: &str| names_this_machine(&HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]));
        assert!(named("127.0.0.1:7700") && named("localhost") && named("[::1]:80"));
        assert!(!named("evil.test:7700") && !named("127.0.0.1.evil.test") && !named(""));
    }

    #[test]
    fn the_guests_session_replaces_any_other_and_keeps_the_rest() {
        let headers = HeaderMap::from_iter([(header::COOKIE, "lang=sv; samband=old; theme=dark".parse().unwrap())]);
        assert_eq!(with_session(&headers, "new"), "lang=sv; theme=dark; samband=new");
    }
}
