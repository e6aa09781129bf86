//! An open finding as the fleet step follows it: what it holds, what is known of it, when it is looked at again.

use super::lattice::Tally;
use crate::clock::Ms;
use domain::finding::FindingKind;
use domain::{Finding, Term};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An open finding.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Open {
    /// Its last revision.
    #[serde(with = "as_json")]
    pub finding: Finding,
    /// Its customer.
    pub customer: u32,
    /// Its series; `None` when it is about contact alone.
    pub series: Option<u32>,
    /// What covers its members.
    pub terms: Vec<Term>,
    /// Group of what it holds.
    pub group: Option<u32>,
    /// When it began, as estimated.
    pub since: Ms,
    /// When it is looked at next.
    pub next_look: Ms,
    /// Time between looks; doubles.
    pub gap: Ms,
    /// Observed and expected since it began, up to when it was opened.
    pub before: Tally,
    /// Evidence that activity is back, nats.
    pub back: f64,
    /// When that evidence last was nothing.
    pub back_since: Ms,
    /// What of its group's sums that evidence has taken in.
    pub seen: Tally,
    /// Members that it says are hit, sorted.
    pub hit: Vec<u32>,
    /// Members that it ever said are hit, sorted.
    pub ever_hit: Vec<u32>,
    /// Share of what was missing that moved elsewhere, as far as is known.
    pub moved: f64,
    /// Sites not heard from, with the time each was last heard.
    pub lost: BTreeMap<u32, Ms>,
    /// Sites of it that were lost and are heard again.
    pub regained: BTreeSet<u32>,
    /// Devices unheard, for those found by heartbeats.
    pub unheard: BTreeSet<u32>,
    /// Transactions that came late and belong to it.
    pub late: Tally,
    /// When the last of them came; `None` when all are told.
    pub late_at: Option<Ms>,
    /// When it was closed.
    pub closed: Option<Ms>,
    /// Its group's sums of the last days, and up to the last night.
    pub days: Vec<Tally>,
    /// See [`Open::days`].
    pub night: Tally,
}

impl Open {
    /// A finding that is about to be said; what it holds and whom it hits is not known yet.
    #[must_use]
    pub fn new(finding: Finding, customer: u32, terms: Vec<Term>, since: Ms) -> Self {
        Self {
            finding,
            customer,
            series: None,
            terms,
            group: None,
            since,
            next_look: Ms::MAX,
            gap: Ms::MAX,
            before: Tally::default(),
            back: 0.0,
            back_since: since,
            seen: Tally::default(),
            hit: Vec::new(),
            ever_hit: Vec::new(),
            moved: 0.0,
            lost: BTreeMap::new(),
            regained: BTreeSet::new(),
            unheard: BTreeSet::new(),
            late: Tally::default(),
            late_at: None,
            closed: None,
            days: Vec::new(),
            night: Tally::default(),
        }
    }

    /// Whether it rests on heartbeats that did not come, and nothing else.
    #[must_use]
    pub fn is_by_heartbeats(&self) -> bool {
        self.group.is_none() && !self.unheard.is_empty()
    }

    /// Whether it is about sites that are not heard from, and nothing else.
    #[must_use]
    pub fn is_loss(&self) -> bool {
        let of_contact = self.finding.kind == FindingKind::ContactLost && self.group.is_none();
        self.closed.is_none() && of_contact && !self.lost.is_empty()
    }

    /// Whether it names more than one site.
    #[must_use]
    pub fn is_common(&self) -> bool {
        self.terms.iter().all(|t| t.attribute != "site")
    }

    /// What its heartbeats said first, what is sold says too: one finding, from its first word on.
    pub fn go_on_from(&mut self, first: &Self) {
        self.since = self.since.min(first.since);
        self.unheard.clone_from(&first.unheard);
        let (said, now) = (&first.finding, &mut self.finding);
        (now.id, now.incident, now.revision) = (said.id.clone(), said.incident.clone(), said.revision);
        (now.detected_at, now.started_at) = (said.detected_at, said.started_at);
        now.evidence.delay_s = said.evidence.delay_s;
    }

    /// Says whom it hits now.
    pub fn hits(&mut self, mut hit: Vec<u32>) {
        hit.sort_unstable();
        hit.dedup();
        self.ever_hit.extend(&hit);
        self.ever_hit.sort_unstable();
        self.ever_hit.dedup();
        self.hit = hit;
    }

    /// Nothing will be said of it any more: keeps no more than that it was.
    pub fn put_away(&mut self) {
        self.hit = Vec::new();
        self.ever_hit = Vec::new();
        self.days = Vec::new();
        self.regained.clear();
        self.unheard.clear();
        self.finding.sites = Vec::new();
        self.finding.devices = None;
        self.next_look = Ms::MAX;
    }
}

/// Findings keep their JSON form inside the engine's binary snapshots: it is the one form that never changes.
mod as_json {
    use domain::Finding;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};

    pub fn serialize<S: Serializer>(finding: &Finding, s: S) -> Result<S::Ok, S::Error> {
        serde_json::to_string(finding).map_err(S::Error::custom)?.serialize(s)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Finding, D::Error> {
        serde_json::from_str(&String::deserialize(d)?).map_err(D::Error::custom)
    }
}
