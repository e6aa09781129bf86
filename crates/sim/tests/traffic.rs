//! Traffic keeps the laws it states: totals, opening hours, summer time, and the spread that shocks give to sums.
#![allow(clippy::unwrap_used)]

use domain::SignalBody;
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use sim::calendar::{Clock, first_block};
use sim::{Reporting, Sales, Scale, Shocks, Stream, Trouble, World, WorldConfig};
use std::collections::BTreeMap;
use std::sync::Arc;

fn world(config: &WorldConfig) -> Arc<World> {
    Arc::new(World::new(config).unwrap())
}

fn calm(sales: Sales, heartbeat_s: u32) -> Reporting {
    Reporting { sales, heartbeat_s, envelopes: false, trouble: Trouble::none() }
}

fn midnight(world: &World, date: Date) -> Timestamp {
    Timestamp::from_second(first_block(world.zone(), date) * 900).unwrap()
}

fn expected(world: &World, from: Date, to: Date) -> f64 {
    let blocks = first_block(world.zone(), from)..first_block(world.zone(), to);
    blocks
        .map(|b| Clock::read(world.zone(), b))
        .map(|clock| (0..world.devices.len()).map(|d| world.expected_sales(d, &clock)).sum::<f64>())
        .sum()
}

fn sales(world: &Arc<World>, from: Date, to: Date) -> f64 {
    let (from, to) = (midnight(world, from), midnight(world, to));
    let mut stream = Stream::new(world, &calm(Sales::Single, 0), from, &[]).unwrap();
    stream.until(to).count() as f64
}

#[test]
fn totals_match_the_profile() {
    let world = world(&WorldConfig { sites: 40, shocks: Shocks::none(), ..WorldConfig::default() });
    let (from, to) = (date(2026, 2, 2), date(2026, 2, 16));
    let (want, got) = (expected(&world, from, to), sales(&world, from, to));
    // Doors open a minute late on the average, at the quietest time of the day: well below 1 %; the rest is Poisson.
    assert!(got < want + 4.0 * want.sqrt() && got > 0.995 * want, "{got} of {want}");
}

#[test]
fn shocks_spread_the_days_of_a_whole_chain_as_stated() {
    let common = Scale { day: 0.1, hour: 0.0 };
    let shocks = Shocks { common, ..Shocks::none() };
    let world = world(&WorldConfig { sites: 3, shocks, ..WorldConfig::default() });
    let mut ratios = Vec::new();
    for n in 0..300 {
        let day = date(2026, 1, 7).checked_add(n.days()).unwrap();
        let next = day.tomorrow().unwrap();
        ratios.push(sales(&world, day, next) / expected(&world, day, next));
    }
    let n = ratios.len() as f64;
    let mean = ratios.iter().sum::<f64>() / n;
    let var = ratios.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / (n - 1.0);
    assert!((mean - 1.0).abs() < 0.02, "{mean}");
    // 0.01 of the shock and 0.0002 of about 5,000 sales a day; the standard error of a variance of 300 is 8 %.
    assert!((var / 0.0102 - 1.0).abs() < 0.3, "{var}");
}

#[test]
fn nothing_is_sold_outside_opening_hours_beyond_the_floor() {
    let config = WorldConfig { sites: 60, ..WorldConfig::default() };
    let world = world(&config);
    let (from, to) = (midnight(&world, date(2026, 2, 2)), midnight(&world, date(2026, 2, 9)));
    let mut stream = Stream::new(&world, &calm(Sales::Single, 0), from, &[]).unwrap();
    let site_of: BTreeMap<_, _> = world.sites.iter().map(|s| (s.code.clone(), s)).collect();
    let mut clocks = BTreeMap::new();
    let (mut outside, mut closing, mut inside) = (0, 0, 0);
    for t in stream.until(to) {
        let block = t.signal.at.as_second().div_euclid(900);
        let clock = *clocks.entry(block).or_insert_with(|| Clock::read(world.zone(), block));
        let week = world.week(site_of[t.signal.site.as_ref().unwrap()].format);
        let spans = week.hours.spans(clock.weekday, clock.kind);
        match (week.span(&clock), spans.iter().any(|s| s.to == clock.minute)) {
            (Some(_), _) => inside += 1,
            (None, true) => closing += 1,
            (None, false) => outside += 1,
        }
    }
    let per_hour: f64 = world.devices.iter().map(|d| d.sales_per_hour).sum();
    let floor = per_hour * config.floor * 9.5 * 7.0;
    assert!(f64::from(outside) < floor + 5.0 * floor.sqrt() + 1.0, "{outside} sales at night, floor {floor}");
    assert!(outside > 0, "a floor, not zero");
    assert!(closing > 0 && f64::from(closing) < 0.005 * f64::from(inside), "{closing} after closing of {inside}");
}

#[test]
fn days_of_summer_time_have_their_hours_of_heartbeats() {
    let world = world(&WorldConfig { sites: 1, ..WorldConfig::default() });
    for (day, hours) in [(date(2026, 3, 29), 23), (date(2026, 6, 1), 24), (date(2026, 10, 25), 25)] {
        let (from, to) = (midnight(&world, day), midnight(&world, day.tomorrow().unwrap()));
        let mut stream = Stream::new(&world, &calm(Sales::Off, 60), from, &[]).unwrap();
        let beats = stream.until(to).filter(|t| t.signal.body == SignalBody::Heartbeat).count() as i64;
        let want = hours * 60 * world.devices.len() as i64;
        assert!((beats - want).abs() <= world.devices.len() as i64, "{day}: {beats} of {want}");
    }
}

#[test]
fn christmas_day_sells_less_than_the_day_before_the_eve() {
    let world = world(&WorldConfig { sites: 20, ..WorldConfig::default() });
    let of = |d: Date| sales(&world, d, d.tomorrow().unwrap());
    assert!(of(date(2026, 12, 25)) < 0.6 * of(date(2026, 12, 23)));
}
