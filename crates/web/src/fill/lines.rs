//! Incidents, findings and reports as lines: the same on every page.

use crate::format::MoneyInterval;
use crate::view::{FindingLine, Headline, IncidentLine, ReportLine, Symptom};
use crate::visit::Visit;
use crate::words::Key;
use desk::View;
use desk::world::Part;
use desk::world::incidents::IncidentEntry;
use desk::world::reports::ReportEntry;
use domain::finding::{Consequence, FindingStatus};
use domain::incident::Title;
use domain::{Finding, Money, SiteCode, UserId};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// An incident with its findings, taken out of a view so that names can be looked up without holding it.
pub(crate) struct Taken {
    pub(crate) entry: IncidentEntry,
    pub(crate) findings: Vec<Arc<Finding>>,
}

/// Takes an incident out of a view.
pub(crate) fn take(view: &View<'_>, entry: &IncidentEntry) -> Taken {
    let part = view.customer(&entry.incident.customer);
    let attached = entry.incident.attached().filter_map(|id| part?.findings.get(id));
    Taken { findings: attached.map(|entry| Arc::clone(&entry.latest)).collect(), entry: entry.clone() }
}

impl Taken {
    /// The sites hit.
    pub(crate) fn sites(&self) -> BTreeSet<&SiteCode> {
        self.findings.iter().flat_map(|finding| &finding.sites).collect()
    }

    /// The finding it is called after, else the one that hits most.
    pub(crate) fn leading(&self) -> Option<&Arc<Finding>> {
        let lead = self.findings.iter().find(|finding| finding.id == self.entry.incident.lead);
        lead.or_else(|| self.findings.iter().max_by_key(|finding| (finding.affected.sites, finding.affected.devices)))
    }

    /// As a line.
    pub(crate) fn line(&self, visit: &Visit) -> IncidentLine {
        let incident = &self.entry.incident;
        let leading = self.leading();
        let commander = incident.commander.as_ref();
        let (per_hour, so_far) = self.consequence(visit.now());
        let sites = self.sites().len() as u64;
        IncidentLine {
            id: incident.id.clone(),
            severity: incident.severity.current().into(),
            phase: incident.phase.name().into(),
            headline: headline(incident.title(), &incident.composed),
            since: self.findings.iter().map(|finding| finding.started_at).min().unwrap_or(incident.opened_at),
            until: incident.phase.resolved_at(),
            per_hour,
            so_far,
            sites,
            devices: self.devices(),
            coverage: leading.map_or(0.0, |finding| finding.coverage),
            purity: leading.map_or(0.0, |finding| finding.purity),
            commander: commander.map(|user| visit.name_of(user).unwrap_or_else(|| user.to_string())),
            commander_is_me: commander == Some(&visit.me.user),
        }
    }

    fn devices(&self) -> u64 {
        let listed: BTreeSet<_> =
            self.findings.iter().filter_map(|finding| finding.devices.as_ref()).flatten().collect();
        let unlisted = self.findings.iter().filter(|finding| finding.devices.is_none());
        let most = unlisted.map(|finding| u64::from(finding.affected.devices)).max().unwrap_or(0);
        most.max(listed.len() as u64)
    }

    /// What it costs: the findings that hit most, each site counted once. Per hour of those that go on; so far of all.
    fn consequence(&self, now: Timestamp) -> (Option<MoneyInterval>, Option<Money>) {
        let mut by_size: Vec<_> =
            self.findings.iter().filter_map(|finding| Some((finding, finding.consequence?))).collect();
        by_size.sort_by_key(|(finding, c)| (std::cmp::Reverse(c.so_far.minor.max(c.per_hour.minor)), &finding.id));
        let mut counted: BTreeSet<&SiteCode> = BTreeSet::new();
        let mut per_hour: Option<MoneyInterval> = None;
        let mut so_far: Option<Money> = None;
        for (finding, c) in by_size {
            if finding.sites.iter().any(|site| counted.contains(site)) {
                continue;
            }
            counted.extend(&finding.sites);
            let own = so_far_at(finding, &c, now);
            so_far = Some(so_far.map_or(own, |sum| plus(sum, own)));
            if finding.status != FindingStatus::Closed {
                per_hour = Some(match per_hour {
                    None => MoneyInterval { estimate: c.per_hour, low: c.low, high: c.high },
                    Some(sum) => MoneyInterval {
                        estimate: plus(sum.estimate, c.per_hour),
                        low: plus(sum.low, c.low),
                        high: plus(sum.high, c.high),
                    },
                });
            }
        }
        (per_hour, so_far)
    }
}

/// What a finding has cost by now: a finding is revised only when there is something new to say, and costs go on meanwhile.
pub(crate) fn so_far_at(finding: &Finding, c: &Consequence, now: Timestamp) -> Money {
    if finding.status == FindingStatus::Closed {
        return c.so_far;
    }
    let hours = now.duration_since(finding.revised_at).as_secs_f64().max(0.0) / 3_600.0;
    Money { minor: c.so_far.minor.saturating_add((c.per_hour.minor as f64 * hours) as i64), ..c.so_far }
}

fn plus(a: Money, b: Money) -> Money {
    if a.currency == b.currency { Money { minor: a.minor.saturating_add(b.minor), ..a } } else { a }
}

/// What an incident is about. A title that a person gave stands beside it in the API; the pages say what was found.
fn headline(_title: Title<'_>, composed: &domain::incident::ComposedTitle) -> Headline {
    Headline {
        kind: composed.kind,
        metric: composed.metric.as_ref().map(ToString::to_string),
        explanation: composed.explanation.clone(),
    }
}

/// A finding as a line.
pub(crate) fn finding_line(finding: &Finding) -> FindingLine {
    FindingLine {
        id: finding.id.clone(),
        headline: Headline::of(finding),
        detected_at: finding.detected_at,
        ended_at: finding.ended_at,
        sites: u64::from(finding.affected.sites),
    }
}

/// A report as a line.
pub(crate) fn report_line(part: &Part, entry: &ReportEntry) -> ReportLine {
    let report = &entry.report;
    ReportLine {
        at: entry.received_at,
        site: report.site.clone(),
        site_name: part.fleet.site(&report.site).and_then(|site| site.name.clone()),
        symptom: symptom_word(report.symptom.as_deref()),
        incident: entry.incident.clone(),
    }
}

/// The word of a symptom's key.
fn symptom_word(key: Option<&str>) -> Key {
    let symptom = Symptom::ALL.into_iter().find(|symptom| Some(symptom_key(*symptom)) == key);
    symptom.unwrap_or(Symptom::Other).word()
}

/// The key under which the policy of reports knows a symptom.
pub(crate) fn symptom_key(symptom: Symptom) -> &'static str {
    match symptom {
        Symptom::SelfScanning => "self_scanning",
        Symptom::Tills => "till",
        Symptom::Cards => "payment",
        Symptom::Network => "network",
        Symptom::Prices => "prices",
        Symptom::Other => "other",
    }
}

/// A user's name, or what stands for it.
pub(crate) fn who(visit: &Visit, user: &UserId) -> crate::view::Who {
    if *user == visit.me.user {
        return crate::view::Who::Me;
    }
    visit.name_of(user).map_or(crate::view::Who::Erased, crate::view::Who::Person)
}
