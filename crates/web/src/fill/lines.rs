//! Incidents, findings and reports as lines: the same on every page.

use super::cost::{cost_of, over_since};
use super::opening::Opening;
use crate::view::{FindingLine, Headline, IncidentLine, ReportLine, Symptom};
use crate::visit::Visit;
use crate::words::Key;
use desk::View;
use desk::world::Part;
use desk::world::incidents::IncidentEntry;
use desk::world::reports::ReportEntry;
use domain::account::Role;
use domain::finding::FindingStatus;
use domain::incident::Title;
use domain::{Finding, FindingId, SiteCode, UserId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An incident with its findings, taken out of a view so that names can be looked up without holding it.
pub(crate) struct Taken {
    pub(crate) entry: IncidentEntry,
    pub(crate) findings: Vec<Arc<Finding>>,
    /// The types of device that each of them hits.
    pub(crate) types: Vec<BTreeSet<String>>,
    /// When the sites of those that go on are open.
    pub(crate) opening: BTreeMap<FindingId, Opening>,
}

/// Takes an incident out of a view.
pub(crate) fn take(view: &View<'_>, entry: &IncidentEntry) -> Taken {
    let part = view.customer(&entry.incident.customer);
    let attached = entry.incident.attached().filter_map(|id| part?.findings.get(id));
    let (findings, types): (Vec<_>, _) = attached.map(|entry| (Arc::clone(&entry.latest), entry.types.clone())).unzip();
    let open = findings.iter().filter(|finding| finding.status != FindingStatus::Closed);
    let opening = open.filter_map(|finding| Some((finding.id.clone(), Opening::of(part?, finding.sites.iter()))));
    Taken { opening: opening.collect(), entry: entry.clone(), findings, types }
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

    /// The findings as lines.
    pub(crate) fn lines(&self) -> Vec<FindingLine> {
        self.findings.iter().zip(&self.types).map(|(finding, types)| finding_line(finding, types)).collect()
    }

    /// The types of the devices that the finding hits which the incident is called after.
    fn types(&self) -> BTreeSet<String> {
        let lead = self.findings.iter().zip(&self.types).find(|(finding, _)| finding.id == self.entry.incident.lead);
        lead.map(|(_, types)| types.clone()).unwrap_or_default()
    }

    /// What it is about, as found.
    pub(crate) fn headline(&self) -> Headline {
        Headline::composed(&self.entry.incident.composed, self.leading().map(AsRef::as_ref), self.types())
    }

    /// The title that a person gave it.
    pub(crate) fn given(&self) -> Option<String> {
        match self.entry.incident.title() {
            Title::Given(given) => Some(given.as_str().to_owned()),
            Title::Composed(_) => None,
        }
    }

    /// As a line.
    pub(crate) fn line(&self, visit: &Visit) -> IncidentLine {
        let incident = &self.entry.incident;
        let leading = self.leading();
        let commander = incident.commander.as_ref();
        let sites = self.sites().len() as u64;
        IncidentLine {
            id: incident.id.clone(),
            severity: incident.severity.current().into(),
            phase: incident.phase.name().into(),
            headline: self.headline(),
            given: self.given(),
            since: self.findings.iter().map(|finding| finding.started_at).min().unwrap_or(incident.opened_at),
            until: over_since(self).or(incident.phase.resolved_at()),
            cost: cost_of(self, visit),
            sites,
            devices: self.devices(),
            coverage: leading.map_or(0.0, |finding| finding.coverage),
            purity: leading.map_or(0.0, |finding| finding.purity),
            commander: commander.map(|user| visit.name_of(user).unwrap_or_else(|| user.to_string())),
            commander_is_me: commander == Some(&visit.me.user),
            take: (commander.is_none() && visit.me.role.may(Role::Commander)).then_some(self.entry.version.0),
        }
    }

    fn devices(&self) -> u64 {
        let listed: BTreeSet<_> =
            self.findings.iter().filter_map(|finding| finding.devices.as_ref()).flatten().collect();
        let unlisted = self.findings.iter().filter(|finding| finding.devices.is_none());
        let most = unlisted.map(|finding| u64::from(finding.affected.devices)).max().unwrap_or(0);
        most.max(listed.len() as u64)
    }
}

/// A finding as a line.
pub(crate) fn finding_line(finding: &Finding, types: &BTreeSet<String>) -> FindingLine {
    FindingLine {
        id: finding.id.clone(),
        headline: Headline::of(finding, types),
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
        reference: domain::report::reference(&report.report),
        incident: entry.incident.clone(),
    }
}

/// The word of a symptom's key.
pub(crate) fn symptom_word(key: Option<&str>) -> Key {
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
