//! What the failing have in common: the fewest, shortest conjunctions of attributes that tell them from the healthy.
//!
//! Likelihood gain minus description length, searched over the lattice of (attribute, value) terms. Pure and
//! deterministic: the same table and evidence give the same explanation, in whatever order the units were added.

mod account;
mod alias;
mod bits;
mod codes;
mod conjunction;
mod evidence;
mod explanation;
mod frame;
mod lattice;
mod local;
mod model;
mod needed;
mod parts;
mod rival;
mod sample;
mod solve;
mod table;
#[cfg(test)]
mod tests;
mod weight;

pub use conjunction::{Conjunction, Term};
pub use evidence::{Dispersion, Evidence, Shortfall};
pub use explanation::{Cause, Explanation, Nearest, RunnerUp, Verdict, Why};
pub use needed::needed;
pub use table::{AttributeTable, ColumnId, TableError};

use account::{Account, price};
use bits::Bits;
use frame::Frame;
use lattice::Candidate;
use model::Model;
use solve::Solver;

/// How an explanation is sought.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Accepted probability that a cause is named though there is none.
    pub alpha: f64,
    /// At most this many causes (1 to 3).
    pub causes_max: usize,
    /// At most this many terms in a cause (1 to 3).
    pub terms_max: usize,
    /// Attributes to name first when several fit equally; those not listed follow in the order of the table.
    pub priority: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { alpha: 0.01, causes_max: 3, terms_max: 3, priority: Vec::new() }
    }
}

/// Finds the causes that explain the evidence, or says that the known attributes do not.
///
/// ```
/// use detect::explain::{AttributeTable, Evidence, Options, Verdict, explain};
/// use roaring::RoaringBitmap;
/// let mut table = AttributeTable::new();
/// let (firmware, model) = (table.column("firmware"), table.column("model"));
/// for at in 0..100 {
///     let unit = table.add_unit().unwrap();
///     table.set(unit, firmware, Some(if at % 5 == 0 { "4.2.1" } else { "4.2.0" })).unwrap();
///     table.set(unit, model, Some(if at % 2 == 0 { "PS20" } else { "PS30" })).unwrap();
/// }
/// let failing: RoaringBitmap = (0..100).filter(|at| at % 5 == 0).collect();
/// let population = (0..100).collect();
/// let evidence = Evidence::Failed { failing: &failing, population: &population };
/// let Verdict::Causes(causes) = explain(&table, &evidence, &Options::default()).verdict else { panic!() };
/// assert_eq!(causes[0].conjunction.to_string(), "firmware=4.2.1");
/// ```
#[must_use]
pub fn explain(table: &AttributeTable, evidence: &Evidence<'_>, options: &Options) -> Explanation {
    let frame = Frame::new(table, evidence, options);
    let everything = Bits::all(frame.len());
    let failing = weight::failing(&frame, &everything);
    let mut solver = Solver::new(&frame, options);
    let nothing_failed = failing == 0;
    let account = if nothing_failed { solver.account(Vec::new()) } else { solver.solve() };
    let covered: f64 = if account.causes.is_empty() { 0.0 } else { covered_share(&frame, &account) };
    let verdict = if nothing_failed {
        Verdict::NothingFailed
    } else if account.causes.is_empty() {
        Verdict::NoKnownCommonFactor { nearest: nearest(&mut solver, options) }
    } else {
        Verdict::Causes(causes(&mut solver, &account))
    };
    Explanation {
        verdict,
        population: frame.len() as u64,
        failing,
        unexplained: if nothing_failed { 0.0 } else { 1.0 - covered },
        examined: solver.examined,
        candidates: frame.candidates(),
        bounded: solver.bounded,
        refused: frame.refused,
    }
}

fn covered_share(frame: &Frame<'_>, account: &Account) -> f64 {
    let mut union = Bits::zeros(frame.len());
    account.covers.iter().for_each(|cover| union.unite(cover));
    weight::coverage(frame, frame.sum(&union), account.rest)
}

fn causes(solver: &mut Solver<'_>, account: &Account) -> Vec<Cause> {
    let frame = solver.frame;
    let mut causes: Vec<Cause> = (0..account.causes.len())
        .map(|at| {
            let (key, cover) = (account.causes[at], &account.covers[at]);
            let (preferred, others) = alias::names(frame, &key, cover);
            let rivals = solver.rivals(account, at);
            let sums = frame.sum(cover);
            let mut without = account.causes.clone();
            without.remove(at);
            Cause {
                conjunction: preferred.named(frame.table),
                equivalent: others.iter().map(|other| other.named(frame.table)).collect(),
                units: cover.count(),
                failing: weight::failing(frame, cover),
                coverage: weight::coverage(frame, sums, account.rest),
                purity: weight::purity(frame, sums),
                gain_nats: account.gain - solver.account(without).gain,
                description_nats: frame.cost[preferred.len()],
                runner_up: rival::runner_up(frame, account, at, &rivals.best),
            }
        })
        .collect();
    causes.sort_by(|one, other| {
        other.gain_nats.total_cmp(&one.gain_nats).then_with(|| one.conjunction.cmp(&other.conjunction))
    });
    causes
}

fn nearest(solver: &mut Solver<'_>, options: &Options) -> Option<Nearest> {
    let frame = solver.frame;
    let best: Candidate = *solver.found_alone().best.first()?;
    let total = frame.total;
    let failing_needed = match frame.model {
        Model::Bernoulli => needed(best.sums.y / total.y, best.sums.x / total.x, frame.candidates(), options.alpha),
        Model::Poisson => None,
    };
    Some(Nearest {
        conjunction: best.key.named(frame.table),
        gain_nats: best.gain,
        short_by_nats: (price(options.alpha) - best.score).max(0.0),
        failing_needed,
    })
}
