//! Why an incident refuses a command: one variant per reason, so that a page can say what to do instead.

use super::phase::PhaseName;
use crate::ids::{CustomerKey, FindingId, IncidentId, ReportId, UserId};

/// Why a command was refused. Nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such incident.
    #[error("there is no such incident")]
    NotOpened,
    /// It was opened before.
    #[error("incident {0} was opened before")]
    AlreadyOpened(IncidentId),
    /// The finding is another customer's.
    #[error("finding {finding} is of customer {found}, and the incident of {wanted}")]
    OtherCustomer {
        /// Which finding.
        finding: FindingId,
        /// Whose it is.
        found: CustomerKey,
        /// Whose the incident is.
        wanted: CustomerKey,
    },
    /// The finding belongs to it already.
    #[error("finding {0} belongs to it already")]
    FindingAttached(FindingId),
    /// The finding does not belong to it.
    #[error("finding {0} does not belong to it")]
    FindingNotAttached(FindingId),
    /// The report belongs to it already.
    #[error("report {0} belongs to it already")]
    ReportAttached(ReportId),
    /// The report does not belong to it.
    #[error("report {0} does not belong to it")]
    ReportNotAttached(ReportId),
    /// It is put away; reopen it first.
    #[error("the incident is closed: make it active again first")]
    Closed,
    /// No such step from this phase.
    #[error("an incident does not go from {from:?} to {to:?}")]
    NoSuchStep {
        /// Where it stands.
        from: PhaseName,
        /// Where it was to go.
        to: PhaseName,
    },
    /// Findings of it are open: activity is not back.
    #[error(
        "{open} of its findings are still open: name what remains, or detach the findings that do not belong to it"
    )]
    FindingsOpen {
        /// How many.
        open: usize,
    },
    /// A major incident is reviewed before it is put away.
    #[error("a major incident is reviewed before it is closed")]
    ReviewFirst,
    /// The severity is not held by anybody.
    #[error("nobody holds the severity")]
    SeverityNotHeld,
    /// The severity is held at just that.
    #[error("the severity is held at that already")]
    SeverityHeldAlready,
    /// They have command already.
    #[error("{0} has command already")]
    CommandHeldAlready(UserId),
    /// Somebody else has command than was said.
    #[error("command is with {}: say whom you relieve", held_by.as_ref().map_or("nobody", UserId::as_str))]
    CommandHeldBy {
        /// Who has it.
        held_by: Option<UserId>,
    },
    /// Only who has command can hand it over.
    #[error("{0} does not have command and cannot hand it over")]
    NotInCommand(UserId),
    /// It is called that already.
    #[error("it is called that already")]
    SameTitle,
}

/// A recorded event that does not fit what came before it: the history is not one that `decide` made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It happened to an incident that was never opened.
    #[error("it happened to an incident that was never opened")]
    NotOpened,
    /// It opens an incident for the second time.
    #[error("it opens incident {0} for the second time")]
    OpenedTwice(IncidentId),
    /// It belongs to another incident.
    #[error("it belongs to incident {found}, not {wanted}")]
    OtherIncident {
        /// Which it names.
        found: IncidentId,
        /// In whose history it stands.
        wanted: IncidentId,
    },
}
