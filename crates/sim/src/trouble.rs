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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::WorldConfig;
    use crate::calendar::BLOCK_MS;
    use jiff::ToSpan;
    use jiff::civil::date;

    fn days() -> impl Iterator<Item = Date> {
        (0..365).map(|n| date(2026, 1, 1).saturating_add(n.days()))
    }

    #[test]
    fn trouble_comes_as_often_as_stated() {
        let world = World::new(&WorldConfig { sites: 20, ..WorldConfig::default() }).unwrap();
        let rare = Trouble::none();
        let often = |t: &Trouble| {
            let mut out = Vec::new();
            days().for_each(|d| (0..world.devices.len()).for_each(|i| device(&world, t, i, d, &mut out)));
            out.len() as f64 / 365.0
        };
        let all = world.devices.len() as f64;
        let scanners = world.devices.iter().filter(|d| d.device_type == DeviceType::SelfScanner).count() as f64;
        let near = |got: f64, want: f64| assert!((got / want - 1.0).abs() < 0.1, "{got} of {want}");
        assert!(often(&rare) < 0.5 / 365.0);
        near(often(&Trouble { reboots_per_day: 0.05, ..rare.clone() }), 0.05 * all);
        near(often(&Trouble { flat_per_day: 0.05, ..rare.clone() }), 0.05 * scanners);
        near(often(&Trouble { asleep: 0.2, ..rare.clone() }), 0.2 * scanners);
        let offline = Trouble { offline_per_day: 0.1, ..rare };
        let cuts = days().map(|d| (0..20).filter_map(|s| site(&world, &offline, s, d)).count()).sum::<usize>();
        near(cuts as f64 / 365.0, 2.0);
    }

    #[test]
    fn handhelds_sleep_only_while_their_shop_is_closed() {
        let world = World::new(&WorldConfig { sites: 8, ..WorldConfig::default() }).unwrap();
        let sleepy = Trouble { asleep: 1.0, ..Trouble::none() };
        for day in days() {
            for (i, d) in world.devices.iter().enumerate() {
                let mut nights = Vec::new();
                device(&world, &sleepy, i, day, &mut nights);
                for night in nights {
                    let week = world.week(world.sites[d.site].format);
                    for ms in [night.from_ms, night.until_ms] {
                        let clock = Clock::read(world.zone(), ms.div_euclid(BLOCK_MS));
                        assert!(week.span(&clock).is_none(), "{} asleep at {} {}", d.code, clock.date, clock.minute);
                    }
                }
            }
        }
    }
}
