//! Erasing what is known of a person. The vault destroys key and salt; the journal notes that it was done, and still verifies.

use crate::caller::Caller;
use crate::codec::Draft;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::streams;
use domain::event::{Event, PersonalErased};
use domain::{Actor, CustomerKey, IncidentId, ReportId, RowScope, SiteCode, UserId};
use jiff::Timestamp;
use store::{Expected, SubjectId};

impl Desk {
    /// Erases name and address of a person who may not log in any more.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] while the person may still log in.
    pub fn erase_user(&self, caller: &Caller, user: &UserId, now: Timestamp) -> Result<(), DeskError> {
        caller.administers()?;
        let can_log_in = self.world().users.get(user).map(crate::world::access::UserEntry::can_log_in);
        match can_log_in {
            None => return Err(DeskError::NotFound { what: "user", id: user.to_string() }),
            Some(true) => return Err(DeskError::invalid("user", "may still log in: disable the login first")),
            Some(false) => {}
        }
        self.accounts.remove(user)?;
        self.erase(caller, &streams::user_subject(user), now)
    }

    /// Erases the words of a report.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn erase_report(&self, caller: &Caller, report: &ReportId, now: Timestamp) -> Result<(), DeskError> {
        caller.administers()?;
        self.erase(caller, &streams::report_subject(report), now)
    }

    /// Erases all that people wrote in an incident's timeline.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn erase_incident_texts(&self, caller: &Caller, id: &IncidentId, now: Timestamp) -> Result<(), DeskError> {
        caller.administers()?;
        self.erase(caller, &self.incident_subject(id), now)
    }

    /// Erases the people to reach at a site.
    ///
    /// # Errors
    /// [`DeskError`] says why not.
    pub fn erase_site_contact(
        &self,
        caller: &Caller,
        customer: &CustomerKey,
        site: &SiteCode,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        caller.administers()?;
        self.erase(caller, &streams::site_subject(customer, site), now)
    }

    /// Destroys, then notes it: a crash between leaves it destroyed, and asking again notes it.
    fn erase(&self, caller: &Caller, subject: &SubjectId, now: Timestamp) -> Result<(), DeskError> {
        self.vault.erase(subject)?;
        self.note_erased(&caller.actor, subject, now)
    }

    /// Notes in the journal that a subject was erased, if that is not noted yet.
    pub(crate) fn note_erased(&self, actor: &Actor, subject: &SubjectId, now: Timestamp) -> Result<(), DeskError> {
        self.run(actor, now, |world| {
            let draft = Draft {
                stream: streams::organisation("erasures"),
                expected: Expected::Any,
                scope: RowScope::Organisation,
                cause: None,
                event: Event::PersonalErased(PersonalErased { subject: subject.to_string() }),
            };
            let noted = world.erased.contains(subject.as_str());
            Ok((if noted { vec![] } else { vec![draft] }, ()))
        })
    }
}
