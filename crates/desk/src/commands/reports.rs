//! Reports: what people say is wrong. One attaches to an incident by place and time; one whose symptom speaks of something else
//! never does by itself, so that the second fault is not swallowed by the first.

use super::working::Working;
use super::{label, written};
use crate::caller::Caller;
use crate::codec::Draft;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::ids;
use crate::streams;
use crate::world::Part;
use domain::account::Role;
use domain::event::Event;
use domain::incident::Command;
use domain::report::{ReportPolicy, ReportReceived};
use domain::{Actor, CustomerKey, Finding, IncidentId, ReportId, RowScope, SiteCode};
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use store::{Cause, Expected, Position};

/// The longest text that comes with a report, in characters.
const MAX_REPORT_CHARS: usize = 4_000;
const MAX_CHANNEL_CHARS: usize = 32;
const MAX_SYMPTOM_CHARS: usize = 64;
/// The source that causes of reports among signals name.
const SOURCE: &str = "report";

/// A report as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReport {
    /// Whose site.
    pub customer: CustomerKey,
    /// Where.
    pub site: SiteCode,
    /// When it was seen.
    pub at: Timestamp,
    /// `phone`, `page`, `sms`, `mail`.
    pub channel: String,
    /// Key of the symptom, where one was chosen.
    pub symptom: Option<String>,
    /// The person's words; may be empty.
    pub text: String,
}

impl Desk {
    /// Takes a report down and attaches it where it belongs; the answer says where that is.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for a site that nobody registered.
    pub fn receive_report(
        &self,
        caller: &Caller,
        new: &NewReport,
        now: Timestamp,
    ) -> Result<(ReportId, Option<IncidentId>), DeskError> {
        caller.may(Role::Responder)?;
        self.take_report(caller, new, now)
    }

    /// Takes down what shop staff report on the public page: without a login, at the site that their link names.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for a site that nobody registered.
    pub fn receive_public_report(
        &self,
        new: &NewReport,
        now: Timestamp,
    ) -> Result<(ReportId, Option<IncidentId>), DeskError> {
        self.take_report(&Caller::part("public"), new, now)
    }

    /// Takes down a report that came as a signal at a place of the inbox; the same place is taken down once.
    ///
    /// # Errors
    /// When it cannot be recorded. Call again with the same input.
    pub fn receive_report_signal(
        &self,
        position: Position,
        ordinal: u32,
        new: &NewReport,
        now: Timestamp,
    ) -> Result<(), DeskError> {
        let cause = Cause { source: SOURCE.to_owned(), position, ordinal };
        if self.world().is_marked(&cause) {
            return Ok(());
        }
        let id = ReportId::new(format!("r-{position}-{ordinal}")).expect("a letter and two numbers are an id");
        let new = NewReport {
            channel: clipped(&new.channel, MAX_CHANNEL_CHARS),
            symptom: new.symptom.as_deref().map(|key| clipped(key, MAX_SYMPTOM_CHARS)),
            text: new.text.chars().take(MAX_REPORT_CHARS).collect(),
            ..new.clone()
        };
        self.record_report(&Actor::Part("inbox".into()), id, &new, Some(&cause), now).map(drop)
    }

    fn take_report(
        &self,
        caller: &Caller,
        new: &NewReport,
        now: Timestamp,
    ) -> Result<(ReportId, Option<IncidentId>), DeskError> {
        caller.sees(&new.customer)?;
        let known = self.world().parts.get(&new.customer).is_some_and(|part| part.fleet.site(&new.site).is_some());
        if !known {
            return Err(DeskError::NotFound { what: "site", id: new.site.to_string() });
        }
        let id = ids::fresh("r", &mut **self.entropy(), ReportId::new);
        let incident = self.record_report(&caller.actor, id.clone(), new, None, now)?;
        Ok((id, incident))
    }

    fn record_report(
        &self,
        actor: &Actor,
        id: ReportId,
        new: &NewReport,
        cause: Option<&Cause>,
        now: Timestamp,
    ) -> Result<Option<IncidentId>, DeskError> {
        let channel = label("channel", &new.channel, MAX_CHANNEL_CHARS)?.to_owned();
        let symptom =
            new.symptom.as_deref().map(|key| label("symptom", key, MAX_SYMPTOM_CHARS)).transpose()?.map(str::to_owned);
        let text = match new.text.trim() {
            "" => None,
            text if text.chars().count() > MAX_REPORT_CHARS => {
                return Err(DeskError::invalid("text", format!("has more than {MAX_REPORT_CHARS} characters")));
            }
            text => Some(self.keep(&streams::report_subject(&id), "report", written("text", text)?)?),
        };
        let (customer, site, at) = (new.customer.clone(), new.site.clone(), new.at);
        let report = ReportReceived { report: id, customer, site, at, channel, symptom, text };
        self.run(actor, now, |world| {
            let mut working = Working::new(world, now);
            working.drafts.push(Draft {
                stream: streams::report(&report.report),
                expected: Expected::NoStream,
                scope: RowScope::Customer(report.customer.clone()),
                cause: cause.cloned(),
                event: Event::ReportReceived(report.clone()),
            });
            let nothing = Part::default();
            let part = world.parts.get(&report.customer).unwrap_or(&nothing);
            let home = home_of(part, &world.policies.reports, &report);
            if let Some(home) = &home {
                working.decide(&report.customer, home, &Command::AttachReport(report.report.clone()))?;
            }
            Ok((working.drafts, home))
        })
    }
}

/// A word as it fits: nobody is there any more who could be told to write it differently.
fn clipped(text: &str, most: usize) -> String {
    let visible = text.trim().chars().filter(|c| !c.is_control()).take(most).collect::<String>();
    if visible.trim().is_empty() { "unknown".to_owned() } else { visible }
}

/// The open incident that a report belongs to: the gravest, then the newest, of those with a finding that fits it.
pub(crate) fn home_of(part: &Part, policy: &ReportPolicy, report: &ReportReceived) -> Option<IncidentId> {
    candidates(part, |finding, types| fits(policy, finding, types, report))
}

/// The open incident at that place and time, whatever the symptom says: what a person may be asked about.
pub(crate) fn proposed(part: &Part, policy: &ReportPolicy, report: &ReportReceived) -> Option<IncidentId> {
    candidates(part, |finding, _| here_and_now(policy, finding, report))
}

fn candidates(part: &Part, belongs: impl Fn(&Finding, &BTreeSet<String>) -> bool) -> Option<IncidentId> {
    part.incidents
        .open()
        .map(|entry| &entry.incident)
        .filter(|incident| {
            let mut findings = incident.attached().filter_map(|id| part.findings.get(id));
            findings.any(|entry| belongs(&entry.latest, &entry.types))
        })
        .min_by_key(|incident| (incident.severity.current(), Reverse(incident.opened_at), incident.id.clone()))
        .map(|incident| incident.id.clone())
}

/// Whether a report can be about a finding: its place, its time, and its symptom if one was chosen.
pub(crate) fn fits(
    policy: &ReportPolicy,
    finding: &Finding,
    types: &BTreeSet<String>,
    report: &ReportReceived,
) -> bool {
    here_and_now(policy, finding, report) && policy.fits(report.symptom.as_deref(), finding.kind, types)
}

fn here_and_now(policy: &ReportPolicy, finding: &Finding, report: &ReportReceived) -> bool {
    let margin = |seconds: u32| SignedDuration::from_secs(i64::from(seconds));
    let from = finding.started_at.checked_sub(margin(policy.before_s)).unwrap_or(Timestamp::MIN);
    let until = finding.ended_at.and_then(|end| end.checked_add(margin(policy.after_s)).ok());
    let in_time = report.at >= from && until.is_none_or(|until| report.at <= until);
    in_time && finding.sites.contains(&report.site)
}
