//! Rows grouped by the value they bear: the step by which the search goes from a conjunction to longer ones.

use super::sample::Hit;

/// Rows grouped by value.
pub(crate) struct Parts {
    rows: Vec<u32>,
    ends: Vec<usize>,
}

impl Parts {
    pub(crate) fn of(&self, part: usize) -> &[u32] {
        let from = if part == 0 { 0 } else { self.ends[part - 1] };
        &self.rows[from..self.ends[part]]
    }
}

/// Groups `rows` by those of their `codes` that are among `values`, in the order of `values`; codes are below `numbers`.
pub(crate) fn split(rows: &[u32], codes: &[u16], values: &[(u16, Hit)], numbers: usize) -> Parts {
    let mut part = vec![u16::MAX; numbers];
    for (at, &(value, _)) in values.iter().enumerate() {
        part[usize::from(value)] = at as u16;
    }
    let mut ends = vec![0_usize; values.len() + 1];
    for &row in rows {
        let at = part[usize::from(codes[row as usize])];
        if at != u16::MAX {
            ends[usize::from(at) + 1] += 1;
        }
    }
    for at in 1..ends.len() {
        ends[at] += ends[at - 1];
    }
    let mut grouped = vec![0_u32; ends[values.len()]];
    for &row in rows {
        let at = part[usize::from(codes[row as usize])];
        if at != u16::MAX {
            grouped[ends[usize::from(at)]] = row;
            ends[usize::from(at)] += 1;
        }
    }
    ends.pop();
    Parts { rows: grouped, ends }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fall_into_the_part_of_their_value_and_others_into_none() {
        let codes = [3, 1, 0, 3, 2, 1];
        let parts = split(&[0, 1, 2, 3, 4, 5], &codes, &[(3, Hit::default()), (1, Hit::default())], 4);
        assert_eq!(parts.of(0), [0, 3]);
        assert_eq!(parts.of(1), [1, 5]);
    }
}
