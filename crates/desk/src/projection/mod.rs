//! Projection snapshots: where the fold of the journal stood, so that a start need not fold it from its beginning. Lines of JSON,
//! as docs/formats.md has them; a line for each customer's work, and some for its fleet, so that several can be read at once.
//!
//! A snapshot is of use only to the fold that made it and only beside the journal that it was made of: it carries the version of
//! the one and the hash of the other.

pub(crate) mod event;
mod fleet;
pub(crate) mod shared;
mod take_up;

pub use take_up::TakenUp;

use crate::codec::CodecError;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::world::access::{TokenEntry, UserEntry};
use crate::world::findings::Findings;
use crate::world::incidents::Incidents;
use crate::world::reports::Reports;
use crate::world::{Part, Policies, World};
use domain::event::EngineStarted;
use domain::{CustomerKey, CustomerRecord, SiteRecord, TokenId, UserId};
use fleet::Devices;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use store::snapshots::Snapshot;
use store::{Hash, Position, Seq};

/// Goes up whenever the same journal folds into something else, or what is kept of it changes its form: snapshots of another
/// version are passed over.
pub const FOLD_VERSION: u32 = 1;
/// The name of projection snapshots.
pub const SNAPSHOT_NAME: &str = "desk";
/// So many sites or devices stand in one line.
const IN_A_LINE: usize = 20_000;

/// One line of a snapshot.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    /// The first: of which journal it is, and what belongs to the organisation.
    Head(Box<Head<'a>>),
    /// What is worked on at one customer. Before its fleet.
    Customer(Box<Work<'a>>),
    /// Sites of the customer above, in order of code.
    Sites(Cow<'a, [SiteRecord]>),
    /// Devices of the customer above, in order of code.
    Devices(Devices<'a>),
}

#[derive(Serialize, Deserialize)]
struct Head<'a> {
    seq: Seq,
    /// The journal's hash at that event.
    hash: Hash,
    users: Cow<'a, BTreeMap<UserId, UserEntry>>,
    policies: Cow<'a, Policies>,
    engine: Cow<'a, Option<EngineStarted>>,
    erased: Cow<'a, BTreeSet<String>>,
    marks: Cow<'a, BTreeMap<String, (Position, u32)>>,
}

#[derive(Serialize, Deserialize)]
struct Work<'a> {
    customer: Cow<'a, CustomerKey>,
    record: Cow<'a, Option<CustomerRecord>>,
    findings: Cow<'a, Findings>,
    incidents: Cow<'a, Incidents>,
    reports: Cow<'a, Reports>,
    tokens: Cow<'a, BTreeMap<TokenId, TokenEntry>>,
}

impl Desk {
    /// Where the fold stands, to be kept. None before the first event. Commands and pages go on while it is written down.
    ///
    /// # Errors
    /// When the journal cannot be asked for its hash, or something that was read from JSON has no form in it.
    pub fn snapshot(&self) -> Result<Option<Snapshot>, DeskError> {
        let world = World::clone(&self.world());
        let Some(hash) = self.journal().hash_at(world.seq)? else { return Ok(None) };
        let mut body = Vec::new();
        let unwritable = |what: String| CodecError::Unwritable { kind: "projections", what };
        write(&world, hash, &mut body).map_err(|error| unwritable(error.to_string()))?;
        let (name, journal_seq) = (SNAPSHOT_NAME.to_owned(), world.seq);
        // It covers no entry of the inbox: the name of its file goes by the journal alone.
        Ok(Some(Snapshot { name, version: FOLD_VERSION, inbox_position: Position(0), journal_seq, body }))
    }
}

fn write(world: &World, hash: Hash, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    // Which token has which hash follows from the customers' tokens.
    let World { seq, parts, users, tokens_by_hash: _, policies, engine, erased, marks } = world;
    let head = Head {
        seq: *seq,
        hash,
        users: Cow::Borrowed(users),
        policies: Cow::Borrowed(policies),
        engine: Cow::Borrowed(engine),
        erased: Cow::Borrowed(erased),
        marks: Cow::Borrowed(marks),
    };
    line(&Line::Head(Box::new(head)), out)?;
    parts.iter().try_for_each(|(customer, part)| write_part(customer, part, out))
}

fn write_part(customer: &CustomerKey, part: &Part, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let Part { record, fleet, findings, incidents, reports, tokens } = part;
    let work = Work {
        customer: Cow::Borrowed(customer),
        record: Cow::Borrowed(record),
        findings: Cow::Borrowed(findings),
        incidents: Cow::Borrowed(incidents),
        reports: Cow::Borrowed(reports),
        tokens: Cow::Borrowed(tokens),
    };
    line(&Line::Customer(Box::new(work)), out)?;
    let sites: Vec<_> = fleet.sites().cloned().collect();
    for sites in sites.chunks(IN_A_LINE) {
        line(&Line::Sites(Cow::Borrowed(sites)), out)?;
    }
    let devices: Vec<_> = fleet.devices().collect();
    for devices in devices.chunks(IN_A_LINE) {
        line(&Line::Devices(Devices::of(devices)), out)?;
    }
    Ok(())
}

fn line(line: &Line<'_>, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    serde_json::to_writer(&mut *out, line)?;
    out.push(b'\n');
    Ok(())
}
