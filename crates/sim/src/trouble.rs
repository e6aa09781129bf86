//! Background trouble that is not the disruption: reboots, flat batteries, sleep in the cradle, shops offline now and then.

use crate::calendar::{Clock, day_number};
use crate::config::Trouble;
use crate::dice::{Dice, Purpose};
use crate::scenario::{What, Window};
use crate::world::{DeviceType, World};
use domain::fleet::{Country, day_kind};
use jiff::civil::Date;

/// Minutes of a local date as milliseconds since the epoch; minutes may pass midnight.
fn wall_ms(world: &World, date: Date, minute: i64) -> i64 {
    let days = minute.div_euclid(1440);
    let minute = minute.rem_euclid(1440);
    let at = date
        .checked_add(jiff::Span::new().days(days))
        .map(|d| d.at((minute / 60) as i8, (minute % 60) as i8, 0, 0))
        .and_then(|local| world.zone().to_timestamp(local));
    at.map_or(0, |t| t.as_millisecond())
}

/// When a site is offline by itself: windows that begin on a local date.
pub fn site(world: &World, trouble: &Trouble, site: usize, date: Date) -> Option<Window> {
    let mut dice = Dice::new(world.config.seed, Purpose::Offline, site as u64, day_number(date) as u64);
    if dice.unit() >= trouble.offline_per_day {
        return None;
    }
    let from_ms = wall_ms(world, date, dice.below(1440) as i64) + dice.below(60_000) as i64;
    let minutes = (12.0 * dice.lognormal(1.2)).clamp(1.0, 480.0);
    Some(Window { from_ms, until_ms: from_ms + (minutes * 60_000.0) as i64, what: What::Cut { backlog: true } })
}

/// What is wrong with a device by itself: windows that begin on a local date, added to `out`.
pub fn device(world: &World, trouble: &Trouble, device: usize, date: Date, out: &mut Vec<Window>) {
    let Some(d) = world.devices.get(device) else { return };
    let seed = world.config.seed;
    let (key, day) = (device as u64, day_number(date) as u64);
    let mut dice = Dice::new(seed, Purpose::Reboot, key, day);
    if dice.unit() < trouble.reboots_per_day {
        let from_ms = wall_ms(world, date, dice.below(1440) as i64) + dice.below(60_000) as i64;
        let until_ms = from_ms + 90_000 + dice.below(210_000) as i64;
        out.push(Window { from_ms, until_ms, what: What::Dead { says: None } });
    }
    if d.device_type != DeviceType::SelfScanner {
        return;
    }
    let mut dice = Dice::new(seed, Purpose::Flat, key, day);
    if dice.unit() < trouble.flat_per_day {
        let from_ms = wall_ms(world, date, 480 + dice.below(720) as i64) + dice.below(60_000) as i64;
        let until_ms = from_ms + 3_600_000 + dice.below(3 * 3_600_000) as i64;
        out.push(Window { from_ms, until_ms, what: What::Dead { says: None } });
    }
    let mut dice = Dice::new(seed, Purpose::Asleep, key, day);
    if dice.unit() < trouble.asleep
        && let Some((close, open)) = night(world, d.site, date)
    {
        let from_ms = wall_ms(world, date, close + 30) + dice.below(1_200_000) as i64;
        let until_ms = wall_ms(world, date, open - 20) - dice.below(1_200_000) as i64;
        if until_ms > from_ms {
            out.push(Window { from_ms, until_ms, what: What::Mute });
        }
    }
}

/// Minutes of `date` at which a shop closes for the night and opens the next morning (beyond 1,440).
fn night(world: &World, site: usize, date: Date) -> Option<(i64, i64)> {
    let hours = &world.week(world.sites.get(site)?.format).hours;
    let spans = |d: Date| {
        let weekday = usize::from(d.weekday().to_monday_zero_offset().unsigned_abs());
        hours.spans(weekday, day_kind(Country::Sweden, d))
    };
    let close = spans(date).last()?.to;
    let open = spans(date.tomorrow().ok()?).first()?.from;
    Some((i64::from(close), i64::from(open) + 1440))
}

/// How late a site opens on a date: a minute or so always, much later now and then.
pub fn opening_delay_ms(world: &World, trouble: &Trouble, site: usize, clock: &Clock) -> i64 {
    let mut dice = Dice::new(world.config.seed, Purpose::Opening, site as u64, clock.day as u64);
    let usual = dice.exponential(60_000.0).min(600_000.0);
    let late = if dice.unit() < trouble.late_opening { 900_000.0 + 2_700_000.0 * dice.unit() } else { 0.0 };
    (usual + late) as i64
}
