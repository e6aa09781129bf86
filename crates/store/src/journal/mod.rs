//! The journal: what we concluded and decided, for ever. Append-only, hash-chained, one order for all.
//!
//! Unique `(stream, version)` gives optimistic concurrency; a unique cause makes a repeat after a crash a no-op.

mod canonical;
mod chain;
mod upcast;

pub use canonical::canonical_json;
pub use chain::{Head, genesis};
pub use upcast::{DecodeError, Step, Upcasters};

pub(crate) use chain::{Content, link};

use crate::group::{Closed, Done, Ticket};
use crate::ids::{Hash, Position, Seq, StreamId, StreamVersion};
use crate::sqlite::FileError;
use domain::{Actor, RowScope, Scope};
use jiff::Timestamp;
use std::sync::Arc;

/// The largest body of an event, in bytes.
pub const MAX_BODY_BYTES: usize = 4 << 20;
/// The most events of one append.
pub const MAX_APPEND: usize = 10_000;

/// What an append expects of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: the event goes to the end.
    Any,
    /// That its newest event has this version.
    Exact(StreamVersion),
    /// That it has no events.
    NoStream,
}

/// What made the engine write an event: the place in its input. The same cause is recorded once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cause {
    /// The part that read the input: `shard-3`, `fleet`.
    pub source: String,
    /// The entry it read.
    pub position: Position,
    /// Which of the events that entry made.
    pub ordinal: u32,
}

/// An event to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Whose history it belongs to.
    pub stream: StreamId,
    /// What is expected of that stream.
    pub expected: Expected,
    /// When it happened. Kept to the microsecond.
    pub at: Timestamp,
    /// Who may see it.
    pub scope: RowScope,
    /// Who did it.
    pub actor: Actor,
    /// What happened: `IncidentOpened`.
    pub kind: String,
    /// The version of the body's shape.
    pub schema: u16,
    /// What happened, in JSON as [`canonical_json`] writes it. No personal data: that goes to the vault.
    pub body: Vec<u8>,
    /// What made the engine write it.
    pub cause: Option<Cause>,
}

/// An event of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the journal.
    pub seq: Seq,
    /// Whose history it belongs to.
    pub stream: StreamId,
    /// Its place in that history.
    pub version: StreamVersion,
    /// When it happened.
    pub at: Timestamp,
    /// Who may see it.
    pub scope: RowScope,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub kind: String,
    /// The version of the body's shape.
    pub schema: u16,
    /// What happened, in JSON.
    pub body: Vec<u8>,
    /// What made the engine write it.
    pub cause: Option<Cause>,
    /// The hash of the event before it; [`genesis`] for the first.
    pub prev_hash: Hash,
    /// The hash over all of this.
    pub hash: Hash,
}

/// Where an event was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the journal.
    pub seq: Seq,
    /// Its place in its stream.
    pub version: StreamVersion,
    /// Its hash.
    pub hash: Hash,
}

/// What became of an event that was to be appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is recorded now.
    New(Recorded),
    /// Its cause was recorded before: nothing was done.
    AlreadyRecorded {
        /// Where its cause was recorded.
        earlier: Recorded,
        /// Whether that event has the same stream, kind, schema and body. If not, whoever wrote it is not deterministic.
        same: bool,
    },
}

impl Appended {
    /// Where it is recorded, now or before.
    #[must_use]
    pub fn recorded(&self) -> Recorded {
        match self {
            Self::New(recorded) | Self::AlreadyRecorded { earlier: recorded, .. } => *recorded,
        }
    }

    /// Whether this append recorded it.
    #[must_use]
    pub fn is_new(&self) -> bool {
        matches!(self, Self::New(_))
    }
}

/// Why the journal refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// Somebody else appended to the stream meanwhile: load it again and decide anew. Nothing was appended.
    #[error("{stream} is at version {actual}, not {expected}")]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// What was expected; 0 for no stream.
        expected: StreamVersion,
        /// What it is at.
        actual: StreamVersion,
    },
    /// An event that can never be recorded. Nothing was appended.
    #[error("event {index} of the append, {kind:?} for {stream}, cannot be recorded: {what}")]
    Refused {
        /// Which of the append, from 0.
        index: usize,
        /// Its stream.
        stream: StreamId,
        /// Its kind.
        kind: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// More than [`MAX_APPEND`] events at once.
    #[error("an append of {count} events is above the bound of {MAX_APPEND}")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// The disk has no room.
    #[error("the disk is full; nothing was recorded")]
    Full,
    /// A row is not what was written.
    #[error("event {seq} of the journal cannot be read: {what}")]
    Damaged {
        /// Which.
        seq: Seq,
        /// In what way.
        what: &'static str,
    },
    /// The writer has stopped.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The file failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A journal whose chain holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many events it has.
    pub events: u64,
    /// Its end.
    pub head: Head,
}

/// What does not hold at one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// Events before it are missing.
    #[error("events before it are missing")]
    Missing,
    /// It does not name the hash of the event before it.
    #[error("it does not name the hash of the event before it")]
    Link,
    /// Its own hash is not that of its content.
    #[error("its content was changed: its hash is another")]
    Content,
    /// Its stream skips or repeats a version.
    #[error("its stream skips or repeats a version")]
    Version,
    /// It holds something that is no value of its column.
    #[error("it cannot be read: {0}")]
    Unreadable(&'static str),
}

/// Why a verification did not end well.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VerifyError {
    /// The chain does not hold. Everything before `seq` does.
    #[error("the journal is broken at event {seq}: {what}")]
    Broken {
        /// The first event that does not hold.
        seq: Seq,
        /// In what way.
        what: Break,
    },
    /// The journal could not be read.
    #[error(transparent)]
    Unreadable(#[from] JournalError),
}

impl From<FileError> for VerifyError {
    fn from(error: FileError) -> Self {
        Self::Unreadable(error.into())
    }
}

/// The events of an append, in order, and what is called once they are durable or refused.
pub type AppendDone = Done<Vec<Appended>, JournalError>;

/// The durable, hash-chained log of typed events.
pub trait Journal: Send + Sync {
    /// Appends all of `events` or none; `done` is called, from another thread, once they are durable or refused.
    fn append_then(&self, events: Vec<NewEvent>, done: AppendDone);

    /// Reads events that `scope` may see, in order, from `from` on, at most `limit`.
    ///
    /// # Errors
    /// When the journal cannot be read.
    fn read(&self, from: Seq, limit: usize, scope: &Scope) -> Result<Vec<Event>, JournalError>;

    /// Reads events of one stream that `scope` may see, in order, from version `from` on, at most `limit`.
    ///
    /// # Errors
    /// When the journal cannot be read.
    fn read_stream(
        &self,
        stream: &StreamId,
        from: StreamVersion,
        limit: usize,
        scope: &Scope,
    ) -> Result<Vec<Event>, JournalError>;

    /// The newest event's place and hash; 0 and [`genesis`] when there is none.
    ///
    /// # Errors
    /// When the journal cannot be asked.
    fn head(&self) -> Result<Head, JournalError>;

    /// The hash of event `seq`, to hold against a checkpoint taken earlier; none past the head.
    ///
    /// # Errors
    /// When the journal cannot be read.
    fn hash_at(&self, seq: Seq) -> Result<Option<Hash>, JournalError>;

    /// Every kind and schema that was ever recorded, so that a start can refuse what it does not know.
    ///
    /// # Errors
    /// When the journal cannot be read.
    fn kinds(&self) -> Result<Vec<(String, u16)>, JournalError>;

    /// Walks the whole chain; `progress` is called now and then with the place reached.
    ///
    /// # Errors
    /// [`VerifyError::Broken`] at the first event that does not hold.
    fn verify(&self, progress: &mut dyn FnMut(Seq)) -> Result<Verified, VerifyError>;

    /// Appends all of `events` or none and blocks until they are durable.
    ///
    /// # Errors
    /// [`JournalError::Conflict`] when a stream is not where it was expected; then nothing was appended.
    fn append(&self, events: Vec<NewEvent>) -> Result<Vec<Appended>, JournalError> {
        let (ticket, done) = Ticket::pair();
        self.append_then(events, done);
        ticket.wait()
    }
}

impl<J: Journal + ?Sized> Journal for Arc<J> {
    fn append_then(&self, events: Vec<NewEvent>, done: AppendDone) {
        (**self).append_then(events, done);
    }
    fn read(&self, from: Seq, limit: usize, scope: &Scope) -> Result<Vec<Event>, JournalError> {
        (**self).read(from, limit, scope)
    }
    fn read_stream(
        &self,
        stream: &StreamId,
        from: StreamVersion,
        limit: usize,
        scope: &Scope,
    ) -> Result<Vec<Event>, JournalError> {
        (**self).read_stream(stream, from, limit, scope)
    }
    fn head(&self) -> Result<Head, JournalError> {
        (**self).head()
    }
    fn hash_at(&self, seq: Seq) -> Result<Option<Hash>, JournalError> {
        (**self).hash_at(seq)
    }
    fn kinds(&self) -> Result<Vec<(String, u16)>, JournalError> {
        (**self).kinds()
    }
    fn verify(&self, progress: &mut dyn FnMut(Seq)) -> Result<Verified, VerifyError> {
        (**self).verify(progress)
    }
}
