//! Overview, incidents and findings.

use super::cost::{CameLater, Cost};
use super::fleet::SiteLine;
use super::headline::Headline;
use super::state::{Phase, Severity, StateCounts};
use super::why::WhyMoney;
use crate::words::{Key, Reader};
use domain::finding::Because;
use domain::{Finding, FindingId, IncidentId, Money, SiteCode};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// One incident as a line or a head.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentLine {
    /// Its id.
    pub id: IncidentId,
    /// How bad.
    pub severity: Severity,
    /// Where it stands.
    pub phase: Phase,
    /// What and where.
    pub headline: Headline,
    /// The title that a person gave it.
    pub given: Option<String>,
    /// Estimated start of the disruption.
    pub since: Timestamp,
    /// End, once it has one.
    pub until: Option<Timestamp>,
    /// Turnover that does not come about.
    pub cost: Cost,
    /// Sites hit.
    pub sites: u64,
    /// Devices hit.
    pub devices: u64,
    /// Share of the failing that the explanation covers.
    pub coverage: f64,
    /// Share of what it covers that is failing.
    pub purity: f64,
    /// Name of the incident commander.
    pub commander: Option<String>,
    /// Whether that is the reader.
    pub commander_is_me: bool,
    /// Where nobody has command and the reader may take it: the version that they take it from.
    pub take: Option<u64>,
}

impl IncidentLine {
    /// What it is called: as a person said, else what was found.
    #[must_use]
    pub fn title(&self, r: &Reader) -> String {
        self.given.clone().unwrap_or_else(|| self.headline.text(r))
    }

    /// Whether it is shown at full size: a major one, as long as it is not over.
    #[must_use]
    pub fn is_large(&self) -> bool {
        matches!(self.severity, Severity::Sev1 | Severity::Sev2) && !self.is_back()
    }

    /// Whether activity is back: then nothing is lost any more, and what was lost is a sum.
    #[must_use]
    pub fn is_back(&self) -> bool {
        self.cost.is_over
    }
}

/// One finding as a line.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingLine {
    /// Its id.
    pub id: FindingId,
    /// What and where.
    pub headline: Headline,
    /// First said.
    pub detected_at: Timestamp,
    /// Over since.
    pub ended_at: Option<Timestamp>,
    /// Sites hit.
    pub sites: u64,
}

/// One report from a person.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportLine {
    /// When it came.
    pub at: Timestamp,
    /// From where.
    pub site: SiteCode,
    /// Name of the site.
    pub site_name: Option<String>,
    /// What does not work, as a key.
    pub symptom: Key,
    /// What whoever reported it can be asked for.
    pub reference: String,
    /// The incident it belongs to.
    pub incident: Option<IncidentId>,
}

/// An hour of a chart as a table row; `None` is "not heard", never zero.
#[derive(Debug, Clone, PartialEq)]
pub struct HourLine {
    /// Start of the hour.
    pub from: Timestamp,
    /// Observed.
    pub actual: Option<Money>,
    /// Expected.
    pub expected: Option<Money>,
    /// Expected where nobody is heard; none where all are.
    pub unheard: Option<Money>,
}

/// A chart: where its data comes from, and the same as a table for those who do not see it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartView {
    /// `/api/v1/history?series=...`
    pub source: String,
    /// The hours, oldest first.
    pub hours: Vec<HourLine>,
    /// What came later of what was not heard.
    pub later: Option<CameLater>,
}

/// Turnover of the fleet now.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnoverNow {
    /// Observed, per hour.
    pub actual: Money,
    /// Expected, per hour.
    pub expected: Money,
    /// Of that, expected at sites that are not heard; none where all are.
    pub unheard: Option<Money>,
}

/// The first page.
#[derive(Debug, Clone, PartialEq)]
pub struct OverviewView {
    /// Open incidents, worst first: all that are shown at full size, and some of the others.
    pub incidents: Vec<IncidentLine>,
    /// Open incidents beside these.
    pub incidents_more: u64,
    /// Turnover now; absent until values have been learned.
    pub turnover: Option<TurnoverNow>,
    /// Its last 24 hours.
    pub chart: Option<ChartView>,
    /// Sites heard from within their deadline.
    pub sites_heard: u64,
    /// Sites registered.
    pub sites_total: u64,
    /// Sites by state.
    pub states: StateCounts,
    /// Newest findings.
    pub findings: Vec<FindingLine>,
    /// Findings that are open.
    pub findings_open: u64,
    /// Newest reports.
    pub reports: Vec<ReportLine>,
    /// Reports of the last 24 hours.
    pub reports_today: u64,
    /// Codes that signals name and nobody registered.
    pub unregistered: u64,
}

/// The list of incidents.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentsView {
    /// Those open, worst first.
    pub open: Vec<IncidentLine>,
    /// Those over, newest first.
    pub over: Vec<IncidentLine>,
}

/// One revision of a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct RevisionLine {
    /// 1, 2, 3, ...
    pub revision: u32,
    /// When it was made.
    pub at: Timestamp,
    /// Why.
    pub because: Because,
    /// What it then said.
    pub headline: Headline,
    /// Sites then.
    pub sites: u64,
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingView {
    /// Its newest revision.
    pub finding: Finding,
    /// The types of the devices that it hits.
    pub types: BTreeSet<String>,
    /// What it costs.
    pub cost: Cost,
    /// How that number came about, where there is one.
    pub why: Option<WhyMoney>,
    /// Expected against actual of the affected.
    pub chart: Option<ChartView>,
    /// Its revisions, newest first.
    pub revisions: Vec<RevisionLine>,
    /// Affected sites, bounded.
    pub sites: Vec<SiteLine>,
    /// Affected sites beside these.
    pub sites_more: u64,
}

impl FindingView {
    /// What and where.
    #[must_use]
    pub fn headline(&self) -> Headline {
        Headline::of(&self.finding, &self.types)
    }
}
