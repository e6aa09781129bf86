//! The war room: one incident, what happened in it, and what the reader may do.

use super::faults::Faults;
use super::fleet::SiteLine;
use super::headline::Headline;
use super::operations::{ChartView, FindingLine, IncidentLine};
use super::state::{Phase, Severity};
use super::steps::next_steps;
use super::why::WhyMoney;
use crate::words::Reader;
use domain::finding::Because;
use domain::{Finding, FindingId};
use jiff::Timestamp;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A person, by name.
    Person(String),
    /// The reader.
    Me,
    /// A part of Samband.
    Samband,
    /// A person whose data was erased.
    Erased,
}

/// What a line of the timeline says.
#[derive(Debug, Clone, PartialEq)]
pub enum TimelineEvent {
    /// The incident was opened.
    Opened(Severity),
    /// A finding was made.
    Found(FindingId, Headline),
    /// A finding was revised.
    Revised(FindingId, Because, Headline),
    /// A finding is over.
    Ended(FindingId, Because, Headline),
    /// Reports were attached.
    Reports(u64),
    /// Severity was changed, with the reason given.
    Severity(Severity, String),
    /// The phase was changed.
    Phase(Phase),
    /// Someone has command now.
    Command(Who),
    /// A note.
    Note(String),
}

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineEntry {
    /// Journal sequence: its id on the page.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub who: Who,
    /// What.
    pub event: TimelineEvent,
}

/// What the reader may do here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allowed {
    /// Write notes.
    pub note: bool,
    /// Set severity and phase, take command.
    pub command: bool,
}

/// One incident.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentView {
    /// The head.
    pub line: IncidentLine,
    /// The finding that says most, if there is one.
    pub leading: Option<Finding>,
    /// How its cost came about, where there is one.
    pub why: Option<WhyMoney>,
    /// All findings of it.
    pub findings: Vec<FindingLine>,
    /// Expected against actual of the affected.
    pub chart: Option<ChartView>,
    /// Affected sites, worst first, bounded.
    pub sites: Vec<SiteLine>,
    /// Affected sites beside these.
    pub sites_more: u64,
    /// Whether all sites were asked for.
    pub whole_sites: bool,
    /// Newest first.
    pub timeline: Vec<TimelineEntry>,
    /// Lines of the timeline that are not listed.
    pub timeline_more: u64,
    /// Whether the whole timeline was asked for.
    pub whole_timeline: bool,
    /// Phases that may follow.
    pub next_phases: Vec<Phase>,
    /// What the reader may do.
    pub allowed: Allowed,
    /// Version that commands are based on.
    pub version: u64,
    /// What was filled in, when it is given back.
    pub form: IncidentForm,
}

/// The forms of a war room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentDeed {
    /// Take command.
    Command,
    /// Set the phase.
    Phase,
    /// Set the severity.
    Severity,
    /// Write a note.
    Note,
}

/// What was filled in at one of the forms of a war room.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IncidentForm {
    /// Which of them; none when nothing was sent.
    pub deed: Option<IncidentDeed>,
    /// Stable name of the severity.
    pub severity: String,
    /// Why.
    pub reason: String,
    /// The note.
    pub text: String,
    /// What is wrong.
    pub faults: Faults,
}

impl IncidentForm {
    /// The faults, where they are this form's.
    #[must_use]
    pub fn faults_of(&self, deed: IncidentDeed) -> Faults {
        if self.deed == Some(deed) { self.faults.clone() } else { Faults::default() }
    }

    /// The severity that is chosen.
    #[must_use]
    pub fn chosen(&self, current: &Severity) -> Severity {
        Severity::ALL.into_iter().find(|severity| severity.name() == self.severity).unwrap_or(*current)
    }
}

impl IncidentView {
    /// Query of this page with more of its lists shown in full.
    #[must_use]
    pub fn whole(&self, timeline: bool, sites: bool) -> &'static str {
        match (timeline || self.whole_timeline, sites || self.whole_sites) {
            (false, false) => "",
            (true, false) => "?timeline=all",
            (false, true) => "?sites=all",
            (true, true) => "?timeline=all&sites=all",
        }
    }

    /// What could be done next, as far as the finding tells.
    #[must_use]
    pub fn steps(&self, r: &Reader) -> Vec<String> {
        let Some(finding) = self.leading.as_ref().filter(|finding| finding.ended_at.is_none()) else {
            return Vec::new();
        };
        next_steps(r, finding, &self.line.headline, self.sites.first())
    }
}

impl TimelineEntry {
    /// Whether the line says itself who did it.
    #[must_use]
    pub fn names_who(&self) -> bool {
        matches!(&self.event, TimelineEvent::Command(by) if *by == self.who)
    }
}
