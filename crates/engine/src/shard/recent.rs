//! When a member last did something and how much: exact for seconds, coarser the longer ago.

use crate::clock::Ms;
use serde::{Deserialize, Serialize};

/// Cells of each resolution.
const CELLS: usize = 12;
/// Resolutions.
const ROWS: usize = 5;
/// How far back the coarsest resolution reaches at least.
pub const RECALLED_MS: Ms = WIDTHS_MS[ROWS - 1] * (CELLS as Ms - 1);
/// Width of a cell at each resolution: 2 s, 16 s, 2 min, 17 min, 2.3 h. The last reaches back to the day before.
const WIDTHS_MS: [Ms; ROWS] = [2_000, 16_000, 128_000, 1_024_000, 8_192_000];

/// Counts of the last hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    cells: Cells,
    /// Time of the last count.
    pub last_ms: Ms,
}

/// Cells of all resolutions, one after the other. A device fits into bytes; what does not is moved, and stays, where there is room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Cells {
    Few(#[serde(with = "bytes")] [u8; CELLS * ROWS]),
    Many(Box<Wide>),
}

/// Cells of a busy source.
type Wide = [[u32; CELLS]; ROWS];

impl Recent {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { cells: Cells::Few([0; CELLS * ROWS]), last_ms: Ms::MIN }
    }

    /// `n` transactions at `now`, which never goes back.
    pub fn add(&mut self, n: u32, now: Ms) {
        for (row, width) in WIDTHS_MS.into_iter().enumerate() {
            let at = now.div_euclid(width);
            let passed = if self.last_ms == Ms::MIN { CELLS as Ms } else { at - self.last_ms.div_euclid(width) };
            for step in 0..passed.clamp(0, CELLS as Ms) {
                self.cells.clear(row, cell(at - step));
            }
            self.cells.add(row, cell(at), n);
        }
        self.last_ms = self.last_ms.max(now);
    }

    /// Transactions after `since`, up to `now`; the cell that `since` cuts counts in proportion.
    #[must_use]
    pub fn since(&self, since: Ms, now: Ms) -> f64 {
        if self.last_ms <= since {
            return 0.0;
        }
        let reach = |width: Ms| now.div_euclid(width) - since.div_euclid(width) < CELLS as Ms;
        let Some((row, width)) = WIDTHS_MS.into_iter().enumerate().find(|(_, width)| reach(*width)) else {
            return (0..CELLS).map(|c| f64::from(self.cells.get(ROWS - 1, c))).sum();
        };
        let (first, last) = (since.div_euclid(width), self.last_ms.div_euclid(width));
        let mut n = 0.0;
        for at in first..=last {
            // Cells older than the ring at the last count hold something newer.
            if last - at >= CELLS as Ms {
                continue;
            }
            let share = if at == first { ((at + 1) * width - since) as f64 / width as f64 } else { 1.0 };
            n += f64::from(self.cells.get(row, cell(at))) * share;
        }
        n
    }
}

impl Default for Recent {
    fn default() -> Self {
        Self::new()
    }
}

impl Cells {
    fn get(&self, row: usize, cell: usize) -> u32 {
        match self {
            Self::Few(cells) => u32::from(cells[row * CELLS + cell]),
            Self::Many(cells) => cells[row][cell],
        }
    }

    fn clear(&mut self, row: usize, cell: usize) {
        match self {
            Self::Few(cells) => cells[row * CELLS + cell] = 0,
            Self::Many(cells) => cells[row][cell] = 0,
        }
    }

    fn add(&mut self, row: usize, cell: usize, n: u32) {
        match self {
            Self::Few(cells) => {
                let sum = u32::from(cells[row * CELLS + cell]).saturating_add(n);
                if let Ok(fits) = u8::try_from(sum) {
                    cells[row * CELLS + cell] = fits;
                } else {
                    let mut wide: Box<Wide> = Box::default();
                    for (at, few) in cells.iter().enumerate() {
                        wide[at / CELLS][at % CELLS] = u32::from(*few);
                    }
                    wide[row][cell] = sum;
                    *self = Self::Many(wide);
                }
            }
            Self::Many(cells) => cells[row][cell] = cells[row][cell].saturating_add(n),
        }
    }
}

fn cell(at: Ms) -> usize {
    at.rem_euclid(CELLS as Ms) as usize
}

/// Serde for more bytes than it knows arrays of.
mod bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub fn serialize<S: Serializer, const N: usize>(bytes: &[u8; N], s: S) -> Result<S::Ok, S::Error> {
        bytes.as_slice().serialize(s)
    }

    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(d: D) -> Result<[u8; N], D::Error> {
        let bytes = Vec::<u8>::deserialize(d)?;
        let len = bytes.len();
        bytes.try_into().map_err(|_| D::Error::invalid_length(len, &"one byte for each cell"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found_again(each: u32) {
        let mut recent = Recent::new();
        let start = 1_700_000_000_000;
        for second in 0..7_200 {
            recent.add(each, start + second * 1_000);
        }
        let now = start + 7_199_000;
        for back in [1_000, 10_000, 60_000, 600_000, 3_600_000, 7_000_000] {
            let n = recent.since(now - back, now) / f64::from(each);
            assert!(
                (n / (back as f64 / 1_000.0) - 1.0).abs() < 0.03 || (n - back as f64 / 1_000.0).abs() <= 1.01,
                "{back}: {n}"
            );
        }
    }

    #[test]
    fn counts_are_found_again_at_every_distance() {
        found_again(1);
    }

    #[test]
    fn a_busy_source_is_counted_as_exactly_as_a_quiet_one() {
        found_again(70_000);
    }

    #[test]
    fn nothing_since_the_last_count_is_nothing() {
        let mut recent = Recent::new();
        recent.add(3, 50_000);
        assert_eq!(recent.since(50_000, 10_000_000), 0.0);
        assert_eq!(Recent::new().since(0, 1_000), 0.0);
        recent.add(2, 100_000_000);
        assert!(recent.since(90_000_000, 100_000_500) <= 2.0);
    }
}
