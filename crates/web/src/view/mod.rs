//! What each page shows, as typed structs: the desk fills them, the templates print them, and neither knows the other.

mod access;
mod cost;
mod faults;
mod fleet;
mod headline;
mod incident;
mod operations;
mod public;
mod settings;
mod shell;
mod state;
mod steps;
mod why;

pub use access::{LoginView, SetupView};
pub use cost::{AllShut, Basis, CameLater, Cost};
pub use faults::Faults;
pub use fleet::{
    AttributeLine, DeviceLine, DeviceView, Paging, SiteLine, SiteView, SitesView, UnregisteredLine, UnregisteredView,
    largest_rate,
};
pub use headline::{DeviceSort, Headline};
pub use incident::{Allowed, IncidentDeed, IncidentForm, IncidentView, TimelineEntry, TimelineEvent, Who};
pub use operations::{
    ChartView, FindingLine, FindingView, HourLine, IncidentLine, IncidentsView, OverviewView, ReportLine, RevisionLine,
    TurnoverNow,
};
pub use public::{Notice, ReportForm, ReportReceipt, ReportView, Reported, Symptom};
pub use settings::{
    DryRun, DryRunLine, FreshToken, ImportError, ImportForm, ImportView, SetupLink, TokenForm, TokenLine, TokensView,
    UserForm, UserLine, UsersView,
};
pub use shell::{Degraded, DegradedPart, DemoBar, DemoScenario, Nav, Shell, SignedIn, Theme};
pub use state::{Phase, Role, Severity, SiteState, StateCounts, because_key, finding_kind_key};
pub use why::{SitesNow, WhyMoney};
