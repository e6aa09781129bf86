//! Which events a command makes, or why it is refused. Every pair of phase and command is answered by name.

use super::apply::apply;
use super::command::{Command, FindingGist};
use super::event::*;
use super::phase::{PhaseName, PhaseReason, PhaseTarget};
use super::refusal::Refusal;
use super::severity::corrects;
use super::{Incident, Link};
use crate::ids::{FindingId, IncidentId, ReportId, UserId};
use crate::personal::PersonalRef;
use jiff::Timestamp;

/// Decides `command` on the incident as it stands. No events: nothing to do.
///
/// # Errors
/// [`Refusal`] says why not; then nothing is to be recorded.
pub fn decide(incident: Option<&Incident>, command: &Command, now: Timestamp) -> Result<Vec<IncidentEvent>, Refusal> {
    match (incident, command) {
        (None, Command::Open { incident, finding }) => Ok(open(incident, finding, now)),
        (None, _) => Err(Refusal::NotOpened),
        (Some(incident), command) => {
            if incident.phase.name() == PhaseName::Closed && !may_come_after_closing(command) {
                return Err(Refusal::Closed);
            }
            let mut draft = Draft { incident: incident.clone(), events: Vec::new(), now };
            draft.take(command)?;
            Ok(draft.events)
        }
    }
}

fn open(incident: &IncidentId, finding: &FindingGist, now: Timestamp) -> Vec<IncidentEvent> {
    let opened = IncidentEvent::Opened(Opened {
        incident: incident.clone(),
        customer: finding.customer.clone(),
        finding: finding.id.clone(),
        title: finding.title.clone(),
        severity: finding.severity,
    });
    let Ok(state) = apply(None, &opened, now) else { return vec![] };
    let mut draft = Draft { incident: state, events: vec![opened], now };
    if !finding.is_open() {
        let (incident, finding) = (incident.clone(), finding.id.clone());
        draft.record(IncidentEvent::FindingSettled(FindingSettled { incident, finding }));
        draft.rest();
    }
    draft.events
}

/// What the world still says, and what people add to the record, is taken even when the incident is put away.
fn may_come_after_closing(command: &Command) -> bool {
    match command {
        // Opened before: refused by that name.
        Command::Open { .. } => true,
        Command::Follow(_) | Command::AddNote(_) | Command::ChangePhase { .. } => true,
        Command::Attach(_)
        | Command::Detach { .. }
        | Command::AttachReport(_)
        | Command::DetachReport(_)
        | Command::SetSeverity { .. }
        | Command::ReleaseSeverity
        | Command::TakeCommand { .. }
        | Command::HandOver { .. }
        | Command::Rename(_) => false,
    }
}

/// The incident as it would be, and the events that would make it so.
struct Draft {
    incident: Incident,
    events: Vec<IncidentEvent>,
    now: Timestamp,
}

impl Draft {
    fn take(&mut self, command: &Command) -> Result<(), Refusal> {
        let incident = self.incident.id.clone();
        match command {
            Command::Open { .. } => return Err(Refusal::AlreadyOpened(incident)),
            Command::Follow(gist) => self.follow(gist)?,
            Command::Attach(gist) => self.attach(gist)?,
            Command::Detach { finding, reason } => self.detach(finding, reason)?,
            Command::AttachReport(report) => self.attach_report(report)?,
            Command::DetachReport(report) => {
                if !self.incident.reports.contains(report) {
                    return Err(Refusal::ReportNotAttached(report.clone()));
                }
                self.record(IncidentEvent::ReportDetached(ReportLinked { incident, report: report.clone() }));
            }
            Command::SetSeverity { severity, by, reason } => {
                if self.incident.severity.held.as_ref().is_some_and(|held| held.severity == *severity) {
                    return Err(Refusal::SeverityHeldAlready);
                }
                let (severity, by, reason) = (*severity, by.clone(), reason.clone());
                self.record(IncidentEvent::SeverityHeld(SeverityHeld { incident, severity, by, reason }));
            }
            Command::ReleaseSeverity => {
                if self.incident.severity.held.is_none() {
                    return Err(Refusal::SeverityNotHeld);
                }
                self.record(IncidentEvent::SeverityReleased(SeverityReleased { incident }));
            }
            Command::ChangePhase { to, reason } => self.change_phase(to, reason)?,
            Command::TakeCommand { by, relieving } => self.take_command(by, relieving.as_ref())?,
            Command::HandOver { by, to } => self.hand_over(by, to)?,
            Command::AddNote(text) => {
                self.record(IncidentEvent::NoteAdded(NoteAdded { incident, text: text.clone() }));
            }
            Command::Rename(title) => {
                if self.incident.given == *title {
                    return Err(Refusal::SameTitle);
                }
                self.record(IncidentEvent::Renamed(Renamed { incident, title: title.clone() }));
            }
        }
        Ok(())
    }

    /// Appends an event and takes it as having happened.
    fn record(&mut self, event: IncidentEvent) {
        match apply(Some(self.incident.clone()), &event, self.now) {
            Ok(next) => {
                self.incident = next;
                self.events.push(event);
            }
            // Every event made here names this incident and opens none, which is all that `apply` asks.
            Err(unfit) => debug_assert!(false, "{unfit}"),
        }
    }

    fn follow(&mut self, gist: &FindingGist) -> Result<(), Refusal> {
        self.same_customer(gist)?;
        match self.incident.findings.get(&gist.id) {
            Some(Link::Detached) => return Ok(()),
            Some(Link::Open) if !gist.is_open() => {
                let (incident, finding) = (self.incident.id.clone(), gist.id.clone());
                self.record(IncidentEvent::FindingSettled(FindingSettled { incident, finding }));
                self.rest();
            }
            Some(Link::Settled) if gist.is_open() => {
                let linked = self.linked(gist);
                self.record(IncidentEvent::FindingReturned(linked));
                self.wake();
            }
            Some(Link::Open | Link::Settled) => {}
            None => self.link(gist),
        }
        self.reassess(gist);
        Ok(())
    }

    fn attach(&mut self, gist: &FindingGist) -> Result<(), Refusal> {
        self.same_customer(gist)?;
        match self.incident.findings.get(&gist.id) {
            Some(Link::Open | Link::Settled) => return Err(Refusal::FindingAttached(gist.id.clone())),
            Some(Link::Detached) | None => self.link(gist),
        }
        self.reassess(gist);
        Ok(())
    }

    fn detach(&mut self, finding: &FindingId, reason: &PersonalRef) -> Result<(), Refusal> {
        match self.incident.findings.get(finding) {
            Some(Link::Open | Link::Settled) => {
                let (incident, finding, reason) = (self.incident.id.clone(), finding.clone(), reason.clone());
                self.record(IncidentEvent::FindingDetached(FindingDetached { incident, finding, reason }));
                Ok(())
            }
            Some(Link::Detached) | None => Err(Refusal::FindingNotAttached(finding.clone())),
        }
    }

    fn attach_report(&mut self, report: &ReportId) -> Result<(), Refusal> {
        if self.incident.reports.contains(report) {
            return Err(Refusal::ReportAttached(report.clone()));
        }
        let incident = self.incident.id.clone();
        self.record(IncidentEvent::ReportAttached(ReportLinked { incident, report: report.clone() }));
        Ok(())
    }

    fn link(&mut self, gist: &FindingGist) {
        let linked = self.linked(gist);
        self.record(IncidentEvent::FindingAttached(linked));
        if gist.is_open() {
            self.wake();
        }
    }

    fn linked(&self, gist: &FindingGist) -> FindingLinked {
        FindingLinked { incident: self.incident.id.clone(), finding: gist.id.clone(), open: gist.is_open() }
    }

    fn same_customer(&self, gist: &FindingGist) -> Result<(), Refusal> {
        if gist.customer == self.incident.customer {
            return Ok(());
        }
        let (found, wanted) = (gist.customer.clone(), self.incident.customer.clone());
        Err(Refusal::OtherCustomer { finding: gist.id.clone(), found, wanted })
    }

    /// Severity and title after a revision. A finding that makes it graver leads from now on; only the one that leads, and
    /// only a revision that corrects an estimate, makes it milder.
    fn reassess(&mut self, gist: &FindingGist) {
        let before = self.incident.severity.assessed;
        let graver = gist.is_open() && gist.severity < before;
        let leads = self.incident.lead == gist.id;
        if graver || (leads && gist.severity > before && corrects(gist.because)) {
            let (incident, severity, finding) = (self.incident.id.clone(), gist.severity, gist.id.clone());
            self.record(IncidentEvent::SeverityAssessed(SeverityAssessed { incident, severity, finding }));
        }
        if (graver && !leads) || (leads && self.incident.composed != gist.title) {
            let (incident, finding, title) = (self.incident.id.clone(), gist.id.clone(), gist.title.clone());
            self.record(IncidentEvent::Retitled(Retitled { incident, finding, title }));
        }
    }

    /// Once a finding is open again, so is the incident.
    fn wake(&mut self) {
        match self.incident.phase.name() {
            PhaseName::Triage | PhaseName::Active => {}
            PhaseName::Recovering | PhaseName::Resolved | PhaseName::Reviewed | PhaseName::Closed => {
                self.go(PhaseTarget::Active, PhaseReason::FindingOpened);
            }
        }
    }

    /// Once all its findings have closed, it recovers; a small one that nobody touched is then resolved.
    fn rest(&mut self) {
        if self.incident.open_findings() > 0 {
            return;
        }
        match self.incident.phase.name() {
            PhaseName::Triage | PhaseName::Active => {
                self.go(PhaseTarget::Recovering, PhaseReason::FindingsClosed);
                if !self.incident.touched && !self.incident.severity.current().is_major() {
                    self.go(PhaseTarget::Resolved { remainder: vec![] }, PhaseReason::Untouched);
                }
            }
            PhaseName::Recovering | PhaseName::Resolved | PhaseName::Reviewed | PhaseName::Closed => {}
        }
    }

    fn go(&mut self, to: PhaseTarget, reason: PhaseReason) {
        let incident = self.incident.id.clone();
        self.record(IncidentEvent::PhaseChanged(PhaseChanged { incident, to, reason }));
    }

    fn change_phase(&mut self, to: &PhaseTarget, reason: &PersonalRef) -> Result<(), Refusal> {
        let from = self.incident.phase.name();
        let no_such_step = Refusal::NoSuchStep { from, to: to.name() };
        match (from, to) {
            (PhaseName::Triage, PhaseTarget::Active | PhaseTarget::Recovering)
            | (PhaseName::Active, PhaseTarget::Recovering)
            | (PhaseName::Recovering | PhaseName::Resolved | PhaseName::Reviewed, PhaseTarget::Active)
            | (PhaseName::Closed, PhaseTarget::Active)
            | (PhaseName::Resolved, PhaseTarget::Reviewed)
            | (PhaseName::Reviewed, PhaseTarget::Closed) => {}
            (PhaseName::Triage | PhaseName::Active | PhaseName::Recovering, PhaseTarget::Resolved { remainder }) => {
                let open = self.incident.open_findings();
                if open > 0 && remainder.is_empty() {
                    return Err(Refusal::FindingsOpen { open });
                }
            }
            (PhaseName::Resolved, PhaseTarget::Closed) => {
                if self.incident.severity.current().is_major() {
                    return Err(Refusal::ReviewFirst);
                }
            }
            (
                PhaseName::Triage | PhaseName::Active | PhaseName::Recovering,
                PhaseTarget::Reviewed | PhaseTarget::Closed,
            )
            | (PhaseName::Active, PhaseTarget::Active)
            | (PhaseName::Recovering, PhaseTarget::Recovering)
            | (PhaseName::Resolved, PhaseTarget::Recovering | PhaseTarget::Resolved { .. })
            | (PhaseName::Reviewed, PhaseTarget::Recovering | PhaseTarget::Resolved { .. } | PhaseTarget::Reviewed)
            | (
                PhaseName::Closed,
                PhaseTarget::Recovering | PhaseTarget::Resolved { .. } | PhaseTarget::Reviewed | PhaseTarget::Closed,
            ) => return Err(no_such_step),
        }
        self.go(to.clone(), PhaseReason::Person(reason.clone()));
        Ok(())
    }

    fn take_command(&mut self, by: &UserId, relieving: Option<&UserId>) -> Result<(), Refusal> {
        let held_by = self.incident.commander.clone();
        if held_by.as_ref() == Some(by) {
            return Err(Refusal::CommandHeldAlready(by.clone()));
        }
        if held_by.as_ref() != relieving {
            return Err(Refusal::CommandHeldBy { held_by });
        }
        let (incident, by) = (self.incident.id.clone(), by.clone());
        self.record(IncidentEvent::CommandTaken(CommandTaken { incident, by, relieved: held_by }));
        if self.incident.phase.name() == PhaseName::Triage {
            self.go(PhaseTarget::Active, PhaseReason::CommandTaken);
        }
        Ok(())
    }

    fn hand_over(&mut self, by: &UserId, to: &UserId) -> Result<(), Refusal> {
        if self.incident.commander.as_ref() != Some(by) {
            return Err(Refusal::NotInCommand(by.clone()));
        }
        if by == to {
            return Err(Refusal::CommandHeldAlready(to.clone()));
        }
        let (incident, from, to) = (self.incident.id.clone(), by.clone(), to.clone());
        self.record(IncidentEvent::CommandHandedOver(CommandHandedOver { incident, from, to }));
        Ok(())
    }
}
