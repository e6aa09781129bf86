//! What an incident is called: composed from its leading finding as parts that a page says in the reader's language, or
//! given by a person.

use crate::finding::{Finding, FindingKind, Term};
use crate::ids::Metric;
use serde::{Deserialize, Serialize};

/// The longest title a person may give, in characters.
pub const MAX_TITLE_CHARS: usize = 160;

/// A title as a page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Title<'a> {
    /// Said from what was found; follows the finding as it sharpens.
    Composed(&'a ComposedTitle),
    /// Given by a person; stays. Seen by all who see the incident, so no personal data belongs in it.
    Given(&'a GivenTitle),
}

/// "Sales have stopped where firmware = 4.2.1", as parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComposedTitle {
    /// What was found.
    pub kind: FindingKind,
    /// Of which activity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<Metric>,
    /// Where; empty: no common factor known.
    pub explanation: Vec<Term>,
}

impl ComposedTitle {
    /// The title a finding gives.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        Self { kind: finding.kind, metric: finding.metric.clone(), explanation: finding.explanation.clone() }
    }
}

/// A title that a person gave: one line of at most [`MAX_TITLE_CHARS`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GivenTitle(String);

/// Why a text is no title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTitle {
    /// Nothing but white space.
    #[error("a title must not be empty")]
    Empty,
    /// Above [`MAX_TITLE_CHARS`].
    #[error("a title has at most {MAX_TITLE_CHARS} characters, this one {0}")]
    TooLong(usize),
    /// More than one line, or something that cannot be seen.
    #[error("a title is one line without control characters")]
    Control,
}

impl GivenTitle {
    /// Takes a text without the space around it.
    ///
    /// # Errors
    /// [`BadTitle`] when it cannot be one.
    pub fn new(text: &str) -> Result<Self, BadTitle> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(BadTitle::Empty),
            n if n > MAX_TITLE_CHARS => Err(BadTitle::TooLong(n)),
            _ if text.chars().any(char::is_control) => Err(BadTitle::Control),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The text of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for GivenTitle {
    type Error = BadTitle;
    fn try_from(text: String) -> Result<Self, BadTitle> {
        Self::new(&text)
    }
}

impl From<GivenTitle> for String {
    fn from(title: GivenTitle) -> Self {
        title.0
    }
}
