//! One line, flat: a slot per field, reused from line to line, and typed ways to take a value out of it.

use super::Fault;
use super::bounds::Shape;
use super::field::{FIELDS, Field, Mask};
use crate::parsed::clip;
use crate::rfc3339;
use jiff::Timestamp;
use std::borrow::Cow;
use std::mem;

/// A JSON value that is not nested, or the text of one that may be.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Value<'a> {
    #[default]
    Null,
    Bool(bool),
    Whole(u64),
    Negative(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Raw(&'a str),
}

/// The values of one line.
#[derive(Debug)]
pub(super) struct Slots<'a> {
    values: [Value<'a>; FIELDS],
    seen: Mask,
}

impl Default for Slots<'_> {
    fn default() -> Self {
        Self { values: std::array::from_fn(|_| Value::Null), seen: 0 }
    }
}

impl<'a> Slots<'a> {
    /// Forgets the line before.
    pub(super) fn clear(&mut self) {
        self.seen = 0;
    }

    /// The fields that the line holds, `null` ones too.
    pub(super) fn seen(&self) -> Mask {
        self.seen
    }

    /// Notes that a field was met; false if it was met before.
    pub(super) fn meet(&mut self, field: Field) -> bool {
        let first = self.seen & field.bit() == 0;
        self.seen |= field.bit();
        first
    }

    /// Puts a value in its place.
    pub(super) fn put(&mut self, field: Field, value: Value<'a>) {
        self.values[field as usize] = value;
    }

    /// Takes the value of a field; `None` if it is missing or `null`.
    pub(super) fn take(&mut self, field: Field) -> Option<Value<'a>> {
        if self.seen & field.bit() == 0 {
            return None;
        }
        match mem::take(&mut self.values[field as usize]) {
            Value::Null | Value::Raw("null") => None,
            value => Some(value),
        }
    }

    /// Takes a text of any length.
    pub(super) fn any_text(&mut self, field: Field) -> Result<Option<Cow<'a, str>>, Fault> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(other) => Err(Fault::field(field.name(), format!("must be text in quotes, not {}", other.said()))),
        }
    }

    /// Takes a text that keeps to its bounds.
    pub(super) fn text(&mut self, field: Field, shape: Shape) -> Result<Option<String>, Fault> {
        let Some(text) = self.any_text(field)? else { return Ok(None) };
        shape.check(&text).map_err(|bad| Fault::field(field.name(), bad.to_string()))?;
        Ok(Some(text.into_owned()))
    }

    /// Takes a text that must be there.
    pub(super) fn required_text(&mut self, field: Field, shape: Shape) -> Result<String, Fault> {
        self.text(field, shape)?.ok_or_else(|| missing(field))
    }

    /// Takes one of a few words.
    pub(super) fn choice<T: Copy>(&mut self, field: Field, choices: &[(&str, T)]) -> Result<T, Fault> {
        let text = self.any_text(field)?.ok_or_else(|| missing(field))?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
        found.ok_or_else(|| {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            Fault::field(field.name(), format!("must be one of {}, not {:?}", words.join(", "), clip(&text)))
        })
    }

    /// Takes a whole number from 0 to `most`.
    pub(super) fn whole(&mut self, field: Field, most: u64) -> Result<Option<u64>, Fault> {
        let reason = match self.take(field) {
            None => return Ok(None),
            Some(Value::Whole(n)) if n <= most => return Ok(Some(n)),
            Some(Value::Whole(n)) => format!("must be at most {most}, not {n}"),
            Some(Value::Negative(n)) => format!("must not be negative, as {n} is"),
            Some(other) => format!("must be a whole number, not {}", other.said()),
        };
        Err(Fault::field(field.name(), reason))
    }

    /// Takes a time with its offset.
    pub(super) fn time(&mut self, field: Field) -> Result<Option<Timestamp>, Fault> {
        let Some(text) = self.any_text(field)? else { return Ok(None) };
        rfc3339::parse(&text).map(Some).map_err(|bad| Fault::field(field.name(), bad.to_string()))
    }

    /// Takes a code, metric or other domain text through its constructor.
    pub(super) fn code<T>(
        &mut self,
        field: Field,
        make: impl FnOnce(String) -> Result<T, domain::BadCode>,
    ) -> Result<Option<T>, Fault> {
        let Some(text) = self.any_text(field)? else { return Ok(None) };
        make(text.into_owned()).map(Some).map_err(|bad| Fault::field(field.name(), bad.to_string()))
    }
}

impl Value<'_> {
    /// How to name it in an error.
    pub(super) fn said(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Whole(n) => n.to_string(),
            Self::Negative(n) => n.to_string(),
            Self::Float(x) => x.to_string(),
            Self::Text(text) => format!("{:?}", clip(text)),
            Self::Raw(text) => clip(text),
        }
    }
}

/// A field that the kind requires is not there.
pub(super) fn missing(field: Field) -> Fault {
    Fault::field(field.name(), "is missing")
}
