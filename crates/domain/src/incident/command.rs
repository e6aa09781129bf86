//! What may be asked of an incident. Texts that people write come as references: they lie in the vault before anything is
//! decided.

use super::phase::PhaseTarget;
use super::severity::{FleetSize, Severity, SeverityPolicy};
use super::title::{ComposedTitle, GivenTitle};
use crate::finding::{Because, Finding, FindingStatus};
use crate::ids::{CustomerKey, FindingId, IncidentId, ReportId, UserId};
use crate::personal::PersonalRef;

/// A command to one incident.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Open it, because a finding names it.
    Open {
        /// The id that the finding names.
        incident: IncidentId,
        /// The finding.
        finding: FindingGist,
    },
    /// Take note of a new revision of a finding that names it. One that a person detached stays away.
    Follow(FindingGist),
    /// A person says that the finding belongs to it.
    Attach(FindingGist),
    /// A person says that the finding does not belong to it.
    Detach {
        /// Which.
        finding: FindingId,
        /// Why.
        reason: PersonalRef,
    },
    /// A report belongs to it.
    AttachReport(ReportId),
    /// A report does not belong to it.
    DetachReport(ReportId),
    /// Hold the severity, whatever the consequence says.
    SetSeverity {
        /// At what.
        severity: Severity,
        /// Who says so.
        by: UserId,
        /// Why.
        reason: PersonalRef,
    },
    /// Let the consequence decide again.
    ReleaseSeverity,
    /// Go to another phase.
    ChangePhase {
        /// Which.
        to: PhaseTarget,
        /// Why.
        reason: PersonalRef,
    },
    /// Take command.
    TakeCommand {
        /// Who takes it.
        by: UserId,
        /// Who is relieved: must be whoever holds it now.
        relieving: Option<UserId>,
    },
    /// Give command to somebody else.
    HandOver {
        /// Who holds it now.
        by: UserId,
        /// Who gets it.
        to: UserId,
    },
    /// Write something in the timeline.
    AddNote(PersonalRef),
    /// Call it something else; `None`: as its finding says.
    Rename(Option<GivenTitle>),
}

/// What an incident needs to know of one revision of a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingGist {
    /// Which finding.
    pub id: FindingId,
    /// Whose sites.
    pub customer: CustomerKey,
    /// Where it stands.
    pub status: FindingStatus,
    /// Why the revision was made.
    pub because: Because,
    /// What the incident would be called after it.
    pub title: ComposedTitle,
    /// What its consequence asks for.
    pub severity: Severity,
}

impl FindingGist {
    /// The gist of `finding`, judged by `policy` against the fleet it is of.
    #[must_use]
    pub fn of(finding: &Finding, policy: &SeverityPolicy, fleet: FleetSize) -> Self {
        Self {
            id: finding.id.clone(),
            customer: finding.customer.clone(),
            status: finding.status,
            because: finding.evidence.because,
            title: ComposedTitle::of(finding),
            severity: policy.assess(finding, fleet),
        }
    }

    /// Whether it still goes on.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.status {
            FindingStatus::Open | FindingStatus::Revised => true,
            FindingStatus::Closed => false,
        }
    }
}
