//! Different names for the same units: what every unit of a cover shares, and the conjunctions of it that cover no more.
//!
//! `firmware=4.2.1` and `received change=C17` may be borne by the very same units. Then evidence cannot choose; the order
//! of preference names one, and the others are listed beside it.

use super::bits::Bits;
use super::codes::NONE;
use super::conjunction::Key;
use super::frame::Frame;

/// Terms all units of a cover share that are combined; the preferred ones when there are more.
const SHARED_MAX: usize = 16;

/// How many other names are listed.
const NAMES_MAX: usize = 8;

/// The preferred name of a cover and its other names, all of them as short as they can be.
pub(crate) fn names(frame: &Frame<'_>, key: &Key, cover: &Bits) -> (Key, Vec<Key>) {
    let shared = shared_terms(frame, key, cover);
    let size = cover.count();
    let mut found: Vec<Key> = Vec::new();
    let mut open = vec![(Key::default(), 0_usize)];
    for length in 1..=key.len() {
        let mut longer = Vec::new();
        for (prefix, from) in open {
            for (at, &term) in shared.iter().enumerate().skip(from) {
                let Some(next) = prefix.with(term) else { continue };
                if found.iter().any(|known| next.contains(known)) {
                    continue;
                }
                if frame.cover(&next).count() == size {
                    found.push(next);
                } else if length < key.len() {
                    longer.push((next, at + 1));
                }
            }
        }
        open = longer;
    }
    found.sort_by(|one, other| frame.order(one, other));
    let preferred = found.first().copied().unwrap_or(*key);
    found.retain(|name| *name != preferred);
    found.truncate(NAMES_MAX);
    (preferred, found)
}

/// Terms that every row of the cover satisfies, the key's own among them.
fn shared_terms(frame: &Frame<'_>, key: &Key, cover: &Bits) -> Vec<(u32, u32)> {
    let mut shared: Vec<(u32, u32)> = Vec::new();
    for live in &frame.live {
        let codes = frame.table.columns()[live.column as usize].codes();
        let mut rows = cover.ones().map(|row| codes.get(frame.units[row]));
        let Some(first) = rows.next().filter(|&code| code != NONE) else { continue };
        if rows.all(|code| code == first) {
            shared.push((live.column, first));
        }
    }
    let own = |term: &(u32, u32)| key.terms().contains(term);
    shared.sort_by(|one, other| {
        let single = |term: &(u32, u32)| Key::default().with(*term).unwrap_or_default();
        own(other).cmp(&own(one)).then_with(|| frame.order(&single(one), &single(other)))
    });
    shared.truncate(SHARED_MAX);
    shared
}
