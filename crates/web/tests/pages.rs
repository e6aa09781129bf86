//! Whole pages from the gallery's fixtures: what a person would see, in both languages, and the parts that stay live.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[allow(dead_code)]
#[path = "../examples/gallery/api.rs"]
mod api;
#[allow(dead_code)]
#[path = "../examples/gallery/fleet.rs"]
mod fleet;
#[allow(dead_code)]
#[path = "../examples/gallery/operations.rs"]
mod operations;

use askama::Template;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use web::pages::{Fragments, IncidentPage, OverviewPage};
use web::view::{Nav, OverviewView, Shell, Theme};
use web::words::{Lang, Reader};

pub fn now() -> Timestamp {
    "2026-02-17T09:43:04Z".parse().unwrap()
}

pub fn before(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

fn reader(lang: Lang) -> Reader {
    Reader { lang, zone: TimeZone::get("Europe/Stockholm").unwrap(), now: now(), query: String::new() }
}

fn shell() -> Shell {
    Shell {
        path: "/".into(),
        nav: Nav::Overview,
        user: None,
        theme: Theme::System,
        single_keys: true,
        seq: 7,
        open: None,
        degraded: vec![],
        demo: None,
    }
}

fn overview(lang: Lang, m: &OverviewView) -> String {
    OverviewPage { r: &reader(lang), shell: &shell(), m }.render().unwrap()
}

#[test]
fn the_overview_says_what_where_since_when_and_what_it_costs() {
    let m = operations::overview(false);
    let page = overview(Lang::En, &m);
    for said in [
        "SEV1",
        "Self-scanners do not sell where firmware\u{a0}=\u{a0}4.2.1",
        "1.84\u{202f}MSEK/h",
        "1.60\u{2013}2.10\u{202f}MSEK/h, 90 %",
        "10:31:04",
    ] {
        assert!(page.contains(said), "the page does not say {said:?}");
    }
    let page = overview(Lang::Sv, &m);
    for said in [
        "Självskanning säljer inte där programvara\u{a0}=\u{a0}4.2.1",
        "1,84\u{202f}mkr/tim",
        "1\u{202f}286 av 1\u{202f}300 butiker",
    ] {
        assert!(page.contains(said), "sidan säger inte {said:?}");
    }
}

#[test]
fn what_is_not_known_is_never_shown_as_zero_or_as_well() {
    let mut m = operations::overview(true);
    let page = overview(Lang::En, &m);
    assert!(page.contains("No sites are registered yet"));
    assert!(!page.contains("Nothing is wrong"), "an empty fleet is not a healthy one");
    assert!(!page.contains("0\u{202f}SEK/h"));
    m.sites_total = 3;
    assert!(overview(Lang::En, &m).contains("Nothing is wrong"));
}

#[test]
fn at_night_the_overview_says_that_nothing_is_expected() {
    let mut m = operations::overview(true);
    m.sites_total = 3;
    assert!(overview(Lang::En, &m).contains("Known once sales with values have come in."));
    m.states.0[web::view::SiteState::ALL.iter().position(|s| *s == web::view::SiteState::Shut).unwrap()] = 3;
    let page = overview(Lang::En, &m);
    assert!(page.contains("No turnover is expected now.") && !page.contains("Known once"), "{page}");
}

#[test]
fn every_live_part_of_a_page_can_be_fetched_and_is_what_the_page_shows() {
    let (r, shell, m) = (reader(Lang::En), shell(), operations::overview(false));
    let page = OverviewPage { r: &r, shell: &shell, m: &m };
    let whole = page.render().unwrap();
    for part in ["open_count", "incidents", "turnover", "states", "findings", "reports"] {
        let fragment = page.fragment(part).unwrap().unwrap();
        assert!(whole.contains(&fragment), "{part} differs from the page");
    }
    assert!(page.fragment("nothing").is_none());
}

#[test]
fn what_people_write_cannot_become_markup() {
    let mut m = operations::incident();
    m.timeline[0].event = web::view::TimelineEvent::Note("<script>alert(1)</script>\"'&".into());
    m.sites[0].name = Some("<img src=x onerror=alert(1)>".into());
    let page = IncidentPage { r: &reader(Lang::Sv), shell: &shell(), m: &m }.render().unwrap();
    assert!(!page.contains("<script>alert") && !page.contains("<img"));
    assert!(page.contains("&#60;script&#62;alert(1)"));
}

/// The page as text, without its tags.
fn words(page: &str) -> String {
    let mut text = String::new();
    for part in page.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, after)| after));
        text.push(' ');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn incident(lang: Lang, m: &web::view::IncidentView) -> String {
    IncidentPage { r: &reader(lang), shell: &shell(), m }.render().unwrap()
}

#[test]
fn a_changed_severity_colours_the_part_that_is_fetched_anew() {
    let mut m = operations::incident();
    m.line.severity = web::view::Severity::Sev2;
    let (r, shell) = (reader(Lang::En), shell());
    let head = IncidentPage { r: &r, shell: &shell, m: &m }.fragment("head_facts").unwrap().unwrap();
    assert!(head.contains("class=\"war-head sev2\""), "{head}");
}

#[test]
fn lists_that_are_cut_say_how_much_is_missing_and_lead_to_it() {
    let m = operations::incident();
    let page = incident(Lang::En, &m);
    assert!(page.contains("?sites=all#affected-title\">185 more"), "{page}");
    let all = web::view::IncidentView { sites_more: 0, whole_sites: true, timeline_more: 3, ..m };
    let page = incident(Lang::En, &all);
    assert!(page.contains("/sites?sites=all\""), "what stays live is the whole list");
    assert!(page.contains("?timeline=all&#38;sites=all\">3 more"), "{page}");
}

#[test]
fn what_we_know_is_said_in_sentences_and_the_statistics_stand_with_the_finding() {
    let m = operations::incident();
    let page = words(&incident(Lang::Sv, &m));
    for said in ["Programvara = 4.2.1", "alla med detta är drabbade; av alla andra inga", "mycket svagare"] {
        assert!(page.contains(said), "sidan säger inte {said:?}");
    }
    for jargon in ["Täckning", "Renhet", "nats", "kandidat"] {
        assert!(!page.contains(jargon), "the page of the incident says {jargon:?}");
    }
    let m = operations::finding_page();
    let page = web::pages::FindingPage { r: &reader(Lang::Sv), shell: &shell(), m: &m }.render().unwrap();
    let page = words(&page);
    for said in ["Förklaringen i siffror", "Täckning", "Renhet", "(nats)", "188 till"] {
        assert!(page.contains(said), "sidan säger inte {said:?}");
    }
}

#[test]
fn an_incident_suggests_what_to_do_until_it_is_over() {
    let mut m = operations::incident();
    let page = incident(Lang::En, &m);
    for said in ["Stop firmware\u{a0}=\u{a0}4.2.1", "Check one device on site", "send customers to the tills"] {
        assert!(page.contains(said), "the page does not say {said:?}");
    }
    m.leading.as_mut().unwrap().ended_at = Some(now());
    assert!(!incident(Lang::En, &m).contains("class=\"steps\""));
}

#[test]
fn the_timeline_names_each_person_once_and_says_how_long_ago() {
    let m = operations::incident();
    let page = words(&incident(Lang::En, &m));
    assert!(page.contains("Johan Berg took command 6 min ago"), "{page}");
}

#[test]
fn command_can_be_taken_from_the_overview_by_who_may() {
    let mut m = operations::overview(false);
    assert!(overview(Lang::En, &m).contains("action=\"/incidents/i-7f31/command\""));
    m.incidents[0].take = None;
    let page = overview(Lang::En, &m);
    assert!(!page.contains("/command\"") && page.contains("not taken"));
}

#[test]
fn without_scripts_the_pictures_say_where_the_same_stands_in_words() {
    let page = overview(Lang::En, &operations::overview(false));
    assert_eq!(page.matches("<noscript>").count(), 2);
}

#[test]
fn who_may_only_look_is_offered_no_buttons() {
    let mut m = operations::incident();
    m.allowed = web::view::Allowed::default();
    let page = IncidentPage { r: &reader(Lang::En), shell: &shell(), m: &m }.render().unwrap();
    assert!(!page.contains("/incidents/i-7f31/command") && !page.contains("/incidents/i-7f31/notes"));
}
