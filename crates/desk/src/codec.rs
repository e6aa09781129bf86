//! Between the journal's rows and the vocabulary: canonical JSON out, upcasters in. A kind that is unknown names itself.

use domain::event::{Event, KINDS, steps};
use domain::{Actor, RowScope};
use jiff::Timestamp;
use store::journal::{DecodeError, Upcasters, canonical_json};
use store::{Cause, Expected, Journal, JournalError, NewEvent, Seq, StreamId, StreamVersion};

/// Why an event cannot be written or read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CodecError {
    /// The body cannot be lifted to today's schema.
    #[error("event {seq} of the journal cannot be read")]
    Lift {
        /// Which event; 0 for the kinds of the journal as a whole.
        seq: Seq,
        /// Why.
        source: DecodeError,
    },
    /// The body does not fit its kind.
    #[error("event {seq} of the journal cannot be read")]
    Unfit {
        /// Which event.
        seq: Seq,
        /// Why.
        source: domain::event::BadEvent,
    },
    /// An event that could not be read back must not be written.
    #[error("an event of kind {kind} cannot be recorded: {what}")]
    Unwritable {
        /// Its kind.
        kind: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// An event with its place in the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// Its place.
    pub seq: Seq,
    /// Its place in its stream.
    pub version: StreamVersion,
    /// When.
    pub at: Timestamp,
    /// Who may see it.
    pub scope: RowScope,
    /// Who did it.
    pub actor: Actor,
    /// What made the engine write it.
    pub cause: Option<Cause>,
    /// What happened.
    pub event: Event,
}

/// Knows every kind and every step.
#[derive(Debug, Clone)]
pub struct Codec {
    upcasters: Upcasters,
}

impl Default for Codec {
    fn default() -> Self {
        let mut upcasters = Upcasters::new();
        for (kind, schema) in KINDS {
            upcasters.register(kind, *schema);
        }
        for (kind, from, step) in steps() {
            upcasters.step(kind, *from, *step);
        }
        Self { upcasters }
    }
}

impl Codec {
    /// Sees that every kind ever recorded can be read, before anything is.
    ///
    /// # Errors
    /// [`CodecError::Lift`] names the first that cannot.
    pub fn check(&self, journal: &dyn Journal) -> Result<(), CodecError> {
        for (kind, schema) in journal.kinds()? {
            self.upcasters.check(&kind, schema).map_err(|source| CodecError::Lift { seq: Seq(0), source })?;
        }
        Ok(())
    }

    /// Reads a row.
    ///
    /// # Errors
    /// [`CodecError`] names the event and why.
    pub fn decode(&self, row: store::Event) -> Result<Decoded, CodecError> {
        let seq = row.seq;
        let body = self
            .upcasters
            .decode(&row.kind, row.schema, &row.body)
            .map_err(|source| CodecError::Lift { seq, source })?;
        let event = Event::from_body(&row.kind, body).map_err(|source| CodecError::Unfit { seq, source })?;
        let store::Event { version, at, scope, actor, cause, .. } = row;
        Ok(Decoded { seq, version, at, scope, actor, cause, event })
    }
}

/// An event about to be recorded.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Whose history it belongs to.
    pub stream: StreamId,
    /// What is expected of it.
    pub expected: Expected,
    /// Who may see it.
    pub scope: RowScope,
    /// What made the engine write it.
    pub cause: Option<Cause>,
    /// What happened.
    pub event: Event,
}

impl Draft {
    /// The row to append. It is read back once, so that nothing is recorded that a later start could not read.
    ///
    /// # Errors
    /// [`CodecError::Unwritable`] when it has no JSON form that reads back.
    pub fn encode(self, actor: &Actor, at: Timestamp) -> Result<NewEvent, CodecError> {
        let (kind, schema) = (self.event.kind(), self.event.schema());
        let unwritable = |what: String| CodecError::Unwritable { kind, what };
        let value = self.event.body().map_err(|error| unwritable(error.to_string()))?;
        let body = canonical_json(&value).map_err(|error| unwritable(error.to_string()))?;
        Event::from_body(kind, value).map_err(|error| unwritable(error.to_string()))?;
        Ok(NewEvent {
            stream: self.stream,
            expected: self.expected,
            at,
            scope: self.scope,
            actor: actor.clone(),
            kind: kind.to_owned(),
            schema,
            body,
            cause: self.cause,
        })
    }
}
