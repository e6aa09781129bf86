//! When a member last did something and how much: exact for seconds, coarser the longer ago.

use crate::clock::Ms;
use serde::{Deserialize, Serialize};

/// Cells of each resolution.
const CELLS: usize = 12;
/// Width of a cell at each resolution: 2 s, 16 s, 2 min, 16 min. Together they reach back three hours.
const WIDTHS_MS: [Ms; 4] = [2_000, 16_000, 128_000, 1_024_000];

/// Counts of the last hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    cells: [[u16; CELLS]; 4],
    /// Time of the last count.
    pub last_ms: Ms,
}

impl Recent {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { cells: [[0; CELLS]; 4], last_ms: Ms::MIN }
    }

    /// `n` transactions at `now`, which never goes back.
    pub fn add(&mut self, n: u32, now: Ms) {
        let n = u16::try_from(n).unwrap_or(u16::MAX);
        for (cells, width) in self.cells.iter_mut().zip(WIDTHS_MS) {
            let at = now.div_euclid(width);
            let passed = if self.last_ms == Ms::MIN { CELLS as Ms } else { at - self.last_ms.div_euclid(width) };
            for step in 0..passed.clamp(0, CELLS as Ms) {
                cells[Self::cell(at - step)] = 0;
            }
            let cell = &mut cells[Self::cell(at)];
            *cell = cell.saturating_add(n);
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
        let Some((cells, width)) = self.cells.iter().zip(WIDTHS_MS).find(|(_, width)| reach(*width)) else {
            return self.cells[3].iter().map(|c| f64::from(*c)).sum();
        };
        let (first, last) = (since.div_euclid(width), self.last_ms.div_euclid(width));
        let mut n = 0.0;
        for at in first..=last {
            // Cells older than the ring at the last count hold something newer.
            if last - at >= CELLS as Ms {
                continue;
            }
            let cell = f64::from(cells[Self::cell(at)]);
            let share = if at == first { ((at + 1) * width - since) as f64 / width as f64 } else { 1.0 };
            n += cell * share;
        }
        n
    }

    fn cell(at: Ms) -> usize {
        at.rem_euclid(CELLS as Ms) as usize
    }
}

impl Default for Recent {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_found_again_at_every_distance() {
        let mut recent = Recent::new();
        let start = 1_700_000_000_000;
        for second in 0..7_200 {
            recent.add(1, start + second * 1_000);
        }
        let now = start + 7_199_000;
        for back in [1_000, 10_000, 60_000, 600_000, 3_600_000, 7_000_000] {
            let n = recent.since(now - back, now);
            assert!(
                (n / (back as f64 / 1_000.0) - 1.0).abs() < 0.03 || (n - back as f64 / 1_000.0).abs() <= 1.01,
                "{back}: {n}"
            );
        }
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
