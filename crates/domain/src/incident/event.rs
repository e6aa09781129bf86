//! What happened to an incident: the facts of its timeline, as the journal keeps them. When and by whom stands in the
//! journal's own columns.

use super::phase::{PhaseReason, PhaseTarget};
use super::severity::Severity;
use super::title::{ComposedTitle, GivenTitle};
use crate::ids::{CustomerKey, FindingId, IncidentId, ReportId, UserId};
use crate::personal::PersonalRef;
use serde::{Deserialize, Serialize};

/// One fact of an incident's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncidentEvent {
    /// It began.
    Opened(Opened),
    /// A finding belongs to it.
    FindingAttached(FindingLinked),
    /// A finding of it has closed.
    FindingSettled(FindingSettled),
    /// A finding of it that had closed is open again.
    FindingReturned(FindingLinked),
    /// A finding does not belong to it.
    FindingDetached(FindingDetached),
    /// A report belongs to it.
    ReportAttached(ReportLinked),
    /// A report does not belong to it.
    ReportDetached(ReportLinked),
    /// Its consequence asks for another severity.
    SeverityAssessed(SeverityAssessed),
    /// A person holds the severity.
    SeverityHeld(SeverityHeld),
    /// The consequence decides again.
    SeverityReleased(SeverityReleased),
    /// It is in another phase.
    PhaseChanged(PhaseChanged),
    /// Somebody took command, relieving whoever had it.
    CommandTaken(CommandTaken),
    /// Whoever had command gave it to somebody else.
    CommandHandedOver(CommandHandedOver),
    /// Somebody wrote something.
    NoteAdded(NoteAdded),
    /// Its leading finding says something else.
    Retitled(Retitled),
    /// A person calls it something else, or lets the finding say it again.
    Renamed(Renamed),
}

/// Body of `incident.opened`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Which.
    pub incident: IncidentId,
    /// Whose.
    pub customer: CustomerKey,
    /// The finding that opened it.
    pub finding: FindingId,
    /// What it is called.
    pub title: ComposedTitle,
    /// What its consequence asks for.
    pub severity: Severity,
}

/// Body of `incident.finding_attached` and `incident.finding_returned`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingLinked {
    /// Which incident.
    pub incident: IncidentId,
    /// Which finding.
    pub finding: FindingId,
    /// Whether it goes on.
    pub open: bool,
}

/// Body of `incident.finding_settled`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingSettled {
    /// Which incident.
    pub incident: IncidentId,
    /// Which finding.
    pub finding: FindingId,
}

/// Body of `incident.finding_detached`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingDetached {
    /// Which incident.
    pub incident: IncidentId,
    /// Which finding.
    pub finding: FindingId,
    /// Why.
    pub reason: PersonalRef,
}

/// Body of `incident.report_attached` and `incident.report_detached`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportLinked {
    /// Which incident.
    pub incident: IncidentId,
    /// Which report.
    pub report: ReportId,
}

/// Body of `incident.severity_assessed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityAssessed {
    /// Which incident.
    pub incident: IncidentId,
    /// What its consequence asks for now.
    pub severity: Severity,
    /// The finding that says so.
    pub finding: FindingId,
}

/// Body of `incident.severity_held`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityHeld {
    /// Which incident.
    pub incident: IncidentId,
    /// At what.
    pub severity: Severity,
    /// By whom.
    pub by: UserId,
    /// Why.
    pub reason: PersonalRef,
}

/// Body of `incident.severity_released`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityReleased {
    /// Which incident.
    pub incident: IncidentId,
}

/// Body of `incident.phase_changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseChanged {
    /// Which incident.
    pub incident: IncidentId,
    /// To which phase.
    pub to: PhaseTarget,
    /// Why.
    pub reason: PhaseReason,
}

/// Body of `incident.command_taken`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandTaken {
    /// Which incident.
    pub incident: IncidentId,
    /// Who took it.
    pub by: UserId,
    /// Who was relieved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relieved: Option<UserId>,
}

/// Body of `incident.command_handed_over`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandHandedOver {
    /// Which incident.
    pub incident: IncidentId,
    /// Who had it.
    pub from: UserId,
    /// Who has it.
    pub to: UserId,
}

/// Body of `incident.note_added`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteAdded {
    /// Which incident.
    pub incident: IncidentId,
    /// The words.
    pub text: PersonalRef,
}

/// Body of `incident.retitled`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retitled {
    /// Which incident.
    pub incident: IncidentId,
    /// The finding that leads it.
    pub finding: FindingId,
    /// What that says.
    pub title: ComposedTitle,
}

/// Body of `incident.renamed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renamed {
    /// Which incident.
    pub incident: IncidentId,
    /// What a person calls it; absent: as its finding says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<GivenTitle>,
}

impl IncidentEvent {
    /// Which incident it happened to.
    #[must_use]
    pub fn incident(&self) -> &IncidentId {
        match self {
            Self::Opened(Opened { incident, .. })
            | Self::FindingAttached(FindingLinked { incident, .. })
            | Self::FindingSettled(FindingSettled { incident, .. })
            | Self::FindingReturned(FindingLinked { incident, .. })
            | Self::FindingDetached(FindingDetached { incident, .. })
            | Self::ReportAttached(ReportLinked { incident, .. })
            | Self::ReportDetached(ReportLinked { incident, .. })
            | Self::SeverityAssessed(SeverityAssessed { incident, .. })
            | Self::SeverityHeld(SeverityHeld { incident, .. })
            | Self::SeverityReleased(SeverityReleased { incident })
            | Self::PhaseChanged(PhaseChanged { incident, .. })
            | Self::CommandTaken(CommandTaken { incident, .. })
            | Self::CommandHandedOver(CommandHandedOver { incident, .. })
            | Self::NoteAdded(NoteAdded { incident, .. })
            | Self::Retitled(Retitled { incident, .. })
            | Self::Renamed(Renamed { incident, .. }) => incident,
        }
    }
}
