//! What people do with an incident. Texts go to the vault first; then the incident decides.

use super::working::Working;
use super::written;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::streams;
use domain::account::Role;
use domain::incident::{Command, FindingGist, GivenTitle, PhaseTarget, Severity};
use domain::{CustomerKey, FindingId, IncidentId, PersonalRef, ReportId, UserId};
use jiff::Timestamp;
use store::{SubjectId, VaultError};

impl Desk {
    /// Writes a note into the timeline.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn add_note(&self, caller: &Caller, id: &IncidentId, text: &str, now: Timestamp) -> Result<(), DeskError> {
        caller.may(Role::Responder)?;
        let text = self.reason(caller, id, "note", text, now)?;
        self.command(caller, id, now, &Command::AddNote(text))
    }

    /// Holds the severity at something, whatever the consequence says.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn set_severity(
        &self,
        caller: &Caller,
        id: &IncidentId,
        severity: Severity,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        caller.may(Role::Commander)?;
        let by = caller.person()?.clone();
        let reason = self.reason(caller, id, "reason", reason, now)?;
        self.command(caller, id, now, &Command::SetSeverity { severity, by, reason })
    }

    /// Lets the consequence decide the severity again.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn release_severity(&self, caller: &Caller, id: &IncidentId, now: Timestamp) -> Result<(), DeskError> {
        caller.may(Role::Commander)?;
        self.command(caller, id, now, &Command::ReleaseSeverity)
    }

    /// Brings the incident to another phase.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn change_phase(
        &self,
        caller: &Caller,
        id: &IncidentId,
        to: PhaseTarget,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        caller.may(Role::Responder)?;
        let reason = self.reason(caller, id, "reason", reason, now)?;
        self.command(caller, id, now, &Command::ChangePhase { to, reason })
    }

    /// Takes command, from nobody or from whoever is named.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn take_command(
        &self,
        caller: &Caller,
        id: &IncidentId,
        relieving: Option<UserId>,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        caller.may(Role::Commander)?;
        let by = caller.person()?.clone();
        self.command(caller, id, now, &Command::TakeCommand { by, relieving })
    }

    /// Hands command over to somebody who may lead.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn hand_over(&self, caller: &Caller, id: &IncidentId, to: &UserId, now: Timestamp) -> Result<(), DeskError> {
        caller.may(Role::Commander)?;
        let by = caller.person()?.clone();
        let customer = self.customer_of(caller, id)?;
        let may_lead = self.world().users.get(to).is_some_and(|user| {
            user.role.may(Role::Commander) && user.can_log_in() && user.sees.sees_customer(&customer)
        });
        if !may_lead {
            return Err(DeskError::invalid("to", "must be a person who may lead this incident"));
        }
        self.command(caller, id, now, &Command::HandOver { by, to: to.clone() })
    }

    /// Calls the incident something else; `None`: as its finding says.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn rename(
        &self,
        caller: &Caller,
        id: &IncidentId,
        title: Option<&str>,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        caller.may(Role::Responder)?;
        let title = title.map(GivenTitle::new).transpose();
        let title = title.map_err(|error| DeskError::invalid("title", error.to_string()))?;
        self.command(caller, id, now, &Command::Rename(title))
    }

    /// Says that a finding belongs to the incident.
    ///
    /// # Errors
    /// [`DeskError::FindingElsewhere`] when it belongs to another.
    pub fn attach_finding(
        &self,
        caller: &Caller,
        id: &IncidentId,
        finding: &FindingId,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        caller.may(Role::Responder)?;
        let customer = self.customer_of(caller, id)?;
        self.run(&caller.actor, now, |world| {
            let not_found = || DeskError::NotFound { what: "finding", id: finding.to_string() };
            let part = world.parts.get(&customer).ok_or_else(not_found)?;
            let latest = &part.findings.get(finding).ok_or_else(not_found)?.latest;
            let home = part.incidents.home_of(latest).filter(|home| home != id);
            if let Some(home) = home.filter(|home| part.incidents.get(home).is_some()) {
                return Err(DeskError::FindingElsewhere(home));
            }
            let gist = FindingGist::of(latest, &world.policies.severity, part.fleet.size());
            let mut working = Working::new(world, now);
            working.decide(&customer, id, &Command::Attach(gist))?;
            Ok((working.drafts, ()))
        })
    }

    /// Says that a finding does not belong to the incident.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn detach_finding(
        &self,
        caller: &Caller,
        id: &IncidentId,
        finding: &FindingId,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        caller.may(Role::Responder)?;
        let reason = self.reason(caller, id, "reason", reason, now)?;
        self.command(caller, id, now, &Command::Detach { finding: finding.clone(), reason })
    }

    /// Says that a report belongs to the incident.
    ///
    /// # Errors
    /// [`DeskError::ReportElsewhere`] when it belongs to another.
    pub fn attach_report(
        &self,
        caller: &Caller,
        id: &IncidentId,
        report: &ReportId,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        caller.may(Role::Responder)?;
        let customer = self.customer_of(caller, id)?;
        self.run(&caller.actor, now, |world| {
            let entry = world.parts.get(&customer).and_then(|part| part.reports.get(report));
            let entry = entry.ok_or_else(|| DeskError::NotFound { what: "report", id: report.to_string() })?;
            if let Some(elsewhere) = entry.incident.as_ref().filter(|at| *at != id) {
                return Err(DeskError::ReportElsewhere(elsewhere.clone()));
            }
            let mut working = Working::new(world, now);
            working.decide(&customer, id, &Command::AttachReport(report.clone()))?;
            Ok((working.drafts, ()))
        })
    }

    /// Says that a report does not belong to the incident.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn detach_report(
        &self,
        caller: &Caller,
        id: &IncidentId,
        report: &ReportId,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        caller.may(Role::Responder)?;
        self.command(caller, id, now, &Command::DetachReport(report.clone()))
    }

    fn command(&self, caller: &Caller, id: &IncidentId, now: Timestamp, command: &Command) -> Result<(), DeskError> {
        let customer = self.customer_of(caller, id)?;
        self.run(&caller.actor, now, |world| {
            let mut working = Working::new(world, now);
            working.decide(&customer, id, command)?;
            Ok((working.drafts, ()))
        })
    }

    /// Whose incident it is, as far as the caller sees.
    fn customer_of(&self, caller: &Caller, id: &IncidentId) -> Result<CustomerKey, DeskError> {
        let customer = self.as_seen(caller, |view| view.incident(id).map(|entry| entry.incident.customer.clone()));
        customer.ok_or_else(|| DeskError::NotFound { what: "incident", id: id.to_string() })
    }

    /// A text about an incident, kept in the vault with the incident's other texts.
    fn reason(
        &self,
        caller: &Caller,
        id: &IncidentId,
        field: &'static str,
        text: &str,
        now: Timestamp,
    ) -> Result<PersonalRef, DeskError> {
        let text = written(field, text)?;
        self.customer_of(caller, id)?;
        loop {
            let subject = self.incident_subject(id);
            match self.keep(&subject, field, text) {
                // Erased, and a crash kept it from being noted: noted now, and the next generation begins.
                Err(DeskError::Vault(VaultError::SubjectErased(_))) => {
                    self.note_erased(&caller.actor, &subject, now)?;
                }
                answer => return answer,
            }
        }
    }

    /// The subject that takes an incident's texts now.
    pub(crate) fn incident_subject(&self, id: &IncidentId) -> SubjectId {
        let world = self.world();
        let mut generations = (0..).map(|generation| streams::incident_subject(id, generation));
        let open = generations.find(|subject| !world.erased.contains(subject.as_str()));
        open.expect("there are fewer erasures than generations")
    }
}
