//! Event kinds are never redefined: a body of an older schema is lifted step by step, n to n+1, when it is read.
//!
//! What was written stays as it was. A kind nobody knows is an error that names it, so that a start stops there.

use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::HashMap;

/// Lifts a body from one schema to the next; the error says what it found.
pub type Step = fn(Value) -> Result<Value, String>;

/// Why a body cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Nobody registered this kind.
    #[error("event kind {kind:?} (schema {schema}) is unknown to this version")]
    UnknownKind {
        /// The kind.
        kind: String,
        /// The schema it was written with.
        schema: u16,
    },
    /// Written with a newer schema than this build knows.
    #[error("event kind {kind:?} has schema {found}, but this version knows it only up to {known}")]
    NewerSchema {
        /// The kind.
        kind: String,
        /// The schema it was written with.
        found: u16,
        /// The newest this build knows.
        known: u16,
    },
    /// No step leads on from this schema.
    #[error("event kind {kind:?} cannot be lifted from schema {from}: no step is registered")]
    NoStep {
        /// The kind.
        kind: String,
        /// Where it stops.
        from: u16,
    },
    /// A step refused.
    #[error("event kind {kind:?} cannot be lifted from schema {from}: {what}")]
    Step {
        /// The kind.
        kind: String,
        /// The schema it was in.
        from: u16,
        /// What the step said.
        what: String,
    },
    /// The body is not what its kind says.
    #[error("the body of event kind {kind:?} does not fit: {what}")]
    Body {
        /// The kind.
        kind: String,
        /// What the parser said.
        what: String,
    },
}

#[derive(Debug, Clone)]
struct Kind {
    current: u16,
    steps: HashMap<u16, Step>,
}

/// Every kind this build knows, and how older bodies become current ones.
///
/// ```
/// # use store::journal::Upcasters;
/// let mut kinds = Upcasters::new();
/// kinds.register("NoteAdded", 2);
/// kinds.step("NoteAdded", 1, |mut body| {
///     body["pinned"] = false.into();
///     Ok(body)
/// });
/// let body = kinds.decode("NoteAdded", 1, br#"{"text":"x"}"#)?;
/// assert_eq!(body["pinned"], false);
/// # Ok::<(), store::journal::DecodeError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Upcasters {
    kinds: HashMap<String, Kind>,
}

impl Upcasters {
    /// Knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a kind known, with the schema it is written with today.
    pub fn register(&mut self, kind: &str, current: u16) -> &mut Self {
        self.kinds.entry(kind.to_owned()).or_insert_with(|| Kind { current, steps: HashMap::new() }).current = current;
        self
    }

    /// Registers how a body of schema `from` becomes one of `from + 1`.
    pub fn step(&mut self, kind: &str, from: u16, step: Step) -> &mut Self {
        let next = from.saturating_add(1);
        let known = self.kinds.entry(kind.to_owned()).or_insert_with(|| Kind { current: next, steps: HashMap::new() });
        known.steps.insert(from, step);
        self
    }

    /// The schema `kind` is written with today.
    #[must_use]
    pub fn current(&self, kind: &str) -> Option<u16> {
        self.kinds.get(kind).map(|kind| kind.current)
    }

    /// Sees that bodies of `kind` and `schema` could be lifted; for every pair of [`super::Journal::kinds`] at the start.
    ///
    /// # Errors
    /// The first reason why not.
    pub fn check(&self, kind: &str, schema: u16) -> Result<(), DecodeError> {
        let known = self.known(kind, schema)?;
        match (schema..known.current).find(|from| !known.steps.contains_key(from)) {
            Some(from) => Err(DecodeError::NoStep { kind: kind.to_owned(), from }),
            None => Ok(()),
        }
    }

    /// The body in today's schema.
    ///
    /// # Errors
    /// [`DecodeError`] with the kind's name.
    pub fn decode(&self, kind: &str, schema: u16, body: &[u8]) -> Result<Value, DecodeError> {
        let known = self.known(kind, schema)?;
        let mut value: Value = serde_json::from_slice(body)
            .map_err(|error| DecodeError::Body { kind: kind.to_owned(), what: error.to_string() })?;
        for from in schema..known.current {
            let step = known.steps.get(&from).ok_or_else(|| DecodeError::NoStep { kind: kind.to_owned(), from })?;
            value = step(value).map_err(|what| DecodeError::Step { kind: kind.to_owned(), from, what })?;
        }
        Ok(value)
    }

    /// The body as a type.
    ///
    /// # Errors
    /// [`DecodeError`] with the kind's name.
    pub fn decode_as<T: DeserializeOwned>(&self, kind: &str, schema: u16, body: &[u8]) -> Result<T, DecodeError> {
        serde_json::from_value(self.decode(kind, schema, body)?)
            .map_err(|error| DecodeError::Body { kind: kind.to_owned(), what: error.to_string() })
    }

    fn known(&self, kind: &str, schema: u16) -> Result<&Kind, DecodeError> {
        let known = self.kinds.get(kind).ok_or_else(|| DecodeError::UnknownKind { kind: kind.to_owned(), schema })?;
        if schema > known.current {
            return Err(DecodeError::NewerSchema { kind: kind.to_owned(), found: schema, known: known.current });
        }
        Ok(known)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn kinds() -> Upcasters {
        let mut kinds = Upcasters::new();
        kinds.register("Opened", 3);
        kinds.step("Opened", 1, |mut body| {
            let name = body["name"].take();
            body["title"] = name;
            Ok(body)
        });
        kinds.step("Opened", 2, |body| match body["title"].as_str() {
            Some(title) => Ok(serde_json::json!({ "title": title.to_uppercase() })),
            None => Err("title is no text".into()),
        });
        kinds
    }

    #[test]
    fn an_old_body_passes_every_step_between() {
        let body = kinds().decode("Opened", 1, br#"{"name":"x"}"#).unwrap();
        assert_eq!(body, serde_json::json!({"title": "X"}));
        assert_eq!(kinds().decode("Opened", 3, br#"{"title":"x"}"#).unwrap(), serde_json::json!({"title": "x"}));
    }

    #[test]
    fn what_cannot_be_lifted_is_named() {
        let kinds = kinds();
        let error = kinds.decode("Closed", 1, b"{}").unwrap_err();
        assert_eq!(error.to_string(), "event kind \"Closed\" (schema 1) is unknown to this version");
        assert!(matches!(kinds.check("Opened", 4), Err(DecodeError::NewerSchema { found: 4, known: 3, .. })));
        assert!(matches!(kinds.check("Opened", 0), Err(DecodeError::NoStep { from: 0, .. })));
        assert!(matches!(kinds.decode("Opened", 2, b"{}"), Err(DecodeError::Step { from: 2, .. })));
        assert_eq!(kinds.check("Opened", 1), Ok(()));
    }
}
