//! A drawn fleet whose truth is known: Poisson sales around profile x nested gamma levels, as interval sums or one by one.
//!
//! Lighter than `sim`, so that 10,000 sites can be drawn many times over: one customer, UTC, every day 08:00 to 22:00.

use domain::fleet::{Attributes, CustomerRecord, FleetChange};
use domain::signal::Count;
use domain::{CustomerKey, DeviceCode, DeviceRecord, Metric, RegionCode, Signal, SignalBody, SiteCode, SiteRecord};
use sim::dice::{Dice, Purpose};
use sim::{Scale, Shocks};

use crate::drive::moment;

/// A quarter of an hour.
pub const QUARTER_MS: i64 = 900_000;
/// A day.
pub const DAY_MS: i64 = 86_400_000;
/// Monday 2 March 2026, 00:00 UTC: four weeks without holidays follow.
pub const START_MS: i64 = 1_772_409_600_000;
/// First and last open quarter of a day.
const OPEN: std::ops::Range<i64> = 32..88;

/// One device.
struct Device {
    code: DeviceCode,
    site: usize,
    /// Sales in a usual open hour.
    per_hour: f64,
}

/// Who is hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// All.
    Everything,
    /// One value of `firmware`: a quarter of the sites.
    Firmware,
    /// One region.
    Region,
    /// One site.
    Site(usize),
}

/// The fleet.
pub struct DrawnFleet {
    /// Whose.
    pub customer: CustomerKey,
    /// Everything is drawn from it.
    pub seed: u64,
    /// How many sites.
    pub sites: usize,
    shocks: Shocks,
    regions: usize,
    codes: Vec<SiteCode>,
    devices: Vec<Device>,
    metric: Metric,
}

impl DrawnFleet {
    /// So many sites with so many devices each, at 20 sales an hour and device on average.
    pub fn new(seed: u64, sites: usize, devices: usize, shocks: Shocks) -> Self {
        let code = |s: usize| SiteCode::new(format!("s{s:05}")).expect("letters and digits are a code");
        let mut drawn = Vec::with_capacity(sites * devices);
        for site in 0..sites {
            let size = if sites == 1 { 1.0 } else { Dice::new(seed, Purpose::Layout, site as u64, 0).lognormal(0.35) };
            for d in 0..devices {
                let own = Dice::new(seed, Purpose::Layout, site as u64, 1 + d as u64).lognormal(0.2);
                let code = DeviceCode::new(format!("d{site:05}-{d}")).expect("letters and digits are a code");
                drawn.push(Device { code, site, per_hour: 20.0 * size * own });
            }
        }
        Self {
            customer: CustomerKey::new("drawn").expect("a word is a key"),
            seed,
            sites,
            shocks,
            regions: (sites / 50).clamp(usize::from(sites > 1) * 2, 20),
            codes: (0..sites).map(code).collect(),
            devices: drawn,
            metric: Metric::new("sales").expect("a word is a metric"),
        }
    }

    /// Devices.
    pub fn devices(&self) -> usize {
        self.devices.len()
    }

    /// The registered fleet.
    pub fn changes(&self) -> Vec<FleetChange> {
        let currency = domain::money::SEK;
        let record = CustomerRecord {
            key: self.customer.clone(),
            name: "drawn".to_owned(),
            currency,
            timezone: "UTC".to_owned(),
        };
        let region =
            |s: usize| (self.regions > 0).then(|| RegionCode::new(format!("r{}", s % self.regions)).ok()).flatten();
        let sites = self
            .codes
            .iter()
            .enumerate()
            .map(|(s, code)| SiteRecord { region: region(s), ..SiteRecord::bare(code.clone()) })
            .collect();
        let devices = self.devices.iter().enumerate().map(|(d, device)| {
            let mut attributes = Attributes::new();
            attributes.insert("firmware".to_owned(), format!("f{}", firmware(device.site)));
            attributes.insert("model".to_owned(), format!("m{}", d % 3));
            DeviceRecord {
                attributes,
                ..DeviceRecord::bare(device.code.clone(), Some(self.codes[device.site].clone()))
            }
        });
        let devices = devices.collect();
        let customer = self.customer.clone();
        vec![
            FleetChange::Customer(record),
            FleetChange::Sites { customer: customer.clone(), sites },
            FleetChange::Devices { customer, devices },
        ]
    }

    /// What the engine calls a group; the only site there is may go by either name.
    pub fn name(&self, group: Group) -> String {
        match group {
            Group::Everything => "everything".to_owned(),
            Group::Firmware => "firmware=f1".to_owned(),
            Group::Region => "region=r1".to_owned(),
            Group::Site(s) => format!("site={}", self.codes[s]),
        }
    }

    /// Whether a site belongs to a group.
    pub fn holds(&self, group: Group, site: usize) -> bool {
        match group {
            Group::Everything => true,
            Group::Firmware => firmware(site) == 1,
            Group::Region => self.regions > 0 && site % self.regions == 1,
            Group::Site(s) => s == site,
        }
    }

    /// Index of a site by its code.
    pub fn site(&self, code: &SiteCode) -> Option<usize> {
        self.codes.binary_search(code).ok()
    }

    /// Usual sales of a group in an hour in which the profile is 1.
    pub fn base_per_hour(&self, group: Group) -> f64 {
        self.devices.iter().filter(|d| self.holds(group, d.site)).map(|d| d.per_hour).sum()
    }

    /// Relative variance of a group's level within an hour, where nothing outside the group shows it: what it shares with others can be read
    /// off them.
    pub fn hidden_variance(&self, group: Group) -> f64 {
        let mut sites = vec![0.0; self.sites];
        let mut devices = 0.0;
        for device in self.devices.iter().filter(|d| self.holds(group, d.site)) {
            sites[device.site] += device.per_hour;
            devices += device.per_hour * device.per_hour;
        }
        let all: f64 = sites.iter().sum();
        let squares: f64 = sites.iter().map(|x| x * x).sum();
        let mut regions = vec![0.0; self.regions.max(1)];
        sites.iter().enumerate().for_each(|(s, x)| regions[s % self.regions.max(1)] += x);
        let regional: f64 = regions.iter().map(|x| x * x).sum();
        let of = |scale: Scale, squares: f64| scale.hour * scale.hour * squares / (all * all);
        let own = of(self.shocks.device, devices) + of(self.shocks.site, squares);
        match group {
            Group::Everything => own + of(self.shocks.region, regional) + of(self.shocks.common, all * all),
            Group::Region => own + of(self.shocks.region, regional),
            Group::Firmware | Group::Site(_) => own,
        }
    }

    /// Hours of profile 1 that a stretch is worth.
    pub fn usual_hours(from_ms: i64, to_ms: i64) -> f64 {
        let mut hours = 0.0;
        let mut quarter = from_ms.div_euclid(QUARTER_MS);
        while quarter * QUARTER_MS < to_ms {
            let passed = to_ms.min((quarter + 1) * QUARTER_MS) - from_ms.max(quarter * QUARTER_MS);
            hours += profile(quarter) * passed as f64 / 3_600_000.0;
            quarter += 1;
        }
        hours
    }

    /// End of the trading day that a moment lies in.
    pub fn closing_ms(at_ms: i64) -> i64 {
        at_ms.div_euclid(DAY_MS) * DAY_MS + OPEN.end * QUARTER_MS
    }

    /// A random moment of the open hours of a day.
    pub fn open_moment(dice: &mut Dice, day: i64) -> i64 {
        let open = (OPEN.end - OPEN.start) * QUARTER_MS;
        START_MS + day * DAY_MS + OPEN.start * QUARTER_MS + (dice.unit() * open as f64) as i64
    }

    /// Sums of `interval_s` of a day, zeros included while open, in order of time.
    pub fn sums(&self, day: i64, interval_s: u32) -> Vec<Signal> {
        let quarters = i64::from(interval_s) / 900;
        let mut signals = Vec::new();
        for first in OPEN.step_by(quarters as usize) {
            let from = (START_MS + day * DAY_MS) / QUARTER_MS + first;
            let levels = self.levels(from);
            let shape: f64 = (0..quarters).map(|q| profile(from + q)).sum::<f64>() * 0.25;
            for (d, device) in self.devices.iter().enumerate() {
                let mean = device.per_hour * shape * self.level(&levels, d, from);
                let n = Dice::new(self.seed, Purpose::Sales, d as u64, from as u64).poisson(mean);
                signals.push(self.count(device, (from + quarters) * QUARTER_MS, n, Some(interval_s)));
            }
        }
        signals
    }

    /// Single sales in `from..to`, in order of time; of a group that is hit only the share `left` from `hit_ms` on.
    pub fn sales(&self, from_ms: i64, to_ms: i64, hit: Option<(Group, f64)>) -> Vec<Signal> {
        let mut events: Vec<(i64, u32)> = Vec::new();
        let mut quarter = from_ms.div_euclid(QUARTER_MS);
        while quarter * QUARTER_MS < to_ms {
            let shape = 0.25 * profile(quarter);
            if shape > 0.0 {
                let levels = self.levels(quarter);
                for (d, device) in self.devices.iter().enumerate() {
                    let mut dice = Dice::new(self.seed, Purpose::Sales, d as u64, quarter as u64);
                    let left = hit.filter(|(group, _)| self.holds(*group, device.site)).map_or(1.0, |(_, left)| left);
                    for _ in 0..dice.poisson(device.per_hour * shape * self.level(&levels, d, quarter)) {
                        let at = quarter * QUARTER_MS + dice.below(QUARTER_MS as u64) as i64;
                        if (from_ms..to_ms).contains(&at) && (left >= 1.0 || dice.unit() < left) {
                            events.push((at, d as u32));
                        }
                    }
                }
            }
            quarter += 1;
        }
        events.sort_unstable();
        events.into_iter().map(|(at, d)| self.count(&self.devices[d as usize], at, 1, None)).collect()
    }

    fn count(&self, device: &Device, at_ms: i64, count: u32, interval_s: Option<u32>) -> Signal {
        Signal {
            at: moment(at_ms),
            received_at: None,
            site: Some(self.codes[device.site].clone()),
            device: Some(device.code.clone()),
            envelope: None,
            body: SignalBody::Count(Count { metric: self.metric.clone(), interval_s, count, value: None }),
        }
    }

    /// Levels of everything, the regions and the sites in a quarter.
    fn levels(&self, quarter: i64) -> Vec<f64> {
        let common = self.shock(self.shocks.common, 1 << 60, quarter);
        let regions: Vec<f64> =
            (0..self.regions).map(|r| self.shock(self.shocks.region, 2 << 60 | r as u64, quarter)).collect();
        let region = |s: usize| if regions.is_empty() { 1.0 } else { regions[s % regions.len()] };
        (0..self.sites)
            .map(|s| common * region(s) * self.shock(self.shocks.site, 3 << 60 | s as u64, quarter))
            .collect()
    }

    fn level(&self, levels: &[f64], device: usize, quarter: i64) -> f64 {
        levels[self.devices[device].site] * self.shock(self.shocks.device, device as u64, quarter)
    }

    fn shock(&self, scale: Scale, key: u64, quarter: i64) -> f64 {
        let (day, hour) = (quarter.div_euclid(96), quarter.div_euclid(4));
        let by_day = Dice::new(self.seed, Purpose::DayShock, key, day as u64).gamma(scale.day);
        by_day * Dice::new(self.seed, Purpose::HourShock, key, hour as u64).gamma(scale.hour)
    }
}

fn firmware(site: usize) -> usize {
    // Across regions, so that no region is a firmware.
    (site / 3) % 4
}

/// Share of the usual rate in a quarter: two humps a day, more at the end of the week, nothing outside opening hours.
fn profile(quarter: i64) -> f64 {
    let (of_day, day) = (quarter.rem_euclid(96), quarter.div_euclid(96));
    if !OPEN.contains(&of_day) {
        return 0.0;
    }
    let hour = of_day as f64 / 4.0;
    let hump = |centre: f64, width: f64| (-0.5 * ((hour - centre) / width) * ((hour - centre) / width)).exp();
    // 1970-01-01 was a Thursday.
    let week = [1.0, 1.2, 1.15, 0.85, 0.9, 0.9, 0.95][day.rem_euclid(7) as usize];
    week * (0.45 + 0.6 * hump(12.0, 1.8) + 0.9 * hump(17.0, 2.0))
}
