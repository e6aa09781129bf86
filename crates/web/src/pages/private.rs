//! Pages for those who are logged in.

use super::fragments::Fragments;
use super::public::ProblemView;
use crate::view::{
    Basis, DemoBar, DeviceView, FindingView, ImportView, IncidentDeed, IncidentView, IncidentsView, Nav, OverviewView,
    Role, Severity, Shell, SiteState, SiteView, SitesView, Theme, TimelineEvent, TokensView, UnregisteredView,
    UsersView, Who,
};
use crate::words::{Lang, Reader};
use askama::Template;
use domain::FindingKind;
use domain::finding::{Contact, FindingStatus};

/// Declares a page: its template, its view model, and the blocks that stay live.
macro_rules! page {
    ($(#[$doc:meta])* $name:ident, $path:literal, $view:ty $(, $block:literal => $render:ident)*) => {
        $(#[$doc])*
        #[derive(Template)]
        #[template(path = $path, blocks = [$($block),*])]
        pub struct $name<'a> {
            /// For whom.
            pub r: &'a Reader,
            /// What stands around it.
            pub shell: &'a Shell,
            /// What it shows.
            pub m: &'a $view,
        }

        impl Fragments for $name<'_> {
            fn fragment(&self, name: &str) -> Option<askama::Result<String>> {
                match name {
                    $($block => Some(self.$render().render()),)*
                    _ => None,
                }
            }
        }
    };
}

page! {
    /// What is wrong now, whom it hits, what it costs.
    OverviewPage, "overview.html", OverviewView,
    "open_count" => as_open_count, "incidents" => as_incidents, "turnover" => as_turnover, "states" => as_states,
    "findings" => as_findings, "reports" => as_reports
}
page! {
    /// All incidents.
    IncidentsPage, "incidents.html", IncidentsView, "list" => as_list
}
page! {
    /// One incident: the war room.
    IncidentPage, "incident.html", IncidentView,
    "head_facts" => as_head_facts, "actions" => as_actions, "known" => as_known, "findings" => as_findings,
    "sites" => as_sites, "timeline" => as_timeline
}
page! {
    /// One finding, and why the engine says so.
    FindingPage, "finding.html", FindingView, "body" => as_body
}
page! {
    /// The sites.
    FleetPage, "fleet.html", SitesView, "sites" => as_sites
}
page! {
    /// One site.
    SitePage, "site.html", SiteView, "now" => as_now, "findings" => as_findings, "devices" => as_devices
}
page! {
    /// One device.
    DevicePage, "device.html", DeviceView, "body" => as_body
}
page! {
    /// What signals name and nobody registered.
    UnregisteredPage, "unregistered.html", UnregisteredView
}
page! {
    /// Settings: tokens.
    TokensPage, "tokens.html", TokensView
}
page! {
    /// Settings: import.
    ImportPage, "import.html", ImportView
}
page! {
    /// A problem, with the way on for those who are logged in.
    ProblemInsidePage, "problem_inside.html", ProblemView
}
page! {
    /// Settings: users.
    UsersPage, "users.html", UsersView
}
