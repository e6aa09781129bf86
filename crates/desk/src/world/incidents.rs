//! The incidents of one customer, each with its version (what the next command is decided on) and its own timeline.

use super::BadHistory;
use crate::codec::Decoded;
use domain::incident::{Incident, IncidentEvent, Link, PhaseName, apply};
use domain::{Actor, Finding, FindingId, IncidentId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use store::{Seq, StreamVersion};

/// The timelines of so many closed incidents stay at hand; older ones are read from the journal.
const CLOSED_TIMELINES: usize = 500;

/// An incident as it stands, and how it came there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentEntry {
    /// As it stands.
    pub incident: Incident,
    /// How many events it has.
    pub version: StreamVersion,
    /// What happened, oldest first; empty for one long closed.
    pub timeline: Vec<Moment>,
}

/// One entry of a timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Its place in the journal.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    #[serde(with = "crate::projection::event")]
    pub event: IncidentEvent,
}

/// The incidents of one customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Incidents {
    entries: BTreeMap<IncidentId, IncidentEntry>,
    home: BTreeMap<FindingId, IncidentId>,
    closed: VecDeque<IncidentId>,
}

impl Incidents {
    /// One incident.
    #[must_use]
    pub fn get(&self, id: &IncidentId) -> Option<&IncidentEntry> {
        self.entries.get(id)
    }

    /// All, in order of id.
    pub fn all(&self) -> impl Iterator<Item = &IncidentEntry> {
        self.entries.values()
    }

    /// Those being dealt with.
    pub fn open(&self) -> impl Iterator<Item = &IncidentEntry> {
        self.entries.values().filter(|entry| entry.incident.phase.name().is_open())
    }

    /// The incident that a finding belongs to: where a person or the engine put it. None when a person took it away.
    #[must_use]
    pub fn home_of(&self, finding: &Finding) -> Option<IncidentId> {
        if let Some(home) = self.home.get(&finding.id) {
            return Some(home.clone());
        }
        let named = self.entries.get(&finding.incident);
        let detached = named.is_some_and(|entry| entry.incident.findings.get(&finding.id) == Some(&Link::Detached));
        (!detached).then(|| finding.incident.clone())
    }

    pub(super) fn apply(&mut self, row: &Decoded, event: IncidentEvent) -> Result<IncidentId, BadHistory> {
        let id = event.incident().clone();
        let before = self.entries.remove(&id);
        let (incident, mut timeline) = match before {
            Some(entry) => (Some(entry.incident), entry.timeline),
            None => (None, Vec::new()),
        };
        let incident = apply(incident, &event, row.at).map_err(|source| BadHistory::Incident {
            seq: row.seq,
            incident: id.clone(),
            source,
        })?;
        self.settle_home(&id, &event);
        timeline.push(Moment { seq: row.seq, at: row.at, actor: row.actor.clone(), event });
        let phase = incident.phase.name();
        self.entries.insert(id.clone(), IncidentEntry { incident, version: row.version, timeline });
        self.forget_old_timelines(&id, phase);
        Ok(id)
    }

    fn settle_home(&mut self, id: &IncidentId, event: &IncidentEvent) {
        match event {
            IncidentEvent::Opened(e) => drop(self.home.insert(e.finding.clone(), id.clone())),
            IncidentEvent::FindingAttached(e) => drop(self.home.insert(e.finding.clone(), id.clone())),
            IncidentEvent::FindingDetached(e) => drop(self.home.remove(&e.finding)),
            IncidentEvent::FindingSettled(_)
            | IncidentEvent::FindingReturned(_)
            | IncidentEvent::ReportAttached(_)
            | IncidentEvent::ReportDetached(_)
            | IncidentEvent::SeverityAssessed(_)
            | IncidentEvent::SeverityHeld(_)
            | IncidentEvent::SeverityReleased(_)
            | IncidentEvent::PhaseChanged(_)
            | IncidentEvent::CommandTaken(_)
            | IncidentEvent::CommandHandedOver(_)
            | IncidentEvent::NoteAdded(_)
            | IncidentEvent::Retitled(_)
            | IncidentEvent::Renamed(_) => {}
        }
    }

    fn forget_old_timelines(&mut self, id: &IncidentId, phase: PhaseName) {
        self.closed.retain(|closed| closed != id);
        if phase == PhaseName::Closed {
            self.closed.push_back(id.clone());
        }
        while self.closed.len() > CLOSED_TIMELINES {
            if let Some(entry) = self.closed.pop_front().and_then(|id| self.entries.get_mut(&id)) {
                entry.timeline = Vec::new();
            }
        }
    }
}
