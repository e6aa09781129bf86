//! An incident's timeline in the page's words, newest first. Names and texts are looked up in the vault, each once.

use super::finding::as_said;
use super::lines::who;
use crate::view::{Headline, TimelineEntry, TimelineEvent, Who};
use crate::visit::Visit;
use desk::TimelineWhat;
use desk::world::findings::FindingEntry;
use domain::finding::{Because, FindingStatus};
use domain::incident::IncidentEvent;
use domain::{Actor, FindingId, IncidentId, PersonalRef, UserId};
use std::collections::HashMap;

/// All lines, newest first.
pub(crate) fn timeline(visit: &Visit, id: &IncidentId) -> Vec<TimelineEntry> {
    let (lines, found) = visit.app.desk.read(visit.scope(), |view| {
        let lines = view.timeline(id).unwrap_or_default();
        let found = lines.iter().filter_map(finding_of).filter_map(|id| view.finding(id));
        let found: HashMap<_, _> = found.map(|entry| (entry.latest.id.clone(), entry.clone())).collect();
        (lines, found)
    });
    let mut writer = Writer { visit, found, names: HashMap::new() };
    let mut written: Vec<TimelineEntry> = Vec::with_capacity(lines.len());
    for line in lines {
        if let TimelineWhat::Incident(IncidentEvent::Opened(opened)) = &line.what {
            written.extend(writer.first_said(&opened.finding));
        }
        let Some(event) = writer.event(&line.what) else { continue };
        // Reports that come in a row are one line.
        if let (TimelineEvent::Reports(_), Some(TimelineEntry { event: TimelineEvent::Reports(n), at, seq, .. })) =
            (&event, written.last_mut())
        {
            (*n, *at, *seq) = (*n + 1, line.at, line.seq.0);
            continue;
        }
        // So is an extent that grows step by step, at its last step.
        if let (
            TimelineEvent::Revised(id, Because::Extent, _),
            Some(TimelineEntry { event: TimelineEvent::Revised(before, Because::Extent, _), at, seq, .. }),
        ) = (&event, written.last_mut())
            && id == before
        {
            (*at, *seq) = (line.at, line.seq.0);
            continue;
        }
        let who = writer.who(&line.actor);
        written.push(TimelineEntry { seq: line.seq.0, at: line.at, who, event });
    }
    written.reverse();
    written
}

fn finding_of(line: &desk::TimelineEntry) -> Option<&FindingId> {
    match &line.what {
        TimelineWhat::Finding(id, _) => Some(id),
        TimelineWhat::Report(_) => None,
        TimelineWhat::Incident(event) => match event {
            IncidentEvent::Opened(e) => Some(&e.finding),
            IncidentEvent::FindingAttached(e) | IncidentEvent::FindingReturned(e) => Some(&e.finding),
            IncidentEvent::FindingSettled(e) => Some(&e.finding),
            IncidentEvent::FindingDetached(e) => Some(&e.finding),
            _ => None,
        },
    }
}

struct Writer<'v> {
    visit: &'v Visit,
    found: HashMap<FindingId, FindingEntry>,
    names: HashMap<UserId, Who>,
}

impl Writer<'_> {
    /// The finding that opened the incident, with what it said then: what it says now came later.
    fn first_said(&self, id: &FindingId) -> Option<TimelineEntry> {
        let first = self.found.get(id)?.revisions.first()?;
        let event = TimelineEvent::Found(id.clone(), self.said_first(id)?);
        Some(TimelineEntry { seq: first.seq.0, at: first.at, who: Who::Samband, event })
    }

    fn said_first(&self, id: &FindingId) -> Option<Headline> {
        let entry = self.found.get(id)?;
        let then = as_said(self.visit, entry.revisions.first()?.seq)?;
        Some(Headline::of(&then, &entry.types))
    }

    fn headline(&self, id: &FindingId) -> Option<Headline> {
        let entry = self.found.get(id)?;
        Some(Headline::of(&entry.latest, &entry.types))
    }

    fn event(&mut self, what: &TimelineWhat) -> Option<TimelineEvent> {
        match what {
            TimelineWhat::Report(_) => Some(TimelineEvent::Reports(1)),
            TimelineWhat::Finding(id, revision) if revision.status == FindingStatus::Closed => {
                Some(TimelineEvent::Ended(id.clone(), revision.because, self.headline(id)?))
            }
            TimelineWhat::Finding(id, revision) => {
                Some(TimelineEvent::Revised(id.clone(), revision.because, self.headline(id)?))
            }
            TimelineWhat::Incident(event) => self.own(event),
        }
    }

    fn own(&mut self, event: &IncidentEvent) -> Option<TimelineEvent> {
        let found = |writer: &Self, id: &FindingId| {
            let headline = writer.said_first(id).or_else(|| writer.headline(id))?;
            Some(TimelineEvent::Found(id.clone(), headline))
        };
        match event {
            IncidentEvent::Opened(e) => Some(TimelineEvent::Opened(e.severity.into())),
            IncidentEvent::FindingAttached(e) | IncidentEvent::FindingReturned(e) => found(self, &e.finding),
            IncidentEvent::SeverityAssessed(e) => {
                Some(TimelineEvent::Severity(e.severity.into(), self.visit.r.say("tl-by-consequence")))
            }
            IncidentEvent::SeverityHeld(e) => Some(TimelineEvent::Severity(e.severity.into(), self.text(&e.reason))),
            IncidentEvent::PhaseChanged(e) => Some(TimelineEvent::Phase(e.to.name().into())),
            IncidentEvent::CommandTaken(e) => Some(TimelineEvent::Command(self.person(&e.by))),
            IncidentEvent::CommandHandedOver(e) => Some(TimelineEvent::Command(self.person(&e.to))),
            IncidentEvent::NoteAdded(e) => Some(TimelineEvent::Note(self.text(&e.text))),
            IncidentEvent::Renamed(e) => e.title.as_ref().map(|title| TimelineEvent::Note(title.as_str().to_owned())),
            IncidentEvent::FindingDetached(e) => {
                let said =
                    format!("{} {}", self.visit.r.say_a("tl-detached", e.finding.as_str()), self.text(&e.reason));
                Some(TimelineEvent::Note(said))
            }
            // Said by the findings and reports themselves, or of no use at three in the morning.
            IncidentEvent::FindingSettled(_)
            | IncidentEvent::ReportAttached(_)
            | IncidentEvent::ReportDetached(_)
            | IncidentEvent::SeverityReleased(_)
            | IncidentEvent::Retitled(_) => None,
        }
    }

    fn text(&self, reference: &PersonalRef) -> String {
        self.visit.plain(reference).unwrap_or_else(|| self.visit.r.say("text-erased"))
    }

    fn who(&mut self, actor: &Actor) -> Who {
        let Actor::User(user) = actor else { return Who::Samband };
        self.person(user)
    }

    fn person(&mut self, user: &UserId) -> Who {
        let visit = self.visit;
        self.names.entry(user.clone()).or_insert_with(|| who(visit, user)).clone()
    }
}
