//! One attribute of every unit as dictionary codes, as narrow as the number of values allows.
//!
//! A fleet of a million units keeps a dozen attributes in about twenty bytes a unit, and ten thousand attributes that
//! few units bear cost only those that do: a column starts sparse and becomes dense once a sixteenth of its units bear it.

use std::collections::BTreeMap;

use super::bits::Bits;

/// The code of a unit whose value is not recorded.
pub(crate) const NONE: u32 = u32::MAX;

/// A sparse column turns dense when more than one unit in this many bears a value.
const SPARSE_SHARE: usize = 16;

/// Codes by unit; units past the end of a dense column have no recorded value.
#[derive(Debug, Clone)]
pub(crate) enum Codes {
    Sparse(BTreeMap<u32, u32>),
    Narrow(Vec<u8>),
    Medium(Vec<u16>),
    Wide(Vec<u32>),
}

impl Default for Codes {
    fn default() -> Self {
        Self::Sparse(BTreeMap::new())
    }
}

impl Codes {
    /// The code of a unit, [`NONE`] when it has none.
    pub(crate) fn get(&self, unit: u32) -> u32 {
        let at = unit as usize;
        match self {
            Self::Sparse(map) => map.get(&unit).copied().unwrap_or(NONE),
            Self::Narrow(codes) => codes.get(at).map_or(NONE, |&code| widen_u8(code)),
            Self::Medium(codes) => codes.get(at).map_or(NONE, |&code| widen_u16(code)),
            Self::Wide(codes) => codes.get(at).copied().unwrap_or(NONE),
        }
    }

    /// Sets the code of one of `units` units.
    pub(crate) fn set(&mut self, unit: u32, code: u32, units: usize) {
        self.make_room_for(code);
        let at = unit as usize;
        match self {
            Self::Sparse(map) => {
                if code == NONE {
                    map.remove(&unit);
                } else {
                    map.insert(unit, code);
                }
            }
            Self::Narrow(codes) => put(codes, at, if code == NONE { u8::MAX } else { code as u8 }, u8::MAX),
            Self::Medium(codes) => put(codes, at, if code == NONE { u16::MAX } else { code as u16 }, u16::MAX),
            Self::Wide(codes) => put(codes, at, code, NONE),
        }
        self.densify(units);
    }

    /// The codes of `units`, which ascend, in their order.
    pub(crate) fn gather(&self, units: &[u32], out: &mut Vec<u32>) {
        out.clear();
        match self {
            Self::Sparse(map) => {
                out.resize(units.len(), NONE);
                self.for_sparse_rows(map, units, |row, code| out[row] = code);
            }
            Self::Narrow(codes) => {
                out.extend(units.iter().map(|&unit| codes.get(unit as usize).map_or(NONE, |&code| widen_u8(code))));
            }
            Self::Medium(codes) => {
                out.extend(units.iter().map(|&unit| codes.get(unit as usize).map_or(NONE, |&code| widen_u16(code))));
            }
            Self::Wide(codes) => {
                out.extend(units.iter().map(|&unit| codes.get(unit as usize).copied().unwrap_or(NONE)));
            }
        }
    }

    /// The rows of `units`, which ascend, that bear `code`.
    pub(crate) fn bearing(&self, code: u32, units: &[u32]) -> Bits {
        let mut bits = Bits::zeros(units.len());
        match self {
            Self::Sparse(map) => self.for_sparse_rows(map, units, |row, found| {
                if found == code {
                    bits.set(row);
                }
            }),
            Self::Narrow(codes) => mark(codes, code as u8, units, &mut bits),
            Self::Medium(codes) => mark(codes, code as u16, units, &mut bits),
            Self::Wide(codes) => mark(codes, code, units, &mut bits),
        }
        bits
    }

    /// Those of the first `units` units that bear `code`.
    pub(crate) fn bearers(&self, code: u32, units: usize) -> Bits {
        let mut bits = Bits::zeros(units);
        match self {
            Self::Sparse(map) => {
                let bearing = map.iter().filter(|(unit, found)| **found == code && (**unit as usize) < units);
                bearing.for_each(|(&unit, _)| bits.set(unit as usize));
            }
            Self::Narrow(codes) => bits.fill_from(codes, |&found| found == code as u8),
            Self::Medium(codes) => bits.fill_from(codes, |&found| found == code as u16),
            Self::Wide(codes) => bits.fill_from(codes, |&found| found == code),
        }
        bits
    }

    /// Bytes held on the heap, sparse entries estimated.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Sparse(map) => map.len() * 12,
            Self::Narrow(codes) => codes.capacity(),
            Self::Medium(codes) => codes.capacity() * 2,
            Self::Wide(codes) => codes.capacity() * 4,
        }
    }

    fn for_sparse_rows(&self, map: &BTreeMap<u32, u32>, units: &[u32], mut found: impl FnMut(usize, u32)) {
        let (Some(&first), Some(&last)) = (units.first(), units.last()) else { return };
        let mut from = 0;
        for (&unit, &code) in map.range(first..=last) {
            from += units[from..].partition_point(|&candidate| candidate < unit);
            if units.get(from) == Some(&unit) {
                found(from, code);
            }
        }
    }

    fn make_room_for(&mut self, code: u32) {
        if code == NONE {
            return;
        }
        if let Self::Narrow(codes) = self
            && code >= u32::from(u8::MAX)
        {
            *self =
                Self::Medium(codes.iter().map(|&code| if code == u8::MAX { u16::MAX } else { code.into() }).collect());
        }
        if let Self::Medium(codes) = self
            && code >= u32::from(u16::MAX)
        {
            *self = Self::Wide(codes.iter().map(|&code| widen_u16(code)).collect());
        }
    }

    fn densify(&mut self, units: usize) {
        let Self::Sparse(map) = self else { return };
        if map.len() * SPARSE_SHARE <= units {
            return;
        }
        let entries = std::mem::take(map);
        *self = Self::Narrow(Vec::new());
        for (unit, code) in entries {
            self.set(unit, code, units);
        }
    }
}

fn widen_u8(code: u8) -> u32 {
    if code == u8::MAX { NONE } else { code.into() }
}

fn widen_u16(code: u16) -> u32 {
    if code == u16::MAX { NONE } else { code.into() }
}

fn put<T: Copy>(codes: &mut Vec<T>, at: usize, code: T, none: T) {
    if at >= codes.len() {
        codes.resize(at + 1, none);
    }
    codes[at] = code;
}

fn mark<T: Copy + Eq>(codes: &[T], code: T, units: &[u32], bits: &mut Bits) {
    for (row, &unit) in units.iter().enumerate() {
        if codes.get(unit as usize) == Some(&code) {
            bits.set(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_widens_without_losing_a_code_or_a_gap() {
        let mut codes = Codes::default();
        for unit in 0..70_000_u32 {
            if unit % 3 != 0 {
                codes.set(unit, unit, 70_000);
            }
        }
        assert!(matches!(codes, Codes::Wide(_)));
        for unit in 0..70_000 {
            assert_eq!(codes.get(unit), if unit % 3 == 0 { NONE } else { unit });
        }
    }

    #[test]
    fn a_value_few_units_bear_costs_only_those() {
        let mut codes = Codes::default();
        codes.set(900_000, 0, 1_000_000);
        assert!(codes.heap_bytes() < 100);
        let units = [3, 900_000, 900_001];
        assert_eq!(codes.bearers(0, 1_000_000).ones().collect::<Vec<_>>(), vec![900_000]);
        assert_eq!(codes.bearing(0, &units).ones().collect::<Vec<_>>(), vec![1]);
        let mut out = Vec::new();
        codes.gather(&units, &mut out);
        assert_eq!(out, vec![NONE, 0, NONE]);
    }
}
