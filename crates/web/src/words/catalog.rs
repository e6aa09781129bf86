//! The Fluent catalogs, compiled into the binary. `tests/words.rs` proves that every key exists in both languages and is
//! used, so that a lookup cannot fail in a release.

use super::Lang;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

type Bundle = FluentBundle<FluentResource>;

/// Catalog files of one language. The names are those of the pages they serve.
macro_rules! catalog {
    ($lang:literal) => {
        [
            include_str!(concat!("../../locales/", $lang, "/shell.ftl")),
            include_str!(concat!("../../locales/", $lang, "/words.ftl")),
            include_str!(concat!("../../locales/", $lang, "/attributes.ftl")),
            include_str!(concat!("../../locales/", $lang, "/operations.ftl")),
            include_str!(concat!("../../locales/", $lang, "/fleet.ftl")),
            include_str!(concat!("../../locales/", $lang, "/settings.ftl")),
            include_str!(concat!("../../locales/", $lang, "/public.ftl")),
            include_str!(concat!("../../locales/", $lang, "/refusals.ftl")),
        ]
    };
}

static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(&catalog!("en"), Lang::En));
static SV: LazyLock<Bundle> = LazyLock::new(|| bundle(&catalog!("sv"), Lang::Sv));

/// The text of a key without arguments.
#[must_use]
pub fn say(lang: Lang, key: &str) -> String {
    say_with(lang, key, &[])
}

/// The text of a key with arguments. A key that is missing reads as itself, which the catalog test makes impossible.
#[must_use]
pub fn say_with(lang: Lang, key: &str, args: &[(&'static str, FluentValue<'_>)]) -> String {
    let bundle = match lang {
        Lang::En => &*EN,
        Lang::Sv => &*SV,
    };
    let Some(pattern) = bundle.get_message(key).and_then(|m| m.value()) else {
        tracing::error!(key, lang = lang.tag(), "no such text");
        return key.to_owned();
    };
    let args: FluentArgs<'_> = args.iter().cloned().collect();
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&args), &mut errors);
    if !errors.is_empty() {
        tracing::error!(key, lang = lang.tag(), ?errors, "text could not be filled in");
    }
    text.into_owned()
}

fn bundle(files: &[&str], lang: Lang) -> Bundle {
    let id: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // Isolation marks would end up in clipboards and curl commands; both languages run the same way.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match lang {
        Lang::En => |value, _| whole_number(Lang::En, value),
        Lang::Sv => |value, _| whole_number(Lang::Sv, value),
    }));
    for file in files {
        let resource = match FluentResource::try_new((*file).to_owned()) {
            Ok(resource) => resource,
            Err((resource, errors)) => {
                tracing::error!(?errors, "catalog is not valid Fluent");
                resource
            }
        };
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(?errors, "catalog defines a key twice");
        }
    }
    bundle
}

fn whole_number(lang: Lang, value: &FluentValue<'_>) -> Option<String> {
    match value {
        // Counts come in as integers; Fluent holds them as f64, exact to 2^53.
        #[allow(clippy::cast_possible_truncation)]
        FluentValue::Number(n) => Some(crate::format::count(lang, n.value as i64)),
        _ => None,
    }
}
