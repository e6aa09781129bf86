//! A large registered fleet with twelve attributes, made in pieces so that making it leaves no mark on memory.

use crate::drive::moment;
use domain::fleet::{Attributes, CustomerRecord, FleetChange};
use domain::signal::Count;
use domain::{CustomerKey, DeviceCode, DeviceRecord, Metric, RegionCode, Signal, SignalBody, SiteCode, SiteRecord};
use engine::Engine;

/// Monday 2 March 2026, 00:00 UTC.
pub const START_MS: i64 = 1_772_409_600_000;
/// Sites registered at once.
const PIECE: usize = 1_000;
/// Attributes and how many values each has: five of the device, seven of the site (the region among them).
const OF_DEVICE: [(&str, usize); 5] = [("vendor", 4), ("model", 12), ("firmware", 30), ("os", 6), ("batch", 40)];
const OF_SITE: [(&str, usize); 6] =
    [("format", 4), ("isp", 8), ("circuit", 60), ("store_version", 10), ("owner", 16), ("country", 3)];
const REGIONS: usize = 21;

/// Whose fleet it is.
pub fn customer() -> CustomerKey {
    CustomerKey::new("large").expect("a word is a key")
}

/// Code of a site.
pub fn site_code(site: usize) -> SiteCode {
    SiteCode::new(format!("s{site:05}")).expect("letters and digits are a code")
}

/// Code of a device.
pub fn device_code(site: usize, device: usize) -> DeviceCode {
    DeviceCode::new(format!("d{site:05}-{device:02}")).expect("letters and digits are a code")
}

/// Registers so many sites with so many devices each.
pub fn register(engine: &mut Engine, sites: usize, devices: usize) {
    let customer = customer();
    let record = CustomerRecord {
        key: customer.clone(),
        name: "large".to_owned(),
        currency: domain::money::SEK,
        timezone: "UTC".to_owned(),
    };
    engine.apply_fleet(&FleetChange::Customer(record));
    let named = |of: &[(&str, usize)], seed: usize| -> Attributes {
        of.iter()
            .enumerate()
            .map(|(i, (name, values))| ((*name).to_owned(), format!("{name}-{}", mix(seed, i) % values)))
            .collect()
    };
    for first in (0..sites).step_by(PIECE) {
        let piece = first..(first + PIECE).min(sites);
        let records = piece.clone().map(|s| SiteRecord {
            region: RegionCode::new(format!("r{}", mix(s, 99) % REGIONS)).ok(),
            attributes: named(&OF_SITE, s),
            ..SiteRecord::bare(site_code(s))
        });
        engine.apply_fleet(&FleetChange::Sites { customer: customer.clone(), sites: records.collect() });
        let records = piece.flat_map(|s| (0..devices).map(move |d| (s, d))).map(|(s, d)| DeviceRecord {
            attributes: named(&OF_DEVICE, s * 1_000 + d + 7),
            ..DeviceRecord::bare(device_code(s, d), Some(site_code(s)))
        });
        engine.apply_fleet(&FleetChange::Devices { customer: customer.clone(), devices: records.collect() });
    }
}

/// A count at a device.
pub fn count(site: usize, device: usize, at_ms: i64, count: u32, interval_s: Option<u32>) -> Signal {
    Signal {
        at: moment(at_ms),
        received_at: None,
        site: Some(site_code(site)),
        device: Some(device_code(site, device)),
        envelope: None,
        body: SignalBody::Count(Count {
            metric: Metric::new("sales").expect("a word is a metric"),
            interval_s,
            count,
            value: None,
        }),
    }
}

/// Lets every device report `n` in each interval of some days, and ticks once an interval.
pub fn teach(engine: &mut Engine, sites: usize, devices: usize, days: i64, interval_s: u32, n: u32) {
    let customer = customer();
    let step = i64::from(interval_s) * 1_000;
    for interval in 0..days * 86_400_000 / step {
        let end = START_MS + (interval + 1) * step;
        for first in (0..sites).step_by(PIECE) {
            let piece = first..(first + PIECE).min(sites);
            let signals: Vec<Signal> =
                piece.flat_map(|s| (0..devices).map(move |d| count(s, d, end, n, Some(interval_s)))).collect();
            engine.batch(&customer, moment(end), None, &signals);
        }
        engine.tick(moment(end + 1_000));
    }
}

/// A number from a place and a stream, well mixed.
pub fn mix(at: usize, stream: usize) -> usize {
    let mut z = ((at as u64) << 20 | stream as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) as usize
}
