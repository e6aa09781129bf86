//! Ingest tokens: what a machine shows to hand in signals. The journal keeps a hash; the token itself is shown once.

use crate::ids::{CustomerKey, TokenId};
use serde::{Deserialize, Serialize};

/// Body of `token.created`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCreated {
    /// Its public id.
    pub token: TokenId,
    /// Its first part, by which people know it again: `smb_k3v9x2qa`.
    pub prefix: String,
    /// BLAKE3 of the whole token, in hex.
    pub hash: String,
    /// Whose signals it hands in.
    pub customer: CustomerKey,
    /// What it is for, in a word or two; no personal data.
    pub label: String,
}

/// Body of `token.revoked`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRevoked {
    /// Which.
    pub token: TokenId,
    /// Whose.
    pub customer: CustomerKey,
}
