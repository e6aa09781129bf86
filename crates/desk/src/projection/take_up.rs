//! Going on from a projection snapshot: it is taken only beside the journal that it was made of, else the journal is folded from
//! its beginning, and that is said.

use super::{FOLD_VERSION, Head, Line, SNAPSHOT_NAME, Work};
use crate::desk::{Desk, DeskParts};
use crate::error::DeskError;
use crate::world::fleet::{Device, Fleet};
use crate::world::{Part, World};
use domain::fleet::Attributes;
use domain::{CustomerKey, DeviceCode, SiteRecord};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::snapshots::Snapshot;
use store::{Hash, Journal, Seq, Snapshots};

/// At most so many lines are read at once.
const READERS: usize = 4;

/// A desk, and how it came to know what it knows.
pub struct TakenUp {
    /// The desk.
    pub desk: Desk,
    /// The event up to which a snapshot told it; 0 when it folded the journal from its beginning.
    pub from: Seq,
    /// Snapshots that could not be used, and why, for people.
    pub passed_over: Vec<String>,
}

impl Desk {
    /// Goes on from the newest snapshot, and folds what the journal holds beyond it.
    ///
    /// # Errors
    /// As [`Desk::open`]. A snapshot that cannot be used is no error.
    pub fn take_up(parts: DeskParts, snapshots: &dyn Snapshots) -> Result<TakenUp, DeskError> {
        let mut passed_over = Vec::new();
        let world = newest(&*parts.journal, snapshots, &mut passed_over).unwrap_or_default();
        let from = world.seq;
        Ok(TakenUp { desk: Self::open_at(parts, world)?, from, passed_over })
    }
}

fn newest(journal: &dyn Journal, snapshots: &dyn Snapshots, passed_over: &mut Vec<String>) -> Option<World> {
    let latest = match snapshots.latest(SNAPSHOT_NAME, &|found| found == FOLD_VERSION) {
        Ok(latest) => latest,
        Err(error) => {
            passed_over.push(error.to_string());
            return None;
        }
    };
    passed_over.extend(latest.skipped.iter().map(|skipped| format!("{}: {}", skipped.file.display(), skipped.why)));
    let snapshot = latest.snapshot?;
    match world_of(&snapshot, journal) {
        Ok(world) => Some(world),
        Err(why) => {
            passed_over.push(format!("the snapshot at event {}: {why}", snapshot.journal_seq));
            // It would stand before every newer one of this journal.
            if let Err(error) = snapshots.forget(&snapshot) {
                passed_over.push(error.to_string());
            }
            None
        }
    }
}

fn world_of(snapshot: &Snapshot, journal: &dyn Journal) -> Result<World, String> {
    let (world, hash) = read(&snapshot.body)?;
    if world.seq != snapshot.journal_seq {
        return Err(format!("it says that it stands at event {}", world.seq));
    }
    match journal.hash_at(world.seq) {
        Ok(Some(found)) if found == hash => Ok(world),
        Ok(Some(_)) => Err("the journal's hash there is another: it is of another journal".to_owned()),
        Ok(None) => Err("the journal does not reach so far: it is of another journal".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The world in a snapshot's body, and the hash of the journal that it was folded from.
fn read(body: &[u8]) -> Result<(World, Hash), String> {
    let mut lines = parsed(body)?.into_iter();
    let Some(Line::Head(head)) = lines.next() else { return Err("it does not begin with its head".to_owned()) };
    let hash = head.hash;
    let mut world = world_with(*head);
    let mut fleet: Option<Gathered> = None;
    for line in lines {
        match (line, &mut fleet) {
            (Line::Customer(work), _) => {
                if let Some(done) = fleet.replace(Gathered::of(&work)) {
                    done.put(&mut world);
                }
                put(&mut world, *work);
            }
            (Line::Sites(sites), Some(fleet)) => fleet.sites.extend(sites.into_owned()),
            (Line::Devices(devices), Some(fleet)) => {
                let devices =
                    devices.into_devices(&mut fleet.shared).ok_or("a device names a number that nothing has")?;
                fleet.devices.extend(devices);
            }
            (Line::Head(_), _) => return Err("it has two heads".to_owned()),
            (Line::Sites(_) | Line::Devices(_), None) => return Err("it has a fleet of no customer".to_owned()),
        }
    }
    if let Some(done) = fleet {
        done.put(&mut world);
    }
    Ok((world, hash))
}

/// Reads all lines, several at once, in their order.
fn parsed(body: &[u8]) -> Result<Vec<Line<'_>>, String> {
    let texts: Vec<&[u8]> = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let next = AtomicUsize::new(0);
    let one_after_another = || {
        let mut read = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(text) = texts.get(at) else { return read };
            let line = serde_json::from_slice::<Line<'_>>(text);
            read.push((at, line.map_err(|error| format!("its line {} does not read: {error}", at + 1))));
        }
    };
    let readers = std::thread::available_parallelism().map_or(1, usize::from).min(READERS);
    let mut read: Vec<_> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..readers).map(|_| scope.spawn(one_after_another)).collect();
        let mut read = one_after_another();
        for other in others {
            read.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        read
    });
    read.sort_by_key(|(at, _)| *at);
    read.into_iter().map(|(_, line)| line).collect()
}

fn world_with(head: Head<'_>) -> World {
    World {
        seq: head.seq,
        users: head.users.into_owned(),
        policies: head.policies.into_owned(),
        engine: head.engine.into_owned(),
        erased: head.erased.into_owned(),
        marks: head.marks.into_owned(),
        ..World::default()
    }
}

fn put(world: &mut World, work: Work<'_>) {
    let (customer, tokens) = (work.customer.into_owned(), work.tokens.into_owned());
    let in_force = tokens.values().filter(|token| token.revoked_at.is_none());
    let by_hash = in_force.map(|token| (token.created.hash.clone(), (customer.clone(), token.created.token.clone())));
    world.tokens_by_hash.extend(by_hash);
    let part = Part {
        record: work.record.into_owned(),
        fleet: Arc::default(),
        findings: Arc::new(work.findings.into_owned()),
        incidents: Arc::new(work.incidents.into_owned()),
        reports: Arc::new(work.reports.into_owned()),
        tokens,
    };
    world.parts.insert(customer, part);
}

/// A customer's fleet, gathered from its lines.
struct Gathered {
    customer: CustomerKey,
    sites: Vec<SiteRecord>,
    devices: Vec<(DeviceCode, Device)>,
    shared: BTreeSet<Arc<Attributes>>,
}

impl Gathered {
    fn of(work: &Work<'_>) -> Self {
        let customer = work.customer.clone().into_owned();
        Self { customer, sites: Vec::new(), devices: Vec::new(), shared: BTreeSet::new() }
    }

    fn put(self, world: &mut World) {
        if let Some(part) = world.parts.get_mut(&self.customer) {
            part.fleet = Arc::new(Fleet::of(self.sites, self.devices, self.shared));
        }
    }
}
