//! From single conjunctions to the set of causes: grow by what the others leave unexplained, then reconsider each.
//!
//! A greedy choice errs in three ways, and each has its remedy here: a broad value taken for two narrow causes (narrow it
//! and grow again), a narrow one taken for a broad cause (widen it), and a mixture of two that the second cause reveals
//! (fit it again to what the others leave). A change is kept only when the whole account improves.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::Options;
use super::account::{Account, CAUSES_MAX, price};
use super::bits::Bits;
use super::conjunction::{Key, TERMS_MAX};
use super::frame::Frame;
use super::lattice::{Found, search};

/// Times the set is improved before it is taken as it is.
const ROUNDS_MAX: usize = 8;

/// Replacements tried for each cause in a round.
const TRIED: usize = 4;

/// A worth that differs by less is the same.
const SAME: f64 = 1e-9;

pub(crate) struct Solver<'f> {
    pub frame: &'f Frame<'f>,
    pub examined: u64,
    pub bounded: bool,
    price: f64,
    causes_max: usize,
    terms_max: usize,
    searched: FxHashMap<(Vec<Key>, Key), Rc<Found>>,
}

impl<'f> Solver<'f> {
    pub(crate) fn new(frame: &'f Frame<'f>, options: &Options) -> Self {
        Self {
            frame,
            examined: 0,
            bounded: false,
            price: price(options.alpha),
            causes_max: options.causes_max.clamp(1, CAUSES_MAX),
            terms_max: options.terms_max.clamp(1, TERMS_MAX),
            searched: FxHashMap::default(),
        }
    }

    /// The best set found; empty when nothing beats chance.
    pub(crate) fn solve(&mut self) -> Account {
        let mut best = self.grow(self.account(Vec::new()));
        for _ in 0..ROUNDS_MAX {
            match self.improve(&best) {
                Some(better) => best = better,
                None => break,
            }
        }
        best
    }

    pub(crate) fn account(&self, causes: Vec<Key>) -> Account {
        Account::new(self.frame, causes, self.price)
    }

    /// The best conjunctions for what all causes but one leave unexplained.
    pub(crate) fn rivals(&mut self, account: &Account, of: usize) -> Rc<Found> {
        let mut others = account.causes.clone();
        others.remove(of);
        let scope = account.uncovered(self.frame, Some(of));
        self.search(others, &scope, Key::default())
    }

    /// The best conjunctions when nothing is explained yet.
    pub(crate) fn found_alone(&mut self) -> Rc<Found> {
        self.search(Vec::new(), &Bits::all(self.frame.len()), Key::default())
    }

    /// Adds causes, and drops what they make redundant, while that pays.
    fn grow(&mut self, account: Account) -> Account {
        let mut best = self.prune(account);
        while best.causes.len() < self.causes_max {
            let scope = best.uncovered(self.frame, None);
            let found = self.search(best.causes.clone(), &scope, Key::default());
            let mut next: Option<Account> = None;
            for candidate in found.best.iter().take(TRIED).filter(|candidate| candidate.score > self.price) {
                let mut causes = best.causes.clone();
                causes.push(candidate.key);
                let longer = self.account(causes);
                if longer.score > next.as_ref().map_or(best.score, |next| next.score) + SAME {
                    next = Some(longer);
                }
            }
            match next {
                Some(next) => best = self.prune(next),
                None => break,
            }
        }
        best
    }

    /// Drops causes while the account is better without.
    fn prune(&self, mut best: Account) -> Account {
        loop {
            let without = (0..best.causes.len()).map(|drop| {
                let mut causes = best.causes.clone();
                causes.remove(drop);
                self.account(causes)
            });
            match without.max_by(|one, other| one.score.total_cmp(&other.score)) {
                Some(shorter) if shorter.score >= best.score - SAME => best = shorter,
                _ => return best,
            }
        }
    }

    fn improve(&mut self, best: &Account) -> Option<Account> {
        for at in 0..best.causes.len() {
            let mut replacements: Vec<Key> = best.causes[at].shorter().collect();
            let narrower = self.narrower(best, at);
            let rivals = self.rivals(best, at);
            replacements.extend(rivals.best.iter().take(TRIED).map(|rival| rival.key));
            for key in replacements.iter().filter(|key| !best.causes.contains(key)) {
                let changed = self.account(replaced(best, at, *key));
                if changed.score > best.score + SAME {
                    return Some(self.grow(changed));
                }
            }
            for key in narrower.iter().filter(|key| !best.causes.contains(key)) {
                let changed = self.grow(self.account(replaced(best, at, *key)));
                if changed.score > best.score + SAME {
                    return Some(changed);
                }
            }
        }
        None
    }

    /// Refinements of a cause that beat chance among what it alone covers: signs that it is a mixture.
    fn narrower(&mut self, account: &Account, at: usize) -> Vec<Key> {
        let mut scope = account.uncovered(self.frame, Some(at));
        scope.intersect(&account.covers[at]);
        let mut others = account.causes.clone();
        others.remove(at);
        let found = self.search(others, &scope, account.causes[at]);
        found.best.iter().filter(|candidate| candidate.score > 0.0).take(TRIED).map(|candidate| candidate.key).collect()
    }

    fn search(&mut self, mut others: Vec<Key>, scope: &Bits, base: Key) -> Rc<Found> {
        others.sort_by(|one, other| one.terms().cmp(other.terms()));
        if let Some(known) = self.searched.get(&(others.clone(), base)) {
            return known.clone();
        }
        let further = !others.is_empty() && base.len() == 0;
        let floor = if further { self.price } else { 0.0 };
        let found = Rc::new(search(self.frame, scope, &base, self.terms_max, floor));
        self.examined += found.examined;
        self.bounded |= found.bounded;
        self.searched.insert((others, base), found.clone());
        found
    }
}

fn replaced(account: &Account, at: usize, key: Key) -> Vec<Key> {
    let mut causes = account.causes.clone();
    causes[at] = key;
    causes
}
