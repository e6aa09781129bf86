//! In which turn a shard hears what it was told: each site's in the order of the inbox, and one site after the other when there is much,
//! so that a site's state is fetched from memory once a tick and not once a signal. The order among sites changes nothing that is said.

use super::told::Told;

/// Fewer things told than this are heard as they came.
const FEW: usize = 512;

/// Room for the order, kept from tick to tick.
#[derive(Debug, Default)]
pub struct Turns {
    order: Vec<u32>,
    next: Vec<u32>,
}

impl Turns {
    /// How many there were.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Which of `told` to hear, one after the other; `shards` as in [`super::Shard::local`].
    pub fn of(&mut self, told: &[Told], shards: u32) -> impl Iterator<Item = usize> + '_ {
        if told.len() < FEW {
            self.order.clear();
            self.order.extend(0..told.len() as u32);
        } else {
            self.sort(told, shards);
        }
        self.order.iter().map(|at| *at as usize)
    }

    /// Sorts by counting: sites are numbered without gaps.
    fn sort(&mut self, told: &[Told], shards: u32) {
        let site = |t: &Told| (t.site / shards) as usize;
        let sites = told.iter().map(site).max().map_or(0, |most| most + 1);
        self.next.clear();
        self.next.resize(sites, 0);
        for t in told {
            self.next[site(t)] += 1;
        }
        let mut before = 0;
        for next in &mut self.next {
            before += std::mem::replace(next, before);
        }
        self.order.clear();
        self.order.resize(told.len(), 0);
        for (at, t) in told.iter().enumerate() {
            let next = &mut self.next[site(t)];
            self.order[*next as usize] = at as u32;
            *next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::told::What;
    use super::*;

    #[test]
    fn sites_follow_each_other_and_each_hears_its_own_in_order() {
        let told: Vec<Told> = (0..5_000_i64)
            .map(|n| Told { site: (n * 7_919 % 300) as u32 * 2, slot: 0, at: n, received: n, what: What::Heartbeat })
            .collect();
        let mut turns = Turns::default();
        let order: Vec<(u32, i64)> = turns.of(&told, 2).map(|at| (told[at].site, told[at].at)).collect();
        assert_eq!(order.len(), told.len());
        assert!(order.windows(2).all(|w| w[0] < w[1]), "by site, then by turn");
        assert_eq!(turns.of(&told[..3], 2).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
