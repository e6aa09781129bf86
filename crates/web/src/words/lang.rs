//! The two languages and how a request chooses: `?lang=`, then the cookie, then `Accept-Language`, then English.

use axum::http::HeaderMap;

/// A language the pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Swedish.
    Sv,
}

impl Lang {
    /// Both, in the order the switch shows them.
    pub const ALL: [Self; 2] = [Self::Sv, Self::En];

    /// Name of the cookie that remembers the choice.
    pub const COOKIE: &'static str = "lang";

    /// BCP 47 tag, as in `<html lang>`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Sv => "sv",
        }
    }

    /// Reads a tag or the start of one: `sv-SE` is Swedish.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.trim().split('-').next()?.to_ascii_lowercase().as_str() {
            "sv" => Some(Self::Sv),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// Chooses for one request; `query` is the value of `?lang=`, if there was one.
    #[must_use]
    pub fn choose(query: Option<&str>, headers: &HeaderMap) -> Self {
        query
            .and_then(Self::from_tag)
            .or_else(|| cookie(headers, Self::COOKIE).and_then(Self::from_tag))
            .or_else(|| headers.get("accept-language").and_then(|v| v.to_str().ok()).and_then(Self::accepted))
            .unwrap_or_default()
    }

    /// The best of ours in an `Accept-Language` list, by its `q` weights; the earlier one when they tie.
    fn accepted(list: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for item in list.split(',').take(32) {
            let mut parts = item.split(';');
            let lang = parts.next().and_then(Self::from_tag);
            let weight = parts.find_map(|p| p.trim().strip_prefix("q=")?.trim().parse::<f32>().ok()).unwrap_or(1.0);
            if let Some(lang) = lang
                && weight > 0.0
                && best.is_none_or(|(w, _)| weight > w)
            {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }
}

/// The value of a cookie, if it is sent.
#[must_use]
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all("cookie")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(n, _)| *n == name).map(|(_, value)| value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn the_link_wins_over_the_cookie_and_the_cookie_over_the_browser() {
        let both = headers(&[("cookie", "a=b; lang=en"), ("accept-language", "sv")]);
        assert_eq!(Lang::choose(Some("sv"), &both), Lang::Sv);
        assert_eq!(Lang::choose(None, &both), Lang::En);
        assert_eq!(Lang::choose(Some("xx"), &headers(&[("accept-language", "sv-SE")])), Lang::Sv);
    }

    #[test]
    fn the_browsers_weights_decide_and_refusals_count() {
        for (list, want) in [
            ("de, sv;q=0.5, en;q=0.8", Lang::En),
            ("en;q=0, sv;q=0.1", Lang::Sv),
            ("de", Lang::En),
            ("sv-FI;q=bad", Lang::Sv),
        ] {
            assert_eq!(Lang::choose(None, &headers(&[("accept-language", list)])), want, "{list}");
        }
    }
}
