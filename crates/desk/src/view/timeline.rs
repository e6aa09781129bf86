//! An incident's timeline: its own events, the revisions of its findings, and its reports, in the order of the journal.

use super::View;
use crate::world::findings::Revision;
use crate::world::incidents::Moment;
use domain::incident::{Incident, IncidentEvent};
use domain::{Actor, FindingId, IncidentId, ReportId};
use jiff::Timestamp;
use store::Seq;

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineEntry {
    /// Its place in the journal.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub what: TimelineWhat,
}

/// What a line of a timeline says.
#[derive(Debug, Clone, PartialEq)]
pub enum TimelineWhat {
    /// Something happened to the incident.
    Incident(IncidentEvent),
    /// A finding of it was said anew.
    Finding(FindingId, Revision),
    /// A report of it came in.
    Report(ReportId),
}

impl View<'_> {
    /// The timeline of an incident, oldest first; none when there is no such incident here.
    #[must_use]
    pub fn timeline(&self, id: &IncidentId) -> Option<Vec<TimelineEntry>> {
        let entry = self.incident(id)?;
        let mut lines: Vec<_> = entry.timeline.iter().map(own).collect();
        lines.extend(self.revisions(&entry.incident));
        lines.sort_by_key(|line| line.seq);
        Some(lines)
    }

    fn revisions(&self, incident: &Incident) -> impl Iterator<Item = TimelineEntry> {
        let part = self.customer(&incident.customer);
        let findings = incident.attached().filter_map(move |id| part?.findings.get(id));
        findings.flat_map(|entry| {
            let id = &entry.latest.id;
            // The first revision is the attaching itself.
            entry.revisions.iter().filter(|revision| revision.revision > 1).map(move |revision| TimelineEntry {
                seq: revision.seq,
                at: revision.at,
                actor: Actor::Part("engine".to_owned()),
                what: TimelineWhat::Finding(id.clone(), revision.clone()),
            })
        })
    }
}

fn own(moment: &Moment) -> TimelineEntry {
    let what = match &moment.event {
        IncidentEvent::ReportAttached(link) => TimelineWhat::Report(link.report.clone()),
        event => TimelineWhat::Incident(event.clone()),
    };
    TimelineEntry { seq: moment.seq, at: moment.at, actor: moment.actor.clone(), what }
}
