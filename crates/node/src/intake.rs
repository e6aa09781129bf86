//! The way in: a batch is taken once it is durable, or refused in time. What is under way is bounded in bytes; a full inbox
//! refuses signals and nothing else.

use crate::arrivals::{Arrival, Arrivals, ArrivedBatch};
use crate::batch::Handed;
use crate::gauges::{Gauges, Part};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use store::inbox::{Batch, Entry, FullBecause, Inbox};
use store::{InboxError, Position};
use tokio::sync::oneshot;

/// A batch that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// Its place in the inbox: settled once the node has settled that.
    pub position: Position,
    /// How many signals it holds.
    pub signals: u32,
}

/// Why a batch was not taken. Nothing of it was recorded, unless said otherwise.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IngestRefused {
    /// Too much is under way: try again.
    #[error("too much is coming in at this moment: try again in {} s", retry_after.as_secs())]
    Busy {
        /// Not before.
        retry_after: Duration,
    },
    /// The inbox has no room: try again later.
    #[error("the inbox is full ({because}): try again in {} s", retry_after.as_secs())]
    Full {
        /// Why.
        because: FullBecause,
        /// Not before.
        retry_after: Duration,
    },
    /// More than one batch may hold.
    #[error("a batch of {bytes} bytes is above the bound of {most}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The bound.
        most: usize,
    },
    /// The node is going down: try again, here or elsewhere.
    #[error("this node is stopping")]
    Stopping,
    /// The disk failed; whether the batch was recorded is not known.
    #[error("the inbox could not be written")]
    Failed(#[source] InboxError),
}

impl IngestRefused {
    /// When to try again, if that can help.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after } | Self::Full { retry_after, .. } => Some(*retry_after),
            Self::Stopping | Self::Failed(_) => Some(Duration::from_secs(5)),
            Self::TooLarge { .. } => None,
        }
    }
}

/// A batch under way: wait for it, in an async task or on a thread.
#[must_use = "a batch is taken only once its receipt says so"]
pub struct Receipt(oneshot::Receiver<Result<Accepted, IngestRefused>>);

impl Receipt {
    /// Blocks until the batch is durable. Not within an async task.
    ///
    /// # Errors
    /// [`IngestRefused`].
    pub fn wait(self) -> Result<Accepted, IngestRefused> {
        self.0.blocking_recv().unwrap_or(Err(IngestRefused::Stopping))
    }
}

impl Future for Receipt {
    type Output = Result<Accepted, IngestRefused>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|answer| answer.unwrap_or(Err(IngestRefused::Stopping)))
    }
}

/// The way in.
pub(crate) struct Intake {
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) arrivals: Arc<Arrivals>,
    pub(crate) gauges: Arc<Gauges>,
    pub(crate) bound_bytes: usize,
    pub(crate) closed: AtomicBool,
}

impl Intake {
    /// Hands a batch in. It never blocks for long: what is under way is bounded below what the inbox queues.
    pub(crate) fn hand_in(&self, handed: Handed) -> Result<Receipt, IngestRefused> {
        if self.closed.load(Ordering::Acquire) {
            return Err(IngestRefused::Stopping);
        }
        let bytes = handed.body.len();
        if bytes > store::inbox::MAX_BODY_BYTES {
            return Err(IngestRefused::TooLarge { bytes, most: store::inbox::MAX_BODY_BYTES });
        }
        self.admit(bytes)?;
        let Handed { customer, token, received_at, envelope, signals, codec, body } = handed;
        let received_at = store::whole_us(received_at);
        let count = u32::try_from(signals.len()).unwrap_or(u32::MAX);
        let entry = Entry::Batch(Batch { received_at, customer: customer.clone(), token, codec, count, body });
        let arrival = Arrival::Batch(ArrivedBatch { customer, received_at, envelope, signals });
        let (answer, receipt) = oneshot::channel();
        let (arrivals, gauges) = (Arc::clone(&self.arrivals), Arc::clone(&self.gauges));
        let done = move |written: Result<Position, InboxError>| {
            gauges.in_flight_bytes.fetch_sub(bytes, Ordering::AcqRel);
            let accepted = match written {
                Ok(position) => {
                    arrivals.put(position, bytes, arrival);
                    gauges.well(Part::Inbox);
                    Ok(Accepted { position, signals: count })
                }
                Err(error) => {
                    Gauges::add(&gauges.refused_batches, 1);
                    // That it is full is asked of the inbox itself, which knows when it is no more.
                    if !matches!(error, InboxError::Full(_)) {
                        gauges.trouble(Part::Inbox, error.to_string());
                    }
                    Err(refusal(error))
                }
            };
            // Whoever handed it in may have gone; it is durable all the same.
            drop(answer.send(accepted));
        };
        self.inbox.append_then(entry, Box::new(done));
        Ok(Receipt(receipt))
    }

    /// Counts the bytes as under way, or turns them away. A batch larger than the bound goes in alone.
    fn admit(&self, bytes: usize) -> Result<(), IngestRefused> {
        let in_flight = &self.gauges.in_flight_bytes;
        let admitted = in_flight.fetch_update(Ordering::AcqRel, Ordering::Acquire, |under_way| {
            (under_way == 0 || under_way + bytes <= self.bound_bytes).then_some(under_way + bytes)
        });
        if admitted.is_err() {
            Gauges::add(&self.gauges.refused_batches, 1);
            return Err(IngestRefused::Busy { retry_after: Duration::from_secs(1) });
        }
        Ok(())
    }
}

fn refusal(error: InboxError) -> IngestRefused {
    match error {
        InboxError::Full(because) => IngestRefused::Full { because, retry_after: Duration::from_secs(30) },
        InboxError::TooLarge { bytes } => IngestRefused::TooLarge { bytes, most: store::inbox::MAX_BODY_BYTES },
        InboxError::Closed(_) => IngestRefused::Stopping,
        other => IngestRefused::Failed(other),
    }
}
