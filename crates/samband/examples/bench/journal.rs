//! A journal of some years: findings that open, sharpen and close, each with its incident.

use crate::home::{Home, customer, site_code};
use anyhow::{Context, Result};
use domain::finding::{Affected, Because, Consequence, Contact, Evidence, Finding, FindingKind, FindingStatus, Term};
use domain::money::{Money, SEK};
use domain::{FindingId, IncidentId, SiteCode};
use jiff::{SignedDuration, Timestamp};
use store::Position;

/// Findings that go on at the same time.
const AT_ONCE: u64 = 60;
/// Revisions between the first and the last.
const REVISIONS: u32 = 6;

/// Records findings until the journal has so many events.
pub fn fill(home: &Home, sites: usize, events: u64) -> Result<()> {
    let began: Timestamp = "2024-01-01T06:00:00Z".parse()?;
    let (mut first, mut position) = (0, 0);
    while home.desk.seq().0 < events {
        for revision in 1..=REVISIONS + 2 {
            position += 1;
            let now = began + SignedDuration::from_mins(5 * i64::try_from(position)?);
            let findings = (first..first + AT_ONCE).map(|n| finding(n, revision, sites, now));
            let findings = findings.collect::<Option<Vec<_>>>().context("codes and numbers are ids")?;
            home.desk.record_findings(Position(position), now, &findings)?;
        }
        first += AT_ONCE;
    }
    Ok(())
}

fn finding(n: u64, revision: u32, sites: usize, now: Timestamp) -> Option<Finding> {
    let (status, because) = match revision {
        1 => (FindingStatus::Open, Because::Detected),
        _ if revision > REVISIONS + 1 => (FindingStatus::Closed, Because::Recovered),
        _ => (FindingStatus::Revised, Because::Extent),
    };
    let money = |minor| Money { minor, currency: SEK };
    let hit = (0..5).map(|i| SiteCode::new(site_code((n as usize * 7 + i) % sites)).ok());
    let hours = f64::from(revision) / 12.0;
    let evidence = Evidence {
        group: "firmware=firmware-7".into(),
        log_likelihood_ratio: 17.25,
        threshold: 14.5,
        remaining: 0.0,
        rate_per_hour: 412.5,
        false_alarm_every_hours: 8_766.0,
        bound_s: 42.0,
        delay_s: 51.5,
        contact: Contact::Heard,
        runner_up: None,
        equivalent: vec![],
        candidates: 812,
        because,
        late: 0.0,
    };
    Some(Finding {
        id: FindingId::new(format!("f-{n}")).ok()?,
        revision,
        kind: FindingKind::Silence,
        detected_at: now,
        revised_at: now,
        started_at: now,
        ended_at: (status == FindingStatus::Closed).then_some(now),
        status,
        customer: customer(),
        metric: None,
        explanation: vec![Term { attribute: "firmware".into(), value: "firmware-7".into() }],
        coverage: 1.0,
        purity: 0.93,
        affected: Affected { sites: 5, devices: 9 },
        sites: hit.collect::<Option<Vec<_>>>()?,
        devices: None,
        expected: 412.5 * hours,
        observed: 3.0,
        consequence: Some(Consequence {
            per_hour: money(5_362_500),
            low: money(4_900_000),
            high: money(5_800_000),
            so_far: money(446_875),
        }),
        evidence,
        incident: IncidentId::new(format!("i-{n}")).ok()?,
    })
}
