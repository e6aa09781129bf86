//! How grave an incident is: worked out from its consequence, unless a person holds it at something else.
//!
//! The thresholds are a policy of the organisation. A share of the fleet counts beside money, because a night without sales
//! costs nothing yet and a fleet without values still stands still.

use crate::finding::{Because, Contact, Finding, FindingKind};
use crate::ids::UserId;
use crate::personal::PersonalRef;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Severity of an incident; the first is the gravest, and sorts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A major incident: the business stands still.
    Sev1,
    /// A major incident.
    Sev2,
    /// To be dealt with today.
    Sev3,
    /// To be dealt with.
    Sev4,
}

impl Severity {
    /// All, gravest first.
    pub const ALL: [Self; 4] = [Self::Sev1, Self::Sev2, Self::Sev3, Self::Sev4];

    /// Its name on the wire: `sev1`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sev1 => "sev1",
            Self::Sev2 => "sev2",
            Self::Sev3 => "sev3",
            Self::Sev4 => "sev4",
        }
    }

    /// Whether it makes the incident a major one.
    #[must_use]
    pub fn is_major(self) -> bool {
        matches!(self, Self::Sev1 | Self::Sev2)
    }

    /// The graver of two.
    #[must_use]
    pub fn graver(self, other: Self) -> Self {
        self.min(other)
    }
}

/// What one severity asks for: the first of the two that is reached decides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Expected minus observed turnover per hour, in major units of the customer's currency.
    pub value_per_hour: f64,
    /// Share of the customer's devices (of its sites, where no devices are known) that are hit, 0..=1.
    pub fleet_share: f64,
}

/// From which consequence an incident has which severity. What reaches none is sev4.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeverityPolicy {
    /// Sev1 from here.
    pub sev1: Threshold,
    /// Sev2 from here.
    pub sev2: Threshold,
    /// Sev3 from here.
    pub sev3: Threshold,
    /// The share of the fleet counts only from this many affected sites: one till of a single kiosk is no major incident.
    pub share_from_sites: u32,
    /// The gravest that a finding may be while its sites are not heard from: whether they sell is unknown. Of fewer sites than
    /// `share_from_sites` it is sev3 at most.
    pub unheard_at_most: Severity,
}

impl Default for SeverityPolicy {
    fn default() -> Self {
        Self {
            sev1: Threshold { value_per_hour: 500_000.0, fleet_share: 0.10 },
            sev2: Threshold { value_per_hour: 100_000.0, fleet_share: 0.03 },
            sev3: Threshold { value_per_hour: 10_000.0, fleet_share: 0.005 },
            share_from_sites: 5,
            unheard_at_most: Severity::Sev2,
        }
    }
}

/// A severity policy that contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSeverityPolicy {
    /// A number that is no threshold.
    #[error("{of}: value_per_hour must be positive and fleet_share between 0 and 1")]
    Range {
        /// Which severity.
        of: &'static str,
    },
    /// A graver severity that asks for less.
    #[error("{graver} must ask for more than {milder}, in value_per_hour and in fleet_share")]
    Order {
        /// The graver one.
        graver: &'static str,
        /// The milder one.
        milder: &'static str,
    },
}

/// How large the fleet is that a share is taken of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FleetSize {
    /// Sites of the customer.
    pub sites: u32,
    /// Devices of the customer in service.
    pub devices: u32,
}

impl SeverityPolicy {
    /// The severity that a finding's consequence asks for.
    #[must_use]
    pub fn assess(&self, finding: &Finding, fleet: FleetSize) -> Severity {
        let value = finding.consequence.map_or(0.0, |c| major_units(c.per_hour));
        let share = self.share(finding, fleet);
        let reaches = |t: &Threshold| value >= t.value_per_hour || share >= t.fleet_share;
        let by_size = match () {
            () if reaches(&self.sev1) => Severity::Sev1,
            () if reaches(&self.sev2) => Severity::Sev2,
            () if reaches(&self.sev3) => Severity::Sev3,
            () => Severity::Sev4,
        };
        let unheard = finding.kind == FindingKind::ContactLost
            || matches!(finding.evidence.contact, Contact::Undecided | Contact::Lost);
        let few = finding.affected.sites < self.share_from_sites;
        match unheard {
            true if few => by_size.max(self.unheard_at_most).max(Severity::Sev3),
            true => by_size.max(self.unheard_at_most),
            false => by_size,
        }
    }

    /// Sees that it does not contradict itself.
    ///
    /// # Errors
    /// [`BadSeverityPolicy`] names what does.
    pub fn check(&self) -> Result<(), BadSeverityPolicy> {
        let named = [("sev1", &self.sev1), ("sev2", &self.sev2), ("sev3", &self.sev3)];
        for (of, t) in named {
            let fits = t.value_per_hour > 0.0 && t.value_per_hour.is_finite() && t.fleet_share > 0.0;
            if !fits || t.fleet_share > 1.0 {
                return Err(BadSeverityPolicy::Range { of });
            }
        }
        for pair in named.windows(2) {
            if let [(graver, a), (milder, b)] = pair
                && (a.value_per_hour <= b.value_per_hour || a.fleet_share <= b.fleet_share)
            {
                return Err(BadSeverityPolicy::Order { graver, milder });
            }
        }
        Ok(())
    }

    fn share(&self, finding: &Finding, fleet: FleetSize) -> f64 {
        if finding.kind == FindingKind::Surge || finding.affected.sites < self.share_from_sites {
            return 0.0;
        }
        let of = |part: u32, whole: u32| if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) };
        if finding.affected.devices > 0 && fleet.devices > 0 {
            of(finding.affected.devices, fleet.devices)
        } else {
            of(finding.affected.sites, fleet.sites)
        }
    }
}

/// Whether a revision made for this reason may make an incident milder. It may when the earlier estimate was wrong, and not
/// merely because the shops close for the night.
#[must_use]
pub fn corrects(because: Because) -> bool {
    match because {
        Because::Contact | Because::Backlog | Because::Explanation | Because::ExplainedAway => true,
        Because::Detected | Because::Extent | Because::Recovered | Because::Heard | Because::Settled => false,
    }
}

/// The severity of an incident: what its consequence asks for, and what a person holds it at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityState {
    /// From the consequence.
    pub assessed: Severity,
    /// By a person, until released.
    pub held: Option<HeldSeverity>,
}

impl SeverityState {
    /// The one that counts.
    #[must_use]
    pub fn current(&self) -> Severity {
        self.held.as_ref().map_or(self.assessed, |held| held.severity)
    }
}

/// A person's word on the severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldSeverity {
    /// What it is held at.
    pub severity: Severity,
    /// By whom.
    pub by: UserId,
    /// Since when.
    pub since: Timestamp,
    /// Why, in the vault.
    pub reason: PersonalRef,
}

/// Minor units as a number of major ones, exact enough to compare with a threshold.
#[expect(clippy::cast_precision_loss, reason = "a threshold does not turn on the 54th bit of an amount")]
fn major_units(money: crate::money::Money) -> f64 {
    money.minor as f64 / f64::from(10_u32.pow(money.currency.decimals()))
}
