//! Dense sets of rows, because an explanation asks for thousands of intersections of sets that hold a good share of all rows.

use std::ops::Range;

/// A fixed number of rows, each in or out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub(crate) fn zeros(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    pub(crate) fn all(len: usize) -> Self {
        let mut words = vec![u64::MAX; len.div_ceil(64)];
        if let Some(last) = words.last_mut()
            && !len.is_multiple_of(64)
        {
            *last = (1 << (len % 64)) - 1;
        }
        Self { words, len }
    }

    pub(crate) fn set(&mut self, row: usize) {
        self.words[row / 64] |= 1 << (row % 64);
    }

    /// Puts in every row whose item satisfies `keep`; rows past the items stay as they are.
    pub(crate) fn fill_from<T>(&mut self, items: &[T], keep: impl Fn(&T) -> bool) {
        for (word, chunk) in self.words.iter_mut().zip(items[..items.len().min(self.len)].chunks(64)) {
            let mut flags = [0_u8; 64];
            flags.iter_mut().zip(chunk).for_each(|(flag, item)| *flag = keep(item).into());
            for (at, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
                // Moves the lowest bit of byte i to bit i of the highest byte.
                let packed = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
                *word |= packed << (8 * at);
            }
        }
    }

    pub(crate) fn intersect(&mut self, other: &Self) {
        for (word, &theirs) in self.words.iter_mut().zip(&other.words) {
            *word &= theirs;
        }
    }

    pub(crate) fn remove(&mut self, other: &Self) {
        for (word, &theirs) in self.words.iter_mut().zip(&other.words) {
            *word &= !theirs;
        }
    }

    /// Keeps what is in one of both, but not in the two.
    pub(crate) fn exclude_common(&mut self, other: &Self) {
        for (word, &theirs) in self.words.iter_mut().zip(&other.words) {
            *word ^= theirs;
        }
    }

    pub(crate) fn unite(&mut self, other: &Self) {
        for (word, &theirs) in self.words.iter_mut().zip(&other.words) {
            *word |= theirs;
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    pub(crate) fn count_common(&self, other: &Self) -> u64 {
        self.words.iter().zip(&other.words).map(|(ours, theirs)| u64::from((ours & theirs).count_ones())).sum()
    }

    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).all(|(ours, theirs)| ours & !theirs == 0)
    }

    /// The rows in the set, ascending.
    pub(crate) fn ones(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| Ones(word).map(move |bit| at * 64 + bit))
    }

    /// The rows in the set as ranges, ascending: what is dense is read as slices. No range goes past the end of a word.
    pub(crate) fn runs(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let shifted = |run: Range<usize>, by: usize| run.start + by..run.end + by;
        self.words.iter().enumerate().flat_map(move |(at, &word)| Runs(word).map(move |run| shifted(run, at * 64)))
    }
}

struct Runs(u64);

impl Iterator for Runs {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.0 == 0 {
            return None;
        }
        let start = self.0.trailing_zeros();
        let len = (self.0 >> start).trailing_ones();
        self.0 &= !(u64::MAX >> (64 - len) << start);
        Some(start as usize..(start + len) as usize)
    }
}

struct Ones(u64);

impl Iterator for Ones {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rows_end_where_the_rows_end() {
        for len in [0, 1, 63, 64, 65, 130] {
            assert_eq!(Bits::all(len).count(), len as u64);
            assert_eq!(Bits::all(len).ones().last(), len.checked_sub(1));
        }
    }

    #[test]
    fn rows_are_filled_from_the_items_that_qualify() {
        let items: Vec<u32> = (0..150).map(|at| at * at % 7).collect();
        let mut bits = Bits::zeros(200);
        bits.fill_from(&items, |&item| item == 2);
        assert_eq!(bits.ones().collect::<Vec<_>>(), (0..150).filter(|at| at * at % 7 == 2).collect::<Vec<_>>());
    }

    #[test]
    fn runs_hold_the_same_rows_as_the_set() {
        let mut bits = Bits::all(200);
        bits.remove(&{
            let mut holes = Bits::zeros(200);
            [0, 1, 17, 63, 64, 130, 199].into_iter().for_each(|row| holes.set(row));
            holes
        });
        assert_eq!(bits.runs().flatten().collect::<Vec<_>>(), bits.ones().collect::<Vec<_>>());
        assert_eq!(Bits::all(128).runs().collect::<Vec<_>>(), [0..64, 64..128]);
    }

    #[test]
    fn set_operations_agree_with_their_definitions() {
        let mut even = Bits::zeros(200);
        let mut third = Bits::zeros(200);
        (0..200).step_by(2).for_each(|row| even.set(row));
        (0..200).step_by(3).for_each(|row| third.set(row));
        let mut both = even.clone();
        both.intersect(&third);
        assert_eq!(both.count(), even.count_common(&third));
        assert!(both.is_within(&even) && both.is_within(&third) && !even.is_within(&third));
        let mut only_even = even.clone();
        only_even.remove(&third);
        only_even.unite(&both);
        assert_eq!(only_even, even);
        let mut either = even.clone();
        either.exclude_common(&third);
        assert_eq!(either.count(), even.count() + third.count() - 2 * both.count());
        assert!(both.ones().all(|row| row % 6 == 0));
    }
}
