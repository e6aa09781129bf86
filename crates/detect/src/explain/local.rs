//! A column as one search sees it: what the drawn rows bear, in codes small enough to count quickly.

use super::codes::NONE;
use super::frame::Frame;
use super::sample::Sample;

/// The promising values of a column, numbered from 1; all others are 0.
pub(crate) struct Local {
    pub column: u32,
    /// The column's code of each number.
    pub codes: Vec<u32>,
    /// The number that each hit bears.
    pub hits: Vec<u16>,
    /// The number that each control bears.
    pub controls: Vec<u16>,
}

impl Local {
    pub(crate) fn of(frame: &Frame<'_>, sample: &Sample, column: u32, values: Vec<u32>) -> Self {
        let table = &frame.table.columns()[column as usize];
        let mut number = vec![0_u16; table.bearer_counts().len()];
        for (at, &code) in values.iter().enumerate().take(usize::from(u16::MAX) - 1) {
            number[code as usize] = at as u16 + 1;
        }
        let mut codes = Vec::new();
        let mut local = |units: &[u32]| -> Vec<u16> {
            table.codes().gather(units, &mut codes);
            codes.iter().map(|&code| number.get(code as usize).copied().unwrap_or(0)).collect()
        };
        let (hits, controls) = (local(&sample.hit_units), local(&sample.control_units));
        let mut codes = vec![NONE];
        codes.extend(values);
        Self { column, codes, hits, controls }
    }
}
