//! What a set of causes is worth as a whole: the likelihood of all units under it, less what it costs to state.
//!
//! Units covered by several causes are a cell of their own, whose rate follows from the causes (as bad as the worse one,
//! or two independent faults), so that an overlap never needs, and never pays for, a cause of its own.

use libm::log;

use super::bits::Bits;
use super::conjunction::Key;
use super::frame::Frame;
use super::model::Sums;

/// The causes a set may hold.
pub(crate) const CAUSES_MAX: usize = 3;

/// Rates are kept this far from impossible and certain.
const RATE_EDGE: f64 = 1e-6;

/// A set of causes and its worth.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub causes: Vec<Key>,
    pub covers: Vec<Bits>,
    /// Gain less the price of every cause, in nats; minus infinity when a cause is no worse than the rest.
    pub score: f64,
    /// Gain of the whole set over no cause at all.
    pub gain: f64,
    /// Sums of what no cause covers.
    pub rest: Sums,
}

impl Account {
    /// `price` is what every cause must earn beyond its description.
    pub(crate) fn new(frame: &Frame<'_>, causes: Vec<Key>, price: f64) -> Self {
        let covers: Vec<Bits> = causes.iter().map(|key| frame.cover(key)).collect();
        let cells = cells(frame, &covers);
        let gain = likelihood(frame, &cells, causes.len()).map(|sum| sum - frame.model.best(frame.total));
        let cost: f64 = causes.iter().map(|key| frame.cost[key.len()] + price).sum();
        let score = gain.map_or(f64::NEG_INFINITY, |gain| gain - cost);
        Self { causes, covers, score, gain: gain.unwrap_or(0.0), rest: cells[0] }
    }

    /// The rows that no cause covers, `except` left out of account.
    pub(crate) fn uncovered(&self, frame: &Frame<'_>, except: Option<usize>) -> Bits {
        let mut rows = Bits::all(frame.len());
        for (at, cover) in self.covers.iter().enumerate() {
            if Some(at) != except {
                rows.remove(cover);
            }
        }
        rows
    }
}

/// Sums by which causes cover: cell `m` holds the rows covered by exactly the causes whose bits are set in `m`.
fn cells(frame: &Frame<'_>, covers: &[Bits]) -> Vec<Sums> {
    let mut cells = vec![frame.total; 1 << covers.len()];
    for mask in 1..cells.len() {
        let mut rows: Option<Bits> = None;
        for (_, cover) in covers.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1) {
            match &mut rows {
                Some(rows) => rows.intersect(cover),
                None => rows = Some(cover.clone()),
            }
        }
        let Some(mut rows) = rows else { continue };
        for (_, cover) in covers.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 0) {
            rows.remove(cover);
        }
        cells[mask] = frame.sum(&rows);
        cells[0] = cells[0].minus(cells[mask]);
    }
    cells
}

/// `None` when some cause is no worse than the rest, or covers nothing that another does not name more narrowly.
fn likelihood(frame: &Frame<'_>, cells: &[Sums], causes: usize) -> Option<f64> {
    let model = frame.model;
    let rest = cells[0].rate();
    let mut sum = model.best(cells[0]);
    let alone: Vec<Option<f64>> =
        (0..causes).map(|at| Some(cells[1 << at]).filter(|cell| cell.y > 0.0).map(|cell| edge(cell.rate()))).collect();
    for mask in 1..cells.len() {
        let cell = cells[mask];
        if cell.y <= 0.0 {
            continue;
        }
        let members: Vec<usize> = (0..causes).filter(|at| mask >> at & 1 == 1).collect();
        let own_rate = members.len() == 1 || members.iter().any(|&at| alone[at].is_none());
        if own_rate {
            if !model.is_worse(cell, cells[0]) {
                return None;
            }
            sum += model.best(cell);
            continue;
        }
        let rates = members.iter().filter_map(|&at| alone[at]);
        let worst = rates.clone().fold(edge(rest), |worst, rate| model.worse(worst, rate));
        let joint = rates.reduce(|one, other| model.both(one, other, rest)).unwrap_or(worst);
        sum += model.log_likelihood(cell, worst).max(model.log_likelihood(cell, edge(joint)));
    }
    let covers_something = |at: usize| (1..cells.len()).any(|mask| mask >> at & 1 == 1 && cells[mask].y > 0.0);
    (0..causes).all(covers_something).then_some(sum)
}

fn edge(rate: f64) -> f64 {
    rate.clamp(RATE_EDGE, f64::MAX).min(if rate <= 1.0 { 1.0 - RATE_EDGE } else { f64::MAX })
}

/// What each cause must earn beyond its description: a cause that chance brings forth once in `1 / alpha` questions.
pub(crate) fn price(alpha: f64) -> f64 {
    log(1.0 / alpha.clamp(1e-300, 1.0))
}
