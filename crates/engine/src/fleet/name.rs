//! Ids of findings and incidents: made from the moment of detection and an ordinal, so that every run of the same input names alike.

use crate::clock::Ms;
use domain::{FindingId, IncidentId};

/// 2020-01-01T00:00:00Z.
const EPOCH_MS: Ms = 1_577_836_800_000;
/// Crockford's base 32: no letter is taken for another when read out.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Id of the `ordinal`-th finding of a tick.
#[must_use]
pub fn finding_id(now: Ms, ordinal: u32) -> FindingId {
    FindingId::new(format!("f-{}", stem(now, ordinal))).expect("letters and digits make a valid id")
}

/// Id of the incident that a finding opens.
#[must_use]
pub fn incident_id(now: Ms, ordinal: u32) -> IncidentId {
    IncidentId::new(format!("i-{}", stem(now, ordinal))).expect("letters and digits make a valid id")
}

fn stem(now: Ms, ordinal: u32) -> String {
    let quarters = (now - EPOCH_MS).max(0) / 250;
    let mut number = u64::try_from(quarters).unwrap_or(0);
    let mut letters = Vec::new();
    while number > 0 || letters.is_empty() {
        letters.push(ALPHABET[(number % 32) as usize]);
        number /= 32;
    }
    letters.reverse();
    let mut text = String::from_utf8(letters).unwrap_or_default();
    if ordinal > 0 {
        text.push_str(&format!("-{ordinal}"));
    }
    text
}
