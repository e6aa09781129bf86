//! Small pieces of HTML that stand on every page: severity and state with shape and word, and times that stay current.
//! The only place where markup is made in code; everything put in is a number, an enum or escaped.

use crate::view::{Faults, Severity, SiteState};
use crate::words::{Key, Reader};
use askama::filters::HtmlSafe;
use jiff::Timestamp;
use std::fmt;

/// HTML made by this file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Markup(String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

impl Reader {
    /// Severity as shape, colour and word.
    #[must_use]
    pub fn severity(&self, severity: &Severity) -> Markup {
        let shape = match severity {
            Severity::Sev1 => r#"<path d="M4.7 1h6.6L15 4.7v6.6L11.3 15H4.7L1 11.3V4.7z"/>"#,
            Severity::Sev2 => r#"<path d="M8 1.2 15.2 14.4H.8z"/>"#,
            Severity::Sev3 => r#"<path d="M8 .8 15.2 8 8 15.2.8 8z"/>"#,
            Severity::Sev4 => r#"<circle cx="8" cy="8" r="6"/>"#,
        };
        let name = severity.name();
        let meaning = escape(&self.say(severity.meaning()));
        Markup(format!(
            r#"<span class="sev {name}" title="{meaning}"><svg class="mark" viewBox="0 0 16 16" aria-hidden="true">{shape}</svg>{}</span>"#,
            name.to_uppercase()
        ))
    }

    /// State of a site or device as shape, colour and word.
    #[must_use]
    pub fn state(&self, state: &SiteState) -> Markup {
        let word = escape(&self.say(state.word()));
        Markup(format!(r#"<span class="state {}">{}{word}</span>"#, state.name(), state_shape(*state)))
    }

    /// The shape of a state alone, for legends whose word stands beside it.
    #[must_use]
    pub fn state_mark(&self, state: &SiteState) -> Markup {
        Markup(format!(r#"<span class="state {}">{}</span>"#, state.name(), state_shape(*state)))
    }

    /// What is wrong with a field of a form that is given back, under the field: `Login must be an address`.
    #[must_use]
    pub fn fault(&self, faults: &Faults, field: &str, label: impl AsRef<str>) -> Markup {
        let Some(said) = faults.field(field) else { return Markup(String::new()) };
        let (lang, said) = (self.refusal_lang(said), escape(&self.refusal(said)));
        let label = escape(label.as_ref());
        Markup(format!(r#"<p class="wrong" id="{}-fault" lang="{lang}">{label} {said}</p>"#, escape(field)))
    }

    /// Attributes of the field itself: that it is wrong, where that is said, and that one goes on there.
    #[must_use]
    pub fn faulty(&self, faults: &Faults, field: &str) -> Markup {
        let is_wrong = faults.field(field).is_some();
        let field = escape(field);
        let marked = format!(r#" aria-invalid="true" aria-describedby="{field}-fault" autofocus"#);
        Markup(if is_wrong { marked } else { String::new() })
    }

    /// What is wrong with the whole form, above it.
    #[must_use]
    pub fn fault_of_all(&self, faults: &Faults) -> Markup {
        let Some(said) = faults.whole() else { return Markup(String::new()) };
        let (lang, said) = (self.refusal_lang(said), escape(&self.refusal(said)));
        let race = if faults.is_race { format!("{}. ", escape(&self.say("problem-conflict"))) } else { String::new() };
        Markup(format!(r#"<p class="wrong" role="alert">{race}<span lang="{lang}">{said}</span></p>"#))
    }

    /// Both times, the relative one kept current by the page: `4 min ago · 10:31:04`.
    #[must_use]
    pub fn when(&self, at: &Timestamp) -> Markup {
        Markup(format!(
            r#"<time datetime="{at}"><span data-ago="{at}">{}</span> · {}</time>"#,
            escape(&self.ago(at)),
            escape(&self.clock(at))
        ))
    }

    /// Relative time with the absolute one as its title, for narrow columns.
    #[must_use]
    pub fn when_short(&self, at: &Timestamp) -> Markup {
        let (ago, clock) = (escape(&self.ago(at)), escape(&self.clock(at)));
        Markup(format!(r#"<time datetime="{at}" title="{clock}" data-ago="{at}">{ago}</time>"#))
    }

    /// Length of time since then, kept current: `12 min`.
    #[must_use]
    pub fn age(&self, at: &Timestamp) -> Markup {
        Markup(format!(r#"<time datetime="{at}" data-age="{at}">{}</time>"#, escape(&self.since(at))))
    }

    /// The absolute time only.
    #[must_use]
    pub fn at(&self, at: &Timestamp) -> Markup {
        Markup(format!(r#"<time datetime="{at}">{}</time>"#, escape(&self.clock(at))))
    }

    /// Relative time where something happened, else a dash that is read as `never`.
    #[must_use]
    pub fn when_or_never(&self, at: &Option<Timestamp>) -> Markup {
        match at {
            Some(at) => self.when_short(at),
            None => Markup(format!(r#"<span class="unknown">{}</span>"#, escape(&self.say(Key("never"))))),
        }
    }
}

fn state_shape(state: SiteState) -> &'static str {
    match state {
        SiteState::Silent => {
            r#"<svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><path d="M2 2h12v12H2z"/></svg>"#
        }
        SiteState::Unheard => {
            r#"<svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><path class="line" d="M2.8 2.8h10.4v10.4H2.8zM3 13 13 3M3 8l5-5M8 13l5-5"/></svg>"#
        }
        SiteState::Unsure => {
            r#"<svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><path class="line" d="M2.8 2.8h10.4v10.4H2.8z"/></svg>"#
        }
        SiteState::Partly => {
            r#"<svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><path class="line" d="M2.8 2.8h10.4v10.4H2.8z"/><path d="M2 2h6v12H2z"/></svg>"#
        }
        SiteState::Below => {
            r#"<svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><path d="M1 3h14L8 14.5z"/></svg>"#
        }
        SiteState::Selling => {
            r#"<svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="5"/></svg>"#
        }
        SiteState::Shut => {
            r#"<svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><path class="line" d="M3 8h10"/></svg>"#
        }
        SiteState::Never => {
            r#"<svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><circle class="line" cx="8" cy="8" r="4.5"/></svg>"#
        }
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_put_in_can_end_the_tag_or_the_attribute() {
        assert_eq!(escape(r#"<b a="x" b='y'>&"#), "&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
    }
}
