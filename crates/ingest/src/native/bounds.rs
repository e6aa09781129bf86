//! How long each text of a signal may be, and other bounds: kept by reading and by writing alike, so that whatever is written
//! can be read back.

/// The longest interval of a count: one day.
pub const MAX_INTERVAL_S: u32 = 86_400;

/// The most entries in `attributes`, `labels` or `by_payment`.
pub const MAX_ENTRIES: usize = 1024;

/// What a text is for, which decides how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A short name: a tool, a status, a stage. Not empty.
    Word,
    /// An identity in another system. Not empty.
    Key,
    /// A path on a device. Not empty.
    Path,
    /// Name of an attribute, label or means of payment. Not empty, no control characters.
    Name,
    /// Value of an attribute.
    Attribute,
    /// Value of a label.
    Label,
    /// What people and programs write.
    Text,
    /// Part of an envelope. Not empty, no control characters.
    Envelope,
}

/// Why a text is refused. Reads after the name of its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    /// Nothing in it.
    #[error("must not be empty")]
    Empty,
    /// Beyond its bound.
    #[error("is {bytes} bytes long, more than {most}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The bound.
        most: usize,
    },
    /// A control character hides in it.
    #[error("must not contain control characters")]
    Control,
}

impl Shape {
    fn most_bytes(self) -> usize {
        match self {
            Self::Word => 256,
            Self::Key | Self::Label => 1024,
            Self::Path => 4096,
            Self::Name | Self::Attribute => domain::fleet::MAX_ATTRIBUTE_BYTES,
            Self::Text => 65_536,
            Self::Envelope => 128,
        }
    }

    /// Whether a text keeps to its bounds.
    pub(super) fn check(self, text: &str) -> Result<(), BadText> {
        if text.is_empty() && !matches!(self, Self::Attribute | Self::Label | Self::Text) {
            return Err(BadText::Empty);
        }
        if text.len() > self.most_bytes() {
            return Err(BadText::TooLong { bytes: text.len(), most: self.most_bytes() });
        }
        if matches!(self, Self::Name | Self::Envelope) && text.chars().any(char::is_control) {
            return Err(BadText::Control);
        }
        Ok(())
    }
}
