//! The states that carry colour: each has a word and a shape besides, so that colour never stands alone.

use crate::words::Key;
use domain::FindingKind;
use domain::finding::Because;

/// How bad an incident is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Everybody, now.
    Sev1,
    /// Major.
    Sev2,
    /// Someone should look today.
    Sev3,
    /// For the record.
    Sev4,
}

impl Severity {
    /// Worst first.
    pub const ALL: [Self; 4] = [Self::Sev1, Self::Sev2, Self::Sev3, Self::Sev4];

    /// Stable name in forms, classes and the API.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sev1 => "sev1",
            Self::Sev2 => "sev2",
            Self::Sev3 => "sev3",
            Self::Sev4 => "sev4",
        }
    }

    /// What it means, for people who choose it.
    #[must_use]
    pub fn meaning(&self) -> Key {
        match self {
            Self::Sev1 => Key("severity-sev1"),
            Self::Sev2 => Key("severity-sev2"),
            Self::Sev3 => Key("severity-sev3"),
            Self::Sev4 => Key("severity-sev4"),
        }
    }
}

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Just opened.
    Triage,
    /// Being worked on.
    Active,
    /// The cure is at work.
    Recovering,
    /// Activity is back.
    Resolved,
    /// Looked back upon.
    Reviewed,
    /// Done.
    Closed,
}

impl Phase {
    /// In order.
    pub const ALL: [Self; 6] =
        [Self::Triage, Self::Active, Self::Recovering, Self::Resolved, Self::Reviewed, Self::Closed];

    /// Stable name in forms and the API.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Triage => "triage",
            Self::Active => "active",
            Self::Recovering => "recovering",
            Self::Resolved => "resolved",
            Self::Reviewed => "reviewed",
            Self::Closed => "closed",
        }
    }

    /// Its word.
    #[must_use]
    pub fn word(&self) -> Key {
        match self {
            Self::Triage => Key("phase-triage"),
            Self::Active => Key("phase-active"),
            Self::Recovering => Key("phase-recovering"),
            Self::Resolved => Key("phase-resolved"),
            Self::Reviewed => Key("phase-reviewed"),
            Self::Closed => Key("phase-closed"),
        }
    }
}

/// How a site or device is doing, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SiteState {
    /// It sells nothing.
    Silent,
    /// Not heard from: whether it sells is unknown.
    Unheard,
    /// It sells nothing, or is not heard from: not decided yet.
    Unsure,
    /// Some of its devices do not work, the others go on.
    Partly,
    /// It sells less than expected.
    Below,
    /// As expected.
    Selling,
    /// Nothing is expected now.
    Shut,
    /// Never heard from.
    Never,
}

impl SiteState {
    /// Worst first.
    pub const ALL: [Self; 8] =
        [Self::Silent, Self::Unheard, Self::Unsure, Self::Partly, Self::Below, Self::Selling, Self::Shut, Self::Never];

    /// Stable name in classes, map data and filters.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Unheard => "unheard",
            Self::Unsure => "unsure",
            Self::Partly => "partly",
            Self::Below => "below",
            Self::Selling => "selling",
            Self::Shut => "shut",
            Self::Never => "never",
        }
    }

    /// Its word.
    #[must_use]
    pub fn word(&self) -> Key {
        match self {
            Self::Silent => Key("state-silent"),
            Self::Unheard => Key("state-unheard"),
            Self::Unsure => Key("state-unsure"),
            Self::Partly => Key("state-partly"),
            Self::Below => Key("state-below"),
            Self::Selling => Key("state-selling"),
            Self::Shut => Key("state-shut"),
            Self::Never => Key("state-never"),
        }
    }

    /// Whether a site in this state is known to be heard from.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        match self {
            Self::Silent | Self::Partly | Self::Below | Self::Selling | Self::Shut => true,
            Self::Unheard | Self::Unsure | Self::Never => false,
        }
    }
}

/// How many sites are in each state, in the order of [`SiteState::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StateCounts(pub [u64; 8]);

impl StateCounts {
    /// Whether every site is shut.
    #[must_use]
    pub fn all_shut(&self) -> bool {
        matches!(self.present().as_slice(), [(SiteState::Shut, _)])
    }

    /// States that some site is in, with their number, worst first.
    #[must_use]
    pub fn present(&self) -> Vec<(SiteState, u64)> {
        SiteState::ALL.into_iter().zip(self.0).filter(|(_, n)| *n > 0).collect()
    }
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Look.
    Viewer,
    /// Write notes, attach reports.
    Responder,
    /// Take command, set severity and phase.
    Commander,
    /// Tokens, users, imports.
    Admin,
}

impl Role {
    /// Least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Responder, Self::Commander, Self::Admin];

    /// Stable name in forms and the API.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Responder => "responder",
            Self::Commander => "commander",
            Self::Admin => "admin",
        }
    }

    /// Its word.
    #[must_use]
    pub fn word(&self) -> Key {
        match self {
            Self::Viewer => Key("role-viewer"),
            Self::Responder => Key("role-responder"),
            Self::Commander => Key("role-commander"),
            Self::Admin => Key("role-admin"),
        }
    }
}

/// What a kind of finding says, with the activity as `$a`.
#[must_use]
pub fn finding_kind_key(kind: FindingKind) -> Key {
    match kind {
        FindingKind::Silence => Key("kind-silence"),
        FindingKind::Drop => Key("kind-drop"),
        FindingKind::Surge => Key("kind-surge"),
        FindingKind::ContactLost => Key("kind-contact-lost"),
        FindingKind::CoFailure => Key("kind-co-failure"),
        FindingKind::Punctual => Key("kind-punctual"),
        FindingKind::Outlier => Key("kind-outlier"),
        FindingKind::Missed => Key("kind-missed"),
        FindingKind::Stall => Key("kind-stall"),
        FindingKind::Quarantine => Key("kind-quarantine"),
        FindingKind::Flood => Key("kind-flood"),
        FindingKind::Drift => Key("kind-drift"),
        FindingKind::Regression => Key("kind-regression"),
        FindingKind::BrakeBroken => Key("kind-brake-broken"),
        FindingKind::Novelty => Key("kind-novelty"),
        FindingKind::Limit => Key("kind-limit"),
    }
}

/// Why a finding was revised.
#[must_use]
pub fn because_key(because: &Because) -> Key {
    match because {
        Because::Detected => Key("because-detected"),
        Because::Explanation => Key("because-explanation"),
        Because::Contact => Key("because-contact"),
        Because::Extent => Key("because-extent"),
        Because::Backlog => Key("because-backlog"),
        Because::Recovered => Key("because-recovered"),
        Because::Heard => Key("because-heard"),
        Because::ExplainedAway => Key("because-explained-away"),
        Because::Settled => Key("because-settled"),
    }
}
