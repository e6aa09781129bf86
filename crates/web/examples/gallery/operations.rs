//! S1 twelve minutes in, beside a region that is not heard and a punctual fault in Jönköping.

use crate::fleet::{chart, counts, sek, site_code, world};
use crate::{before, now};
use domain::finding::{Affected, Because, Consequence, Contact, Evidence, RunnerUp};
use domain::{CustomerKey, Finding, FindingId, FindingKind, FindingStatus, IncidentId, Metric, Term};
use std::collections::BTreeSet;
use web::format::MoneyInterval;
use web::view::*;
use web::words::Key;

fn term(attribute: &str, value: &str) -> Term {
    Term { attribute: attribute.into(), value: value.into() }
}

fn headline(kind: FindingKind, terms: Vec<Term>) -> Headline {
    let types = BTreeSet::new();
    Headline { kind, metric: Some("sales".into()), explanation: terms, types, undecided: false }
}

fn incident_id(text: &str) -> IncidentId {
    IncidentId::new(text).expect("a valid id")
}

fn finding_id(text: &str) -> FindingId {
    FindingId::new(text).expect("a valid id")
}

fn interval(estimate: i64, low: i64, high: i64) -> MoneyInterval {
    MoneyInterval { estimate: sek(estimate), low: sek(low), high: sek(high) }
}

fn cost(estimate: i64, low: i64, high: i64) -> Cost {
    Cost { per_hour: Some(interval(estimate, low, high)), so_far: Some(sek(368_000)), ..Cost::default() }
}

fn why() -> WhyMoney {
    WhyMoney {
        expected: sek(1_840_000),
        observed: sek(0),
        remaining: 0.0,
        per_hour: interval(1_840_000, 1_600_000, 2_100_000),
        basis: Basis::Measured,
        counted: 0.0,
        due: 2_960.0,
        since: before(720),
        as_of: before(40),
        sites: Some(SitesNow {
            actual: sek(3_100_000),
            expected: sek(4_000_000),
            moved: Some(sek(940_000)),
            at: before(180),
        }),
    }
}

fn self_scanners() -> Headline {
    let types = BTreeSet::from(["self-scanner".to_owned()]);
    Headline { types, ..headline(FindingKind::Silence, vec![term("firmware", "4.2.1")]) }
}

fn network() -> Headline {
    headline(FindingKind::ContactLost, vec![term("isp", "Norrnet"), term("region", "Jämtland")])
}

fn lines() -> [IncidentLine; 3] {
    let first = IncidentLine {
        id: incident_id("i-7f31"),
        severity: Severity::Sev1,
        phase: Phase::Active,
        headline: self_scanners(),
        given: None,
        since: before(720),
        until: None,
        cost: cost(1_840_000, 1_600_000, 2_100_000),
        sites: 200,
        devices: 998,
        coverage: 1.0,
        purity: 1.0,
        commander: None,
        commander_is_me: false,
        take: Some(4_711),
    };
    let second = IncidentLine {
        id: incident_id("i-7f32"),
        severity: Severity::Sev2,
        phase: Phase::Triage,
        headline: network(),
        since: before(1_860),
        cost: Cost { so_far: None, basis: Basis::NotHeard, ..cost(0, 0, 640_000) },
        sites: 14,
        devices: 88,
        coverage: 0.98,
        purity: 0.93,
        commander: Some("Eva Lind".into()),
        commander_is_me: true,
        take: None,
        ..first.clone()
    };
    let third = IncidentLine {
        id: incident_id("i-7e90"),
        severity: Severity::Sev3,
        headline: headline(FindingKind::Punctual, vec![term("site", "Jönköping-2")]),
        since: before(3 * 86_400),
        cost: cost(9_400, 7_000, 12_000),
        sites: 1,
        devices: 4,
        commander: Some("Johan Berg".into()),
        commander_is_me: false,
        ..second.clone()
    };
    [first, second, third]
}

pub fn findings() -> Vec<FindingLine> {
    let line = |id: &str, headline, ago, ended: Option<i64>, sites| FindingLine {
        id: finding_id(id),
        headline,
        detected_at: before(ago),
        ended_at: ended.map(before),
        sites,
    };
    vec![
        line("f-17", self_scanners(), 716, None, 200),
        line("f-16", network(), 1_800, None, 14),
        line("f-15", headline(FindingKind::Drop, vec![term("site", "0332")]), 5_000, Some(2_000), 1),
        line("f-12", headline(FindingKind::Punctual, vec![term("site", "Jönköping-2")]), 13_400, None, 1),
        line("f-11", headline(FindingKind::Surge, vec![]), 20_000, Some(18_000), 6),
    ]
}

pub fn overview(empty: bool) -> OverviewView {
    let report = |ago, site: &str, name: &str, symptom: &'static str| ReportLine {
        at: before(ago),
        site: site_code(site),
        site_name: Some(name.into()),
        symptom: Key(symptom),
        reference: "K7M2C".into(),
        incident: None,
    };
    if empty {
        return OverviewView {
            incidents: vec![],
            incidents_more: 0,
            turnover: None,
            chart: None,
            sites_heard: 0,
            sites_total: 0,
            states: StateCounts::default(),
            findings: vec![],
            findings_open: 0,
            reports: vec![],
            reports_today: 0,
            unregistered: 0,
        };
    }
    OverviewView {
        incidents: lines()[..2].to_vec(),
        incidents_more: 0,
        turnover: Some(TurnoverNow { actual: sek(38_200_000), expected: sek(40_100_000), unheard: Some(sek(640_000)) }),
        chart: Some(chart("fleet", 1.0)),
        sites_heard: 1_286,
        sites_total: 1_300,
        states: counts(),
        findings: findings(),
        findings_open: 3,
        reports: vec![
            report(20, "0412", "Jönköping Tändsticksområdet", "symptom-self-scanning"),
            report(64, "0101", "Karlskrona", "symptom-self-scanning"),
            report(130, "0332", "Sundsvall Birsta", "symptom-cards"),
            report(190, "0221", "Borås Viared", "symptom-self-scanning"),
        ],
        reports_today: 41,
        unregistered: 4,
    }
}

pub fn incidents(empty: bool) -> IncidentsView {
    let over = |id: &str, severity, headline, from: i64, until: i64, so_far| IncidentLine {
        id: incident_id(id),
        severity,
        phase: Phase::Resolved,
        headline,
        since: before(from),
        until: Some(before(until)),
        cost: Cost { per_hour: None, so_far, is_over: true, ..Cost::default() },
        ..lines()[2].clone()
    };
    if empty {
        return IncidentsView { open: vec![], over: vec![] };
    }
    IncidentsView {
        open: lines().to_vec(),
        over: vec![
            over(
                "i-7d01",
                Severity::Sev2,
                headline(FindingKind::Drop, vec![term("psp", "Betalo")]),
                900_000,
                891_000,
                Some(sek(1_204_000)),
            ),
            over(
                "i-7c44",
                Severity::Sev3,
                headline(FindingKind::ContactLost, vec![term("site", "0221")]),
                1_500_000,
                1_498_000,
                None,
            ),
            over(
                "i-7b10",
                Severity::Sev4,
                headline(FindingKind::Surge, vec![]),
                2_900_000,
                2_890_000,
                Some(sek(4_100)),
            ),
        ],
    }
}

pub fn finding() -> Finding {
    Finding {
        id: finding_id("f-17"),
        revision: 3,
        kind: FindingKind::Silence,
        detected_at: before(716),
        revised_at: before(600),
        started_at: before(720),
        ended_at: None,
        status: FindingStatus::Revised,
        customer: CustomerKey::new("demo").expect("a valid key"),
        metric: Some(Metric::new("sales").expect("a valid metric")),
        explanation: vec![term("firmware", "4.2.1")],
        coverage: 1.0,
        purity: 1.0,
        affected: Affected { sites: 200, devices: 998 },
        sites: vec![],
        devices: None,
        expected: 2_960.0,
        observed: 0.0,
        consequence: Some(Consequence {
            per_hour: sek(1_840_000),
            low: sek(1_600_000),
            high: sek(2_100_000),
            so_far: sek(368_000),
        }),
        evidence: Evidence {
            group: "firmware=4.2.1".into(),
            log_likelihood_ratio: 41.3,
            threshold: 14.2,
            remaining: 0.0,
            rate_per_hour: 14_800.0,
            false_alarm_every_hours: 2_160.0,
            bound_s: 3.5,
            delay_s: 4.0,
            contact: Contact::Heard,
            runner_up: Some(RunnerUp {
                explanation: vec![term("model", "SX-2"), term("region", "Jönköping")],
                behind: 212.0,
                why: "lower_coverage".into(),
            }),
            equivalent: vec![vec![term("rollout", "2026-02-17-a")]],
            candidates: 8_412,
            because: Because::Extent,
            late: 0.0,
        },
        incident: incident_id("i-7f31"),
    }
}

pub fn finding_page() -> FindingView {
    let revision = |n, ago, because, sites| RevisionLine {
        revision: n,
        at: before(ago),
        because,
        headline: self_scanners(),
        sites,
    };
    FindingView {
        finding: finding(),
        types: BTreeSet::from(["self-scanner".to_owned()]),
        cost: cost(1_840_000, 1_600_000, 2_100_000),
        why: Some(why()),
        chart: Some(chart("affected:f-17", 0.046)),
        revisions: vec![
            revision(3, 600, Because::Extent, 200),
            revision(2, 702, Because::Explanation, 181),
            revision(1, 716, Because::Detected, 36),
        ],
        sites: world().into_iter().take(12).map(|s| s.line).collect(),
        sites_more: 188,
    }
}

pub fn incident() -> IncidentView {
    let entry = |seq, ago: i64, who, event| TimelineEntry { seq, at: before(ago), who, event };
    let note = "Ring butikerna först när vi vet mer. Leverantören är kontaktad, återkommer 10.50.".to_owned();
    IncidentView {
        line: lines()[0].clone(),
        leading: Some(finding()),
        why: Some(why()),
        findings: findings()[..1].to_vec(),
        chart: Some(chart("affected:i-7f31", 0.046)),
        sites: world().into_iter().take(15).map(|s| s.line).collect(),
        sites_more: 185,
        whole_sites: false,
        timeline: vec![
            entry(
                4_711,
                41,
                Who::Me,
                TimelineEvent::Note("Confirmed on one device in Karlskrona: black screen after the update.".into()),
            ),
            entry(4_702, 120, Who::Person("Johan Berg".into()), TimelineEvent::Note(note)),
            entry(4_690, 300, Who::Samband, TimelineEvent::Reports(14)),
            entry(
                4_689,
                410,
                Who::Person("Johan Berg".into()),
                TimelineEvent::Command(Who::Person("Johan Berg".into())),
            ),
            entry(4_688, 420, Who::Person("Johan Berg".into()), TimelineEvent::Phase(Phase::Active)),
            entry(
                4_680,
                600,
                Who::Samband,
                TimelineEvent::Revised(finding_id("f-17"), Because::Extent, self_scanners()),
            ),
            entry(
                4_676,
                702,
                Who::Samband,
                TimelineEvent::Revised(finding_id("f-17"), Because::Explanation, self_scanners()),
            ),
            entry(4_671, 716, Who::Samband, TimelineEvent::Opened(Severity::Sev1)),
            entry(4_670, 716, Who::Samband, TimelineEvent::Found(finding_id("f-17"), self_scanners())),
        ],
        timeline_more: 0,
        whole_timeline: false,
        form: IncidentForm::default(),
        next_phases: vec![Phase::Recovering, Phase::Resolved],
        allowed: Allowed { note: true, command: true },
        version: u64::from(now().as_second() > 0),
    }
}
