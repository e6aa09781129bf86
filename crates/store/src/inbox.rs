//! The inbox: what the world told us, in one order, durable. It holds batches of signals and the ticks between them,
//! so that whoever reads it again from the same place sees exactly the same input.

use crate::group::{Closed, Done, Ticket};
use crate::ids::Position;
use crate::sqlite::FileError;
use domain::{CustomerKey, TokenId};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// One entry of the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Signals that came in together.
    Batch(Batch),
    /// A beat of the engine's clock.
    Tick(Tick),
}

impl Entry {
    /// The time in it: received at, or now.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Batch(batch) => batch.received_at,
            Self::Tick(tick) => tick.now,
        }
    }
}

/// Signals that came in together, encoded by whoever wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// When they reached us. Kept to the microsecond.
    pub received_at: Timestamp,
    /// Whose they are.
    pub customer: CustomerKey,
    /// The token they came with, if by token.
    pub token: Option<TokenId>,
    /// How `body` is encoded: a number of the writer's, given back as it was.
    pub codec: u16,
    /// How many signals `body` holds.
    pub count: u32,
    /// The signals.
    pub body: Vec<u8>,
}

/// A beat of the engine's clock. It is durable before it is acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// Its number.
    pub n: u64,
    /// What the engine takes for the present. Kept to the microsecond.
    pub now: Timestamp,
    /// The newest journal event that takes effect with it.
    pub journal_seq: u64,
}

/// The largest body of a batch, in bytes.
pub const MAX_BODY_BYTES: usize = 64 << 20;

/// What keeps the inbox from taking more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FullBecause {
    /// Its files have reached the bound that was set for them.
    #[error("its files hold {used_bytes} bytes of at most {max_bytes}")]
    Bytes {
        /// What its files hold.
        used_bytes: u64,
        /// What they may hold.
        max_bytes: u64,
    },
    /// The disk has little room left, and that is kept for the journal.
    #[error("the disk has {free_bytes} bytes free, and {reserve_bytes} are kept for the journal")]
    Reserve {
        /// What is free.
        free_bytes: u64,
        /// What is kept free.
        reserve_bytes: u64,
    },
    /// The disk refused the write.
    #[error("the disk is full")]
    Disk,
}

/// Why the inbox refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InboxError {
    /// No room: answer 503 and let the sender try again.
    #[error("the inbox is full: {0}")]
    Full(FullBecause),
    /// A body above [`MAX_BODY_BYTES`].
    #[error("a batch of {bytes} bytes is above the bound of {MAX_BODY_BYTES}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The entries asked for were retired.
    #[error("position {asked} is no longer kept; the oldest is {oldest}")]
    Retired {
        /// What was asked for.
        asked: Position,
        /// What there is.
        oldest: Position,
    },
    /// An entry is not what was written.
    #[error("the entry at position {position} in {file} is damaged: {what}")]
    Damaged {
        /// Which.
        position: Position,
        /// Where.
        file: String,
        /// In what way.
        what: &'static str,
    },
    /// Entries are missing between two files.
    #[error("entries {from} to {to} are missing: the file before {file} is gone or cut off")]
    Gap {
        /// The first that is missing.
        from: Position,
        /// The last that is missing.
        to: Position,
        /// The file after the gap.
        file: String,
    },
    /// The writer has stopped.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// A file failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What the inbox holds and may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// The oldest entry that can still be read; one past the head when there is none.
    pub oldest: Position,
    /// The newest entry.
    pub head: Position,
    /// From here on nothing can be retired yet, covered or not.
    pub active_from: Position,
    /// Bytes on disk.
    pub used_bytes: u64,
    /// Bytes it may take.
    pub max_bytes: u64,
    /// Why a batch would be refused at this moment, if it would.
    pub full: Option<FullBecause>,
}

/// What a retirement removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retirement {
    /// How many files.
    pub files: usize,
    /// How many bytes.
    pub bytes: u64,
}

/// The ordered, durable log of what came in.
///
/// Positions begin at 1 and have no gaps. An entry is visible to readers only once it is durable.
pub trait Inbox: Send + Sync {
    /// Appends; `done` is called, from another thread, once the entry is durable or refused. Blocks while the queue is full.
    fn append_then(&self, entry: Entry, done: Done<Position, InboxError>);

    /// Reads entries from `from` on, in order: at least one if there is any, and no more than about `limit_bytes` of bodies.
    ///
    /// # Errors
    /// [`InboxError::Retired`] when `from` is older than what is kept, [`InboxError::Damaged`] when what was written is not what is there.
    fn read_from(&self, from: Position, limit_bytes: usize) -> Result<Vec<(Position, Entry)>, InboxError>;

    /// The newest durable entry; 0 when there is none.
    ///
    /// # Errors
    /// When the backend cannot be asked.
    fn head(&self) -> Result<Position, InboxError>;

    /// Blocks until the head is past `position` or `timeout` is over; gives the head.
    ///
    /// # Errors
    /// When the backend cannot be asked.
    fn wait_past(&self, position: Position, timeout: Duration) -> Result<Position, InboxError>;

    /// Says that a snapshot covers everything before `before`: whole files older than that may go, by age and bytes, and all of
    /// them as long as the inbox is full.
    ///
    /// # Errors
    /// When a file cannot be removed.
    fn retire(&self, before: Position, now: Timestamp) -> Result<Retirement, InboxError>;

    /// What it holds and may hold.
    ///
    /// # Errors
    /// When the backend cannot be asked.
    fn usage(&self) -> Result<Usage, InboxError>;

    /// Appends and gives a ticket to wait for.
    fn append_ticket(&self, entry: Entry) -> Ticket<Position, InboxError> {
        let (ticket, done) = Ticket::pair();
        self.append_then(entry, done);
        ticket
    }

    /// Appends and blocks until the entry is durable.
    ///
    /// # Errors
    /// [`InboxError::Full`] and others: then the entry is not acknowledged.
    fn append(&self, entry: Entry) -> Result<Position, InboxError> {
        self.append_ticket(entry).wait()
    }

    /// Appends several, in order, sharing commits; not atomic.
    ///
    /// # Errors
    /// The first refusal; entries before it are durable, entries after it may be.
    fn append_many(&self, entries: Vec<Entry>) -> Result<Vec<Position>, InboxError> {
        let tickets: Vec<_> = entries.into_iter().map(|entry| self.append_ticket(entry)).collect();
        // All are waited for, so that none is under way any more when this returns.
        let answers: Vec<_> = tickets.into_iter().map(Ticket::wait).collect();
        answers.into_iter().collect()
    }
}

impl<I: Inbox + ?Sized> Inbox for Arc<I> {
    fn append_then(&self, entry: Entry, done: Done<Position, InboxError>) {
        (**self).append_then(entry, done);
    }
    fn read_from(&self, from: Position, limit_bytes: usize) -> Result<Vec<(Position, Entry)>, InboxError> {
        (**self).read_from(from, limit_bytes)
    }
    fn head(&self) -> Result<Position, InboxError> {
        (**self).head()
    }
    fn wait_past(&self, position: Position, timeout: Duration) -> Result<Position, InboxError> {
        (**self).wait_past(position, timeout)
    }
    fn retire(&self, before: Position, now: Timestamp) -> Result<Retirement, InboxError> {
        (**self).retire(before, now)
    }
    fn usage(&self) -> Result<Usage, InboxError> {
        (**self).usage()
    }
}
