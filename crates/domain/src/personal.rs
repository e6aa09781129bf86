//! Personal data stays out of the journal: bodies hold a reference to the vault and a commitment to what lies there.

use serde::{Deserialize, Serialize};

/// Reference to one item in the vault. Erasing its subject destroys key and salt; the reference then leads nowhere, and says so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PersonalRef {
    /// Where it lies.
    pub id: String,
    /// Salted commitment to the content, in hex: proves that what is shown is what was recorded.
    pub commitment: String,
}
