//! The two things that are read from their own text: objects one level deep (`attributes`, `labels`, `by_payment`), and amounts,
//! whose digits must not pass through a float.

use super::Fault;
use super::bounds::{MAX_ENTRIES, Shape};
use super::field::Field;
use super::scan;
use crate::parsed::clip;
use domain::{Currency, Money};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// Reads an object of plain values; each entry goes through `value` with the raw text of what it holds.
pub(super) fn object<T>(
    field: Field,
    raw: &str,
    value: impl Fn(&str) -> Result<T, String>,
) -> Result<BTreeMap<String, T>, Fault> {
    let Entries(entries) =
        serde_json::from_str(raw).map_err(|error| scan::fault(&error, Some(field.name().to_owned())))?;
    let mut object = BTreeMap::new();
    for (name, raw) in entries {
        let at = |reason: String| Fault::field(format!("{}.{}", field.name(), clip(&name)), reason);
        Shape::Name.check(&name).map_err(|bad| at(format!("as a name {bad}")))?;
        let read = value(raw.get()).map_err(at)?;
        if object.contains_key(name.as_ref()) {
            return Err(at("appears twice".to_owned()));
        }
        object.insert(name.into_owned(), read);
    }
    Ok(object)
}

/// The text of a plain value: of a string what it says, of a number or `true` what was written; `None` for `null`.
pub(super) fn plain(raw: &str, shape: Shape) -> Result<Option<String>, String> {
    let text = match raw.as_bytes().first() {
        Some(b'n') => return Ok(None),
        Some(b'{' | b'[') | None => return Err("must be text, a number, true, false or null".to_owned()),
        Some(b'"') => unquoted(raw)?,
        Some(_) => Cow::Borrowed(raw),
    };
    shape.check(&text).map_err(|bad| bad.to_string())?;
    Ok(Some(text.into_owned()))
}

/// An amount: `"129.50"`, or the number 129.50 (exact, because its digits are read as written; an exponent is refused).
pub(super) fn amount(raw: &str, currency: Currency) -> Result<Money, String> {
    let text = match raw.as_bytes().first() {
        Some(b'"') => unquoted(raw)?,
        Some(b'-' | b'0'..=b'9') => Cow::Borrowed(raw),
        _ => return Err(format!("must be an amount such as \"129.50\", not {}", clip(raw))),
    };
    if text.len() > 32 {
        return Err(format!("must be an amount such as \"129.50\", not {:?}", clip(&text)));
    }
    Money::parse(&text, currency).map_err(|bad| format!("is refused: {bad}"))
}

/// What a JSON string says.
fn unquoted(raw: &str) -> Result<Cow<'_, str>, String> {
    match raw.strip_prefix('"').and_then(|s| s.strip_suffix('"')) {
        Some(inner) if !inner.contains('\\') => Ok(Cow::Borrowed(inner)),
        _ => serde_json::from_str(raw).map(Cow::Owned).map_err(|_| "holds an escape that is no character".to_owned()),
    }
}

/// Names and raw values of an object, in order, repeated names included.
struct Entries<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of names and plain values")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Entries<'de>, M::Error> {
        let mut entries = Vec::new();
        while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
            if entries.len() == MAX_ENTRIES {
                return Err(M::Error::custom(format_args!("holds more than {MAX_ENTRIES} entries")));
            }
            entries.push((name, value));
        }
        Ok(Entries(entries))
    }
}

/// A name, borrowed where it holds no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
