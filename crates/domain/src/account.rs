//! People with a login: an opaque id and a role. Name and e-mail lie in the vault, passwords nowhere near the journal.

use crate::ids::UserId;
use crate::personal::PersonalRef;
use crate::scope::Scope;
use serde::{Deserialize, Serialize};

/// What a person may do. Each role may do what the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Read.
    Viewer,
    /// Work on incidents: notes, reports, phases.
    Responder,
    /// Lead incidents: command, severity.
    Commander,
    /// Users, tokens, fleet, policies.
    Admin,
}

impl Role {
    /// All, least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Responder, Self::Commander, Self::Admin];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Responder => "responder",
            Self::Commander => "commander",
            Self::Admin => "admin",
        }
    }

    /// Whether it may do what `needed` may.
    #[must_use]
    pub fn may(self, needed: Self) -> bool {
        self >= needed
    }
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("role {0:?} is none of viewer, responder, commander, admin")]
pub struct BadRole(pub String);

impl std::str::FromStr for Role {
    type Err = BadRole;
    fn from_str(text: &str) -> Result<Self, BadRole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| BadRole(text.to_owned()))
    }
}

/// Body of `user.invited`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInvited {
    /// Who.
    pub user: UserId,
    /// The name.
    pub name: PersonalRef,
    /// The e-mail address, with which they log in.
    pub email: PersonalRef,
    /// What they may do.
    pub role: Role,
    /// Whose rows they see.
    pub sees: Scope,
}

/// Body of `user.set_up`, `user.link_renewed` and `user.disabled`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserMarked {
    /// Who.
    pub user: UserId,
}

/// Body of `user.role_changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRoleChanged {
    /// Who.
    pub user: UserId,
    /// What they may do now.
    pub role: Role,
    /// Whose rows they see now.
    pub sees: Scope,
}
