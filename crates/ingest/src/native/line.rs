//! Writes one line field by field, and refuses what breaks the bounds that reading keeps.

use super::bounds::{MAX_ENTRIES, Shape};
use super::encode::CannotEncode;
use crate::rfc3339;
use domain::Money;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write;

/// A line being written.
pub(super) struct Line<'o> {
    pub(super) out: &'o mut Vec<u8>,
}

/// Whether it could be written.
pub(super) type Written = Result<(), CannotEncode>;

impl Line<'_> {
    pub(super) fn name(&mut self, name: &str) {
        self.out.extend_from_slice(b",\"");
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    pub(super) fn plain(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.name(name);
            display(self.out, value);
        }
    }

    pub(super) fn quoted(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.name(name);
            self.out.push(b'"');
            display(self.out, value);
            self.out.push(b'"');
        }
    }

    pub(super) fn string(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.name(name);
            json_string(self.out, text);
        }
    }

    pub(super) fn text(&mut self, name: &'static str, text: Option<&str>, shape: Shape) -> Written {
        let Some(text) = text else { return Ok(()) };
        self.name(name);
        self.value(text, name, shape)
    }

    pub(super) fn value(&mut self, text: &str, field: &'static str, shape: Shape) -> Written {
        shape.check(text).map_err(|bad| refusal(field, &bad.to_string()))?;
        json_string(self.out, text);
        Ok(())
    }

    pub(super) fn severity(&mut self, severity: Option<&str>) -> Written {
        if severity.is_some_and(|word| word.to_lowercase() != word) {
            return Err(refusal("severity", "must be in lower case"));
        }
        self.text("severity", severity, Shape::Word)
    }

    pub(super) fn time(&mut self, name: &'static str, at: Option<Timestamp>) -> Written {
        if at.is_some_and(|at| !rfc3339::is_within_years(at)) {
            return Err(refusal(name, "lies in a year out of range"));
        }
        self.quoted(name, at);
        Ok(())
    }

    pub(super) fn money(&mut self, name: &'static str, amount: Option<Money>) -> Written {
        let Some(amount) = amount else { return Ok(()) };
        self.name(name);
        self.amount(name, amount)
    }

    pub(super) fn amount(&mut self, field: &'static str, amount: Money) -> Written {
        // The one number whose magnitude has no positive counterpart is not read back.
        if amount.minor == i64::MIN {
            return Err(refusal(field, "is too large"));
        }
        json_string(self.out, &amount.decimal());
        Ok(())
    }

    pub(super) fn object<T>(
        &mut self,
        field: &'static str,
        entries: &BTreeMap<String, T>,
        mut value: impl FnMut(&mut Self, &T) -> Written,
    ) -> Written {
        if entries.len() > MAX_ENTRIES {
            return Err(refusal(field, &format!("holds more than {MAX_ENTRIES} entries")));
        }
        self.name(field);
        self.out.push(b'{');
        for (i, (name, entry)) in entries.iter().enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            self.value(name, field, Shape::Name)?;
            self.out.push(b':');
            value(self, entry)?;
        }
        self.out.push(b'}');
        Ok(())
    }
}

pub(super) fn refusal(field: &'static str, reason: &str) -> CannotEncode {
    CannotEncode::Field { field, reason: reason.to_owned() }
}

fn display(out: &mut Vec<u8>, value: impl Display) {
    write!(out, "{value}").expect("writing to a Vec cannot fail");
}

fn json_string(out: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\') {
        serde_json::to_writer(out, text).expect("a text always serialises into a Vec");
    } else {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    }
}
