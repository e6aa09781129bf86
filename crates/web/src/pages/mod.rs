//! The pages themselves: each pairs a view model with its template. Blocks of a template that stay live are fragments,
//! rendered from the same template, so that a page and its updates cannot differ.

mod fragments;
mod private;
mod public;

pub use fragments::{Fragments, fragment, html, page};
pub use private::{
    DevicePage, FindingPage, FleetPage, ImportPage, IncidentPage, IncidentsPage, OverviewPage, ProblemInsidePage,
    SitePage, TokensPage, UnregisteredPage, UsersPage,
};
pub use public::{ApiPage, LoginPage, ProblemPage, ProblemView, ReportPage, SetupPage};
