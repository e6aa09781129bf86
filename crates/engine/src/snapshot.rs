//! Everything the engine knows, as bytes: what a restart continues from, with any number of shards.

use crate::clock::Ms;
use crate::dedup::Dedup;
use crate::fleet::{Fleet, FleetState};
use crate::output::{EngineHealth, Unregistered};
use crate::registry::{Registry, RegistryState};
use crate::shard::{Shard, ShardState, SiteState};
use crate::{Engine, Policy};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};

/// A snapshot that cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Its bytes do not decode.
    #[error("engine snapshot does not decode: {0}")]
    Decode(#[from] postcard::Error),
}

#[derive(Serialize, Deserialize)]
struct State {
    policy: Policy,
    registry: RegistryState,
    fleet: FleetState,
    shards: ShardState,
    dedup: Dedup,
    classes: Vec<((u32, String), u32)>,
    unregistered: Vec<Unregistered>,
    forms: Vec<crate::tell::Form>,
    health: EngineHealth,
    last: Ms,
    sampled: Ms,
}

impl Engine {
    /// Everything it knows. Take it right after a tick: what waits for the next one is not in it.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let mut shards = ShardState::default();
        for shard in &self.shards {
            shards.sites.extend(shard.sites.iter().cloned());
            shards.taught.resize(shards.taught.len().max(shard.taught.len()), Vec::new());
            for (sum, part) in shards.taught.iter_mut().zip(&shard.taught) {
                sum.resize(sum.len().max(part.len()), 0);
                for (a, b) in sum.iter_mut().zip(part) {
                    *a += b;
                }
            }
        }
        shards.sites.sort_by_key(|s| s.ix);
        let state = State {
            policy: self.policy.clone(),
            registry: self.registry.state(),
            fleet: self.fleet.state(),
            shards,
            dedup: self.dedup.clone(),
            classes: self.classes.iter().map(|(k, v)| (k.clone(), *v)).collect(),
            unregistered: self.unregistered.values().cloned().collect(),
            forms: self.forms.clone(),
            health: self.health,
            last: self.last,
            sampled: self.sampled,
        };
        let mut bytes = postcard::to_stdvec(&state).expect("plain numbers, texts and lists always encode");
        // Behind the rest, where snapshots of before end.
        let known: Vec<u32> = self.known.iter().collect();
        bytes.extend(postcard::to_stdvec(&known).expect("plain numbers always encode"));
        bytes
    }

    /// Takes up a snapshot, split into any number of shards.
    ///
    /// # Errors
    /// [`SnapshotError`] when its bytes do not decode.
    pub fn restore(snapshot: &[u8], shards: usize) -> Result<Self, SnapshotError> {
        let (state, rest) = postcard::take_from_bytes::<State>(snapshot)?;
        let known: Vec<u32> = if rest.is_empty() { Vec::new() } else { postcard::from_bytes(rest)? };
        let mut engine = Self::new(state.policy, shards);
        engine.known = known.into_iter().collect();
        engine.registry = Registry::restore(state.registry);
        engine.fleet = Fleet::restore(state.fleet);
        let count = engine.shards.len() as u32;
        for site in state.shards.sites {
            for activity in &site.activities {
                for leaf in &activity.leaves {
                    let series = activity.series as usize;
                    if engine.leaves.len() <= series {
                        engine.leaves.resize_with(series + 1, RoaringBitmap::new);
                    }
                    engine.leaves[series].insert(leaf.member);
                }
            }
            place(&mut engine.shards, site, count);
        }
        engine.shards[0].taught = state.shards.taught;
        for shard in &mut engine.shards {
            shard.take_up(&mut engine.lists);
        }
        engine.fleet.take_up(&engine.shards);
        engine.dedup = state.dedup;
        engine.classes = state.classes.into_iter().collect();
        for u in state.unregistered {
            let customer = engine.registry.customer(&u.customer);
            let key = (
                customer,
                u.site.as_ref().map(|s| s.as_str().to_owned()),
                u.device.as_ref().map(|d| d.as_str().to_owned()),
            );
            engine.unregistered.insert(key, u);
        }
        engine.forms = state.forms;
        (engine.health, engine.last, engine.sampled) = (state.health, state.last, state.sampled);
        Ok(engine)
    }
}

fn place(shards: &mut [Shard], site: SiteState, count: u32) {
    let shard = &mut shards[(site.ix % count) as usize];
    while shard.sites.len() < shard.local(site.ix) {
        let ix = shard.sites.len() as u32 * count + site.ix % count;
        shard.sites.push(SiteState::new(ix));
    }
    shard.sites.push(site);
}
