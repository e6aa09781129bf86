//! What a reader sees: the world, cut to a scope. There is no other way to it.

mod search;
mod timeline;

pub use search::Hit;
pub use timeline::{TimelineEntry, TimelineWhat};

use crate::commands::reports::proposed;
use crate::desk::Desk;
use crate::world::access::{TokenEntry, UserEntry};
use crate::world::findings::FindingEntry;
use crate::world::incidents::IncidentEntry;
use crate::world::reports::ReportEntry;
use crate::world::{Part, Policies, World};
use domain::event::EngineStarted;
use domain::fleet::SiteContact;
use domain::{CustomerKey, FindingId, IncidentId, PersonalRef, ReportId, RowScope, Scope, TokenId, UserId};
use store::Seq;
use store::vault::Found;

/// The world as one scope sees it. Two are the same when everything in them is.
#[derive(Debug, PartialEq)]
pub struct View<'a> {
    world: &'a World,
    scope: &'a Scope,
}

/// What a reference to personal data leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// The words.
    Plain(String),
    /// They were erased.
    Erased,
    /// They cannot be read at this moment; the log says why.
    Unreadable,
}

impl<'a> View<'a> {
    pub(crate) fn new(world: &'a World, scope: &'a Scope) -> Self {
        Self { world, scope }
    }

    /// The newest event that is in it.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.world.seq
    }

    /// The customers, in order of key.
    pub fn customers(&self) -> impl Iterator<Item = (&'a CustomerKey, &'a Part)> + use<'a> {
        let scope = self.scope;
        self.world.parts.iter().filter(move |(key, _)| scope.sees_customer(key))
    }

    /// One customer.
    #[must_use]
    pub fn customer(&self, key: &CustomerKey) -> Option<&'a Part> {
        self.world.parts.get(key).filter(|_| self.scope.sees_customer(key))
    }

    /// One finding.
    #[must_use]
    pub fn finding(&self, id: &FindingId) -> Option<&'a FindingEntry> {
        self.customers().find_map(|(_, part)| part.findings.get(id))
    }

    /// One incident.
    #[must_use]
    pub fn incident(&self, id: &IncidentId) -> Option<&'a IncidentEntry> {
        self.customers().find_map(|(_, part)| part.incidents.get(id))
    }

    /// One report.
    #[must_use]
    pub fn report(&self, id: &ReportId) -> Option<&'a ReportEntry> {
        self.customers().find_map(|(_, part)| part.reports.get(id))
    }

    /// One token.
    #[must_use]
    pub fn token(&self, id: &TokenId) -> Option<&'a TokenEntry> {
        self.customers().find_map(|(_, part)| part.tokens.get(id))
    }

    /// The findings that go on, newest first.
    #[must_use]
    pub fn open_findings(&self) -> Vec<&'a FindingEntry> {
        let mut open: Vec<_> = self.customers().flat_map(|(_, part)| part.findings.open()).collect();
        open.sort_by(|a, b| {
            b.latest.detected_at.cmp(&a.latest.detected_at).then_with(|| a.latest.id.cmp(&b.latest.id))
        });
        open
    }

    /// The incidents being dealt with, gravest and then newest first.
    #[must_use]
    pub fn open_incidents(&self) -> Vec<&'a IncidentEntry> {
        let mut open: Vec<_> = self.customers().flat_map(|(_, part)| part.incidents.open()).collect();
        open.sort_by(|a, b| {
            let (a, b) = (&a.incident, &b.incident);
            let by_severity = a.severity.current().cmp(&b.severity.current());
            by_severity.then_with(|| b.opened_at.cmp(&a.opened_at)).then_with(|| a.id.cmp(&b.id))
        });
        open
    }

    /// The newest incidents, open or not, at most `limit`.
    #[must_use]
    pub fn newest_incidents(&self, limit: usize) -> Vec<&'a IncidentEntry> {
        let mut all: Vec<_> = self.customers().flat_map(|(_, part)| part.incidents.all()).collect();
        all.sort_by(|a, b| {
            b.incident.opened_at.cmp(&a.incident.opened_at).then_with(|| a.incident.id.cmp(&b.incident.id))
        });
        all.truncate(limit);
        all
    }

    /// Reports that belong to no incident, newest first, at most `limit`; each with the incident it might belong to.
    #[must_use]
    pub fn unconfirmed_reports(&self, limit: usize) -> Vec<(&'a ReportEntry, Option<IncidentId>)> {
        let policy = &self.world.policies.reports;
        let with_proposal = |part: &'a Part| {
            part.reports.unconfirmed().take(limit).map(move |entry| (entry, proposed(part, policy, &entry.report)))
        };
        let mut reports: Vec<_> = self.customers().flat_map(|(_, part)| with_proposal(part)).collect();
        reports.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.received_at));
        reports.truncate(limit);
        reports
    }

    /// People with a login; only for those who see the organisation.
    pub fn users(&self) -> impl Iterator<Item = &'a UserEntry> + use<'a> {
        let seen = self.scope.sees(&RowScope::Organisation);
        self.world.users.values().filter(move |_| seen)
    }

    /// One person with a login; only for those who see the organisation.
    #[must_use]
    pub fn user(&self, id: &UserId) -> Option<&'a UserEntry> {
        self.world.users.get(id).filter(|_| self.scope.sees(&RowScope::Organisation))
    }

    /// The name of whoever did something that this scope may see: a person is named to all who see what they did.
    #[must_use]
    pub fn name_of(&self, id: &UserId) -> Option<&'a PersonalRef> {
        self.world.users.get(id).map(|user| &user.name)
    }

    /// Policies in force.
    #[must_use]
    pub fn policies(&self) -> &'a Policies {
        &self.world.policies
    }

    /// The engine that last took over.
    #[must_use]
    pub fn engine(&self) -> Option<&'a EngineStarted> {
        self.world.engine.as_ref()
    }
}

impl Desk {
    /// The words that a reference leads to. References come from views, so whoever has one may read it.
    #[must_use]
    pub fn text(&self, reference: &PersonalRef) -> Text {
        match self.vault.get(reference) {
            Ok(Found::Plain(bytes)) => String::from_utf8(bytes).map_or(Text::Unreadable, Text::Plain),
            Ok(Found::Erased) => Text::Erased,
            Err(_) => Text::Unreadable,
        }
    }

    /// The people to reach at a site, if known and not erased.
    #[must_use]
    pub fn contact(&self, reference: &PersonalRef) -> Option<SiteContact> {
        match self.text(reference) {
            Text::Plain(text) => serde_json::from_str(&text).ok(),
            Text::Erased | Text::Unreadable => None,
        }
    }
}
