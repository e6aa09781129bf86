//! Every typed id in one place: one type per noun, so that a site code can never stand where a device code is meant.
//!
//! They are short, so their text stands in the value itself and not on the heap: there is one in every signal.
//!
//! Codes (`SiteCode`, `DeviceCode`, `RegionCode`) are what customers call their things: unique within a customer, compared exactly.
//! Ids (`FindingId`, `IncidentId`, ...) are made by Samband and unique everywhere.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Why a text cannot serve as a code or id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCode {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Longer than [`MAX_CODE_BYTES`].
    #[error("must be at most {MAX_CODE_BYTES} bytes, has {0}")]
    TooLong(usize),
    /// A control character hides in it.
    #[error("must not contain control characters")]
    Control,
}

/// The longest code or id that is accepted, in bytes of UTF-8.
pub const MAX_CODE_BYTES: usize = 128;

fn check(text: &str) -> Result<(), BadCode> {
    if text.trim().is_empty() {
        return Err(BadCode::Empty);
    }
    if text.len() > MAX_CODE_BYTES {
        return Err(BadCode::TooLong(text.len()));
    }
    if text.chars().any(char::is_control) {
        return Err(BadCode::Control);
    }
    Ok(())
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "SmolStr", into = "SmolStr")]
        pub struct $name(SmolStr);

        impl $name {
            /// Takes a text as it is, or says why it cannot be one.
            ///
            /// # Errors
            /// [`BadCode`] when it is empty, too long or holds control characters.
            pub fn new(text: impl Into<SmolStr>) -> Result<Self, BadCode> {
                let text: SmolStr = text.into();
                check(&text)?;
                Ok(Self(text))
            }

            /// The text of it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadCode;
            fn try_from(text: String) -> Result<Self, BadCode> {
                Self::new(text)
            }
        }

        impl TryFrom<SmolStr> for $name {
            type Error = BadCode;
            fn try_from(text: SmolStr) -> Result<Self, BadCode> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0.into()
            }
        }

        impl From<$name> for SmolStr {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

codes! {
    /// Short key of a customer (*kund*), chosen when it is registered: `demo`, `chain-north`.
    CustomerKey;
    /// A site's (*butik/plats*) code, unique within its customer.
    SiteCode;
    /// A device's (*enhet*) code, unique within its customer.
    DeviceCode;
    /// A region's name, unique within its customer.
    RegionCode;
    /// Name of a counted activity: `sales`.
    Metric;
    /// A finding's id, `f-...`.
    FindingId;
    /// An incident's id, `i-...`.
    IncidentId;
    /// A report's id, `r-...`.
    ReportId;
    /// A person's opaque id, `u-...`; the name lies in the vault.
    UserId;
    /// An ingest token's public id, `t-...`.
    TokenId;
}
