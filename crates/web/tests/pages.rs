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
        "No sales where firmware\u{a0}=\u{a0}4.2.1",
        "1.84\u{202f}MSEK/h",
        "1.60\u{2013}2.10\u{202f}MSEK/h, 90 %",
        "10:31:04",
    ] {
        assert!(page.contains(said), "the page does not say {said:?}");
    }
    let page = overview(Lang::Sv, &m);
    for said in [
        "Ingen försäljning där firmware\u{a0}=\u{a0}4.2.1",
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

#[test]
fn who_may_only_look_is_offered_no_buttons() {
    let mut m = operations::incident();
    m.allowed = web::view::Allowed::default();
    let page = IncidentPage { r: &reader(Lang::En), shell: &shell(), m: &m }.render().unwrap();
    assert!(!page.contains("/incidents/i-7f31/command") && !page.contains("/incidents/i-7f31/notes"));
}
