//! What came of reading a batch: the signals taken, each line refused with its reason, and notes on what was tolerated.
//!
//! Nothing is dropped in silence: `signals + refused + refused_unlisted` accounts for every line that is not blank.

use domain::Signal;
use serde::Serialize;
use std::fmt;

/// A batch as read. Good lines are taken, the others are listed.
#[derive(Debug, Default, PartialEq)]
pub struct Parsed {
    /// What was taken, in the order of the input.
    pub signals: Vec<Signal>,
    /// What was refused, in the order of the input; at most [`Limits::refused_listed`].
    pub refused: Vec<Refused>,
    /// How many more were refused than are listed.
    pub refused_unlisted: u64,
    /// What was tolerated, and how often.
    pub notes: Vec<Note>,
}

impl Parsed {
    /// How many lines were refused, listed or not.
    #[must_use]
    pub fn refused_total(&self) -> u64 {
        self.refused_unlisted + self.refused.len() as u64
    }

    pub(crate) fn refuse(&mut self, refused: Refused, limits: &Limits) {
        if self.refused.len() < limits.refused_listed {
            self.refused.push(refused);
        } else {
            self.refused_unlisted += 1;
        }
    }

    pub(crate) fn take(&mut self, line: u32, signal: Signal, limits: &Limits) {
        if self.signals.len() < limits.signals {
            self.signals.push(signal);
        } else {
            let reason = format!("the batch holds more than {} signals; send the rest in another", limits.signals);
            self.refuse(Refused { line, field: None, reason }, limits);
        }
    }
}

/// One line that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Line of the input, from 1; in a JSON array the place of the element, from 1.
    pub line: u32,
    /// The field or column at fault, where it is one: `value`, `attributes.firmware`.
    pub field: Option<String>,
    /// What is wrong with it, to be read after the field's name.
    pub reason: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "line {}: {field} {}", self.line, self.reason),
            None => write!(f, "line {}: {}", self.line, self.reason),
        }
    }
}

/// Something that was tolerated and that the sender should know of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A column that means nothing here was passed over.
    IgnoredColumn(String),
    /// Local times that occur twice (clocks set back) were taken as the earlier one.
    AmbiguousTimes(u64),
    /// Local times that do not occur (clocks set forward) were moved forward by the gap.
    SkippedTimes(u64),
    /// Lines were not UTF-8 and were read as Windows-1252.
    Windows1252Lines(u64),
    /// Return rows that the options said to pass over.
    ReturnsPassedOver(u64),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IgnoredColumn(name) => write!(f, "column {name:?} was passed over"),
            Self::AmbiguousTimes(n) => {
                write!(f, "{n} local times occur twice, as clocks were set back; the earlier was taken")
            }
            Self::SkippedTimes(n) => {
                write!(
                    f,
                    "{n} local times do not exist, as clocks were set forward; they were moved forward by the gap"
                )
            }
            Self::Windows1252Lines(n) => write!(f, "{n} lines are not UTF-8 and were read as Windows-1252"),
            Self::ReturnsPassedOver(n) => write!(f, "{n} returns were passed over"),
        }
    }
}

/// Bounds on one batch. What lies beyond them is refused and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest line, or element of an array, in bytes.
    pub line_bytes: usize,
    /// How many signals one batch may hold.
    pub signals: usize,
    /// How many refused lines are listed one by one.
    pub refused_listed: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { line_bytes: 1 << 20, signals: 2_000_000, refused_listed: 10_000 }
    }
}

/// The start of a text, for an error: long or strange input must not swell the answer.
pub(crate) fn clip(text: &str) -> String {
    const SHOWN: usize = 64;
    let mut clipped: String = text.chars().take(SHOWN).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if clipped.len() < text.len() {
        clipped.push('…');
    }
    clipped
}
