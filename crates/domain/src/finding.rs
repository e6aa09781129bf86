//! A finding (*avvikelse*): a statistically supported statement by the engine. Its serde form is the wire and the journal form.

use crate::ids::{CustomerKey, DeviceCode, FindingId, IncidentId, Metric, SiteCode};
use crate::money::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

/// Above this many devices a finding leaves the list out and gives only their number.
pub const MAX_LISTED_DEVICES: usize = 10_000;

/// One revision of a finding: everything the engine says of it at `revised_at`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its id, the same in every revision.
    #[serde(rename = "finding")]
    pub id: FindingId,
    /// 1, 2, 3, ...
    pub revision: u32,
    /// What it is.
    pub kind: FindingKind,
    /// Event time of the tick at which the engine first said it.
    pub detected_at: Timestamp,
    /// Event time of the tick that made this revision.
    pub revised_at: Timestamp,
    /// When it began, as estimated now.
    pub started_at: Timestamp,
    /// When it ended, once it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Where it stands.
    pub status: FindingStatus,
    /// Whose sites.
    pub customer: CustomerKey,
    /// The activity it is about; absent where contact is what was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<Metric>,
    /// The smallest group that explains it; empty: no common factor among those known.
    pub explanation: Vec<Term>,
    /// Share of the failing that the explanation covers, 0..=1.
    pub coverage: f64,
    /// Share of what the explanation covers that is failing, 0..=1.
    pub purity: f64,
    /// How many are hit.
    pub affected: Affected,
    /// The sites hit, sorted.
    pub sites: Vec<SiteCode>,
    /// The devices hit, sorted; `None` when more than [`MAX_LISTED_DEVICES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices: Option<Vec<DeviceCode>>,
    /// Transactions expected in the affected set since the start.
    pub expected: f64,
    /// Transactions observed there since the start.
    pub observed: f64,
    /// Expected minus observed turnover; absent while no values are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consequence: Option<Consequence>,
    /// Why the engine says so.
    pub evidence: Evidence,
    /// The incident that this disruption belongs to.
    pub incident: IncidentId,
}

/// What a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Expected activity has stopped.
    Silence,
    /// Expected activity has fallen.
    Drop,
    /// More activity than expected.
    Surge,
    /// Not heard from; whether anything is sold is unknown.
    ContactLost,
    /// Many went down within a moment.
    CoFailure,
    /// Downs at the same time of day.
    Punctual,
    /// Far worse than its like.
    Outlier,
    /// Something expected did not come.
    Missed,
    /// A pipeline stands still.
    Stall,
    /// A file was quarantined.
    Quarantine,
    /// Many reports.
    Flood,
    /// Registered and observed differ.
    Drift,
    /// A rollout does harm.
    Regression,
    /// Something changed under the handbrake.
    BrakeBroken,
    /// A log template never seen before.
    Novelty,
    /// A gauge nears its limit.
    Limit,
}

/// Where a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingStatus {
    /// First said.
    Open,
    /// Said anew, because more is known; still going on.
    Revised,
    /// Over, or withdrawn.
    Closed,
}

/// One `attribute=value` of an explanation; `site` and `device` are attributes too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Term {
    /// `firmware`
    pub attribute: String,
    /// `4.2.1`
    pub value: String,
}

impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.attribute, self.value)
    }
}

/// How many are hit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// Sites with at least one device or source hit.
    pub sites: u32,
    /// Devices hit.
    pub devices: u32,
}

/// Turnover that did not come about (*utebliven omsättning*): expected minus observed, never called a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ConsequenceWire", into = "ConsequenceWire")]
pub struct Consequence {
    /// Per hour, now.
    pub per_hour: Money,
    /// Lower end of its 90 % interval.
    pub low: Money,
    /// Upper end of its 90 % interval.
    pub high: Money,
    /// Since the start.
    pub so_far: Money,
}

/// What the engine knows about whether the affected are heard from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// Their uplinks are heard: they do not sell.
    Heard,
    /// Not selling or not heard: the heartbeat deadline has not passed yet.
    Undecided,
    /// Not heard: sales are unknown.
    Lost,
    /// They never send heartbeats: judged by their counts alone.
    CountsOnly,
}

/// Why the engine says so: everything a page needs to answer "how did this number come about".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The lattice group whose pooled evidence sufficed first: `firmware=4.2.1`, `site=0412`, `everything`.
    pub group: String,
    /// Its log likelihood ratio at detection, nats.
    #[serde(serialize_with = "round3")]
    pub log_likelihood_ratio: f64,
    /// What it had to exceed, nats.
    #[serde(serialize_with = "round3")]
    pub threshold: f64,
    /// The remaining share of activity that fits best, 0 = none.
    #[serde(serialize_with = "round3")]
    pub remaining: f64,
    /// Expected transactions of the group per hour at detection.
    #[serde(serialize_with = "round3")]
    pub rate_per_hour: f64,
    /// Allotted mean time between false alarms of that group, hours of its operation.
    #[serde(serialize_with = "round3")]
    pub false_alarm_every_hours: f64,
    /// Seconds that the theoretical bound asks for a total stop of that group.
    #[serde(serialize_with = "round3")]
    pub bound_s: f64,
    /// Seconds from the estimated start to detection.
    #[serde(serialize_with = "round3")]
    pub delay_s: f64,
    /// Whether the affected are heard from.
    pub contact: Contact,
    /// The next best explanation, and by how much it lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_up: Option<RunnerUp>,
    /// Other names of exactly the same devices; only discordant devices could tell them apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub equivalent: Vec<Vec<Term>>,
    /// Candidate explanations examined.
    #[serde(default)]
    pub candidates: u64,
    /// What changed since the previous revision, for people and tests: `detected`, `explanation`, `contact`, `backlog`, `recovered`, ...
    pub because: Because,
    /// Transactions that came late and belong to the time of the finding.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub late: f64,
}

/// Why this revision was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// First said.
    Detected,
    /// The explanation or the affected set sharpened.
    Explanation,
    /// The heartbeat deadline decided between not selling and not heard.
    Contact,
    /// The consequence or the affected set grew.
    Extent,
    /// A backlog arrived: activity went on after all.
    Backlog,
    /// Activity is back.
    Recovered,
    /// Contact is back.
    Heard,
    /// Another finding explains it.
    ExplainedAway,
    /// It has stayed as low for a week: that is what is expected from now on.
    Settled,
}

/// An explanation that lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunnerUp {
    /// Its terms.
    pub explanation: Vec<Term>,
    /// By how many nats it lost.
    #[serde(serialize_with = "round3")]
    pub behind: f64,
    /// Why, in a word: `lower_coverage`, `lower_purity`, `longer`, `nested`.
    pub why: String,
}

#[derive(Serialize, Deserialize)]
struct ConsequenceWire {
    value_per_hour: String,
    low: String,
    high: String,
    so_far: String,
    currency: crate::money::Currency,
}

impl From<Consequence> for ConsequenceWire {
    fn from(c: Consequence) -> Self {
        Self {
            value_per_hour: c.per_hour.decimal(),
            low: c.low.decimal(),
            high: c.high.decimal(),
            so_far: c.so_far.decimal(),
            currency: c.per_hour.currency,
        }
    }
}

impl From<ConsequenceWire> for Consequence {
    fn from(w: ConsequenceWire) -> Self {
        let money = |text: &str| Money::parse(text, w.currency).unwrap_or(Money { minor: 0, currency: w.currency });
        Self { per_hour: money(&w.value_per_hour), low: money(&w.low), high: money(&w.high), so_far: money(&w.so_far) }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn round3<S: Serializer>(x: &f64, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_f64((x * 1000.0).round() / 1000.0)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(x: &f64) -> bool {
    *x == 0.0
}
