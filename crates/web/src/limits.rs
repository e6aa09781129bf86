//! Rates per address and purpose: a bucket each, in a table of bounded size.

use jiff::Timestamp;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// So many buckets are kept; beyond, all that are full again go, and if none is, all.
const KEPT: usize = 20_000;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Purpose {
    /// Trying a password or a setup link.
    Login,
    /// A report from the public page.
    Report,
    /// Looking at public pages.
    Public,
    /// Signals with a token that is none.
    BadToken,
}

impl Purpose {
    /// So many at once, and so many seconds for each further one.
    fn allowance(self) -> (f64, f64) {
        match self {
            Self::Login => (20.0, 6.0),
            Self::Report => (6.0, 20.0),
            Self::Public => (120.0, 0.5),
            Self::BadToken => (60.0, 1.0),
        }
    }
}

/// The table.
#[derive(Default)]
pub(crate) struct Limiter(Mutex<Buckets>);

/// What is left in each, and when that was so.
type Buckets = HashMap<(Purpose, Option<IpAddr>), (f64, Timestamp)>;

impl Limiter {
    /// Takes one from the bucket of an address; the answer is after how many seconds to try again if it is empty.
    pub(crate) fn take(&self, purpose: Purpose, peer: Option<IpAddr>, now: Timestamp) -> Result<(), u32> {
        let (most, every_s) = purpose.allowance();
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEPT {
            let full = |(purpose, _): &(Purpose, _), (left, at): &(f64, Timestamp)| {
                let (most, every_s) = purpose.allowance();
                left + seconds(*at, now) / every_s >= most
            };
            buckets.retain(|key, bucket| !full(key, bucket));
            if buckets.len() >= KEPT {
                buckets.clear();
            }
        }
        let (left, at) = buckets.entry((purpose, peer.map(network))).or_insert((most, now));
        *left = (*left + seconds(*at, now) / every_s).min(most);
        *at = now;
        if *left >= 1.0 {
            *left -= 1.0;
            return Ok(());
        }
        Err(((1.0 - *left) * every_s).ceil().clamp(1.0, 3_600.0) as u32)
    }
}

/// Who has one IPv6 address has a whole /64 of them.
fn network(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(v6) => {
            let bits = u128::from(v6) & !u128::from(u64::MAX);
            IpAddr::V6(bits.into())
        }
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    #[test]
    fn a_flood_is_stopped_and_the_patient_are_let_in_again() {
        let limiter = Limiter::default();
        let now = Timestamp::UNIX_EPOCH;
        let peer = Some(IpAddr::from([192, 0, 2, 7]));
        for _ in 0..6 {
            assert_eq!(limiter.take(Purpose::Report, peer, now), Ok(()));
        }
        assert_eq!(limiter.take(Purpose::Report, peer, now), Err(20));
        assert_eq!(limiter.take(Purpose::Report, Some(IpAddr::from([192, 0, 2, 8])), now), Ok(()), "others go on");
        assert_eq!(limiter.take(Purpose::Report, peer, now + SignedDuration::from_secs(21)), Ok(()));
    }
}
