//! One question put to the table: the population as rows `0..len`, their sums, the attributes that can explain anything,
//! and what it costs to name a conjunction of them.

use std::cell::RefCell;
use std::rc::Rc;

use libm::log;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use super::Options;
use super::bits::Bits;
use super::codes::NONE;
use super::conjunction::{Key, TERMS_MAX};
use super::evidence::{Evidence, weigh};
use super::model::{Model, Sums};
use super::table::{AttributeTable, Column};

/// A column whose values are borne by fewer rows than this on average is an identity, not an attribute.
const BEARERS_MIN: f64 = 1.5;

/// About how many rows are asked what the bearers of a value weigh, which only ranks the columns.
const WEIGHED_ROWS: usize = 16_384;

/// See the module.
pub(crate) struct Frame<'a> {
    pub table: &'a AttributeTable,
    pub model: Model,
    /// The unit of each row, ascending.
    pub units: Vec<u32>,
    /// Attributes that can explain something.
    pub live: Vec<Live>,
    /// `ln` of the number of conjunctions of each length, by length.
    pub cost: [f64; TERMS_MAX + 1],
    /// Sums of the whole population.
    pub total: Sums,
    /// Rows of the evidence that made no sense.
    pub refused: u64,
    whole: bool,
    failing: Bits,
    sums: Vec<Sums>,
    rank: Vec<u32>,
    bearing: RefCell<FxHashMap<(u32, u32), Rc<Bits>>>,
}

/// A column that takes part, with the weight (`y`) of the population that bears each of its codes.
pub(crate) struct Live {
    pub column: u32,
    pub weight: Vec<f64>,
    /// How many values occur.
    pub values: u32,
}

impl<'a> Frame<'a> {
    pub(crate) fn new(table: &'a AttributeTable, evidence: &Evidence<'_>, options: &Options) -> Self {
        let mut frame = Self {
            table,
            model: Model::Bernoulli,
            units: Vec::new(),
            live: Vec::new(),
            cost: [0.0; TERMS_MAX + 1],
            total: Sums::default(),
            refused: 0,
            whole: false,
            failing: Bits::zeros(0),
            sums: Vec::new(),
            rank: ranks(table, options),
            bearing: RefCell::new(FxHashMap::default()),
        };
        match *evidence {
            Evidence::Failed { failing, population } => frame.take_failed(failing, population),
            Evidence::Shortfall { rows, dispersion } => {
                frame.model = Model::Poisson;
                (frame.units, frame.sums, frame.refused) = weigh(rows, dispersion, table.units());
            }
        }
        let everything = Bits::all(frame.len());
        frame.total = match frame.model {
            Model::Bernoulli => frame.sum(&everything),
            Model::Poisson => frame.sum_counts(&everything),
        };
        frame.whole = frame.units.len() == table.units() as usize;
        frame.take_columns();
        frame.cost = costs(&frame.live);
        frame
    }

    pub(crate) fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether every unit of the table is a row, so that units and rows have the same numbers.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether a unit is among the rows.
    pub(crate) fn has(&self, unit: u32) -> bool {
        self.whole || self.units.binary_search(&unit).is_ok()
    }

    /// How many conjunctions could be named, all lengths together.
    pub(crate) fn candidates(&self) -> f64 {
        if self.live.is_empty() { 0.0 } else { self.cost[1..].iter().map(|&cost| libm::exp(cost)).sum() }
    }

    /// Rows that failed; none when counts are the evidence.
    pub(crate) fn failing(&self) -> &Bits {
        &self.failing
    }

    /// The weighted counts of every row when counts are the evidence, else empty.
    pub(crate) fn counts(&self) -> &[Sums] {
        &self.sums
    }

    pub(crate) fn sum(&self, rows: &Bits) -> Sums {
        let count = rows.count();
        match self.model {
            Model::Bernoulli => Sums { x: rows.count_common(&self.failing) as f64, y: count as f64 },
            Model::Poisson if count * 2 > self.len() as u64 => {
                let mut others = Bits::all(self.len());
                others.remove(rows);
                self.total.minus(self.sum_counts(&others))
            }
            Model::Poisson => self.sum_counts(rows),
        }
    }

    /// The rows a conjunction covers.
    pub(crate) fn cover(&self, key: &Key) -> Bits {
        let mut terms = key.terms().iter();
        let Some(&(column, code)) = terms.next() else { return Bits::all(self.len()) };
        let mut cover = self.bearing(column, code).as_ref().clone();
        for &(column, code) in terms {
            cover.intersect(&self.bearing(column, code));
        }
        cover
    }

    pub(crate) fn bearing(&self, column: u32, code: u32) -> Rc<Bits> {
        if let Some(known) = self.bearing.borrow().get(&(column, code)) {
            return known.clone();
        }
        let codes = self.table.columns()[column as usize].codes();
        let bits = Rc::new(if self.whole { codes.bearers(code, self.len()) } else { codes.bearing(code, &self.units) });
        self.bearing.borrow_mut().insert((column, code), bits.clone());
        bits
    }

    /// Fewer terms first, then the attributes the options prefer, then column order, then the values' text.
    pub(crate) fn order(&self, one: &Key, other: &Key) -> std::cmp::Ordering {
        let ranks = |key: &Key| {
            let mut ranks = [u32::MAX; TERMS_MAX];
            for (rank, term) in ranks.iter_mut().zip(key.terms()) {
                *rank = self.rank[term.0 as usize];
            }
            ranks.sort_unstable();
            ranks
        };
        let text = |key: &Key| key.terms().iter().map(|&(column, code)| self.text(column, code)).collect::<Vec<_>>();
        (one.terms().len().cmp(&other.terms().len()))
            .then_with(|| ranks(one).cmp(&ranks(other)))
            .then_with(|| text(one).cmp(&text(other)))
    }

    fn text(&self, column: u32, code: u32) -> &str {
        self.table.columns()[column as usize].text(code)
    }

    fn sum_counts(&self, rows: &Bits) -> Sums {
        let mut sums = Sums::default();
        rows.runs().for_each(|run| self.sums[run].iter().for_each(|&row| sums.add(row)));
        sums
    }

    fn take_failed(&mut self, failing: &RoaringBitmap, population: &RoaringBitmap) {
        let end = self.table.units();
        let whole = end > 0 && population.len() == u64::from(end) && population.max() == Some(end - 1);
        self.units =
            if whole { (0..end).collect() } else { population.iter().take_while(|&unit| unit < end).collect() };
        self.refused = population.len() - self.units.len() as u64;
        let known = failing & population;
        self.failing = Bits::zeros(self.units.len());
        let mut row = 0;
        for unit in known.iter().take_while(|&unit| unit < end) {
            row += self.units[row..].partition_point(|&candidate| candidate < unit);
            self.failing.set(row);
        }
    }

    fn take_columns(&mut self) {
        let stride = if self.model == Model::Poisson { self.len().div_ceil(WEIGHED_ROWS).max(1) } else { 1 };
        let weighed: Vec<u32> = self.units.iter().step_by(stride).copied().collect();
        let mut codes = Vec::new();
        for (at, column) in self.table.columns().iter().enumerate() {
            let rows = self.bearers(column, &mut codes);
            let values = rows.iter().filter(|&&bearers| bearers > 0).count();
            let recorded: u64 = rows.iter().map(|&bearers| u64::from(bearers)).sum();
            let constant = values == 1 && recorded == self.units.len() as u64;
            if values > 0 && !constant && recorded as f64 >= BEARERS_MIN * values as f64 {
                let weight = match self.model {
                    Model::Bernoulli => rows.iter().map(|&bearers| f64::from(bearers)).collect(),
                    Model::Poisson => {
                        column.codes().gather(&weighed, &mut codes);
                        self.weights(&rows, &codes, stride)
                    }
                };
                self.live.push(Live { column: at as u32, weight, values: values as u32 });
            }
        }
    }

    /// How many rows bear each code of a column.
    fn bearers(&self, column: &Column, codes: &mut Vec<u32>) -> Vec<u32> {
        if self.whole {
            return column.bearer_counts().to_vec();
        }
        let mut rows = vec![0_u32; column.bearer_counts().len()];
        column.codes().gather(&self.units, codes);
        codes.iter().filter(|&&code| code != NONE).for_each(|&code| rows[code as usize] += 1);
        rows
    }

    /// The weight of each code's bearers: their number is known, what they weigh on average is taken from those of every
    /// `stride`th row, whose codes are `codes`, and where these are few from the average of all rows.
    fn weights(&self, bearers: &[u32], codes: &[u32], stride: usize) -> Vec<f64> {
        let average = self.total.y / self.len() as f64;
        let mut weighed = vec![(average, 1_u32); bearers.len()];
        for (&code, sums) in codes.iter().zip(self.sums.iter().step_by(stride)).filter(|(code, _)| **code != NONE) {
            let (weight, rows) = &mut weighed[code as usize];
            *weight += sums.y;
            *rows += 1;
        }
        let scale = |(&bearers, (weight, rows))| f64::from(bearers) * weight / f64::from(rows);
        bearers.iter().zip(weighed).map(scale).collect()
    }
}

fn ranks(table: &AttributeTable, options: &Options) -> Vec<u32> {
    let preferred = options.priority.len();
    let rank = |(at, name): (usize, &str)| {
        let place = options.priority.iter().position(|wanted| wanted == name).unwrap_or(preferred + at);
        u32::try_from(place).unwrap_or(u32::MAX)
    };
    table.columns().iter().map(|column| column.name()).enumerate().map(rank).collect()
}

/// Elementary symmetric polynomials of the numbers of values: how many conjunctions of each length there are.
fn costs(live: &[Live]) -> [f64; TERMS_MAX + 1] {
    let mut ways = [1.0, 0.0, 0.0, 0.0];
    for column in live {
        for length in (1..=TERMS_MAX).rev() {
            ways[length] += ways[length - 1] * f64::from(column.values);
        }
    }
    ways.map(|ways: f64| log(ways.max(1.0)))
}
