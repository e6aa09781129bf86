//! A report (*anmälan*): a person says that something is wrong at a site. Which incident it belongs to is another event.

use crate::finding::FindingKind;
use crate::ids::{CustomerKey, ReportId, SiteCode};
use crate::personal::PersonalRef;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Body of `report.received`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportReceived {
    /// Which.
    pub report: ReportId,
    /// Whose site.
    pub customer: CustomerKey,
    /// Where.
    pub site: SiteCode,
    /// When it was seen, as far as the person said.
    pub at: Timestamp,
    /// `phone`, `page`, `sms`, `mail`.
    pub channel: String,
    /// Key of the symptom, where one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symptom: Option<String>,
    /// Their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<PersonalRef>,
}

/// Digits and letters that are not taken for each other, on paper or on the telephone.
const SPOKEN: [char; 23] =
    ['2', '3', '4', '6', '7', '8', '9', 'A', 'C', 'E', 'F', 'H', 'J', 'K', 'M', 'N', 'P', 'R', 'T', 'V', 'W', 'X', 'Y'];
/// So long is a reference.
const SPOKEN_CHARS: usize = 5;

/// A report's reference to say on the telephone, such as `K7M2C`: derived from its id, and so not certain to be the only one.
#[must_use]
pub fn reference(id: &ReportId) -> String {
    // FNV-1a, then the last round of MurmurHash3, so that ids that differ in one digit differ everywhere.
    let hash = id
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mut left = hash ^ (hash >> 33);
    let mut text = String::with_capacity(SPOKEN_CHARS);
    for _ in 0..SPOKEN_CHARS {
        let base = SPOKEN.len() as u64;
        text.extend(usize::try_from(left % base).ok().and_then(|digit| SPOKEN.get(digit)));
        left /= base;
    }
    text
}

/// What a symptom can be a sign of. One that speaks of something else never attaches by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SymptomRule {
    /// Device types (attribute `type`) that it speaks of.
    pub types: BTreeSet<String>,
    /// Findings that it speaks of, whatever the device.
    pub findings: BTreeSet<FindingKind>,
    /// It speaks of everything at the site.
    pub anything: bool,
}

/// How reports find their incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReportPolicy {
    /// A report this long before the start of the disruption still belongs to it, in seconds.
    pub before_s: u32,
    /// A report this long after its end still belongs to it, in seconds.
    pub after_s: u32,
    /// The symptoms, by key.
    pub symptoms: BTreeMap<String, SymptomRule>,
}

impl Default for ReportPolicy {
    fn default() -> Self {
        let types = |names: &[&str]| SymptomRule {
            types: names.iter().map(|&name| name.to_owned()).collect(),
            ..SymptomRule::default()
        };
        let no_contact = SymptomRule { findings: BTreeSet::from([FindingKind::ContactLost]), ..types(&["router"]) };
        let everything = SymptomRule { anything: true, ..SymptomRule::default() };
        let symptoms = [
            ("self_scanning", types(&["self-scanner", "self_scanner", "ssu", "handheld"])),
            ("till", types(&["till", "pos", "self-checkout"])),
            ("payment", types(&["payment", "payment-terminal", "terminal"])),
            ("scale", types(&["scale"])),
            ("network", no_contact),
            ("everything", everything),
            ("other", SymptomRule::default()),
        ];
        Self { before_s: 900, after_s: 1_800, symptoms: symptoms.map(|(key, rule)| (key.to_owned(), rule)).into() }
    }
}

impl SymptomRule {
    /// Whether a finding of `kind` that hits devices of `types` can show as this symptom.
    #[must_use]
    pub fn fits(&self, kind: FindingKind, types: &BTreeSet<String>) -> bool {
        self.anything || self.findings.contains(&kind) || !self.types.is_disjoint(types)
    }
}

impl ReportPolicy {
    /// Whether a report with this symptom can be about a finding of `kind` that hits devices of `types`. Without a symptom
    /// place and time decide; a symptom that nobody defined fits nothing.
    #[must_use]
    pub fn fits(&self, symptom: Option<&str>, kind: FindingKind, types: &BTreeSet<String>) -> bool {
        symptom.is_none_or(|key| self.symptoms.get(key).is_some_and(|rule| rule.fits(kind, types)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_reference_can_be_said_on_the_telephone_and_never_changes() {
        let of = |id: &str| reference(&ReportId::new(id).unwrap());
        assert_eq!(of("r-058d0f1eb473448d"), of("r-058d0f1eb473448d"));
        let many: BTreeSet<_> = (0..2_000).map(|i| of(&format!("r-{i}-0"))).collect();
        assert!(many.len() > 1_995, "{} of 2,000 differ", many.len());
        assert!(many.iter().all(|said| said.len() == 5 && said.chars().all(|c| SPOKEN.contains(&c))));
    }
}
