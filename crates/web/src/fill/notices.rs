//! What staff of one site are told without a login: what is broken there, in how many more sites, since when and what to do. Never
//! what it costs, and never where else.

use super::lines::{symptom_key, symptom_word};
use crate::view::{Notice, Reported, Symptom};
use crate::words::Key;
use desk::View;
use desk::world::Part;
use desk::world::findings::FindingEntry;
use domain::finding::{Contact, FindingStatus};
use domain::report::ReportPolicy;
use domain::{Finding, FindingKind, SiteCode};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// A report from the site is shown for so long.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(4);
/// So many of them at most.
const SHOWN: usize = 3;

/// What is known to be wrong at a site: one notice for each open incident that it is in.
pub(crate) fn notices(view: &View<'_>, part: &Part, site: &SiteCode) -> Vec<Notice> {
    let policy = &view.policies().reports;
    let open = part.incidents.open().map(|entry| &entry.incident);
    let mut found: Vec<_> = open
        .filter_map(|incident| {
            let findings: Vec<_> = incident.attached().filter_map(|id| part.findings.get(id)).collect();
            let here = |entry: &&&FindingEntry| {
                entry.latest.status != FindingStatus::Closed && entry.latest.sites.contains(site)
            };
            let mine: Vec<_> = findings.iter().filter(here).copied().collect();
            let since = mine.iter().map(|entry| entry.latest.started_at).min()?;
            let (what, advice) = words(policy, part, site, &mine);
            let going_on = findings.iter().filter(|entry| entry.latest.status != FindingStatus::Closed);
            let sites: BTreeSet<_> = going_on.flat_map(|entry| &entry.latest.sites).collect();
            Some(Notice {
                what,
                advice,
                since,
                others: sites.len().saturating_sub(1) as u64,
                reports: incident.reports.len() as u64,
                next_word_at: None,
            })
        })
        .collect();
    found.sort_by_key(|notice| (std::cmp::Reverse(notice.others), notice.since));
    found
}

/// What was reported from a site of late and belongs to no incident.
pub(crate) fn reported(part: &Part, site: &SiteCode, now: Timestamp) -> Vec<Reported> {
    let lately = part.reports.newest().take_while(|entry| now.duration_since(entry.received_at) < SHOWN_FOR);
    let unexplained = lately.filter(|entry| entry.report.site == *site && entry.incident.is_none());
    let mut shown: Vec<Reported> = Vec::new();
    for entry in unexplained {
        let symptom = symptom_word(entry.report.symptom.as_deref());
        if shown.len() < SHOWN && shown.iter().all(|one| one.symptom != symptom) {
            shown.push(Reported { symptom, at: entry.received_at });
        }
    }
    shown
}

/// What is broken and what to do about it, by what the findings say of this site.
fn words(policy: &ReportPolicy, part: &Part, site: &SiteCode, findings: &[&FindingEntry]) -> (Key, Key) {
    if findings.iter().any(|entry| is_unheard(&entry.latest)) {
        return (Key("notice-network"), Key("advice-network"));
    }
    if findings.iter().any(|entry| is_undecided(&entry.latest)) {
        return (Key("notice-unsure"), Key("advice-network"));
    }
    let hit = findings.iter().flat_map(|entry| entry.latest.devices.iter().flatten());
    let here = hit.filter_map(|code| part.fleet.device(code)).filter(|device| device.site.as_ref() == Some(site));
    let mut types: BTreeSet<String> = here.filter_map(|device| device.attributes.get("type").cloned()).collect();
    if types.is_empty() {
        types = findings.iter().flat_map(|entry| entry.types.iter().cloned()).collect();
    }
    let means = |symptom: Symptom| {
        policy.symptoms.get(symptom_key(symptom)).is_some_and(|rule| !rule.types.is_disjoint(&types))
    };
    match (means(Symptom::SelfScanning), means(Symptom::Tills), means(Symptom::Cards)) {
        (true, true, _) => (Key("notice-all"), Key("advice-all")),
        (true, false, _) => (Key("notice-self-scanning"), Key("advice-self-scanning")),
        (false, true, _) => (Key("notice-tills"), Key("advice-tills")),
        (false, false, true) => (Key("notice-cards"), Key("advice-cards")),
        (false, false, false) => (Key("notice-some"), Key("advice-some")),
    }
}

fn is_unheard(finding: &Finding) -> bool {
    finding.kind == FindingKind::ContactLost || (finding.metric.is_some() && finding.evidence.contact == Contact::Lost)
}

/// Whether all of a site may be cut off; a finding that names devices of one kind is of these devices.
fn is_undecided(finding: &Finding) -> bool {
    let names_devices =
        finding.explanation.iter().any(|term| matches!(&*term.attribute, "type" | "firmware" | "model"));
    finding.evidence.contact == Contact::Undecided && !names_devices
}
