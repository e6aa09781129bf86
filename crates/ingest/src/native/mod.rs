//! The native format: one JSON object per signal, as lines (NDJSON) or as an array. The contract of `POST /api/v1/signals`,
//! of replay and of the agent; its canonical form ([`encode`]) is what the inbox stores.
//!
//! Each line stands alone: one that is refused never blocks the others. Reading goes `pieces` (bytes -> one object's text) ->
//! `scan` (text -> flat slots, borrowed) -> `kinds` (slots -> signal).

mod bounds;
mod encode;
mod envelope;
mod field;
mod kinds;
mod line;
mod nested;
mod pieces;
mod scan;
mod slots;

pub use bounds::{BadText, MAX_ENTRIES, MAX_INTERVAL_S};
pub use encode::{CannotEncode, encode};
pub use envelope::{BadEnvelope, HEADERS, batch_envelope};
pub use pieces::Form;

use crate::parsed::{Limits, Parsed, Refused};
use domain::{Currency, Signal};
use pieces::{Piece, Pieces};
use slots::Slots;

/// How to read a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Lines or a JSON document.
    pub form: Form,
    /// The currency of amounts that name none; without it such amounts are refused.
    pub default_currency: Option<Currency>,
    /// Bounds.
    pub limits: Limits,
}

/// Reads a whole batch: good lines taken, the others listed.
///
/// ```
/// let batch = br#"{"kind":"heartbeat","at":"2026-02-10T10:31:04Z","device":"till-1"}
/// {"kind":"heartbeat","at":"2026-02-10T10:31:04","device":"till-2"}"#;
/// let parsed = ingest::native::parse(batch, &Default::default());
/// assert_eq!(parsed.signals.len(), 1);
/// assert_eq!((parsed.refused[0].line, parsed.refused[0].field.as_deref()), (2, Some("at")));
/// ```
#[must_use]
pub fn parse(bytes: &[u8], options: &Options) -> Parsed {
    let mut parsed = Parsed::default();
    let mut signals = signals(bytes, options);
    while let Some((line, read)) = signals.step() {
        match read {
            Ok(signal) => parsed.take(line, signal, &options.limits),
            Err(fault) => parsed.refuse(fault.at(line), &options.limits),
        }
    }
    parsed
}

/// Reads a batch signal by signal, without holding more than one: for files larger than memory, and for counting.
#[must_use]
pub fn signals<'a>(bytes: &'a [u8], options: &Options) -> Signals<'a> {
    Signals {
        pieces: Pieces::of(bytes, options.form),
        slots: Slots::default(),
        default_currency: options.default_currency,
        line_bytes: options.limits.line_bytes,
        last_currency: options.default_currency,
    }
}

/// Reads one line as [`encode`] wrote it.
///
/// # Errors
/// What is wrong with it, as line 1.
pub fn decode(line: &[u8]) -> Result<Signal, Refused> {
    let limits = Limits { line_bytes: encode::MAX_ENCODED_BYTES, ..Limits::default() };
    let mut signals = signals(line, &Options { form: Form::Lines, default_currency: None, limits });
    let empty = || Refused { line: 1, field: None, reason: "is empty".to_owned() };
    signals.next().unwrap_or_else(|| Err(empty()))
}

/// Iterator over the signals of a batch; see [`signals`].
#[derive(Debug)]
pub struct Signals<'a> {
    pieces: Pieces<'a>,
    slots: Slots<'a>,
    default_currency: Option<Currency>,
    line_bytes: usize,
    last_currency: Option<Currency>,
}

impl Signals<'_> {
    fn step(&mut self) -> Option<(u32, Result<Signal, Fault>)> {
        let (line, piece) = self.pieces.next()?;
        Some((line, self.read(piece)))
    }
}

impl<'a> Signals<'a> {
    fn read(&mut self, piece: Piece<'a>) -> Result<Signal, Fault> {
        let bytes = match piece {
            Piece::Object(bytes) => bytes,
            Piece::Broken(reason) => return Err(Fault::line(reason)),
        };
        if bytes.len() > self.line_bytes {
            return Err(Fault::line(format!("is {} bytes long, more than {}", bytes.len(), self.line_bytes)));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|e| Fault::line(format!("is not UTF-8 from byte {} on", e.valid_up_to() + 1)))?;
        scan::fill(&mut self.slots, text)?;
        kinds::signal(&mut self.slots, self.default_currency, &mut self.last_currency)
    }
}

impl Iterator for Signals<'_> {
    type Item = Result<Signal, Refused>;

    fn next(&mut self) -> Option<Self::Item> {
        let (line, read) = self.step()?;
        Some(read.map_err(|fault| fault.at(line)))
    }
}

/// What is wrong with a line, before its number is known.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    field: Option<String>,
    reason: String,
}

impl Fault {
    fn line(reason: impl Into<String>) -> Self {
        Self { field: None, reason: reason.into() }
    }

    fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: Some(field.into()), reason: reason.into() }
    }

    fn at(self, line: u32) -> Refused {
        Refused { line, field: self.field, reason: self.reason }
    }
}
