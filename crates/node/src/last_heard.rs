//! When each site and device was last heard from, to the second: newer than what charts and transitions know, in memory only. What
//! others say of a site (a person, another tool, a switch that lost a link) is no sign of life of it.

use crate::arrivals::ArrivedBatch;
use domain::{CustomerKey, DeviceCode, Signal, SignalBody, SiteCode};
use jiff::Timestamp;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{PoisonError, RwLock};

/// So many codes are remembered; whoever sends made-up ones cannot fill the memory.
const MOST: usize = 4_000_000;

/// When each code was last heard from: by hashes, sixteen bytes each.
#[derive(Default)]
pub(crate) struct LastHeard {
    hasher: RandomState,
    /// Seconds since 1970.
    seconds: RwLock<HashMap<u64, u32>>,
}

#[derive(Hash)]
enum Who<'c> {
    Site(&'c SiteCode),
    Device(&'c DeviceCode),
}

impl LastHeard {
    /// Takes note of a batch.
    pub(crate) fn note(&self, batch: &ArrivedBatch) {
        let Ok(second) = u32::try_from(batch.received_at.as_second()) else { return };
        let mut seconds = self.seconds.write().unwrap_or_else(PoisonError::into_inner);
        let mut note = |who: Who<'_>| {
            let key = self.hasher.hash_one((&batch.customer, who));
            if let Some(last) = seconds.get_mut(&key) {
                *last = second.max(*last);
            } else if seconds.len() < MOST {
                seconds.insert(key, second);
            }
        };
        let mut before: Option<&Signal> = None;
        for signal in batch.signals.iter().filter(|signal| is_sign_of_life(&signal.body)) {
            // A batch mostly holds many signals of few.
            if let Some(site) = signal.site.as_ref().filter(|site| before.and_then(|b| b.site.as_ref()) != Some(*site))
            {
                note(Who::Site(site));
            }
            let device = signal.device.as_ref();
            if let Some(device) = device.filter(|device| before.and_then(|b| b.device.as_ref()) != Some(*device)) {
                note(Who::Device(device));
            }
            before = Some(signal);
        }
    }

    /// When a signal that names a site came last.
    pub(crate) fn site(&self, customer: &CustomerKey, site: &SiteCode) -> Option<Timestamp> {
        self.at(customer, Who::Site(site))
    }

    /// When a signal of a device came last.
    pub(crate) fn device(&self, customer: &CustomerKey, device: &DeviceCode) -> Option<Timestamp> {
        self.at(customer, Who::Device(device))
    }

    fn at(&self, customer: &CustomerKey, who: Who<'_>) -> Option<Timestamp> {
        let key = self.hasher.hash_one((customer, who));
        let second = self.seconds.read().unwrap_or_else(PoisonError::into_inner).get(&key).copied()?;
        Timestamp::from_second(i64::from(second)).ok()
    }
}

/// Whether a signal comes from what it is about.
fn is_sign_of_life(body: &SignalBody) -> bool {
    match body {
        SignalBody::Count(_)
        | SignalBody::Heartbeat
        | SignalBody::Link { up: true, .. }
        | SignalBody::Observed(_)
        | SignalBody::Stage(_)
        | SignalBody::File(_)
        | SignalBody::Log(_)
        | SignalBody::Gauge { .. } => true,
        SignalBody::Link { up: false, .. } | SignalBody::Alert(_) | SignalBody::Report(_) | SignalBody::Ticket(_) => {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ingest::native::{self, Options};

    fn batch(second: i64, lines: &str) -> ArrivedBatch {
        let signals = native::parse(lines.as_bytes(), &Options::default()).signals;
        assert!(!signals.is_empty(), "{lines}");
        let received_at = Timestamp::from_second(second).unwrap();
        ArrivedBatch { customer: CustomerKey::new("north").unwrap(), received_at, envelope: None, signals }
    }

    #[test]
    fn a_site_is_heard_when_it_or_a_device_of_it_sends_and_not_when_others_speak_of_it() {
        let heard = LastHeard::default();
        let (north, south) = (CustomerKey::new("north").unwrap(), CustomerKey::new("south").unwrap());
        let (site, device) = (SiteCode::new("0412").unwrap(), DeviceCode::new("till-1").unwrap());
        assert_eq!(heard.site(&north, &site), None);
        let beat = r#"{"kind":"heartbeat","at":"2026-02-10T10:31:04Z","site":"0412","device":"till-1"}"#;
        heard.note(&batch(1_770_719_465, beat));
        assert_eq!(heard.site(&north, &site), Timestamp::from_second(1_770_719_465).ok());
        assert_eq!(heard.device(&north, &device), Timestamp::from_second(1_770_719_465).ok());
        assert_eq!(heard.site(&south, &site), None, "codes are a customer's own");
        let down = r#"{"kind":"link","at":"2026-02-10T10:32:04Z","site":"0412","device":"till-1","up":false}"#;
        heard.note(&batch(1_770_719_525, down));
        heard.note(&batch(1_770_719_400, beat));
        assert_eq!(heard.device(&north, &device), Timestamp::from_second(1_770_719_465).ok());
    }
}
