//! The doors: login, and the first password.

use crate::words::Key;

/// The login page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoginView {
    /// Why the last try failed.
    pub error: Option<Key>,
    /// What was typed as login.
    pub login: String,
    /// Path to go on to.
    pub next: String,
}

/// The page behind a setup link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetupView {
    /// The link's token.
    pub token: String,
    /// Login of the user it is for; empty for the first administrator, who chooses one.
    pub login: String,
    /// Name typed so far.
    pub name: String,
    /// Why the last try failed.
    pub error: Option<Key>,
    /// The link has expired or was used.
    pub is_dead: bool,
}
