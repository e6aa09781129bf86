//! Ids of findings and incidents: made from the moment of detection and an ordinal, so that every run of the same input names alike.

use crate::clock::Ms;
use domain::{FindingId, IncidentId};

/// 1990-01-01T00:00:00Z, before which no signal is taken.
const EPOCH_MS: Ms = 631_152_000_000;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_of_different_moments_and_ordinals_have_different_ids() {
        let moments = [700_000_000_000, 1_317_895_980_000, 1_317_895_980_250, 1_770_716_040_000];
        let mut ids: Vec<_> = moments.iter().flat_map(|&at| [finding_id(at, 0), finding_id(at, 1)]).collect();
        ids.dedup();
        assert_eq!(ids.len(), 8);
        assert!(ids.iter().all(|id| id.as_str().len() < 14), "{ids:?}");
    }
}
