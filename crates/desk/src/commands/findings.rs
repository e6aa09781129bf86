//! What the engine says becomes events, and each finding opens or follows its incident in the same append. The cause of a
//! finding is its place in the engine's input: said again after a crash, it is recorded once.

use super::reports::fits;
use super::working::Working;
use crate::codec::Draft;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::streams;
use crate::world::findings::types_of;
use crate::world::{Part, World};
use domain::event::{EngineStarted, Event};
use domain::finding::FindingStatus;
use domain::incident::{Command, FindingGist};
use domain::{Actor, Finding, ReportId, RowScope};
use jiff::Timestamp;
use std::collections::BTreeSet;
use store::{Appended, Cause, Expected, Position};

/// The source that the engine's causes name.
const SOURCE: &str = "engine";
/// So many findings go into one append.
const AT_ONCE: usize = 64;
/// So many reports a finding draws to its incident at once; the others follow with its next revision.
const REPORTS_AT_ONCE: usize = 500;

/// What became of a tick's findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FindingsRecorded {
    /// Recorded now.
    pub new: usize,
    /// Recorded before.
    pub repeated: usize,
    /// Of these, how many say something else than before: the engine is not the one that said it first.
    pub different: usize,
    /// Recorded, but their incident would not take them.
    pub refused: usize,
    /// Not recorded: they hold a number that is none.
    pub unwritable: usize,
}

impl Desk {
    /// Records what the engine said at one place of its input.
    ///
    /// # Errors
    /// When the journal cannot be written. What was recorded before stays; call again with the same input.
    pub fn record_findings(
        &self,
        position: Position,
        now: Timestamp,
        findings: &[Finding],
    ) -> Result<FindingsRecorded, DeskError> {
        let caused: Vec<_> = (0_u32..)
            .zip(findings)
            .filter(|(_, finding)| is_finite(finding))
            .map(|(ordinal, finding)| (Cause { source: SOURCE.to_owned(), position, ordinal }, finding))
            .collect();
        let unwritable = findings.len() - caused.len();
        let mut total = FindingsRecorded { unwritable, ..FindingsRecorded::default() };
        for chunk in caused.chunks(AT_ONCE) {
            let (old, new): (Vec<_>, Vec<_>) =
                chunk.iter().cloned().partition(|(cause, _)| self.world().is_marked(cause));
            self.repeat(now, &old, &mut total)?;
            self.record(now, &new, &mut total)?;
        }
        Ok(total)
    }

    /// Says which engine takes over.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn engine_started(&self, started: &EngineStarted, now: Timestamp) -> Result<(), DeskError> {
        let draft = Draft {
            stream: streams::organisation("engine"),
            expected: Expected::Any,
            scope: RowScope::Organisation,
            cause: None,
            event: Event::EngineStarted(started.clone()),
        };
        self.append(&engine(), now, vec![draft]).map(drop)
    }

    /// Findings that were said before: the journal compares them with what it holds.
    fn repeat(
        &self,
        now: Timestamp,
        findings: &[(Cause, &Finding)],
        total: &mut FindingsRecorded,
    ) -> Result<(), DeskError> {
        if findings.is_empty() {
            return Ok(());
        }
        let drafts = findings.iter().map(|(cause, finding)| draft(cause.clone(), finding)).collect();
        for appended in self.append(&engine(), now, drafts)? {
            match appended {
                Appended::New(_) => total.new += 1,
                Appended::AlreadyRecorded { same, .. } => {
                    total.repeated += 1;
                    total.different += usize::from(!same);
                }
            }
        }
        Ok(())
    }

    fn record(
        &self,
        now: Timestamp,
        findings: &[(Cause, &Finding)],
        total: &mut FindingsRecorded,
    ) -> Result<(), DeskError> {
        if findings.is_empty() {
            return Ok(());
        }
        let refused = self.run(&engine(), now, |world| {
            let mut working = Working::new(world, now);
            let mut refused = 0;
            for (cause, finding) in findings {
                working.drafts.push(draft(cause.clone(), finding));
                refused += usize::from(!follow(&mut working, world, finding));
            }
            Ok((working.drafts, refused))
        })?;
        total.new += findings.len();
        total.refused += refused;
        Ok(())
    }
}

fn engine() -> Actor {
    Actor::Part(SOURCE.to_owned())
}

/// JSON has no form for infinity or for what is no number, and such a finding could not be read back.
fn is_finite(finding: &Finding) -> bool {
    let Finding { coverage, purity, expected, observed, evidence, .. } = finding;
    let ours = [*coverage, *purity, *expected, *observed];
    let evidence = [
        evidence.log_likelihood_ratio,
        evidence.threshold,
        evidence.remaining,
        evidence.rate_per_hour,
        evidence.false_alarm_every_hours,
        evidence.bound_s,
        evidence.delay_s,
        evidence.late,
        evidence.runner_up.as_ref().map_or(0.0, |runner_up| runner_up.behind),
    ];
    ours.iter().chain(&evidence).all(|number| number.is_finite())
}

fn draft(cause: Cause, finding: &Finding) -> Draft {
    let event = match finding.status {
        FindingStatus::Open => Event::FindingOpened(finding.clone()),
        FindingStatus::Revised => Event::FindingRevised(finding.clone()),
        FindingStatus::Closed => Event::FindingClosed(finding.clone()),
    };
    Draft {
        stream: streams::finding(&finding.id),
        expected: Expected::Any,
        scope: RowScope::Customer(finding.customer.clone()),
        cause: Some(cause),
        event,
    }
}

/// Opens the finding's incident or lets it follow, and draws reports to it; false when the incident would not take it.
fn follow(working: &mut Working<'_>, world: &World, finding: &Finding) -> bool {
    let nothing = Part::default();
    let part = world.parts.get(&finding.customer).unwrap_or(&nothing);
    let Some(home) = part.incidents.home_of(finding) else { return true };
    let gist = FindingGist::of(finding, &world.policies.severity, part.fleet.size());
    let command = match working.incident(&finding.customer, &home) {
        Some(_) => Command::Follow(gist),
        None => Command::Open { incident: home.clone(), finding: gist },
    };
    if working.decide(&finding.customer, &home, &command).is_err() {
        return false;
    }
    let taken: BTreeSet<ReportId> =
        working.incident(&finding.customer, &home).map(|(incident, _)| incident.reports.clone()).unwrap_or_default();
    let types = types_of(finding, &part.fleet);
    let drawn = part
        .reports
        .unconfirmed()
        .filter(|entry| !entry.released && !taken.contains(&entry.report.report))
        .filter(|entry| fits(&world.policies.reports, finding, &types, &entry.report))
        .take(REPORTS_AT_ONCE);
    for entry in drawn {
        // An incident that takes no reports any more leaves them where they are: unconfirmed.
        drop(working.decide(&finding.customer, &home, &Command::AttachReport(entry.report.report.clone())));
    }
    true
}
