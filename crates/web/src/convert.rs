//! The domain's words as the pages', and the desk's refusals as problems.

use crate::security::{FieldError, Problem, ProblemKind};
use crate::view;
use desk::DeskError;
use domain::account::Role;
use domain::incident::{PhaseName, PhaseTarget, Refusal, Severity};
use store::sqlite::AccountsError;

impl From<Severity> for view::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Sev1 => Self::Sev1,
            Severity::Sev2 => Self::Sev2,
            Severity::Sev3 => Self::Sev3,
            Severity::Sev4 => Self::Sev4,
        }
    }
}

impl From<PhaseName> for view::Phase {
    fn from(phase: PhaseName) -> Self {
        match phase {
            PhaseName::Triage => Self::Triage,
            PhaseName::Active => Self::Active,
            PhaseName::Recovering => Self::Recovering,
            PhaseName::Resolved => Self::Resolved,
            PhaseName::Reviewed => Self::Reviewed,
            PhaseName::Closed => Self::Closed,
        }
    }
}

impl From<Role> for view::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Responder => Self::Responder,
            Role::Commander => Self::Commander,
            Role::Admin => Self::Admin,
        }
    }
}

/// The phases one can go to, in their order.
pub(crate) fn phase_targets() -> [PhaseTarget; 5] {
    [
        PhaseTarget::Active,
        PhaseTarget::Recovering,
        PhaseTarget::Resolved { remainder: Vec::new() },
        PhaseTarget::Reviewed,
        PhaseTarget::Closed,
    ]
}

/// Reads a severity from a form.
pub(crate) fn severity(text: &str) -> Result<Severity, Problem> {
    let found = Severity::ALL.into_iter().find(|severity| severity.name() == text);
    found.ok_or_else(|| invalid("severity", format!("must be one of sev1, sev2, sev3, sev4, is {text:?}")))
}

/// Reads a phase from a form.
pub(crate) fn phase(text: &str) -> Result<PhaseTarget, Problem> {
    let found = phase_targets().into_iter().find(|target| target.name().name() == text);
    let reason = || format!("must be one of active, recovering, resolved, reviewed, closed, is {text:?}");
    found.ok_or_else(|| invalid("phase", reason()))
}

/// A problem with one field.
pub(crate) fn invalid(field: &str, reason: impl Into<String>) -> Problem {
    let reason = reason.into();
    let error = FieldError { line: None, field: field.to_owned(), reason: reason.clone() };
    Problem::new(ProblemKind::Invalid, format!("{field} {reason}")).with_errors(vec![error])
}

/// Nothing there, or not for this reader.
pub(crate) fn not_found(what: &str, id: &str) -> Problem {
    Problem::new(ProblemKind::NotFound, format!("There is no {what} {id:?} that you can see."))
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        let said = error.to_string();
        match error {
            DeskError::NotFound { what, id } => not_found(what, &id),
            DeskError::Forbidden { .. } | DeskError::NotAPerson => Self::new(ProblemKind::Forbidden, said),
            DeskError::Refused(Refusal::NotOpened) => Self::new(ProblemKind::NotFound, said),
            DeskError::Refused(_) | DeskError::FindingElsewhere(_) | DeskError::ReportElsewhere(_) => {
                Self::new(ProblemKind::Refused, said)
            }
            DeskError::LastAdmin => Self::new(ProblemKind::Refused, said),
            DeskError::Contended { .. } => Self::new(ProblemKind::Conflict, said),
            // Forms and bodies have shorter names for them.
            DeskError::Invalid { field: "email", reason } => invalid("login", reason),
            DeskError::Invalid { field: "label", reason } => invalid("name", reason),
            DeskError::Invalid { field, reason } => invalid(field, reason),
            DeskError::Accounts(AccountsError::AddressTaken) => {
                invalid("login", "is taken: somebody else logs in with it")
            }
            DeskError::Full => Self::new(ProblemKind::Unavailable, said).with_retry_after_s(30),
            DeskError::Codec(_) | DeskError::Vault(_) | DeskError::Accounts(_) | DeskError::History(_) => {
                tracing::error!(%said, source = ?error, "the desk failed");
                Self::new(
                    ProblemKind::Internal,
                    "Nothing was changed, or it cannot be said whether. The log says more.",
                )
            }
        }
    }
}
