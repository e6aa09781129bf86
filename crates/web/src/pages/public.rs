//! Pages that need no login: report, login, setup, problems.

use crate::security::{Problem, ProblemKind};
use crate::view::{LoginView, ReportView, SetupView, Symptom, Theme};
use crate::words::{Key, Lang, Reader};
use askama::Template;

/// The page behind the QR code at the till.
#[derive(Template)]
#[template(path = "report.html")]
pub struct ReportPage<'a> {
    /// For whom.
    pub r: &'a Reader,
    /// Light or dark.
    pub theme: Theme,
    /// What it shows.
    pub m: &'a ReportView,
}

/// The login.
#[derive(Template)]
#[template(path = "login.html")]
pub struct LoginPage<'a> {
    /// For whom.
    pub r: &'a Reader,
    /// Light or dark.
    pub theme: Theme,
    /// What it shows.
    pub m: &'a LoginView,
}

/// The first password.
#[derive(Template)]
#[template(path = "setup.html")]
pub struct SetupPage<'a> {
    /// For whom.
    pub r: &'a Reader,
    /// Light or dark.
    pub theme: Theme,
    /// What it shows.
    pub m: &'a SetupView,
}

/// A problem, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemView {
    /// Of which kind.
    pub kind: ProblemKind,
    /// The same as machines get it.
    pub problem: Problem,
}

impl ProblemView {
    /// Title and advice.
    #[must_use]
    pub fn words(&self) -> (Key, Key) {
        self.kind.page_words()
    }

    /// What forms call a field.
    #[must_use]
    pub fn label(&self, field: &str) -> Option<Key> {
        Some(match field {
            "name" => Key("name"),
            "login" => Key("login-name"),
            "role" => Key("role"),
            "customer" => Key("customer"),
            "severity" => Key("severity"),
            "phase" => Key("phase"),
            "reason" => Key("reason"),
            "site" => Key("site"),
            "device" => Key("device"),
            _ => return None,
        })
    }

    /// The id to name when asking for help.
    #[must_use]
    pub fn occurrence(&self) -> Option<&str> {
        self.problem.instance.as_deref()?.rsplit(':').next()
    }
}

/// A problem as a page.
#[derive(Template)]
#[template(path = "problem.html")]
pub struct ProblemPage<'a> {
    /// For whom.
    pub r: &'a Reader,
    /// Light or dark.
    pub theme: Theme,
    /// What it shows.
    pub m: &'a ProblemView,
}

/// The page on which the REST addresses can be tried.
#[derive(Template)]
#[template(path = "api.html")]
pub struct ApiPage<'a> {
    /// For whom.
    pub r: &'a Reader,
    /// Light or dark.
    pub theme: Theme,
}
