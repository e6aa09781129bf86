//! The envelope `origin, boot, lane, seq` that makes a re-sent signal count once: per line, or in headers for a whole batch.
//! All four or none: half an envelope would silently count twice.

use super::Fault;
use super::bounds::{BadText, Shape};
use super::field::Field;
use super::slots::{Slots, Value, missing};
use crate::parsed::clip;
use domain::signal::Envelope;
use std::borrow::Cow;

/// The request headers that carry the envelope of a whole batch: origin, boot, lane, seq.
pub const HEADERS: [&str; 4] = ["samband-origin", "samband-boot", "samband-lane", "samband-seq"];

/// Why headers are no envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEnvelope {
    /// Some of the four, but not all.
    #[error("header {missing} is missing; an envelope is all of samband-origin, -boot, -lane and -seq, or none")]
    Incomplete {
        /// The first that is missing.
        missing: &'static str,
    },
    /// One of the texts is not right.
    #[error("header {header} {bad}")]
    Text {
        /// Which.
        header: &'static str,
        /// Why.
        bad: BadText,
    },
    /// The number is none.
    #[error("header samband-seq must be a whole number from 0 to {most}, not {0:?}", most = u64::MAX)]
    Seq(String),
}

/// Reads the envelope of a batch from the values of [`HEADERS`], in their order; `None` if there is none.
///
/// # Errors
/// [`BadEnvelope`] when it is incomplete or a part is not right.
pub fn batch_envelope(headers: [Option<&str>; 4]) -> Result<Option<Envelope>, BadEnvelope> {
    if headers.iter().all(Option::is_none) {
        return Ok(None);
    }
    let text = |at: usize| {
        let header = HEADERS[at];
        let text = headers[at].ok_or(BadEnvelope::Incomplete { missing: header })?.trim();
        Shape::Envelope.check(text).map_err(|bad| BadEnvelope::Text { header, bad })?;
        Ok(text)
    };
    let (origin, boot, lane, seq) = (text(0)?, text(1)?, text(2)?, text(3)?);
    let digits = seq.bytes().all(|b| b.is_ascii_digit());
    let seq = seq.parse().ok().filter(|_| digits).ok_or_else(|| BadEnvelope::Seq(clip(seq)))?;
    Ok(Some(Envelope { origin: origin.into(), boot: boot.into(), lane: lane.into(), seq }))
}

/// Takes the envelope of a line out of its slots.
pub(super) fn envelope(slots: &mut Slots<'_>) -> Result<Option<Envelope>, Fault> {
    const PARTS: [Field; 4] = [Field::Origin, Field::Boot, Field::Lane, Field::Seq];
    if PARTS.iter().all(|part| slots.seen() & part.bit() == 0) {
        return Ok(None);
    }
    let origin = slots.text(Field::Origin, Shape::Envelope)?;
    let (boot, lane) = (number_or_text(slots, Field::Boot)?, number_or_text(slots, Field::Lane)?);
    let seq = slots.whole(Field::Seq, u64::MAX)?;
    match (origin, boot, lane, seq) {
        (None, None, None, None) => Ok(None),
        (Some(origin), Some(boot), Some(lane), Some(seq)) => {
            Ok(Some(Envelope { origin: origin.into(), boot, lane, seq }))
        }
        (origin, boot, lane, _) => {
            let absent = [origin.is_none(), boot.is_none(), lane.is_none(), true];
            let part = PARTS.into_iter().zip(absent).find(|(_, absent)| *absent).map_or(Field::Seq, |(part, _)| part);
            let Fault { field, reason } = missing(part);
            Err(Fault { field, reason: format!("{reason}: an envelope is all of origin, boot, lane and seq, or none") })
        }
    }
}

fn number_or_text(slots: &mut Slots<'_>, field: Field) -> Result<Option<Box<str>>, Fault> {
    let text = match slots.take(field) {
        None => return Ok(None),
        Some(Value::Text(text)) => text,
        Some(Value::Whole(n)) => Cow::Owned(n.to_string()),
        Some(Value::Negative(n)) => Cow::Owned(n.to_string()),
        Some(other) => {
            return Err(Fault::field(field.name(), format!("must be text or a whole number, not {}", other.said())));
        }
    };
    Shape::Envelope.check(&text).map_err(|bad| Fault::field(field.name(), bad.to_string()))?;
    Ok(Some(text.into()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn headers_carry_all_of_an_envelope_or_none() {
        assert_eq!(batch_envelope([None; 4]), Ok(None));
        let whole = batch_envelope([Some("agent-0412"), Some("7"), Some("live"), Some("118")]).unwrap().unwrap();
        assert_eq!((&*whole.origin, &*whole.boot, &*whole.lane, whole.seq), ("agent-0412", "7", "live", 118));
        let half = batch_envelope([Some("agent-0412"), None, Some("live"), Some("118")]).unwrap_err();
        assert_eq!(half, BadEnvelope::Incomplete { missing: "samband-boot" });
    }

    #[test]
    fn a_header_that_is_not_right_is_named() {
        for seq in ["-1", "+1", "1.0", "18446744073709551616", "x"] {
            let bad = batch_envelope([Some("a"), Some("b"), Some("c"), Some(seq)]).unwrap_err();
            assert_eq!(bad, BadEnvelope::Seq(seq.to_owned()));
        }
        let bad = batch_envelope([Some("a"), Some(" "), Some("c"), Some("1")]).unwrap_err();
        assert_eq!(bad.to_string(), "header samband-boot must not be empty");
    }
}
