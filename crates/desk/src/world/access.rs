//! Who may come in: people with a login, machines with a token. Secrets are elsewhere, and hashed.

use crate::codec::Decoded;
use domain::account::{Role, UserInvited, UserMarked, UserRoleChanged};
use domain::token::TokenCreated;
use domain::{PersonalRef, Scope, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::StreamVersion;

/// A person with a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserEntry {
    /// Who.
    pub user: UserId,
    /// The name, in the vault.
    pub name: PersonalRef,
    /// The e-mail address, in the vault.
    pub email: PersonalRef,
    /// What they may do.
    pub role: Role,
    /// Whose rows they see.
    pub sees: Scope,
    /// Whether they can log in.
    pub state: UserState,
    /// Since when they are known.
    pub invited_at: Timestamp,
    /// How many events they have.
    pub version: StreamVersion,
}

/// Whether a person can log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// Not before the link was used.
    Invited,
    /// Yes.
    Active,
    /// Not any more.
    Disabled,
}

/// An ingest token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenEntry {
    /// How it was made.
    pub created: TokenCreated,
    /// When.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl TokenEntry {
    pub(super) fn new(created: &TokenCreated, row: &Decoded) -> Self {
        Self { created: created.clone(), created_at: row.at, revoked_at: None }
    }
}

pub(super) fn invited(users: &mut BTreeMap<UserId, UserEntry>, body: &UserInvited, row: &Decoded) -> String {
    let entry = UserEntry {
        user: body.user.clone(),
        name: body.name.clone(),
        email: body.email.clone(),
        role: body.role,
        sees: body.sees.clone(),
        state: UserState::Invited,
        invited_at: row.at,
        version: row.version,
    };
    users.insert(body.user.clone(), entry);
    body.user.to_string()
}

pub(super) fn role_changed(users: &mut BTreeMap<UserId, UserEntry>, body: &UserRoleChanged, row: &Decoded) -> String {
    if let Some(entry) = users.get_mut(&body.user) {
        (entry.role, entry.sees, entry.version) = (body.role, body.sees.clone(), row.version);
    }
    body.user.to_string()
}

pub(super) fn marked(
    users: &mut BTreeMap<UserId, UserEntry>,
    body: &UserMarked,
    row: &Decoded,
    change: impl FnOnce(&mut UserEntry),
) -> String {
    if let Some(entry) = users.get_mut(&body.user) {
        change(entry);
        entry.version = row.version;
    }
    body.user.to_string()
}

impl UserEntry {
    /// Whether they can log in now.
    #[must_use]
    pub fn can_log_in(&self) -> bool {
        match self.state {
            UserState::Active => true,
            UserState::Invited | UserState::Disabled => false,
        }
    }
}
