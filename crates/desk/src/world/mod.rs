//! The world: everything the desk knows, as a fold of the journal. One part per customer, so that a scope is a choice of
//! parts and never a filter that somebody forgets.

pub mod access;
pub mod findings;
pub mod fleet;
pub mod incidents;
pub mod reports;

use crate::codec::Decoded;
use access::{TokenEntry, UserEntry};
use domain::event::{EngineStarted, Event};
use domain::incident::{SeverityPolicy, Unfit};
use domain::policy::PolicySet;
use domain::report::ReportPolicy;
use domain::{CustomerKey, CustomerRecord, IncidentId, RowScope, TokenId, UserId};
use findings::Findings;
use fleet::Fleet;
use incidents::Incidents;
use reports::Reports;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::{Cause, Position, Seq};

/// An event that does not follow from those before it: the journal is not one that this desk wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadHistory {
    /// An incident's event does not fit.
    #[error("event {seq} does not fit incident {incident}")]
    Incident {
        /// Which event.
        seq: Seq,
        /// Which incident.
        incident: IncidentId,
        /// Why.
        source: Unfit,
    },
    /// A row of a customer whose scope says that it is the organisation's, or the other way round.
    #[error("event {seq}, {kind}, is recorded for another scope than its body names")]
    Scope {
        /// Which event.
        seq: Seq,
        /// Its kind.
        kind: &'static str,
    },
    /// Events are missing before this one.
    #[error("event {found} follows event {after}: events are missing")]
    Missing {
        /// The last that was folded.
        after: Seq,
        /// The next that was read.
        found: Seq,
    },
}

/// Policies in force.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Policies {
    /// How grave incidents are.
    pub severity: SeverityPolicy,
    /// How reports find their incident.
    pub reports: ReportPolicy,
    /// How detection judges, in the engine's shape; none while nobody set it.
    pub engine: Option<serde_json::Value>,
}

/// Everything of one customer. What is large is shared with a snapshot while that is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    /// Who it is; none while only its key was used.
    pub record: Option<CustomerRecord>,
    /// Its sites and devices.
    pub fleet: Arc<Fleet>,
    /// What the engine found.
    pub findings: Arc<Findings>,
    /// What people handle.
    pub incidents: Arc<Incidents>,
    /// What people said.
    pub reports: Arc<Reports>,
    /// Its ingest tokens.
    pub tokens: BTreeMap<TokenId, TokenEntry>,
}

/// Everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct World {
    /// The newest event that is in it.
    pub seq: Seq,
    /// By customer.
    pub parts: BTreeMap<CustomerKey, Part>,
    /// People with a login.
    pub users: BTreeMap<UserId, UserEntry>,
    /// Which token has which hash: a machine shows nothing else.
    pub tokens_by_hash: BTreeMap<String, (CustomerKey, TokenId)>,
    /// Policies in force.
    pub policies: Policies,
    /// The engine that last took over.
    pub engine: Option<EngineStarted>,
    /// Subjects of the vault that were erased.
    pub erased: BTreeSet<String>,
    /// The newest place in its input for which each source has recorded something.
    pub marks: BTreeMap<String, (Position, u32)>,
}

impl World {
    /// Folds one more event in. What it concerns is returned for the live feed: subject and incident.
    ///
    /// # Errors
    /// [`BadHistory`]; then nothing was changed but maybe the part that the event names.
    pub fn apply(&mut self, row: &Decoded) -> Result<(String, Option<IncidentId>), BadHistory> {
        if row.seq != self.seq.next() {
            return Err(BadHistory::Missing { after: self.seq, found: row.seq });
        }
        let concerns = match &row.scope {
            RowScope::Organisation => self.apply_organisation(row)?,
            RowScope::Customer(customer) => self.apply_customer(customer, row)?,
        };
        if let Some(cause) = &row.cause {
            self.mark(cause);
        }
        self.seq = row.seq;
        Ok(concerns)
    }

    /// Whether a cause is at or before the newest that its source has recorded.
    #[must_use]
    pub fn is_marked(&self, cause: &Cause) -> bool {
        self.marks.get(&cause.source).is_some_and(|mark| (cause.position, cause.ordinal) <= *mark)
    }

    fn mark(&mut self, cause: &Cause) {
        let mark = self.marks.entry(cause.source.clone()).or_default();
        *mark = (*mark).max((cause.position, cause.ordinal));
    }

    fn apply_organisation(&mut self, row: &Decoded) -> Result<(String, Option<IncidentId>), BadHistory> {
        let subject = match &row.event {
            Event::EngineStarted(body) => {
                self.engine = Some(body.clone());
                body.version.clone()
            }
            Event::UserInvited(body) => access::invited(&mut self.users, body, row),
            Event::UserLinkRenewed(body) => {
                access::marked(&mut self.users, body, row, |user| user.state = access::UserState::Invited)
            }
            Event::UserSetUp(body) => {
                access::marked(&mut self.users, body, row, |user| user.state = access::UserState::Active)
            }
            Event::UserDisabled(body) => {
                access::marked(&mut self.users, body, row, |user| user.state = access::UserState::Disabled)
            }
            Event::UserRoleChanged(body) => access::role_changed(&mut self.users, body, row),
            Event::PolicySet(body) => {
                match body {
                    PolicySet::Severity(policy) => self.policies.severity = policy.clone(),
                    PolicySet::Reports(policy) => self.policies.reports = policy.clone(),
                    PolicySet::Engine(value) => self.policies.engine = Some(value.clone()),
                }
                body.name().to_owned()
            }
            Event::PersonalErased(body) => {
                self.erased.insert(body.subject.clone());
                body.subject.clone()
            }
            other => return Err(BadHistory::Scope { seq: row.seq, kind: other.kind() }),
        };
        Ok((subject, None))
    }

    fn apply_customer(
        &mut self,
        customer: &CustomerKey,
        row: &Decoded,
    ) -> Result<(String, Option<IncidentId>), BadHistory> {
        let part = self.parts.entry(customer.clone()).or_default();
        let plain = |subject: &str| Ok((subject.to_owned(), None));
        match &row.event {
            Event::CustomerRegistered(body) => {
                part.record = Some(body.clone());
                plain(body.key.as_str())
            }
            Event::SitesImported(body) => {
                Arc::make_mut(&mut part.fleet).put_sites(&body.sites);
                plain(customer.as_str())
            }
            Event::DevicesImported(body) => {
                Arc::make_mut(&mut part.fleet).put_devices(&body.devices);
                plain(customer.as_str())
            }
            Event::FindingOpened(body) | Event::FindingRevised(body) | Event::FindingClosed(body) => {
                Arc::make_mut(&mut part.findings).put(row, body, &part.fleet);
                Ok((body.id.to_string(), part.incidents.home_of(body)))
            }
            Event::ReportReceived(body) => {
                Arc::make_mut(&mut part.reports).put(row, body);
                plain(body.report.as_str())
            }
            Event::TokenCreated(body) => {
                let place = (customer.clone(), body.token.clone());
                self.tokens_by_hash.insert(body.hash.clone(), place);
                part.tokens.insert(body.token.clone(), TokenEntry::new(body, row));
                plain(body.token.as_str())
            }
            Event::TokenRevoked(body) => {
                if let Some(entry) = part.tokens.get_mut(&body.token) {
                    entry.revoked_at = Some(row.at);
                    self.tokens_by_hash.remove(&entry.created.hash);
                }
                plain(body.token.as_str())
            }
            event => {
                let event = event.clone().into_incident();
                let event = event.map_err(|other| BadHistory::Scope { seq: row.seq, kind: other.kind() })?;
                Arc::make_mut(&mut part.reports).follow(&event);
                let id = Arc::make_mut(&mut part.incidents).apply(row, event)?;
                Ok((id.to_string(), Some(id)))
            }
        }
    }
}
