//! Tokens, import of the fleet, and users.

use super::faults::Faults;
use super::state::Role;
use jiff::Timestamp;

/// A token as a row; its secret is never seen again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenLine {
    /// Public id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Key of the customer it is fixed to.
    pub customer: String,
    /// Made at.
    pub created_at: Timestamp,
    /// Last used.
    pub used_at: Option<Timestamp>,
    /// Revoked at.
    pub revoked_at: Option<Timestamp>,
}

/// The form of a new token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenForm {
    /// What sends with it.
    pub name: String,
    /// Key of the customer.
    pub customer: String,
    /// What is wrong.
    pub faults: Faults,
}

/// The form of an import; files have to be chosen again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportForm {
    /// Key of the customer.
    pub customer: String,
    /// What is wrong.
    pub faults: Faults,
}

/// The form of a new user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserForm {
    /// Their name.
    pub name: String,
    /// What they will log in with.
    pub login: String,
    /// Stable name of the role.
    pub role: String,
    /// What is wrong.
    pub faults: Faults,
}

/// A token made just now: the only time its secret is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshToken {
    /// What it is for.
    pub name: String,
    /// The secret.
    pub secret: String,
}

/// Settings: tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokensView {
    /// The rows.
    pub tokens: Vec<TokenLine>,
    /// Made just now.
    pub fresh: Option<FreshToken>,
    /// What was filled in, when it is given back.
    pub form: TokenForm,
    /// Customers to choose from: key and name.
    pub customers: Vec<(String, String)>,
    /// Where this server is reached: `http://127.0.0.1:7700`.
    pub base_url: String,
    /// A device for the example.
    pub example_device: String,
    /// The moment of the example, RFC 3339.
    pub example_at: Timestamp,
}

impl TokensView {
    /// What the customer of a token is called, as in the form.
    #[must_use]
    pub fn customer_of<'v>(&'v self, token: &'v TokenLine) -> &'v str {
        let known = self.customers.iter().find(|(key, _)| *key == token.customer);
        known.map_or(token.customer.as_str(), |(_, name)| name.as_str())
    }

    /// The exact command to paste.
    #[must_use]
    pub fn curl(&self) -> String {
        let secret = self.fresh.as_ref().map_or("$SAMBAND_TOKEN", |f| f.secret.as_str());
        let device = &self.example_device;
        let at = self.example_at.strftime("%Y-%m-%dT%H:%M:%SZ");
        format!(
            "curl -i {}/api/v1/signals \\\n  -H 'Authorization: Bearer {secret}' \\\n  -H 'Content-Type: application/x-ndjson' \\\n  \
             -d '{{\"kind\":\"heartbeat\",\"at\":\"{at}\",\"device\":\"{device}\"}}'",
            self.base_url
        )
    }
}

/// What a dry run says of one kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DryRunLine {
    /// Would be added.
    pub added: u64,
    /// Would change.
    pub changed: u64,
    /// Are already so.
    pub same: u64,
}

/// One refused row of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportError {
    /// Which file.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// Column name.
    pub field: String,
    /// What is wrong and what would be right.
    pub reason: String,
}

/// What an import would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    /// Sites.
    pub sites: DryRunLine,
    /// Devices.
    pub devices: DryRunLine,
    /// What is wrong; all or nothing, so any error stops it.
    pub errors: Vec<ImportError>,
    /// Errors beyond those listed.
    pub errors_more: u64,
    /// Names these very files when it is carried out.
    pub ticket: String,
}

impl DryRun {
    /// Rows that the listed errors stand on.
    #[must_use]
    pub fn error_rows(&self) -> u64 {
        let rows: std::collections::BTreeSet<_> = self.errors.iter().map(|e| (&e.file, e.line)).collect();
        rows.len() as u64
    }

    /// Errors in all.
    #[must_use]
    pub fn error_count(&self) -> u64 {
        self.errors.len() as u64 + self.errors_more
    }
}

/// Settings: import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportView {
    /// What was filled in, when it is given back.
    pub form: ImportForm,
    /// Customers to choose from: key and name.
    pub customers: Vec<(String, String)>,
    /// Result of the dry run.
    pub dry_run: Option<DryRun>,
    /// Carried out: sites and devices now registered.
    pub done: Option<(u64, u64)>,
}

/// A user as a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserLine {
    /// Opaque id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What they log in with.
    pub login: String,
    /// What they may do.
    pub role: Role,
    /// Whether they have set a password.
    pub is_set_up: bool,
    /// Last seen.
    pub seen_at: Option<Timestamp>,
}

/// A setup link made just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupLink {
    /// For whom.
    pub name: String,
    /// The link.
    pub url: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// Settings: users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsersView {
    /// The rows.
    pub users: Vec<UserLine>,
    /// Made just now.
    pub link: Option<SetupLink>,
    /// What was filled in, when it is given back.
    pub form: UserForm,
}
