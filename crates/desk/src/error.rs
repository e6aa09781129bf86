//! Why the desk refuses: what a user did wrong, what is not there, and what failed.

use crate::codec::CodecError;
use crate::world::BadHistory;
use domain::IncidentId;
use domain::account::Role;
use domain::incident::Refusal;
use store::sqlite::AccountsError;
use store::{JournalError, VaultError};

/// Why a command was not done. Unless said otherwise nothing was recorded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DeskError {
    /// It does not exist, or not for this caller.
    #[error("there is no {what} {id:?}")]
    NotFound {
        /// What was asked for.
        what: &'static str,
        /// By which id.
        id: String,
    },
    /// The caller may not.
    #[error("this needs the role {}", needed.name())]
    Forbidden {
        /// What would be needed.
        needed: Role,
    },
    /// Only a person can do this.
    #[error("only a person with a login can do this")]
    NotAPerson,
    /// The incident refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The finding belongs to another incident; it must be taken from there first.
    #[error("the finding belongs to incident {0}: detach it there first")]
    FindingElsewhere(IncidentId),
    /// The report belongs to another incident; it must be taken from there first.
    #[error("the report belongs to incident {0}: detach it there first")]
    ReportElsewhere(IncidentId),
    /// A value that cannot be.
    #[error("{field} {reason}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Others kept changing the same thing.
    #[error("it was changed by others at the same moment, {attempts} times: look again and decide anew")]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// Nobody would be left who can administer.
    #[error("this would leave nobody who can administer Samband")]
    LastAdmin,
    /// The disk has no room.
    #[error("the disk is full; nothing was recorded")]
    Full,
    /// The journal cannot be read or written.
    #[error(transparent)]
    Codec(CodecError),
    /// The vault refused.
    #[error(transparent)]
    Vault(VaultError),
    /// The accounts file refused.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// The journal does not fold.
    #[error(transparent)]
    History(#[from] BadHistory),
}

impl From<CodecError> for DeskError {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::Journal(JournalError::Full) => Self::Full,
            other => Self::Codec(other),
        }
    }
}

impl From<JournalError> for DeskError {
    fn from(error: JournalError) -> Self {
        CodecError::Journal(error).into()
    }
}

impl From<VaultError> for DeskError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Full => Self::Full,
            other => Self::Vault(other),
        }
    }
}

impl DeskError {
    pub(crate) fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid { field, reason: reason.into() }
    }
}
