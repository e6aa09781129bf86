//! Wire formats: bytes to signals and fleet records, and back.
//!
//! Pure parsing, one folder or file per format: no I/O, no clock, no network. Every input is bounded, and whatever is refused is
//! named with its line, its field and the reason, so that a sender can mend it.

pub mod body;
pub mod fleet;
pub mod native;
mod parsed;
pub mod rfc3339;
mod table;
pub mod transactions;

pub use parsed::{Limits, Note, Parsed, Refused};
