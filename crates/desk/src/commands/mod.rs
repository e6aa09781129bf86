//! Commands, one file per thing they change. Each is a method of the desk: load -> decide -> append -> apply -> publish.

mod erase;
pub mod findings;
mod fleet;
mod incidents;
mod policy;
pub mod reports;
pub mod tokens;
mod working;

pub use fleet::{ImportSite, Imported};

use crate::error::DeskError;

/// The longest text a person may write in one go, in characters.
pub const MAX_TEXT_CHARS: usize = 20_000;

/// A text as people write them: not empty, and bounded.
pub(crate) fn written<'a>(field: &'static str, text: &'a str) -> Result<&'a str, DeskError> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(DeskError::invalid(field, "must not be empty")),
        n if n > MAX_TEXT_CHARS => {
            Err(DeskError::invalid(field, format!("has {n} characters, more than {MAX_TEXT_CHARS}")))
        }
        _ => Ok(text),
    }
}

/// A word or two for people, on one line.
pub(crate) fn label<'a>(field: &'static str, text: &'a str, most: usize) -> Result<&'a str, DeskError> {
    let text = written(field, text)?;
    if text.chars().count() > most {
        return Err(DeskError::invalid(field, format!("has more than {most} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(DeskError::invalid(field, "must be one line without control characters"));
    }
    Ok(text)
}
