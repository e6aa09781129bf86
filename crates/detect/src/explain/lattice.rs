//! The bounded search over conjunctions: which of them, alone, tell the failing from the rest best.
//!
//! Bottom-up computation of an iceberg cube (Beyer, Ramakrishnan, SIGMOD 1999): rows are split by one attribute at a time
//! and a part is followed only while an optimistic bound on its best sub-part can still beat what has been found. Shorter
//! conjunctions first, so that the bound is sharp when the many longer ones come. Work is capped and the cap is reported.

use super::bits::Bits;
use super::codes::NONE;
use super::conjunction::{Key, TERMS_MAX};
use super::frame::{Frame, Live};
use super::local::Local;
use super::model::{Model, Sums};
use super::parts::split;
use super::sample::{Hit, Sample};

/// How many candidates are handed on.
const KEEP: usize = 48;

/// How many are counted over all rows when the search ran on a sample.
const RECOUNTED: usize = 12;

/// Attributes that enter conjunctions of two, and of three; the most promising ones when there are more.
const COLUMNS_MAX: [usize; TERMS_MAX + 1] = [0, usize::MAX, 32, 16];

/// A candidate that scores less than this share of the best is not followed: what it explains is found among what the
/// best leaves unexplained.
const SHARE_OF_BEST: f64 = 0.1;

/// Rows looked at in one search; about a tenth of a second on one core.
const WORK_MAX: u64 = 40_000_000;

/// A conjunction with what it covers of the scope searched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Candidate {
    pub key: Key,
    pub sums: Sums,
    pub gain: f64,
    /// Gain less what its terms cost to name.
    pub score: f64,
}

/// What a search found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// Best first.
    pub best: Vec<Candidate>,
    pub examined: u64,
    /// Whether a cap was reached.
    pub bounded: bool,
}

/// Searches the rows in `scope` for conjunctions that extend `base` (which all of the scope satisfies). Longer ones than a
/// single value are followed only if they can score more than `floor`.
pub(crate) fn search(frame: &Frame<'_>, scope: &Bits, base: &Key, terms_max: usize, floor: f64) -> Found {
    let total = frame.sum(scope);
    let sample = Sample::of(frame, scope, total);
    if sample.hits.is_empty() || terms_max <= base.len() {
        return Found::default();
    }
    let mut lattice = Lattice::new(frame, &sample, base, floor);
    for length in 1..=(terms_max - base.len()) {
        lattice.pass(length);
    }
    let mut found = lattice.finish();
    if sample.thinned {
        recount(frame, scope, total, base, &mut found.best);
    }
    found
}

struct Lattice<'f> {
    frame: &'f Frame<'f>,
    sample: &'f Sample,
    base: Key,
    columns: Vec<Local>,
    top: Vec<Candidate>,
    /// The best single value of each column, so that every attribute can be a runner-up.
    singles: Vec<Candidate>,
    threshold: f64,
    /// The least summed surprise of hits by which a conjunction of so many terms could reach the threshold.
    least: [f64; TERMS_MAX + 1],
    counted: Vec<Hit>,
    touched: Vec<u16>,
    others: Vec<Sums>,
    work: u64,
    examined: u64,
    bounded: bool,
}

impl<'f> Lattice<'f> {
    fn new(frame: &'f Frame<'f>, sample: &'f Sample, base: &Key, floor: f64) -> Self {
        let mut lattice = Self {
            frame,
            sample,
            base: *base,
            columns: Vec::new(),
            top: Vec::new(),
            singles: Vec::new(),
            threshold: 0.0,
            least: [0.0; TERMS_MAX + 1],
            counted: Vec::new(),
            touched: Vec::new(),
            others: Vec::new(),
            work: 0,
            examined: 0,
            bounded: false,
        };
        lattice.raise(floor);
        lattice.choose_columns();
        lattice
    }

    /// Keeps the columns that can take part at all, the most promising ones if they are too many.
    fn choose_columns(&mut self) {
        let mut ranked = Vec::new();
        let mut codes = Vec::new();
        for live in &self.frame.live {
            if self.base.terms().iter().any(|term| term.0 == live.column) {
                continue;
            }
            self.frame.table.columns()[live.column as usize].codes().gather(&self.sample.hit_units, &mut codes);
            let (promise, values) = self.promising(live, &codes);
            if !values.is_empty() {
                ranked.push((promise, live.column, values));
            }
        }
        ranked.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        self.bounded |= ranked.len() > COLUMNS_MAX[TERMS_MAX];
        ranked.truncate(COLUMNS_MAX[2]);
        // Columns of many values first: their parts are small and soon hopeless, so that few reach the columns after them.
        for group in ranked.chunks_mut(COLUMNS_MAX[TERMS_MAX]) {
            group.sort_by(|one, other| other.2.len().cmp(&one.2.len()).then(one.1.cmp(&other.1)));
        }
        for (_, column, values) in ranked {
            self.columns.push(Local::of(self.frame, self.sample, column, values));
        }
        let most = self.columns.iter().map(|column| column.codes.len()).max().unwrap_or(0);
        self.counted = vec![Hit::default(); most];
        self.others = vec![Sums::default(); most];
        self.touched = vec![0; most + 1];
    }

    /// The values of a column that some conjunction could be built on, and how well the best of them does alone.
    fn promising(&mut self, live: &Live, codes: &[u32]) -> (f64, Vec<u32>) {
        let mut hits = vec![Hit::default(); live.weight.len()];
        let mut seen = Vec::new();
        for (&code, &hit) in codes.iter().zip(&self.sample.hits).filter(|(code, _)| **code != NONE) {
            let sum = &mut hits[code as usize];
            if sum.surprise == 0.0 {
                seen.push(code);
            }
            sum.add(hit);
        }
        seen.sort_unstable();
        let (mut promise, mut values) = (f64::NEG_INFINITY, Vec::new());
        for code in seen {
            let hit = hits[code as usize];
            self.examined += 1;
            let others = (live.weight[code as usize] - hit.sums.y).max(0.0);
            let usual = if self.frame.model == Model::Poisson { others * self.sample.total.rate() } else { 0.0 };
            let sums = Sums { x: hit.sums.x + usual, y: (hit.sums.y + others).min(self.sample.total.y) };
            if self.frame.model.gain_at_most(sums, self.sample.total) > promise {
                promise = promise.max(self.frame.model.gain(sums, self.sample.total, self.sample.total_best));
            }
            if self.can_reach(hit, 1) {
                values.push(code);
            }
        }
        (promise, values)
    }

    /// Looks at every conjunction of exactly `length` terms that can still matter.
    fn pass(&mut self, length: usize) {
        let hits: Vec<u32> = (0..self.sample.hits.len() as u32).collect();
        let controls: Vec<u32> = (0..self.sample.controls.len() as u32).collect();
        self.expand(Key::default(), 0, &hits, &controls, length);
    }

    fn expand(&mut self, key: Key, first: usize, hits: &[u32], controls: &[u32], length: usize) {
        let last = key.len() + 1 == length;
        for at in first..self.columns.len().min(COLUMNS_MAX[length]) {
            if self.work > WORK_MAX {
                self.bounded = true;
                return;
            }
            self.work += hits.len() as u64;
            let values = self.survivors(at, hits, length);
            if values.is_empty() {
                continue;
            }
            self.work += controls.len() as u64;
            if last {
                self.weigh(key, at, &values, controls);
                continue;
            }
            let (hit_parts, control_parts) = (
                split(hits, &self.columns[at].hits, &values, self.columns[at].codes.len()),
                split(controls, &self.columns[at].controls, &values, self.columns[at].codes.len()),
            );
            for (part, &(value, hit)) in values.iter().enumerate() {
                if !self.can_reach(hit, length) {
                    continue;
                }
                let term = (self.columns[at].column, self.columns[at].codes[usize::from(value)]);
                let Some(longer) = key.with(term) else { continue };
                self.expand(longer, at + 1, hit_parts.of(part), control_parts.of(part), length);
            }
        }
    }

    /// The values of a column whose hits could support a conjunction of `length` terms, the strongest first.
    fn survivors(&mut self, at: usize, hits: &[u32], length: usize) -> Vec<(u16, Hit)> {
        let codes = &self.columns[at].hits;
        // Every code is written down, and kept when it is the first of its kind: no branch to guess wrong.
        let mut distinct = 0;
        for &row in hits {
            let code = codes[row as usize];
            let sum = &mut self.counted[usize::from(code)];
            self.touched[distinct] = code;
            distinct += usize::from(sum.surprise == 0.0);
            sum.add(self.sample.hits[row as usize]);
        }
        let mut values = Vec::new();
        for at in 0..distinct {
            let code = self.touched[at];
            let hit = std::mem::take(&mut self.counted[usize::from(code)]);
            if code != 0 && (length == 1 || self.can_reach(hit, length)) {
                values.push((code, hit));
            }
        }
        values.sort_by(|one, other| other.1.surprise.total_cmp(&one.1.surprise).then(one.0.cmp(&other.0)));
        values
    }

    fn weigh(&mut self, key: Key, at: usize, values: &[(u16, Hit)], controls: &[u32]) {
        values.iter().for_each(|&(value, _)| self.others[usize::from(value)] = Sums::default());
        let (single, cost) = (self.base.len() + key.len() == 0, self.cost(key.len() + 1));
        let codes = &self.columns[at].controls;
        for &row in controls {
            self.others[usize::from(codes[row as usize])].add(self.sample.controls[row as usize]);
        }
        for &(value, hit) in values {
            let mut sums = self.others[usize::from(value)];
            sums.add(hit.sums);
            self.examined += 1;
            // Single values are also kept as the best of their column, whatever the threshold.
            if !single && self.frame.model.gain_at_most(sums, self.sample.total) < self.threshold + cost {
                continue;
            }
            let gain = self.frame.model.gain(sums, self.sample.total, self.sample.total_best);
            let term = (self.columns[at].column, self.columns[at].codes[usize::from(value)]);
            if let Some(key) = key.with(term).and_then(|key| self.base.and(&key)) {
                let candidate = Candidate { key, sums, gain, score: gain - cost };
                self.offer(candidate);
            }
        }
    }

    fn offer(&mut self, candidate: Candidate) {
        if candidate.gain <= 0.0 {
            return;
        }
        if candidate.key.len() == 1 {
            let column = candidate.key.terms()[0].0;
            match self.singles.iter_mut().find(|single| single.key.terms()[0].0 == column) {
                Some(single) if compare(self.frame, &candidate, single).is_lt() => *single = candidate,
                Some(_) => {}
                None => self.singles.push(candidate),
            }
        }
        if candidate.score < self.threshold {
            return;
        }
        self.top.push(candidate);
        if candidate.score * SHARE_OF_BEST > self.threshold {
            self.raise(candidate.score * SHARE_OF_BEST);
        }
        if self.top.len() >= 4 * KEEP {
            self.top.sort_by(|one, other| compare(self.frame, one, other));
            self.top.truncate(KEEP);
            self.raise(self.top[KEEP - 1].score);
        }
    }

    /// Raises the threshold and what hits must bring to reach it: by bisection where the bound depends on one number, as
    /// the bounds of millions of parts are compared and few of them computed.
    fn raise(&mut self, threshold: f64) {
        self.threshold = self.threshold.max(threshold);
        for length in 1..=TERMS_MAX - self.base.len() {
            let need = self.threshold + self.cost(length);
            let (model, total, best) = (self.frame.model, self.sample.total, self.sample.total_best);
            self.least[length] = match model {
                Model::Bernoulli => {
                    let (mut low, mut high) = (0.0, total.x + 1.0);
                    while high - low > 0.5 {
                        let middle = f64::midpoint(low, high);
                        let reaches = model.bound(Sums { x: middle, y: middle }, middle, total, best) >= need;
                        if reaches { high = middle } else { low = middle }
                    }
                    low
                }
                Model::Poisson => need - model.bound(self.sample.worse, 0.0, total, best),
            };
        }
    }

    fn finish(mut self) -> Found {
        self.top.sort_by(|one, other| compare(self.frame, one, other));
        self.top.truncate(KEEP);
        let missing = self.singles.iter().filter(|single| !self.top.iter().any(|known| known.key == single.key));
        let missing: Vec<Candidate> = missing.copied().collect();
        self.top.extend(missing);
        self.top.sort_by(|one, other| compare(self.frame, one, other));
        Found { best: self.top, examined: self.examined, bounded: self.bounded }
    }

    /// Whether some part of these hits could score above the threshold as a conjunction of `length` more terms.
    ///
    /// One failing unit has nothing in common with itself; one row far below expectation may stand for many devices.
    fn can_reach(&self, hit: Hit, length: usize) -> bool {
        if hit.surprise < self.least[length] {
            return false;
        }
        match self.frame.model {
            Model::Bernoulli => hit.surprise > self.sample.hits[0].surprise,
            Model::Poisson => {
                let need = self.threshold + self.cost(length);
                let (total, best) = (self.sample.total, self.sample.total_best);
                self.frame.model.bound_reaches(need, hit.sums, hit.surprise, total, best)
            }
        }
    }

    fn cost(&self, length: usize) -> f64 {
        self.frame.cost[self.base.len() + length] - self.frame.cost[self.base.len()]
    }
}

/// Best first: by score, then by the frame's order of preference.
pub(crate) fn compare(frame: &Frame<'_>, one: &Candidate, other: &Candidate) -> std::cmp::Ordering {
    other.score.total_cmp(&one.score).then_with(|| frame.order(&one.key, &other.key))
}

fn recount(frame: &Frame<'_>, scope: &Bits, total: Sums, base: &Key, best: &mut Vec<Candidate>) {
    let total_best = frame.model.best(total);
    best.truncate(RECOUNTED);
    for candidate in best.iter_mut() {
        let mut cover = frame.cover(&candidate.key);
        cover.intersect(scope);
        let cost = candidate.gain - candidate.score;
        candidate.sums = frame.sum(&cover);
        candidate.gain = frame.model.gain(candidate.sums, total, total_best);
        candidate.score = candidate.gain - cost;
    }
    best.retain(|candidate| candidate.gain > 0.0 && candidate.key.len() > base.len());
    best.sort_by(|one, other| compare(frame, one, other));
}
