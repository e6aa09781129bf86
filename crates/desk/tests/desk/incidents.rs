//! Findings become incidents once, whatever is repeated; reports find theirs; two people at once do not undo each other.

use super::home::*;
use desk::{DeskError, FindingsRecorded, NewReport, Step, Text, TimelineWhat};
use domain::account::Role;
use domain::incident::{PhaseName, PhaseTarget, Refusal, Severity};
use domain::{CustomerKey, Scope};
use store::{Journal, Position};

fn report(site_code: &str, symptom: Option<&str>) -> NewReport {
    NewReport {
        customer: north(),
        site: site(site_code),
        at: now(),
        channel: "phone".into(),
        symptom: symptom.map(str::to_owned),
        text: "självscanningen är död, ring Karin 070-1234567".into(),
    }
}

#[test]
fn a_finding_opens_its_incident_once_however_often_the_engine_repeats_it() {
    let home = Home::new().with_fleet(10);
    let findings = [silence(1, 1, &["0001", "0002"], 200_000)];
    let first = home.desk.record_findings(Position(7), now(), &findings).unwrap();
    assert_eq!(first, FindingsRecorded { new: 1, ..FindingsRecorded::default() });
    let head = home.desk.seq();
    let again = home.desk.record_findings(Position(7), now(), &findings).unwrap();
    assert_eq!(again, FindingsRecorded { repeated: 1, ..FindingsRecorded::default() });
    let home = home.reopen();
    let again = home.desk.record_findings(Position(7), now(), &findings).unwrap();
    assert_eq!((again.repeated, again.different), (1, 0));
    assert_eq!(home.desk.seq(), head);
    let other = [silence(1, 1, &["0003"], 1)];
    assert_eq!(home.desk.record_findings(Position(7), now(), &other).unwrap().different, 1);
    home.desk.read(&Scope::All, |view| {
        let open = view.open_incidents();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].incident.severity.current(), Severity::Sev2);
        assert_eq!(view.open_findings().len(), 1);
    });
}

#[test]
fn hundreds_of_findings_of_one_tick_fold_into_their_incident_in_one_go() {
    let home = Home::new().with_fleet(20);
    let mut findings: Vec<_> = (1..=300).map(|n| silence(n, 1, &["0001"], 5_000)).collect();
    for finding in &mut findings {
        finding.incident = incident(1);
    }
    findings[299].affected.sites = 15;
    findings[299].affected.devices = 45;
    assert_eq!(home.desk.record_findings(Position(3), now(), &findings).unwrap().new, 300);
    home.desk.read(&Scope::All, |view| {
        let open = view.open_incidents();
        assert_eq!((open.len(), open[0].incident.open_findings()), (1, 300));
        assert_eq!(open[0].incident.severity.current(), Severity::Sev1, "the gravest finding decides");
        assert_eq!(open[0].incident.lead.as_str(), "f-300");
    });
}

#[test]
fn a_report_attaches_by_place_and_time_and_one_with_another_symptom_never_does() {
    let home = Home::new().with_fleet(10);
    home.desk.record_findings(Position(1), now(), &[silence(1, 1, &["0001", "0002"], 1)]).unwrap();
    let responder = person("u-2", Role::Responder, Scope::All);
    let at = |site_code, symptom| home.desk.receive_report(&responder, &report(site_code, symptom), now()).unwrap().1;
    assert_eq!(at("0001", Some("self_scanning")), Some(incident(1)));
    assert_eq!(at("0002", None), Some(incident(1)));
    assert_eq!(at("0003", Some("self_scanning")), None, "that site is not affected");
    assert_eq!(at("0001", Some("scale")), None, "the second fault is not swallowed");
    home.desk.read(&Scope::All, |view| {
        let unconfirmed = view.unconfirmed_reports(10);
        let proposals: Vec<_> = unconfirmed.iter().map(|(_, proposal)| proposal.clone()).collect();
        assert!(proposals.contains(&Some(incident(1))) && proposals.contains(&None), "{proposals:?}");
    });
}

#[test]
fn reports_that_came_first_are_drawn_to_the_incident_when_it_opens() {
    let home = Home::new().with_fleet(10);
    let responder = person("u-2", Role::Responder, Scope::All);
    let (early, nowhere) = home.desk.receive_report(&responder, &report("0001", None), now()).unwrap();
    let (other, _) = home.desk.receive_report(&responder, &report("0001", Some("scale")), now()).unwrap();
    assert_eq!(nowhere, None);
    home.desk.record_findings(Position(1), now(), &[silence(1, 1, &["0001"], 1)]).unwrap();
    home.desk.read(&Scope::All, |view| {
        assert_eq!(view.report(&early).unwrap().incident, Some(incident(1)));
        assert_eq!(view.report(&other).unwrap().incident, None);
    });
    home.desk.detach_report(&responder, &incident(1), &early, now()).unwrap();
    home.desk.record_findings(Position(2), now(), &[silence(1, 2, &["0001"], 1)]).unwrap();
    home.desk.read(&Scope::All, |view| assert_eq!(view.report(&early).unwrap().incident, None));
}

#[test]
fn what_people_write_lies_in_the_vault_and_can_be_erased_while_the_journal_holds() {
    let home = Home::new().with_fleet(3);
    home.desk.record_findings(Position(1), now(), &[silence(1, 1, &["0001"], 1)]).unwrap();
    home.desk.add_note(&commander(), &incident(1), "Karin på plats", now()).unwrap();
    let reference = home.desk.read(&Scope::All, |view| {
        let timeline = view.timeline(&incident(1)).unwrap();
        timeline.into_iter().find_map(|line| match line.what {
            TimelineWhat::Incident(domain::incident::IncidentEvent::NoteAdded(note)) => Some(note.text),
            _ => None,
        })
    });
    let reference = reference.unwrap();
    assert_eq!(home.desk.text(&reference), Text::Plain("Karin på plats".into()));
    let bytes = std::fs::read(home.folder.path().join("journal.db-wal")).unwrap();
    assert!(!bytes.windows(5).any(|window| window == b"Karin"), "a name stands in the journal");
    home.desk.erase_incident_texts(&desk::Caller::part("cli"), &incident(1), now()).unwrap();
    assert_eq!(home.desk.text(&reference), Text::Erased);
    home.desk.add_note(&commander(), &incident(1), "det går vidare", now()).unwrap();
    home.desk.erase_incident_texts(&desk::Caller::part("cli"), &incident(1), now()).unwrap();
    home.desk.add_note(&commander(), &incident(1), "och vidare", now()).unwrap();
    home.stores.journal.verify(&mut |_| {}).unwrap();
}

#[test]
fn two_who_take_command_at_once_do_not_both_get_it() {
    let home = Home::new().with_fleet(3);
    home.desk.record_findings(Position(1), now(), &[silence(1, 1, &["0001"], 1)]).unwrap();
    let answers: Vec<_> = std::thread::scope(|threads| {
        let takers: Vec<_> = (0..8)
            .map(|n| {
                let desk = &home.desk;
                threads.spawn(move || {
                    let caller = person(&format!("u-{n}"), Role::Commander, Scope::All);
                    desk.take_command(&caller, &incident(1), None, now())
                })
            })
            .collect();
        takers.into_iter().map(|taker| taker.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let refused = |answer: &Result<(), DeskError>| {
        matches!(answer, Ok(()) | Err(DeskError::Refused(Refusal::CommandHeldBy { .. })))
    };
    assert!(answers.iter().all(refused), "{answers:?}");
}

#[test]
fn a_desk_that_was_behind_decides_anew_on_what_another_recorded() {
    let home = Home::new().with_fleet(3);
    home.desk.record_findings(Position(1), now(), &[silence(1, 1, &["0001"], 1)]).unwrap();
    let other = desk(home.folder.path(), &home.stores, 9);
    home.desk.take_command(&commander(), &incident(1), None, now()).unwrap();
    let late = person("u-9", Role::Commander, Scope::All);
    let answer = other.take_command(&late, &incident(1), None, now());
    assert!(matches!(answer, Err(DeskError::Refused(Refusal::CommandHeldBy { .. }))), "{answer:?}");
    assert_eq!(other.seq(), home.desk.seq());
}

#[test]
fn another_customer_s_people_see_nothing_and_can_do_nothing() {
    let home = Home::new().with_fleet(3);
    home.desk.record_findings(Position(1), now(), &[silence(1, 1, &["0001"], 1)]).unwrap();
    let south = Scope::customer(CustomerKey::new("south").unwrap());
    home.desk.read(&south, |view| {
        assert!(view.incident(&incident(1)).is_none() && view.timeline(&incident(1)).is_none());
        assert!(view.customers().next().is_none() && view.users().next().is_none());
        assert!(view.search("0001", 10).is_empty() && view.search("4.2.1", 10).is_empty());
    });
    let stranger = person("u-3", Role::Admin, south);
    let note = home.desk.add_note(&stranger, &incident(1), "x", now());
    assert!(matches!(note, Err(DeskError::NotFound { what: "incident", .. })));
    let viewer = person("u-4", Role::Viewer, Scope::All);
    let note = home.desk.add_note(&viewer, &incident(1), "x", now());
    assert!(matches!(note, Err(DeskError::Forbidden { needed: Role::Responder })));
}

#[test]
fn the_live_feed_tells_each_step_with_the_journal_s_own_number() {
    let home = Home::new().with_fleet(3);
    let before = home.desk.seq();
    let mut feed = home.desk.feed().subscribe(Scope::All, Some(before));
    home.desk.record_findings(Position(1), now(), &[silence(1, 1, &["0001"], 200_000)]).unwrap();
    let reason = "slut";
    home.desk.record_findings(Position(2), now(), &[closed(silence(1, 2, &["0001"], 200_000))]).unwrap();
    let resolved = PhaseTarget::Resolved { remainder: vec![] };
    home.desk.change_phase(&commander(), &incident(1), resolved, reason, now()).unwrap();
    let kinds: Vec<_> = std::iter::from_fn(|| feed.try_next())
        .map(|step| match step {
            Step::Recorded(item) => item.kind,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "finding.opened",
            "incident.opened",
            "finding.closed",
            "incident.finding_settled",
            "incident.phase_changed",
            "incident.phase_changed"
        ]
    );
    let home = home.reopen();
    home.desk.read(&Scope::All, |view| {
        assert_eq!(view.incident(&incident(1)).unwrap().incident.phase.name(), PhaseName::Resolved);
    });
}
