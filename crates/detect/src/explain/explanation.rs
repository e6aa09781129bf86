//! What an explanation says: causes with their weight, the rival each one beat and why, or that there is none.

use super::conjunction::Conjunction;

/// The answer to "what do the failing have in common?".
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The answer.
    pub verdict: Verdict,
    /// Units whose state was known.
    pub population: u64,
    /// Units that failed, or units below what the population as a whole would lead one to expect.
    pub failing: u64,
    /// Share of the failing (or of the shortfall) that no cause covers.
    pub unexplained: f64,
    /// Conjunctions that were weighed.
    pub examined: u64,
    /// Conjunctions that could be named: the M of the false-alarm rate.
    pub candidates: f64,
    /// Whether a cap on the work was reached, so that a better explanation may have been missed.
    pub bounded: bool,
    /// Rows of evidence left out: units the table does not have, counts that are no counts.
    pub refused: u64,
}

/// Explained or not.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Nothing failed.
    NothingFailed,
    /// The smallest set of causes that explains the evidence, the one that explains most first.
    Causes(Vec<Cause>),
    /// The best that the known attributes offer is no better than chance.
    NoKnownCommonFactor {
        /// The nearest miss.
        nearest: Option<Nearest>,
    },
}

/// One cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// What the units it covers have in common.
    pub conjunction: Conjunction,
    /// Other conjunctions that cover exactly the same units of the population: nothing here can tell them apart.
    pub equivalent: Vec<Conjunction>,
    /// Units it covers, failing or not.
    pub units: u64,
    /// Those of them that failed (or are below expectation).
    pub failing: u64,
    /// Share of all that failed, or of the whole shortfall, that it covers.
    pub coverage: f64,
    /// Share of what it covers that failed; for a shortfall the share of the expected that is missing.
    pub purity: f64,
    /// Log likelihood lost without it, in nats.
    pub gain_nats: f64,
    /// What naming it costs: `ln` of the number of conjunctions of its length.
    pub description_nats: f64,
    /// The best other explanation of what this cause explains.
    pub runner_up: Option<RunnerUp>,
}

/// An explanation that lost.
#[derive(Debug, Clone, PartialEq)]
pub struct RunnerUp {
    /// What it says.
    pub conjunction: Conjunction,
    /// Its own coverage, as in [`Cause`].
    pub coverage: f64,
    /// Its own purity, as in [`Cause`].
    pub purity: f64,
    /// By how many nats it lost, description included.
    pub lost_by_nats: f64,
    /// Why.
    pub why: Why,
}

/// Why a rival lost.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// It leaves more of the failing unexplained.
    LowerCoverage,
    /// More of what it covers is healthy.
    LowerPurity,
    /// It fits as well but takes more to say.
    LongerDescription,
    /// One contains the other: only the units in one and not in the other can tell.
    Nested {
        /// How many such units the table has.
        discordant: u64,
        /// Some of them to look at, those whose state is not known first.
        look_at: Vec<u32>,
    },
}

/// The best candidate when none is good enough.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// What it says.
    pub conjunction: Conjunction,
    /// Its gain in nats.
    pub gain_nats: f64,
    /// How many nats it is short of being better than chance.
    pub short_by_nats: f64,
    /// How many failing units it would take at the same shares, when that can be said.
    pub failing_needed: Option<u64>,
}
