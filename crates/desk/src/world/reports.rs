//! What people reported at one customer, and to which incident each belongs.

use crate::codec::Decoded;
use domain::incident::IncidentEvent;
use domain::report::ReportReceived;
use domain::{Actor, IncidentId, ReportId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// So many reports stay at hand; older ones stand in the journal.
const KEPT: usize = 20_000;

/// A report and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportEntry {
    /// What was said.
    pub report: ReportReceived,
    /// When it reached us.
    pub received_at: Timestamp,
    /// Who took it down.
    pub actor: Actor,
    /// The incident it belongs to; none: unconfirmed.
    pub incident: Option<IncidentId>,
    /// Whether a person took it from an incident: from then on only people attach it.
    pub released: bool,
}

/// The reports of one customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reports {
    entries: BTreeMap<ReportId, ReportEntry>,
    order: VecDeque<ReportId>,
}

impl Reports {
    /// One report.
    #[must_use]
    pub fn get(&self, id: &ReportId) -> Option<&ReportEntry> {
        self.entries.get(id)
    }

    /// All at hand, newest first.
    pub fn newest(&self) -> impl Iterator<Item = &ReportEntry> {
        self.order.iter().rev().filter_map(|id| self.entries.get(id))
    }

    /// Those that belong to no incident, newest first.
    pub fn unconfirmed(&self) -> impl Iterator<Item = &ReportEntry> {
        self.newest().filter(|entry| entry.incident.is_none())
    }

    pub(super) fn put(&mut self, row: &Decoded, report: &ReportReceived) {
        let (received_at, actor) = (row.at, row.actor.clone());
        let entry = ReportEntry { report: report.clone(), received_at, actor, incident: None, released: false };
        if self.entries.insert(report.report.clone(), entry).is_none() {
            self.order.push_back(report.report.clone());
        }
        while self.order.len() > KEPT {
            if let Some(id) = self.order.pop_front() {
                self.entries.remove(&id);
            }
        }
    }

    /// Takes note of where incidents say that reports belong.
    pub(super) fn follow(&mut self, event: &IncidentEvent) {
        match event {
            IncidentEvent::ReportAttached(link) => {
                if let Some(entry) = self.entries.get_mut(&link.report) {
                    entry.incident = Some(link.incident.clone());
                }
            }
            IncidentEvent::ReportDetached(link) => {
                if let Some(entry) = self.entries.get_mut(&link.report)
                    && entry.incident.as_ref() == Some(&link.incident)
                {
                    entry.incident = None;
                    entry.released = true;
                }
            }
            IncidentEvent::Opened(_)
            | IncidentEvent::FindingAttached(_)
            | IncidentEvent::FindingSettled(_)
            | IncidentEvent::FindingReturned(_)
            | IncidentEvent::FindingDetached(_)
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
}
