//! What every server of pages shares: static files, preferences, headers and the same-origin check. Routes that need the
//! desk are added around it.

use crate::assets;
use crate::security::{add_security_headers, require_same_origin};
use crate::view::Theme;
use crate::words::Lang;
use axum::{
    Form, Router,
    http::{HeaderValue, header},
    middleware,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

/// Adds the shared routes and layers around `pages`.
pub fn with_shell<S: Clone + Send + Sync + 'static>(pages: Router<S>) -> Router<S> {
    pages
        .route("/static/{release}/{*path}", get(assets::serve))
        .route("/preferences", post(set_preferences))
        .layer(middleware::from_fn(require_same_origin))
        .layer(middleware::from_fn(add_security_headers))
}

/// A path of ours to go back to: never another host, whatever the form said.
#[must_use]
pub fn local_path(next: &str) -> &str {
    let is_local = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(|c| c.is_control() || c.is_whitespace());
    if is_local { next } else { "/" }
}

#[derive(Deserialize)]
struct Preferences {
    next: Option<String>,
    lang: Option<String>,
    theme: Option<String>,
    single_keys: Option<String>,
}

/// Language, theme and single keys are kept in cookies of one year, so that they work before login too.
async fn set_preferences(Form(form): Form<Preferences>) -> Response {
    let lang = form.lang.as_deref().and_then(Lang::from_tag).map(|l| (Lang::COOKIE, l.tag()));
    let theme = form.theme.as_deref().map(|t| (Theme::COOKIE, Theme::from_name(t).name()));
    let keys = form.single_keys.as_deref().map(|k| ("single_keys", if k == "off" { "off" } else { "on" }));
    let cookies = [lang, theme, keys].into_iter().flatten().filter_map(|(name, value)| {
        let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
        Some((header::SET_COOKIE, HeaderValue::from_str(&cookie).ok()?))
    });
    let next = form.next.unwrap_or_default();
    (AppendHeaders(cookies), Redirect::to(local_path(&next))).into_response()
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn a_form_cannot_send_one_to_another_host() {
        for bad in
            ["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)", "", "/a\r\nb", "/\t/evil.test"]
        {
            assert_eq!(local_path(bad), "/", "{bad:?}");
        }
        assert_eq!(local_path("/incidents/i-1?x=1"), "/incidents/i-1?x=1");
    }
}
