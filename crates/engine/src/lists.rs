//! Lists of groups, kept once however many members bear the same attributes.

use rustc_hash::FxHashSet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ops::Deref;
use std::sync::Arc;

/// The groups that a member's evidence goes to, the one that counts everything first; empty once its device has left.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GroupList(Arc<[u32]>);

/// All lists in use.
#[derive(Debug, Default)]
pub struct Lists {
    known: FxHashSet<GroupList>,
    /// How many may be known before those that nobody bears any more are looked for.
    prune_at: usize,
}

/// Fewer lists than this are never pruned.
const FEWEST: usize = 1_024;

impl GroupList {
    /// No groups.
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::new([]))
    }
}

impl Deref for GroupList {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        &self.0
    }
}

impl Lists {
    /// The one list that has these groups.
    pub fn one(&mut self, groups: &[u32]) -> GroupList {
        self.shared(GroupList(groups.into()))
    }

    /// The one list that is equal to this.
    pub fn shared(&mut self, list: GroupList) -> GroupList {
        if let Some(known) = self.known.get(&list) {
            return known.clone();
        }
        if self.known.len() >= self.prune_at.max(FEWEST) {
            self.known.retain(|known| Arc::strong_count(&known.0) > 1);
            self.prune_at = self.known.len() * 2;
        }
        self.known.insert(list.clone());
        list
    }
}

impl Serialize for GroupList {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.0[..].serialize(s)
    }
}

impl<'de> Deserialize<'de> for GroupList {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(Vec::deserialize(d)?.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lists_are_one_and_those_nobody_bears_are_forgotten() {
        let mut lists = Lists::default();
        let (a, b) = (lists.one(&[0, 1, 7]), lists.one(&[0, 1, 7]));
        assert!(Arc::ptr_eq(&a.0, &b.0));
        for n in 0..100_000 {
            lists.one(&[0, n]);
        }
        assert!(lists.known.len() <= 2 * FEWEST, "{}", lists.known.len());
        assert!(Arc::ptr_eq(&a.0, &lists.one(&[0, 1, 7]).0));
    }
}
