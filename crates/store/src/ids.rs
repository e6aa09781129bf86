//! The ids that only the store knows: places in the two logs, names of streams, series and subjects, and hashes.

use serde::{Deserialize, Serialize};

/// The longest stream, series or subject id, in bytes of UTF-8.
pub const MAX_ID_BYTES: usize = 256;

/// Why a text cannot name a stream, series or subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("id {text:?} must be 1 to {MAX_ID_BYTES} bytes long and hold no control characters")]
pub struct BadId {
    /// The refused text, cut to a readable length.
    pub text: String,
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl $name {
            /// The one after this.
            #[must_use]
            pub fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

numbers! {
    /// Place of an entry in the inbox. The first is 1; 0 stands for "before the first".
    Position;
    /// Place of an event in the journal. The first is 1; 0 stands for "before the first".
    Seq;
    /// Place of an event within its stream. The first is 1; 0 stands for "no such stream yet".
    StreamVersion;
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes a text as it is, or says why it cannot be one.
            ///
            /// # Errors
            /// [`BadId`] when it is empty, too long or holds control characters.
            pub fn new(text: impl Into<String>) -> Result<Self, BadId> {
                let text: String = text.into();
                if text.is_empty() || text.len() > MAX_ID_BYTES || text.chars().any(char::is_control) {
                    return Err(BadId { text: text.chars().take(64).collect() });
                }
                Ok(Self(text.into_boxed_str()))
            }

            /// The text of it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into_string()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

texts! {
    /// Name of one aggregate's events in the journal: `incident/i-1`, `finding/f-1`, `fleet/demo`.
    StreamId;
    /// Name of a series of samples within its scope: `site/0412/sales`.
    SeriesKey;
    /// Whom a piece of personal data is about: `user/u-1`, `report/r-7`. Opaque; never a name or number itself.
    SubjectId;
}

/// A BLAKE3 hash, shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The BLAKE3 hash of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// Reads it from a database column.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hash.to_string()
    }
}

impl TryFrom<String> for Hash {
    type Error = BadId;
    fn try_from(text: String) -> Result<Self, BadId> {
        data_encoding::HEXLOWER_PERMISSIVE
            .decode(text.as_bytes())
            .ok()
            .and_then(|bytes| Self::from_slice(&bytes))
            .ok_or(BadId { text: text.chars().take(64).collect() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_id_that_could_break_a_log_line_is_refused() {
        assert!(StreamId::new("incident/i-1").is_ok());
        for bad in ["", "a\nb", &"x".repeat(MAX_ID_BYTES + 1)] {
            assert!(StreamId::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_hash_survives_json() {
        let hash = Hash::of(b"x");
        let text = serde_json::to_string(&hash).unwrap();
        assert_eq!(serde_json::from_str::<Hash>(&text).unwrap(), hash);
        assert!(serde_json::from_str::<Hash>("\"abcd\"").is_err());
    }
}
