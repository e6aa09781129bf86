//! What is done with findings every night: a fall that has lasted a week is the new usual, and what was over long ago is put away.

use super::lattice::Tally;
use super::{Fleet, Step};
use crate::clock::Ms;
use crate::shard::Context;
use domain::finding::{Because, FindingKind};

/// Days with activity after which a fall that has not changed is what is usual from now on.
const LASTING_DAYS: usize = 7;
/// Of these, the last ones, which must be like the others.
const LATELY_DAYS: usize = 2;
/// By how much the last days may differ from the others, as a share of the usual.
const ALIKE: f64 = 0.12;
/// Shares of the usual between which a fall can be a new usual: below, something stands still.
const NEW_USUAL: std::ops::Range<f64> = 0.15..0.95;
/// A day of which less was expected counts for none.
const LEAST_MEAN: f64 = 5.0;
/// Late signals may revise a closed finding for this long.
pub(super) const REVISED_MS: Ms = 72 * 3_600_000;

impl Fleet {
    /// Every night, before the shapes are fitted.
    pub(super) fn end_day(&mut self, step: &mut Step<'_>) {
        for at in 0..self.open.len() {
            let open = &mut self.open[at];
            if open.closed.is_some_and(|closed| closed + REVISED_MS < step.now) {
                open.put_away();
            } else if open.closed.is_none()
                && let Some(share) = self.settled_at(at)
            {
                self.take_as_usual(step, at, share);
            }
        }
    }

    /// The share of the usual at which a fall has settled, if it has.
    fn settled_at(&mut self, at: usize) -> Option<f64> {
        let open = &mut self.open[at];
        let held = self.lattice.groups[open.group? as usize].held;
        let day = Tally { n: held.n - open.night.n, mu: held.mu - open.night.mu, ..Tally::default() };
        open.night = held;
        if day.mu >= LEAST_MEAN {
            open.days.push(day);
        }
        if open.days.len() > LASTING_DAYS {
            open.days.remove(0);
        }
        if open.finding.kind != FindingKind::Drop || open.days.len() < LASTING_DAYS {
            return None;
        }
        let share = |days: &[Tally]| {
            let (n, mu) = days.iter().fold((0.0, 0.0), |(n, mu), d| (n + d.n, mu + d.mu));
            n / mu
        };
        let (before, lately) = open.days.split_at(LASTING_DAYS - LATELY_DAYS);
        let alike = (share(lately) - share(before)).abs() <= ALIKE;
        Some(share(&open.days)).filter(|share| alike && NEW_USUAL.contains(share))
    }

    /// From now on what a finding holds is expected at `share` of what it was.
    fn take_as_usual(&mut self, step: &mut Step<'_>, at: usize, share: f64) {
        let Some(group) = self.open[at].group else { return };
        let context = Context { registry: step.registry, view: &self.view, now: step.now };
        for shard in step.shards.iter_mut() {
            shard.lower(context, group, share);
        }
        self.close(step, at, Because::Settled);
    }
}
