//! An incident (*incident*): one disruption that people handle, however many findings and reports it gathers.
//!
//! `decide` says which events a command makes or why it is refused; `apply` folds events into what is true now. Both are
//! pure, and `decide` applies what it decides, so that it can never record what the fold would refuse.

mod apply;
mod command;
mod decide;
mod event;
mod phase;
mod refusal;
mod severity;
mod title;

pub use apply::apply;
pub use command::{Command, FindingGist};
pub use decide::decide;
pub use event::{
    CommandHandedOver, CommandTaken, FindingDetached, FindingLinked, FindingSettled, IncidentEvent, NoteAdded, Opened,
    PhaseChanged, Renamed, ReportLinked, Retitled, SeverityAssessed, SeverityHeld, SeverityReleased,
};
pub use phase::{Phase, PhaseName, PhaseReason, PhaseTarget};
pub use refusal::{Refusal, Unfit};
pub use severity::{
    BadSeverityPolicy, FleetSize, HeldSeverity, Severity, SeverityPolicy, SeverityState, Threshold, corrects,
};
pub use title::{BadTitle, ComposedTitle, GivenTitle, MAX_TITLE_CHARS, Title};

use crate::ids::{CustomerKey, FindingId, IncidentId, ReportId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An incident as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its id, kept when its explanation changes.
    pub id: IncidentId,
    /// Whose sites.
    pub customer: CustomerKey,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// What its leading finding says.
    pub composed: ComposedTitle,
    /// What a person calls it.
    pub given: Option<GivenTitle>,
    /// How grave it is.
    pub severity: SeverityState,
    /// Where it stands.
    pub phase: Phase,
    /// The incident commander (*incidentledare*).
    pub commander: Option<UserId>,
    /// The finding it is called after.
    pub lead: FindingId,
    /// The findings that belong to it, and those that a person took away.
    pub findings: BTreeMap<FindingId, Link>,
    /// The reports that belong to it.
    pub reports: BTreeSet<ReportId>,
    /// Whether any person has done anything with it.
    pub touched: bool,
}

/// How a finding belongs to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// It does, and goes on.
    Open,
    /// It does, and has closed.
    Settled,
    /// A person said that it does not.
    Detached,
}

impl Incident {
    /// What to call it.
    #[must_use]
    pub fn title(&self) -> Title<'_> {
        self.given.as_ref().map_or(Title::Composed(&self.composed), Title::Given)
    }

    /// The findings that belong to it.
    pub fn attached(&self) -> impl Iterator<Item = &FindingId> {
        self.findings.iter().filter(|(_, link)| **link != Link::Detached).map(|(id, _)| id)
    }

    /// How many of its findings go on.
    #[must_use]
    pub fn open_findings(&self) -> usize {
        self.findings.values().filter(|link| **link == Link::Open).count()
    }
}
