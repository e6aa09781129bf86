//! What the engine found at one customer: the newest revision of each finding, and when the earlier ones were made. Earlier
//! revisions in full stand in the journal.

use super::fleet::Fleet;
use crate::codec::Decoded;
use domain::finding::{Because, FindingStatus};
use domain::{Finding, FindingId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use store::Seq;

/// So many closed findings stay at hand; older ones stand in the journal.
const CLOSED_KEPT: usize = 2_000;
/// So many devices are looked at to learn which types a finding hits.
const TYPES_FROM: usize = 2_000;
/// So many revisions of one finding are listed; the first is always among them.
const REVISIONS_KEPT: usize = 200;

/// A finding with its history in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingEntry {
    /// Its newest revision.
    #[serde(with = "crate::projection::shared")]
    pub latest: Arc<Finding>,
    /// The devices' types (attribute `type`) that it hits.
    pub types: BTreeSet<String>,
    /// Its revisions, oldest first.
    pub revisions: Vec<Revision>,
}

/// One revision in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// Its place in the journal.
    pub seq: Seq,
    /// 1, 2, 3, ...
    pub revision: u32,
    /// When it was made.
    pub at: Timestamp,
    /// Why.
    pub because: Because,
    /// Where the finding stood with it.
    pub status: FindingStatus,
}

/// The findings of one customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    entries: BTreeMap<FindingId, FindingEntry>,
    open: BTreeSet<FindingId>,
    closed: VecDeque<FindingId>,
}

impl Findings {
    /// One finding.
    #[must_use]
    pub fn get(&self, id: &FindingId) -> Option<&FindingEntry> {
        self.entries.get(id)
    }

    /// Those that go on.
    pub fn open(&self) -> impl Iterator<Item = &FindingEntry> {
        self.open.iter().filter_map(|id| self.entries.get(id))
    }

    /// Those that closed, newest first.
    pub fn closed(&self) -> impl Iterator<Item = &FindingEntry> {
        self.closed.iter().rev().filter_map(|id| self.entries.get(id))
    }

    pub(super) fn put(&mut self, row: &Decoded, finding: &Finding, fleet: &Fleet) {
        let revision = Revision {
            seq: row.seq,
            revision: finding.revision,
            at: finding.revised_at,
            because: finding.evidence.because,
            status: finding.status,
        };
        let types = types_of(finding, fleet);
        let latest = Arc::new(finding.clone());
        let entry = self.entries.entry(finding.id.clone()).or_insert_with(|| FindingEntry {
            latest: Arc::clone(&latest),
            types: BTreeSet::new(),
            revisions: Vec::new(),
        });
        entry.latest = latest;
        entry.types = types;
        if entry.revisions.len() >= REVISIONS_KEPT {
            entry.revisions.remove(1);
        }
        entry.revisions.push(revision);
        self.sort_in(finding);
    }

    fn sort_in(&mut self, finding: &Finding) {
        match finding.status {
            FindingStatus::Open | FindingStatus::Revised => {
                self.closed.retain(|id| *id != finding.id);
                self.open.insert(finding.id.clone());
            }
            FindingStatus::Closed => {
                self.open.remove(&finding.id);
                if !self.closed.contains(&finding.id) {
                    self.closed.push_back(finding.id.clone());
                }
            }
        }
        while self.closed.len() > CLOSED_KEPT {
            if let Some(id) = self.closed.pop_front() {
                self.entries.remove(&id);
            }
        }
    }
}

/// The types of device that a finding hits: as its explanation says, else as its devices are registered.
pub(crate) fn types_of(finding: &Finding, fleet: &Fleet) -> BTreeSet<String> {
    let named: BTreeSet<_> =
        finding.explanation.iter().filter(|term| term.attribute == "type").map(|term| term.value.clone()).collect();
    if !named.is_empty() {
        return named;
    }
    let devices = finding.devices.iter().flatten().take(TYPES_FROM);
    devices.filter_map(|code| fleet.device(code)?.attributes.get("type").cloned()).collect()
}
