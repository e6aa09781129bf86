//! An incident's whole life, and the promise that what `decide` accepts the fold never refuses.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use domain::finding::{Because, FindingKind, FindingStatus};
use domain::incident::{
    Command, ComposedTitle, FindingGist, GivenTitle, Incident, IncidentEvent, Link, PhaseName, PhaseTarget, Refusal,
    Severity, Title, apply, decide,
};
use domain::{CustomerKey, DeviceCode, FindingId, IncidentId, PersonalRef, ReportId, Term, UserId};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn start() -> Timestamp {
    "2026-02-10T10:31:08Z".parse().unwrap()
}

fn user(n: u8) -> UserId {
    UserId::new(format!("u-{n}")).unwrap()
}

fn why() -> PersonalRef {
    PersonalRef { id: "v-1".into(), commitment: "00".into() }
}

fn gist(n: u8, status: FindingStatus, severity: Severity, because: Because) -> FindingGist {
    FindingGist {
        id: FindingId::new(format!("f-{n}")).unwrap(),
        customer: CustomerKey::new("north").unwrap(),
        status,
        because,
        title: ComposedTitle {
            kind: FindingKind::Silence,
            metric: None,
            explanation: vec![Term { attribute: "firmware".into(), value: n.to_string() }],
        },
        severity,
    }
}

fn found(n: u8, severity: Severity) -> FindingGist {
    gist(n, FindingStatus::Open, severity, Because::Detected)
}

fn closed(n: u8, severity: Severity) -> FindingGist {
    gist(n, FindingStatus::Closed, severity, Because::Recovered)
}

struct Life {
    incident: Option<Incident>,
    now: Timestamp,
}

impl Life {
    fn opened(finding: FindingGist) -> Self {
        let mut life = Self { incident: None, now: start() };
        life.run(&Command::Open { incident: IncidentId::new("i-1").unwrap(), finding }).unwrap();
        life
    }

    fn run(&mut self, command: &Command) -> Result<Vec<IncidentEvent>, Refusal> {
        self.now += SignedDuration::from_secs(1);
        let events = decide(self.incident.as_ref(), command, self.now)?;
        for event in &events {
            self.incident = Some(apply(self.incident.take(), event, self.now).unwrap());
        }
        Ok(events)
    }

    fn now(&self) -> &Incident {
        self.incident.as_ref().unwrap()
    }

    fn phase(&self) -> PhaseName {
        self.now().phase.name()
    }
}

#[test]
fn a_small_incident_that_nobody_touched_resolves_itself_and_wakes_when_the_fault_returns() {
    let mut life = Life::opened(found(1, Severity::Sev3));
    assert_eq!(life.phase(), PhaseName::Triage);
    life.run(&Command::Follow(closed(1, Severity::Sev3))).unwrap();
    assert_eq!(life.phase(), PhaseName::Resolved);
    life.run(&Command::Follow(found(1, Severity::Sev3))).unwrap();
    assert_eq!(life.phase(), PhaseName::Active);
}

#[test]
fn a_major_incident_waits_for_a_person_and_a_review() {
    let mut life = Life::opened(found(1, Severity::Sev1));
    life.run(&Command::TakeCommand { by: user(1), relieving: None }).unwrap();
    assert_eq!(life.phase(), PhaseName::Active);
    let resolve = |remainder| Command::ChangePhase { to: PhaseTarget::Resolved { remainder }, reason: why() };
    assert_eq!(life.run(&resolve(vec![])), Err(Refusal::FindingsOpen { open: 1 }));
    life.run(&Command::Follow(closed(1, Severity::Sev1))).unwrap();
    assert_eq!(life.phase(), PhaseName::Recovering);
    life.run(&resolve(vec![DeviceCode::new("ssu-1").unwrap()])).unwrap();
    let close = Command::ChangePhase { to: PhaseTarget::Closed, reason: why() };
    assert_eq!(life.run(&close), Err(Refusal::ReviewFirst));
    life.run(&Command::ChangePhase { to: PhaseTarget::Reviewed, reason: why() }).unwrap();
    life.run(&close).unwrap();
    assert_eq!(
        life.run(&Command::SetSeverity { severity: Severity::Sev4, by: user(1), reason: why() }),
        Err(Refusal::Closed)
    );
    assert!(life.run(&Command::AddNote(why())).is_ok(), "the record may still be added to");
}

#[test]
fn a_person_s_word_on_the_severity_holds_until_it_is_released() {
    let mut life = Life::opened(found(1, Severity::Sev3));
    life.run(&Command::SetSeverity { severity: Severity::Sev4, by: user(1), reason: why() }).unwrap();
    life.run(&Command::Follow(gist(1, FindingStatus::Revised, Severity::Sev1, Because::Extent))).unwrap();
    assert_eq!(life.now().severity.current(), Severity::Sev4);
    life.run(&Command::ReleaseSeverity).unwrap();
    assert_eq!(life.now().severity.current(), Severity::Sev1);
    assert_eq!(life.run(&Command::ReleaseSeverity), Err(Refusal::SeverityNotHeld));
}

#[test]
fn the_night_does_not_make_an_incident_milder_but_a_backlog_does() {
    let mut life = Life::opened(found(1, Severity::Sev1));
    life.run(&Command::Follow(gist(1, FindingStatus::Revised, Severity::Sev4, Because::Extent))).unwrap();
    assert_eq!(life.now().severity.current(), Severity::Sev1);
    life.run(&Command::Follow(gist(1, FindingStatus::Revised, Severity::Sev4, Because::Backlog))).unwrap();
    assert_eq!(life.now().severity.current(), Severity::Sev4);
}

#[test]
fn the_graver_finding_gives_the_name_unless_a_person_gave_one() {
    let mut life = Life::opened(found(1, Severity::Sev3));
    life.run(&Command::Follow(found(2, Severity::Sev1))).unwrap();
    assert_eq!(life.now().composed, found(2, Severity::Sev1).title);
    life.run(&Command::Follow(found(3, Severity::Sev2))).unwrap();
    assert_eq!(life.now().composed, found(2, Severity::Sev1).title);
    let name = GivenTitle::new("Självscanning nere").unwrap();
    life.run(&Command::Rename(Some(name.clone()))).unwrap();
    assert_eq!(life.now().title(), Title::Given(&name));
    assert_eq!(life.run(&Command::Rename(Some(name))), Err(Refusal::SameTitle));
}

#[test]
fn a_finding_that_a_person_took_away_stays_away_until_a_person_brings_it_back() {
    let mut life = Life::opened(found(1, Severity::Sev2));
    life.run(&Command::Follow(found(2, Severity::Sev2))).unwrap();
    let second = FindingId::new("f-2").unwrap();
    life.run(&Command::Detach { finding: second.clone(), reason: why() }).unwrap();
    assert_eq!(life.run(&Command::Follow(found(2, Severity::Sev1))), Ok(vec![]));
    assert_eq!(life.now().findings[&second], Link::Detached);
    assert_eq!(life.now().severity.current(), Severity::Sev2);
    life.run(&Command::Attach(found(2, Severity::Sev1))).unwrap();
    assert_eq!(life.now().severity.current(), Severity::Sev1);
}

#[test]
fn command_is_taken_by_naming_whom_one_relieves() {
    let mut life = Life::opened(found(1, Severity::Sev1));
    life.run(&Command::TakeCommand { by: user(1), relieving: None }).unwrap();
    let refused = life.run(&Command::TakeCommand { by: user(2), relieving: None });
    assert_eq!(refused, Err(Refusal::CommandHeldBy { held_by: Some(user(1)) }));
    life.run(&Command::TakeCommand { by: user(2), relieving: Some(user(1)) }).unwrap();
    assert_eq!(life.run(&Command::HandOver { by: user(1), to: user(3) }), Err(Refusal::NotInCommand(user(1))));
    life.run(&Command::HandOver { by: user(2), to: user(3) }).unwrap();
    assert_eq!(life.now().commander, Some(user(3)));
}

#[test]
fn another_customer_s_finding_is_never_let_in() {
    let mut life = Life::opened(found(1, Severity::Sev2));
    let mut foreign = found(2, Severity::Sev2);
    foreign.customer = CustomerKey::new("south").unwrap();
    assert!(matches!(life.run(&Command::Follow(foreign)), Err(Refusal::OtherCustomer { .. })));
}

fn any_gist() -> impl Strategy<Value = FindingGist> {
    let status = prop_oneof![Just(FindingStatus::Open), Just(FindingStatus::Revised), Just(FindingStatus::Closed)];
    let because = prop_oneof![Just(Because::Extent), Just(Because::Backlog), Just(Because::Recovered)];
    (0..4_u8, status, prop::sample::select(&Severity::ALL[..]), because).prop_map(|(n, s, v, b)| gist(n, s, v, b))
}

fn any_target() -> impl Strategy<Value = PhaseTarget> {
    let remainder = prop::collection::vec(Just(DeviceCode::new("d").unwrap()), 0..2);
    prop_oneof![
        Just(PhaseTarget::Active),
        Just(PhaseTarget::Recovering),
        remainder.prop_map(|remainder| PhaseTarget::Resolved { remainder }),
        Just(PhaseTarget::Reviewed),
        Just(PhaseTarget::Closed),
    ]
}

fn any_command() -> impl Strategy<Value = Command> {
    let report = || (0..3_u8).prop_map(|n| ReportId::new(format!("r-{n}")).unwrap());
    let person = || (0..3_u8).prop_map(user);
    let title = prop::option::of(Just(GivenTitle::new("x").unwrap()));
    prop_oneof![
        any_gist().prop_map(|finding| Command::Open { incident: IncidentId::new("i-1").unwrap(), finding }),
        any_gist().prop_map(Command::Follow),
        any_gist().prop_map(Command::Attach),
        any_gist().prop_map(|g| Command::Detach { finding: g.id, reason: why() }),
        report().prop_map(Command::AttachReport),
        report().prop_map(Command::DetachReport),
        (prop::sample::select(&Severity::ALL[..]), person()).prop_map(|(severity, by)| Command::SetSeverity {
            severity,
            by,
            reason: why()
        }),
        Just(Command::ReleaseSeverity),
        any_target().prop_map(|to| Command::ChangePhase { to, reason: why() }),
        (person(), prop::option::of(person())).prop_map(|(by, relieving)| Command::TakeCommand { by, relieving }),
        (person(), person()).prop_map(|(by, to)| Command::HandOver { by, to }),
        Just(Command::AddNote(why())),
        title.prop_map(Command::Rename),
    ]
}

proptest! {
    #[test]
    fn the_fold_never_refuses_what_was_decided_and_no_open_finding_lies_in_a_closed_incident(
        commands in prop::collection::vec(any_command(), 1..60)
    ) {
        let mut life = Life { incident: None, now: start() };
        let mut history = Vec::new();
        for command in &commands {
            if let Ok(events) = life.run(command) {
                history.extend(events.into_iter().map(|event| (event, life.now)));
            }
            if let Some(incident) = &life.incident {
                let closed = incident.phase.name() == PhaseName::Closed;
                let remainder_named = history.iter().any(|(e, _)| matches!(e, IncidentEvent::PhaseChanged(p)
                    if matches!(&p.to, PhaseTarget::Resolved { remainder } if !remainder.is_empty())));
                prop_assert!(!closed || incident.open_findings() == 0 || remainder_named);
                prop_assert!(incident.findings.contains_key(&incident.lead));
            }
        }
        let mut folded = None;
        for (event, at) in &history {
            folded = Some(apply(folded, event, *at).unwrap());
        }
        prop_assert_eq!(folded, life.incident);
    }
}
