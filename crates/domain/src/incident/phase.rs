//! Where an incident stands. Each phase carries what is true only in it; which may follow which is decided in one table.

use crate::ids::DeviceCode;
use crate::personal::PersonalRef;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The phase of an incident, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// Nobody has looked yet.
    Triage {
        /// Since when.
        since: Timestamp,
    },
    /// Being worked on.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// Activity is coming back.
    Recovering {
        /// Since when.
        since: Timestamp,
    },
    /// Activity is back, but for the named remainder.
    Resolved {
        /// Since when.
        since: Timestamp,
        /// Units that are still out of service.
        remainder: Vec<DeviceCode>,
    },
    /// Looked back on.
    Reviewed {
        /// Since when.
        since: Timestamp,
        /// When it was resolved.
        resolved_at: Timestamp,
    },
    /// Put away.
    Closed {
        /// Since when.
        since: Timestamp,
        /// When it was resolved.
        resolved_at: Timestamp,
        /// When it was reviewed; small ones are closed without.
        reviewed_at: Option<Timestamp>,
    },
}

/// The names of the phases, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseName {
    /// `triage`
    Triage,
    /// `active`
    Active,
    /// `recovering`
    Recovering,
    /// `resolved`
    Resolved,
    /// `reviewed`
    Reviewed,
    /// `closed`
    Closed,
}

/// A phase to go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum PhaseTarget {
    /// Work on it (again).
    Active,
    /// Activity is coming back.
    Recovering,
    /// Done, but for the named remainder.
    Resolved {
        /// Units that are still out of service; may be empty when no finding is open.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remainder: Vec<DeviceCode>,
    },
    /// Looked back on.
    Reviewed,
    /// Put away.
    Closed,
}

/// Why a phase was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseReason {
    /// A person said so, for a reason that lies in the vault.
    Person(PersonalRef),
    /// Somebody took command.
    CommandTaken,
    /// All its findings have closed.
    FindingsClosed,
    /// A finding of it is open again.
    FindingOpened,
    /// All its findings closed, it was small, and nobody had touched it.
    Untouched,
}

impl Phase {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> PhaseName {
        match self {
            Self::Triage { .. } => PhaseName::Triage,
            Self::Active { .. } => PhaseName::Active,
            Self::Recovering { .. } => PhaseName::Recovering,
            Self::Resolved { .. } => PhaseName::Resolved,
            Self::Reviewed { .. } => PhaseName::Reviewed,
            Self::Closed { .. } => PhaseName::Closed,
        }
    }

    /// Since when it is in it.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        match self {
            Self::Triage { since }
            | Self::Active { since }
            | Self::Recovering { since }
            | Self::Resolved { since, .. }
            | Self::Reviewed { since, .. }
            | Self::Closed { since, .. } => *since,
        }
    }

    /// When it was resolved, if it is.
    #[must_use]
    pub fn resolved_at(&self) -> Option<Timestamp> {
        match self {
            Self::Triage { .. } | Self::Active { .. } | Self::Recovering { .. } => None,
            Self::Resolved { since, .. } => Some(*since),
            Self::Reviewed { resolved_at, .. } | Self::Closed { resolved_at, .. } => Some(*resolved_at),
        }
    }

    /// The phase after going to `to` at `at`. Says nothing of whether that is allowed.
    #[must_use]
    pub fn moved(&self, to: &PhaseTarget, at: Timestamp) -> Self {
        let resolved_at = self.resolved_at().unwrap_or(at);
        match to {
            PhaseTarget::Active => Self::Active { since: at },
            PhaseTarget::Recovering => Self::Recovering { since: at },
            PhaseTarget::Resolved { remainder } => Self::Resolved { since: at, remainder: remainder.clone() },
            PhaseTarget::Reviewed => Self::Reviewed { since: at, resolved_at },
            PhaseTarget::Closed => Self::Closed { since: at, resolved_at, reviewed_at: self.reviewed_at() },
        }
    }

    fn reviewed_at(&self) -> Option<Timestamp> {
        match self {
            Self::Triage { .. } | Self::Active { .. } | Self::Recovering { .. } | Self::Resolved { .. } => None,
            Self::Reviewed { since, .. } => Some(*since),
            Self::Closed { reviewed_at, .. } => *reviewed_at,
        }
    }
}

impl PhaseName {
    /// Whether it is still being dealt with.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            Self::Triage | Self::Active | Self::Recovering => true,
            Self::Resolved | Self::Reviewed | Self::Closed => false,
        }
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Triage => "triage",
            Self::Active => "active",
            Self::Recovering => "recovering",
            Self::Resolved => "resolved",
            Self::Reviewed => "reviewed",
            Self::Closed => "closed",
        }
    }
}

impl PhaseTarget {
    /// The phase it leads to.
    #[must_use]
    pub fn name(&self) -> PhaseName {
        match self {
            Self::Active => PhaseName::Active,
            Self::Recovering => PhaseName::Recovering,
            Self::Resolved { .. } => PhaseName::Resolved,
            Self::Reviewed => PhaseName::Reviewed,
            Self::Closed => PhaseName::Closed,
        }
    }
}
