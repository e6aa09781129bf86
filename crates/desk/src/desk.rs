//! The desk itself: folds the journal, lends views, runs commands, publishes what was recorded.

use crate::caller::Caller;
use crate::codec::{Codec, Decoded, Draft};
use crate::error::DeskError;
use crate::feed::{Feed, Recorded};
use crate::view::View;
use crate::world::World;
use domain::{Actor, PersonalRef, Scope};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use store::sqlite::SqliteAccounts;
use store::{Appended, Entropy, Journal, JournalError, Seq, SubjectId, Vault};

/// So often a command is decided anew when others were faster.
const ATTEMPTS: u32 = 8;
/// So many events are read from the journal at a time.
const READ_AT_ONCE: usize = 1_000;

/// What a desk is made of.
pub struct DeskParts {
    /// Where events go.
    pub journal: Arc<dyn Journal>,
    /// Where personal data goes.
    pub vault: Arc<dyn Vault>,
    /// Where passwords, links and sessions go.
    pub accounts: Arc<SqliteAccounts>,
    /// Where ids and secrets come from.
    pub entropy: Box<dyn Entropy + Send>,
    /// So many events are kept for readers that were away.
    pub feed_bound: usize,
}

/// The desk.
pub struct Desk {
    journal: Arc<dyn Journal>,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) accounts: Arc<SqliteAccounts>,
    pub(crate) hashing: crate::accounts::Hashing,
    codec: Codec,
    world: RwLock<World>,
    /// Held by whoever folds, so that events are folded and published once and in order.
    folding: Mutex<()>,
    feed: Arc<Feed>,
    entropy: Mutex<Box<dyn Entropy + Send>>,
}

impl Desk {
    /// Folds the whole journal.
    ///
    /// # Errors
    /// [`DeskError::Codec`] names a kind that this version does not know, before anything is folded.
    pub fn open(parts: DeskParts) -> Result<Self, DeskError> {
        Self::open_at(parts, World::default())
    }

    /// Folds what the journal holds beyond `world`.
    pub(crate) fn open_at(parts: DeskParts, mut world: World) -> Result<Self, DeskError> {
        let DeskParts { journal, vault, accounts, entropy, feed_bound } = parts;
        let codec = Codec::default();
        codec.check(&*journal)?;
        fold(&*journal, &codec, world.seq, |rows| {
            rows.iter().try_for_each(|row| world.apply(row).map(drop).map_err(DeskError::from))
        })?;
        Ok(Self {
            feed: Feed::new(feed_bound, world.seq),
            journal,
            vault,
            accounts,
            hashing: crate::accounts::Hashing::default(),
            codec,
            world: RwLock::new(world),
            folding: Mutex::new(()),
            entropy: Mutex::new(entropy),
        })
    }

    /// Lends a view that is cut to `scope`. Nothing is folded meanwhile, so be brief, and ask the desk for nothing but
    /// [`Desk::text`] from within.
    pub fn read<T>(&self, scope: &Scope, look: impl FnOnce(&View<'_>) -> T) -> T {
        let world = self.world();
        look(&View::new(&world, scope))
    }

    /// The live feed.
    #[must_use]
    pub fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// The newest event that is folded.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.world().seq
    }

    /// The journal itself, for those who read whole histories or verify.
    #[must_use]
    pub fn journal(&self) -> &Arc<dyn Journal> {
        &self.journal
    }

    /// The reader of journal rows.
    #[must_use]
    pub fn codec(&self) -> &Codec {
        &self.codec
    }

    /// Folds what was recorded since, by this desk or another, and publishes it.
    ///
    /// # Errors
    /// When the journal cannot be read or does not fold.
    pub fn catch_up(&self) -> Result<Seq, DeskError> {
        let _folding = self.folding.lock().unwrap_or_else(PoisonError::into_inner);
        let from = self.seq();
        fold(&*self.journal, &self.codec, from, |rows| {
            let mut published = Vec::with_capacity(rows.len());
            let mut world = self.world.write().unwrap_or_else(PoisonError::into_inner);
            let applied = rows.iter().try_for_each(|row| {
                let (subject, incident) = world.apply(row)?;
                let (seq, at, scope, kind) = (row.seq, row.at, row.scope.clone(), row.event.kind());
                published.push(Recorded { seq, at, scope, kind, subject, incident });
                Ok::<(), DeskError>(())
            });
            drop(world);
            self.feed.publish(published);
            applied
        })?;
        Ok(self.seq())
    }

    /// Runs a command: `decide` looks at the world and says what to record and what to answer. When others were faster it is
    /// asked again.
    pub(crate) fn run<T>(
        &self,
        actor: &Actor,
        now: Timestamp,
        mut decide: impl FnMut(&World) -> Result<(Vec<Draft>, T), DeskError>,
    ) -> Result<T, DeskError> {
        for _ in 0..ATTEMPTS {
            let (drafts, answer) = decide(&self.world())?;
            if drafts.is_empty() {
                return Ok(answer);
            }
            match self.append(actor, now, drafts) {
                Ok(_) => return Ok(answer),
                Err(DeskError::Codec(crate::codec::CodecError::Journal(JournalError::Conflict { .. }))) => {
                    self.catch_up()?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(DeskError::Contended { attempts: ATTEMPTS })
    }

    /// Appends all of `drafts` or none, and folds them.
    pub(crate) fn append(&self, actor: &Actor, now: Timestamp, drafts: Vec<Draft>) -> Result<Vec<Appended>, DeskError> {
        let at = store::whole_us(now);
        let rows = drafts.into_iter().map(|draft| draft.encode(actor, at)).collect::<Result<Vec<_>, _>>()?;
        let appended = self.journal.append(rows)?;
        self.catch_up()?;
        Ok(appended)
    }

    pub(crate) fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn entropy(&self) -> MutexGuard<'_, Box<dyn Entropy + Send>> {
        self.entropy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a text that a person wrote into the vault, before anything is decided about it.
    pub(crate) fn keep(&self, subject: &SubjectId, class: &str, text: &str) -> Result<PersonalRef, DeskError> {
        let mut entropy = self.entropy();
        Ok(self.vault.put(subject, class, text.as_bytes(), &mut **entropy)?)
    }

    /// Ends the live feed; what was recorded stays.
    pub fn close(&self) {
        self.feed.close();
    }

    /// A caller's own look, for commands that need to find something first.
    pub(crate) fn as_seen<T>(&self, caller: &Caller, look: impl FnOnce(&View<'_>) -> T) -> T {
        self.read(&caller.sees, look)
    }
}

/// Reads the journal from after `from` on and hands it over in order, a bounded number of events at a time.
fn fold(
    journal: &dyn Journal,
    codec: &Codec,
    from: Seq,
    mut take: impl FnMut(&[Decoded]) -> Result<(), DeskError>,
) -> Result<(), DeskError> {
    let mut next = from.next();
    loop {
        let rows = journal.read(next, READ_AT_ONCE, &Scope::All)?;
        let Some(last) = rows.last() else { return Ok(()) };
        next = last.seq.next();
        let full = rows.len() == READ_AT_ONCE;
        let decoded = rows.into_iter().map(|row| codec.decode(row)).collect::<Result<Vec<_>, _>>()?;
        take(&decoded)?;
        if !full {
            return Ok(());
        }
    }
}
