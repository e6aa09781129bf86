//! What each page shows, as typed structs: the desk fills them, the templates print them, and neither knows the other.

mod access;
mod cost;
mod fleet;
mod headline;
mod operations;
mod public;
mod settings;
mod shell;
mod state;
mod why;

pub use access::{LoginView, SetupView};
pub use cost::{AllShut, Basis, CameLater, Cost};
pub use fleet::{
    AttributeLine, DeviceLine, DeviceView, Paging, SiteLine, SiteView, SitesView, UnregisteredLine, UnregisteredView,
    largest_rate,
};
pub use headline::{Headline, terms};
pub use operations::{
    Allowed, ChartView, FindingLine, FindingView, HourLine, IncidentLine, IncidentView, IncidentsView, OverviewView,
    ReportLine, RevisionLine, TimelineEntry, TimelineEvent, TurnoverNow, Who,
};
pub use public::{Notice, ReportForm, ReportReceipt, ReportView, Reported, Symptom};
pub use settings::{
    DryRun, DryRunLine, FreshToken, ImportError, ImportView, SetupLink, TokenLine, TokensView, UserLine, UsersView,
};
pub use shell::{Degraded, DegradedPart, DemoBar, DemoScenario, Nav, Shell, SignedIn, Theme};
pub use state::{Phase, Role, Severity, SiteState, StateCounts, because_key, finding_kind_key};
pub use why::{SitesNow, WhyMoney};
