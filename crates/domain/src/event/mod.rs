//! The journal's vocabulary: every kind of event there is, with its stable name and the version of its body's shape.
//!
//! Kinds are never redefined. When a body changes its shape, its schema goes up by one and a step in [`steps`] lifts the
//! older ones; the golden files of every version stay.

mod bodies;
mod steps;

pub use bodies::{DevicesImported, EngineStarted, PersonalErased, SitesImported};
pub use steps::{Step, steps};

use crate::account::{UserInvited, UserMarked, UserRoleChanged};
use crate::finding::Finding;
use crate::fleet::CustomerRecord;
use crate::incident::{
    CommandHandedOver, CommandTaken, FindingDetached, FindingLinked, FindingSettled, IncidentEvent, NoteAdded, Opened,
    PhaseChanged, Renamed, ReportLinked, Retitled, SeverityAssessed, SeverityHeld, SeverityReleased,
};
use crate::policy::PolicySet;
use crate::report::ReportReceived;
use crate::token::{TokenCreated, TokenRevoked};
use serde_json::Value;

/// Why an event has no body in JSON, or a body is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEvent {
    /// Nobody knows this kind.
    #[error("event kind {0:?} is unknown to this version")]
    UnknownKind(String),
    /// The body is not what its kind says.
    #[error("the body of event kind {kind:?} does not fit: {what}")]
    Body {
        /// The kind.
        kind: String,
        /// What the parser said.
        what: String,
    },
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident($body:ty) = $kind:literal, $schema:literal;)*) => {
        /// An event of the journal.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Event {
            $($(#[$doc])* $name($body),)*
        }

        /// Every kind, and the schema it is written with today.
        pub const KINDS: &[(&str, u16)] = &[$(($kind, $schema)),*];

        impl Event {
            /// Its stable name.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $kind,)*
                }
            }

            /// The schema it is written with today.
            #[must_use]
            pub fn schema(&self) -> u16 {
                match self {
                    $(Self::$name(_) => $schema,)*
                }
            }

            /// Its body as JSON; the journal writes it in canonical form.
            ///
            /// # Errors
            /// [`BadEvent::Body`] when it holds a number that JSON has no form for.
            pub fn body(&self) -> Result<Value, BadEvent> {
                match self {
                    $(Self::$name(body) => serde_json::to_value(body),)*
                }
                .map_err(|error| BadEvent::Body { kind: self.kind().to_owned(), what: error.to_string() })
            }

            /// Reads an event whose body is in today's schema.
            ///
            /// # Errors
            /// [`BadEvent`] names the kind and what does not fit.
            pub fn from_body(kind: &str, body: Value) -> Result<Self, BadEvent> {
                let unfit = |error: serde_json::Error| BadEvent::Body { kind: kind.to_owned(), what: error.to_string() };
                match kind {
                    $($kind => serde_json::from_value(body).map(Self::$name).map_err(unfit),)*
                    _ => Err(BadEvent::UnknownKind(kind.to_owned())),
                }
            }
        }
    };
}

events! {
    /// An engine of a version took over.
    EngineStarted(EngineStarted) = "engine.started", 1;
    /// A customer was registered or changed.
    CustomerRegistered(CustomerRecord) = "customer.registered", 1;
    /// Sites were registered or changed.
    SitesImported(SitesImported) = "fleet.sites_imported", 1;
    /// Devices were registered or changed.
    DevicesImported(DevicesImported) = "fleet.devices_imported", 1;
    /// The engine says something for the first time.
    FindingOpened(Finding) = "finding.opened", 1;
    /// The engine says it anew.
    FindingRevised(Finding) = "finding.revised", 1;
    /// The engine says that it is over.
    FindingClosed(Finding) = "finding.closed", 1;
    /// An incident began.
    IncidentOpened(Opened) = "incident.opened", 1;
    /// A finding belongs to an incident.
    IncidentFindingAttached(FindingLinked) = "incident.finding_attached", 1;
    /// A finding of an incident has closed.
    IncidentFindingSettled(FindingSettled) = "incident.finding_settled", 1;
    /// A finding of an incident is open again.
    IncidentFindingReturned(FindingLinked) = "incident.finding_returned", 1;
    /// A person took a finding from an incident.
    IncidentFindingDetached(FindingDetached) = "incident.finding_detached", 1;
    /// A report belongs to an incident.
    IncidentReportAttached(ReportLinked) = "incident.report_attached", 1;
    /// A report was taken from an incident.
    IncidentReportDetached(ReportLinked) = "incident.report_detached", 1;
    /// The consequence asks for another severity.
    IncidentSeverityAssessed(SeverityAssessed) = "incident.severity_assessed", 1;
    /// A person holds the severity.
    IncidentSeverityHeld(SeverityHeld) = "incident.severity_held", 1;
    /// Nobody holds the severity any more.
    IncidentSeverityReleased(SeverityReleased) = "incident.severity_released", 1;
    /// An incident is in another phase.
    IncidentPhaseChanged(PhaseChanged) = "incident.phase_changed", 1;
    /// Somebody took command.
    IncidentCommandTaken(CommandTaken) = "incident.command_taken", 1;
    /// Somebody handed command over.
    IncidentCommandHandedOver(CommandHandedOver) = "incident.command_handed_over", 1;
    /// Somebody wrote something.
    IncidentNoteAdded(NoteAdded) = "incident.note_added", 1;
    /// The leading finding says something else.
    IncidentRetitled(Retitled) = "incident.retitled", 1;
    /// A person calls it something else.
    IncidentRenamed(Renamed) = "incident.renamed", 1;
    /// A person said that something is wrong.
    ReportReceived(ReportReceived) = "report.received", 1;
    /// A token was made.
    TokenCreated(TokenCreated) = "token.created", 1;
    /// A token is worth nothing any more.
    TokenRevoked(TokenRevoked) = "token.revoked", 1;
    /// Somebody got a link to set up a login.
    UserInvited(UserInvited) = "user.invited", 1;
    /// Somebody got a new link, and the old login is worth nothing any more.
    UserLinkRenewed(UserMarked) = "user.link_renewed", 1;
    /// Somebody set up a login.
    UserSetUp(UserMarked) = "user.set_up", 1;
    /// Somebody may do something else.
    UserRoleChanged(UserRoleChanged) = "user.role_changed", 1;
    /// Somebody may not log in any more.
    UserDisabled(UserMarked) = "user.disabled", 1;
    /// A policy was set.
    PolicySet(PolicySet) = "policy.set", 1;
    /// What was known of a person is destroyed.
    PersonalErased(PersonalErased) = "personal.erased", 1;
}

impl From<IncidentEvent> for Event {
    fn from(event: IncidentEvent) -> Self {
        match event {
            IncidentEvent::Opened(body) => Self::IncidentOpened(body),
            IncidentEvent::FindingAttached(body) => Self::IncidentFindingAttached(body),
            IncidentEvent::FindingSettled(body) => Self::IncidentFindingSettled(body),
            IncidentEvent::FindingReturned(body) => Self::IncidentFindingReturned(body),
            IncidentEvent::FindingDetached(body) => Self::IncidentFindingDetached(body),
            IncidentEvent::ReportAttached(body) => Self::IncidentReportAttached(body),
            IncidentEvent::ReportDetached(body) => Self::IncidentReportDetached(body),
            IncidentEvent::SeverityAssessed(body) => Self::IncidentSeverityAssessed(body),
            IncidentEvent::SeverityHeld(body) => Self::IncidentSeverityHeld(body),
            IncidentEvent::SeverityReleased(body) => Self::IncidentSeverityReleased(body),
            IncidentEvent::PhaseChanged(body) => Self::IncidentPhaseChanged(body),
            IncidentEvent::CommandTaken(body) => Self::IncidentCommandTaken(body),
            IncidentEvent::CommandHandedOver(body) => Self::IncidentCommandHandedOver(body),
            IncidentEvent::NoteAdded(body) => Self::IncidentNoteAdded(body),
            IncidentEvent::Retitled(body) => Self::IncidentRetitled(body),
            IncidentEvent::Renamed(body) => Self::IncidentRenamed(body),
        }
    }
}

impl Event {
    /// What happened to an incident, if this is such an event.
    ///
    /// # Errors
    /// The event itself when it is of something else.
    pub fn into_incident(self) -> Result<IncidentEvent, Box<Self>> {
        match self {
            Self::IncidentOpened(body) => Ok(IncidentEvent::Opened(body)),
            Self::IncidentFindingAttached(body) => Ok(IncidentEvent::FindingAttached(body)),
            Self::IncidentFindingSettled(body) => Ok(IncidentEvent::FindingSettled(body)),
            Self::IncidentFindingReturned(body) => Ok(IncidentEvent::FindingReturned(body)),
            Self::IncidentFindingDetached(body) => Ok(IncidentEvent::FindingDetached(body)),
            Self::IncidentReportAttached(body) => Ok(IncidentEvent::ReportAttached(body)),
            Self::IncidentReportDetached(body) => Ok(IncidentEvent::ReportDetached(body)),
            Self::IncidentSeverityAssessed(body) => Ok(IncidentEvent::SeverityAssessed(body)),
            Self::IncidentSeverityHeld(body) => Ok(IncidentEvent::SeverityHeld(body)),
            Self::IncidentSeverityReleased(body) => Ok(IncidentEvent::SeverityReleased(body)),
            Self::IncidentPhaseChanged(body) => Ok(IncidentEvent::PhaseChanged(body)),
            Self::IncidentCommandTaken(body) => Ok(IncidentEvent::CommandTaken(body)),
            Self::IncidentCommandHandedOver(body) => Ok(IncidentEvent::CommandHandedOver(body)),
            Self::IncidentNoteAdded(body) => Ok(IncidentEvent::NoteAdded(body)),
            Self::IncidentRetitled(body) => Ok(IncidentEvent::Retitled(body)),
            Self::IncidentRenamed(body) => Ok(IncidentEvent::Renamed(body)),
            other => Err(Box::new(other)),
        }
    }
}
