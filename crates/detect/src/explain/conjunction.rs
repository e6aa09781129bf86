//! A conjunction of at most three (attribute, value) terms: as codes while searching, as text once found.

use std::fmt;

use super::table::AttributeTable;

/// The longest conjunction searched.
pub(crate) const TERMS_MAX: usize = 3;

/// One attribute has one value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Term {
    /// The attribute, such as `firmware`.
    pub attribute: String,
    /// Its value, such as `4.2.1`.
    pub value: String,
}

/// Units that satisfy every term. One to three terms, in the order of the table's columns.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Conjunction(pub Vec<Term>);

impl fmt::Display for Conjunction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, term) in self.0.iter().enumerate() {
            let joint = if at == 0 { "" } else { " & " };
            write!(out, "{joint}{}={}", term.attribute, term.value)?;
        }
        Ok(())
    }
}

/// Terms as `(column, code)`, ascending by column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Key {
    len: u8,
    terms: [(u32, u32); TERMS_MAX],
}

impl Key {
    pub(crate) fn terms(&self) -> &[(u32, u32)] {
        &self.terms[..usize::from(self.len)]
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// One term more, or `None` if the column is taken or there is no room.
    pub(crate) fn with(&self, term: (u32, u32)) -> Option<Self> {
        if self.len() == TERMS_MAX || self.terms().iter().any(|known| known.0 == term.0) {
            return None;
        }
        let mut longer = *self;
        longer.terms[self.len()] = term;
        longer.len += 1;
        longer.terms[..self.len() + 1].sort_unstable();
        Some(longer)
    }

    /// Every conjunction of one term less, but the empty one.
    pub(crate) fn shorter(&self) -> impl Iterator<Item = Self> + '_ {
        let drops = if self.len > 1 { self.len() } else { 0 };
        (0..drops).map(|drop| {
            let kept = self.terms().iter().enumerate().filter(|(at, _)| *at != drop);
            kept.fold(Self::default(), |key, (_, &term)| key.with(term).unwrap_or(key))
        })
    }

    /// Both conjunctions at once, or `None` if that is too long or contradicts itself.
    pub(crate) fn and(&self, other: &Self) -> Option<Self> {
        let mut new = other.terms().iter().filter(|term| !self.terms().contains(term));
        new.try_fold(*self, |key, &term| key.with(term))
    }

    pub(crate) fn contains(&self, other: &Self) -> bool {
        other.terms().iter().all(|term| self.terms().contains(term))
    }

    pub(crate) fn named(&self, table: &AttributeTable) -> Conjunction {
        let name = |&(column, code): &(u32, u32)| {
            let column = &table.columns()[column as usize];
            Term { attribute: column.name().to_owned(), value: column.text(code).to_owned() }
        };
        Conjunction(self.terms().iter().map(name).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_conjunction_reads_as_an_operator_would_write_it() {
        let term = |attribute: &str, value: &str| Term { attribute: attribute.into(), value: value.into() };
        let both = Conjunction(vec![term("site", "Jönköping-2"), term("circuit", "A")]);
        assert_eq!(both.to_string(), "site=Jönköping-2 & circuit=A");
    }

    #[test]
    fn joining_conjunctions_keeps_terms_once_and_refuses_contradictions() {
        let one = Key::default().with((2, 7)).and_then(|key| key.with((0, 1))).unwrap();
        assert_eq!(one.terms(), [(0, 1), (2, 7)]);
        let other = Key::default().with((2, 7)).and_then(|key| key.with((1, 4))).unwrap();
        assert_eq!(one.and(&other).unwrap().terms(), [(0, 1), (1, 4), (2, 7)]);
        assert_eq!(one.and(&Key::default().with((2, 8)).unwrap()), None);
        assert_eq!(one.shorter().count(), 2);
        assert!(one.shorter().all(|shorter| one.contains(&shorter) && !shorter.contains(&one)));
    }
}
