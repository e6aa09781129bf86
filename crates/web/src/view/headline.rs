//! What a finding or an incident is called, as parts that each reader is told in their language.

use super::state::finding_kind_key;
use crate::words::Reader;
use domain::finding::Contact;
use domain::incident::ComposedTitle;
use domain::{Finding, FindingKind, Term};

/// What happened and where, composed in the reader's language: "No sales where firmware = 4.2.1".
#[derive(Debug, Clone, PartialEq)]
pub struct Headline {
    /// What.
    pub kind: FindingKind,
    /// Of which activity.
    pub metric: Option<String>,
    /// Where.
    pub explanation: Vec<Term>,
    /// Whether it is not decided yet if they sell nothing or are not heard.
    pub undecided: bool,
}

impl Headline {
    /// Of a finding.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        Self {
            kind: finding.kind,
            metric: finding.metric.as_ref().map(|m| m.as_str().to_owned()),
            explanation: finding.explanation.clone(),
            undecided: is_undecided(finding),
        }
    }

    /// Of an incident, as it is called after its leading finding.
    #[must_use]
    pub fn composed(title: &ComposedTitle, leading: Option<&Finding>) -> Self {
        Self {
            kind: title.kind,
            metric: title.metric.as_ref().map(|m| m.as_str().to_owned()),
            explanation: title.explanation.clone(),
            undecided: leading.is_some_and(|finding| finding.kind == title.kind && is_undecided(finding)),
        }
    }

    /// What, without where.
    #[must_use]
    pub fn what(&self, r: &Reader) -> String {
        // What rests on heartbeats alone says nothing of sales.
        if self.kind == FindingKind::Silence && self.metric.is_none() {
            return r.say("kind-unheard");
        }
        if self.undecided {
            return r.say("kind-undecided");
        }
        let metric = match self.metric.as_deref() {
            Some("sales") | None => r.say("metric-sales"),
            Some(other) => other.to_owned(),
        };
        r.say_a(finding_kind_key(self.kind), metric)
    }

    /// The terms, readable: `firmware = 4.2.1 & region = Norrbotten`.
    #[must_use]
    pub fn terms(&self) -> String {
        terms(&self.explanation)
    }

    /// All of it.
    #[must_use]
    pub fn text(&self, r: &Reader) -> String {
        match self.explanation.as_slice() {
            [] => r.say_a("headline-unexplained", self.what(r)),
            [one] if one.attribute == "site" => r.say_ab("headline-site", self.what(r), &one.value),
            _ => r.say_ab("headline-where", self.what(r), self.terms()),
        }
    }
}

fn is_undecided(finding: &Finding) -> bool {
    finding.kind == FindingKind::Silence && finding.evidence.contact == Contact::Undecided
}

/// A conjunction, readable: `firmware = 4.2.1 & region = Norrbotten`.
#[must_use]
pub fn terms(terms: &[Term]) -> String {
    terms.iter().map(|t| format!("{}\u{a0}=\u{a0}{}", t.attribute, t.value)).collect::<Vec<_>>().join(" & ")
}
