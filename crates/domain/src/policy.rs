//! Policies: what the organisation decides about how Samband judges. Changing one is an event like any other.

use crate::incident::SeverityPolicy;
use crate::report::ReportPolicy;
use serde::{Deserialize, Serialize};

/// Body of `policy.set`: one policy, whole, in place of what was set before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "policy", content = "value", rename_all = "snake_case")]
pub enum PolicySet {
    /// How grave incidents are.
    Severity(SeverityPolicy),
    /// How reports find their incident.
    Reports(ReportPolicy),
    /// How detection judges, in the engine's own shape: whoever sets it sees that the engine reads it.
    Engine(serde_json::Value),
}

impl PolicySet {
    /// Its name on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Severity(_) => "severity",
            Self::Reports(_) => "reports",
            Self::Engine(_) => "engine",
        }
    }
}
