//! How bodies of older schemas become current ones, one step per version; none has been needed yet.

use serde_json::Value;

/// Lifts a body from one schema to the next; the error says what it found.
pub type Step = fn(Value) -> Result<Value, String>;

/// Every step: the kind, the schema it lifts from, and how.
#[must_use]
pub fn steps() -> &'static [(&'static str, u16, Step)] {
    &[]
}
