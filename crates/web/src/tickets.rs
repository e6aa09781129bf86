//! Files between the dry run of an import and its carrying out: kept in memory, few, for half an hour, for whoever sent them.

use domain::{CustomerKey, UserId};
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// So many are kept.
const KEPT: usize = 8;
/// They are good for so long.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(30);

/// The files of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Files {
    /// Whose, where a row does not say.
    pub(crate) customer: CustomerKey,
    /// `sites.csv`; empty for none.
    pub(crate) sites: Vec<u8>,
    /// `devices.csv`; empty for none.
    pub(crate) devices: Vec<u8>,
}

struct Ticket {
    id: String,
    user: UserId,
    until: Timestamp,
    files: Arc<Files>,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Tickets(Mutex<VecDeque<Ticket>>);

impl Tickets {
    /// Keeps files under an id.
    pub(crate) fn keep(&self, id: String, user: UserId, files: Arc<Files>, now: Timestamp) {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|ticket| ticket.until > now);
        while tickets.len() >= KEPT {
            tickets.pop_front();
        }
        let until = now.checked_add(GOOD_FOR).unwrap_or(now);
        tickets.push_back(Ticket { id, user, until, files });
    }

    /// Gives the files out, once.
    pub(crate) fn take(&self, id: &str, user: &UserId, now: Timestamp) -> Option<Arc<Files>> {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = tickets.iter().position(|ticket| ticket.id == id && ticket.user == *user && ticket.until > now)?;
        tickets.remove(at).map(|ticket| ticket.files)
    }
}
