//! The shapes of the REST answers.

use crate::fill::lines::Taken;
use crate::view::{Basis, DeviceView, SiteLine, SiteView, TimelineEntry, TimelineEvent, Who};
use crate::visit::Visit;
use domain::{Finding, Money};
use serde::Serialize;
use utoipa::ToSchema;

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MoneyBody {
    /// As a decimal: `1840000.00`.
    value: String,
    /// ISO 4217.
    currency: String,
}

impl From<&Money> for MoneyBody {
    fn from(money: &Money) -> Self {
        Self { value: money.decimal(), currency: money.currency.to_string() }
    }
}

/// An incident as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentBody {
    incident: String,
    customer: String,
    /// What it is called, in the language asked for.
    title: String,
    /// `sev1` to `sev4`.
    severity: &'static str,
    /// `triage`, `active`, `recovering`, `resolved`, `reviewed` or `closed`.
    phase: &'static str,
    #[schema(value_type = String, format = DateTime)]
    opened_at: jiff::Timestamp,
    #[schema(value_type = String, format = DateTime)]
    started_at: jiff::Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    resolved_at: Option<jiff::Timestamp>,
    /// Id of the incident commander.
    commander: Option<String>,
    sites: u64,
    devices: u64,
    /// Expected minus observed turnover per hour, now.
    per_hour: Option<MoneyBody>,
    low: Option<MoneyBody>,
    high: Option<MoneyBody>,
    /// Since the start; null where it is unknown, because they are not heard.
    so_far: Option<MoneyBody>,
    /// What these rest on: `measured`, `undecided` (then `high` is the most it can be) or `not_heard`.
    cost_rests_on: &'static str,
    /// Ids of its findings.
    findings: Vec<String>,
    /// What commands are based on.
    version: u64,
}

impl IncidentBody {
    pub(crate) fn of(visit: &Visit, taken: &Taken) -> Self {
        let (incident, line) = (&taken.entry.incident, taken.line(visit));
        let per_hour = line.cost.per_hour.as_ref();
        Self {
            incident: incident.id.to_string(),
            customer: incident.customer.to_string(),
            title: line.title(&visit.r),
            severity: line.severity.name(),
            phase: line.phase.name(),
            opened_at: incident.opened_at,
            started_at: line.since,
            resolved_at: incident.phase.resolved_at(),
            commander: incident.commander.as_ref().map(ToString::to_string),
            sites: line.sites,
            devices: line.devices,
            per_hour: per_hour.map(|interval| (&interval.estimate).into()),
            low: per_hour.map(|interval| (&interval.low).into()),
            high: per_hour.map(|interval| (&interval.high).into()),
            cost_rests_on: match line.cost.basis {
                Basis::Measured => "measured",
                Basis::Undecided => "undecided",
                Basis::NotHeard => "not_heard",
            },
            so_far: line.cost.so_far.as_ref().map(Into::into),
            findings: taken.findings.iter().map(|finding| finding.id.to_string()).collect(),
            version: taken.entry.version.0,
        }
    }
}

/// An incident with its timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentDetail {
    #[serde(flatten)]
    pub(crate) incident: IncidentBody,
    /// Newest first.
    pub(crate) timeline: Vec<TimelineBody>,
}

/// One line of a timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimelineBody {
    /// Its place in the journal.
    seq: u64,
    #[schema(value_type = String, format = DateTime)]
    at: jiff::Timestamp,
    /// A person's name, `samband`, or null when it was erased.
    who: Option<String>,
    /// `opened`, `found`, `revised`, `ended`, `reports`, `severity`, `phase`, `command` or `note`.
    what: &'static str,
    /// Its words.
    text: String,
}

impl TimelineBody {
    pub(crate) fn of(visit: &Visit, entry: TimelineEntry) -> Self {
        let (what, text) = match entry.event {
            TimelineEvent::Opened(severity) => ("opened", severity.name().to_owned()),
            TimelineEvent::Found(id, headline) => ("found", format!("{id}: {}", headline.text(&visit.r))),
            TimelineEvent::Revised(id, _, headline) => ("revised", format!("{id}: {}", headline.text(&visit.r))),
            TimelineEvent::Ended(id, ..) => ("ended", id.to_string()),
            TimelineEvent::Reports(n) => ("reports", n.to_string()),
            TimelineEvent::Severity(severity, reason) => ("severity", format!("{}: {reason}", severity.name())),
            TimelineEvent::Phase(phase) => ("phase", phase.name().to_owned()),
            TimelineEvent::Command(by) => ("command", named(visit, by).unwrap_or_default()),
            TimelineEvent::Note(text) => ("note", text),
        };
        Self { seq: entry.seq, at: entry.at, who: named(visit, entry.who), what, text }
    }
}

/// A name for programs, none when it was erased.
fn named(visit: &Visit, who: Who) -> Option<String> {
    match who {
        Who::Person(name) => Some(name),
        Who::Me => visit.name_of(&visit.me.user),
        Who::Samband => Some("samband".to_owned()),
        Who::Erased => None,
    }
}

/// A finding, as `samband replay` prints it.
#[derive(Debug, ToSchema)]
#[schema(value_type = Object)]
pub(crate) struct FindingBody(pub(crate) std::sync::Arc<Finding>);

impl Serialize for FindingBody {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// A site.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteBody {
    site: String,
    name: Option<String>,
    region: Option<String>,
    /// `silent`, `unheard`, `unsure`, `partly`, `below`, `selling`, `shut` or `never`.
    state: &'static str,
    devices: u64,
    devices_hit: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    heard_at: Option<jiff::Timestamp>,
    /// Observed per hour; null is "not heard", never zero.
    actual_per_hour: Option<MoneyBody>,
    expected_per_hour: Option<MoneyBody>,
}

impl From<&SiteLine> for SiteBody {
    fn from(line: &SiteLine) -> Self {
        Self {
            site: line.code.to_string(),
            name: line.name.clone(),
            region: line.region.clone(),
            state: line.state.name(),
            devices: line.devices,
            devices_hit: line.devices_hit,
            heard_at: line.heard_at,
            actual_per_hour: line.actual.as_ref().map(Into::into),
            expected_per_hour: line.expected.as_ref().map(Into::into),
        }
    }
}

/// A page of sites.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SitesBody {
    pub(crate) sites: Vec<SiteBody>,
    /// From 1.
    pub(crate) page: u64,
    /// Sites in all that match.
    pub(crate) total: u64,
}

/// A site with what stands there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteDetail {
    #[serde(flatten)]
    site: SiteBody,
    opening_hours: Option<String>,
    timezone: String,
    /// Codes of its devices and their states.
    units: Vec<UnitBody>,
    /// Ids of findings that hit it, those that go on first.
    findings: Vec<String>,
}

/// A device of a site.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnitBody {
    device: String,
    /// As of a site, or `unknown` where the site sells and the device has given no sign of life of its own.
    state: &'static str,
}

fn state_of(line: &crate::view::DeviceLine) -> &'static str {
    line.state.as_ref().map_or("unknown", crate::view::SiteState::name)
}

impl From<SiteView> for SiteDetail {
    fn from(view: SiteView) -> Self {
        let unit = |line: &crate::view::DeviceLine| UnitBody { device: line.code.to_string(), state: state_of(line) };
        Self {
            site: (&view.line).into(),
            opening_hours: view.hours,
            timezone: view.zone,
            units: view.devices.iter().map(unit).collect(),
            findings: view.findings.iter().map(|line| line.id.to_string()).collect(),
        }
    }
}

/// A device: registered and observed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceBody {
    device: String,
    site: Option<String>,
    /// As in a site's `units`.
    state: &'static str,
    attributes: Vec<AttributeBody>,
    /// Ids of findings that hit it.
    findings: Vec<String>,
}

/// One attribute.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttributeBody {
    name: String,
    registered: Option<String>,
    observed: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    observed_at: Option<jiff::Timestamp>,
}

impl From<DeviceView> for DeviceBody {
    fn from(view: DeviceView) -> Self {
        let attribute = |line: crate::view::AttributeLine| AttributeBody {
            name: line.name,
            registered: line.registered,
            observed: line.observed,
            observed_at: line.observed_at,
        };
        Self {
            device: view.line.code.to_string(),
            site: view.site.map(|(code, _)| code.to_string()),
            state: state_of(&view.line),
            attributes: view.attributes.into_iter().map(attribute).collect(),
            findings: view.findings.iter().map(|line| line.id.to_string()).collect(),
        }
    }
}
