//! What really happened, to judge a detector by: who was hit, when, and how.

use super::{BadScenario, Break, Effect, Injected, Together};
use crate::dice::{Purpose, chance};
use crate::world::World;
use domain::{DeviceCode, SiteCode};
use jiff::Timestamp;

/// Everything that a scenario did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// Who was hit, break by break and device by device.
    pub hits: Vec<Hit>,
    /// The first moment at which anybody was hit.
    pub first_hit_at: Option<Timestamp>,
    /// The first moment at which a device died.
    pub first_dead_at: Option<Timestamp>,
}

/// One device hit by one break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Which break.
    pub of: String,
    /// Index of the device in the world.
    pub index: usize,
    /// The device.
    pub device: DeviceCode,
    /// Its site.
    pub site: SiteCode,
    /// When it was hit.
    pub at: Timestamp,
    /// When it is over; `None`: never by itself.
    pub until: Option<Timestamp>,
    /// When it died, if it did.
    pub dead_at: Option<Timestamp>,
    /// When its site was cut off, if it was.
    pub cut_at: Option<Timestamp>,
}

impl Truth {
    /// The hits of one break.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Hit> + 'a {
        self.hits.iter().filter(move |h| h.of == name)
    }
}

/// Works out who is hit and when. A pure function of scenario, moment and world.
pub(super) fn of(injected: &Injected, world: &World) -> Result<Truth, BadScenario> {
    let mut truth = Truth::default();
    for (number, b) in injected.scenario.breaks.iter().enumerate() {
        let key = (injected.at.as_second() as u64).wrapping_mul(31).wrapping_add(number as u64);
        let devices = b.select.devices(world, key);
        if devices.is_empty() {
            return Err(BadScenario::Nobody { of: b.name.clone(), devices: world.devices.len() });
        }
        truth.hits.extend(devices.into_iter().filter_map(|d| hit(b, injected, world, d, key)));
    }
    truth.first_hit_at = truth.hits.iter().map(|h| h.at).min();
    truth.first_dead_at = truth.hits.iter().filter_map(|h| h.dead_at).min();
    Ok(truth)
}

/// One device's part in it; `None` where all was put right before its turn came.
fn hit(b: &Break, injected: &Injected, world: &World, index: usize, key: u64) -> Option<Hit> {
    let device = &world.devices[index];
    let one = match b.together {
        Together::Device => 2 * index as u64,
        Together::Site => 2 * device.site as u64 + 1,
    };
    let ramp_ms =
        libm::floor(chance(world.config.seed ^ key, Purpose::Hit, 3, one) * f64::from(b.ramp_s) * 1000.0) as i64;
    let at_ms = injected.at.as_millisecond() + i64::from(b.start_s) * 1000 + ramp_ms;
    let after = |s: u32| moment(at_ms + i64::from(s) * 1000);
    let until = b.duration_s.map(after).into_iter().chain(injected.ended_at).min();
    let in_time = |t: &Timestamp| until.is_none_or(|end| *t < end);
    let find =
        |f: fn(&Effect) -> bool| b.effect.iter().filter(|t| f(&t.what)).map(|t| after(t.after_s)).min().filter(in_time);
    Some(moment(at_ms)).filter(in_time).map(|at| Hit {
        of: b.name.clone(),
        index,
        device: device.code.clone(),
        site: world.sites[device.site].code.clone(),
        at,
        until,
        dead_at: find(|e| matches!(e, Effect::Dead { .. })),
        cut_at: find(|e| matches!(e, Effect::CutOff { .. })),
    })
}

fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}
