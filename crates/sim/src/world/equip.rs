//! What stands in a shop: self-scanners of one vendor, tills, a server, each with model, firmware, circuit and age.

use super::{Device, Site, ValueLaw, deal, layout};
use crate::config::WorldConfig;
use crate::dice::Dice;
use domain::DeviceCode;
use domain::fleet::Attributes;
use jiff::ToSpan;
use jiff::civil::Date;

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceType {
    /// A handheld that customers scan their goods with.
    SelfScanner,
    /// A till with or without staff.
    Till,
    /// The shop's server.
    Server,
}

impl DeviceType {
    /// Its name as an attribute.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SelfScanner => "self-scanner",
            Self::Till => "till",
            Self::Server => "server",
        }
    }

    /// What a sale on it is worth.
    #[must_use]
    pub(super) fn value_law(self) -> ValueLaw {
        match self {
            Self::SelfScanner => ValueLaw::new(80.0, 0.8),
            Self::Till => ValueLaw::new(150.0, 0.9),
            Self::Server => ValueLaw::new(1.0, 0.0),
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::SelfScanner => "ssu",
            Self::Till => "till",
            Self::Server => "srv",
        }
    }
}

/// A model: vendor, name, its firmwares with their shares, its operating system, the years it was sold.
struct Model {
    vendor: &'static str,
    name: &'static str,
    share: f64,
    firmwares: &'static [(&'static str, f64)],
    os: (&'static str, &'static str),
    sold: (i16, i16),
}

/// Vendors of self-scanners: a shop buys from one. Four shops in five have the first.
const SCANNER_VENDORS: [(f64, [Model; 2]); 2] = [
    (
        0.8,
        [
            Model {
                vendor: "Handvik",
                name: "HS-200",
                share: 0.4,
                firmwares: &[("3.8.4", 0.3), ("4.1.0", 0.7)],
                os: ("Android", "11"),
                sold: (2019, 2021),
            },
            Model {
                vendor: "Handvik",
                name: "HS-300",
                share: 0.6,
                firmwares: &[("4.1.0", 0.75), ("4.1.3", 0.25)],
                os: ("Android", "13"),
                sold: (2022, 2025),
            },
        ],
    ),
    (
        0.2,
        [
            Model {
                vendor: "Kvickhandel",
                name: "K1",
                share: 0.5,
                firmwares: &[("2.0.7", 0.6), ("2.1.1", 0.4)],
                os: ("Linux", "5.15"),
                sold: (2020, 2023),
            },
            Model {
                vendor: "Kvickhandel",
                name: "K2",
                share: 0.5,
                firmwares: &[("2.1.1", 0.5), ("2.2.0", 0.5)],
                os: ("Linux", "6.1"),
                sold: (2023, 2025),
            },
        ],
    ),
];

const TILLS: [Model; 3] = [
    Model {
        vendor: "Kassatek",
        name: "T-500",
        share: 0.35,
        firmwares: &[("7.2", 0.5), ("7.4", 0.5)],
        os: ("Windows", "10 IoT 2019"),
        sold: (2016, 2019),
    },
    Model {
        vendor: "Kassatek",
        name: "T-700",
        share: 0.45,
        firmwares: &[("7.4", 0.4), ("8.0", 0.6)],
        os: ("Windows", "10 IoT 2021"),
        sold: (2020, 2023),
    },
    Model {
        vendor: "Disken",
        name: "D2",
        share: 0.2,
        firmwares: &[("1.9", 1.0)],
        os: ("Windows", "11 IoT 2024"),
        sold: (2024, 2025),
    },
];

const SERVERS: [Model; 2] = [
    Model {
        vendor: "Stativ",
        name: "S-1",
        share: 0.3,
        firmwares: &[("2.8", 1.0)],
        os: ("Windows Server", "2016"),
        sold: (2017, 2019),
    },
    Model {
        vendor: "Stativ",
        name: "S-2",
        share: 0.7,
        firmwares: &[("3.1", 1.0)],
        os: ("Windows Server", "2022"),
        sold: (2022, 2024),
    },
];

/// Equips every site and returns all devices, site by site.
pub(super) fn devices(config: &WorldConfig, sites: &mut [Site]) -> Vec<Device> {
    let vendors = deal(sites.len(), &SCANNER_VENDORS.each_ref().map(|(w, _)| *w), &mut layout(config.seed, 10, 0));
    let mut out = Vec::new();
    for (i, site) in sites.iter_mut().enumerate() {
        let first = out.len();
        let mut dice = layout(config.seed, 11, i as u64);
        let (scanners, tills) = site.format.equipment();
        let mut stand = |kind, count: u32, per_hour: f64, models: &[Model], dice: &mut Dice| {
            // A shop buys a batch: four devices in five are of the batch's model, the rest were added at another time.
            let batch = pick(models, dice);
            for number in 1..=count {
                let model = if dice.unit() < 0.8 { batch } else { pick(models, dice) };
                let rate = per_hour * site.size * dice.lognormal(config.device_sigma);
                out.push(device(kind, number, i, site, rate, model, dice));
            }
        };
        let n = whole(config.scanners_per_site * scanners, &mut dice);
        let models = &SCANNER_VENDORS[vendors[i]].1;
        stand(DeviceType::SelfScanner, n, config.scanner_sales_per_hour, models, &mut dice);
        let n = whole(config.tills_per_site * tills, &mut dice);
        stand(DeviceType::Till, n, config.till_sales_per_hour, &TILLS, &mut dice);
        stand(DeviceType::Server, u32::from(config.servers), 0.0, &SERVERS, &mut dice);
        site.devices = first..out.len();
    }
    out
}

/// A whole number near a mean, at least 1 unless the mean is 0.
fn whole(mean: f64, dice: &mut Dice) -> u32 {
    let wobble = 0.75 + 0.5 * dice.unit();
    let n = libm::floor(mean * wobble + dice.unit()) as u32;
    if mean > 0.0 { n.max(1) } else { 0 }
}

fn pick<'a>(models: &'a [Model], dice: &mut Dice) -> &'a Model {
    let total: f64 = models.iter().map(|m| m.share).sum();
    let mut u = dice.unit() * total;
    for model in models {
        u -= model.share;
        if u < 0.0 {
            return model;
        }
    }
    &models[models.len() - 1]
}

fn device(
    kind: DeviceType,
    number: u32,
    index: usize,
    site: &Site,
    sales_per_hour: f64,
    model: &Model,
    dice: &mut Dice,
) -> Device {
    let mut u = dice.unit();
    let firmware = model.firmwares.iter().find_map(|(name, share)| {
        u -= share;
        (u < 0.0).then_some(*name)
    });
    let firmware = firmware.unwrap_or(model.firmwares[model.firmwares.len() - 1].0);
    let year = model.sold.0 + dice.below((model.sold.1 - model.sold.0 + 1).unsigned_abs().into()) as i16;
    let installed_on = Date::new(year, 1, 1)
        .and_then(|d| d.checked_add((dice.below(365) as i32).days()))
        .unwrap_or(Date::constant(2022, 1, 1));
    let circuit = match kind {
        DeviceType::SelfScanner => format!("B{}", 1 + (number - 1) / 6),
        DeviceType::Till => format!("A{}", 1 + (number - 1) / 3),
        DeviceType::Server => "S1".to_owned(),
    };
    let code = match kind {
        DeviceType::SelfScanner => format!("{}-{}-{number:02}", kind.prefix(), site.code),
        DeviceType::Till => format!("{}-{}-{number}", kind.prefix(), site.code),
        DeviceType::Server => format!("{}-{}", kind.prefix(), site.code),
    };
    let isp = site.attributes.get("isp").cloned().unwrap_or_default();
    let attributes = [
        ("type", kind.name().to_owned()),
        ("vendor", model.vendor.to_owned()),
        ("model", model.name.to_owned()),
        ("firmware", firmware.to_owned()),
        ("os", model.os.0.to_owned()),
        ("os_version", model.os.1.to_owned()),
        ("circuit", circuit),
        ("isp", isp),
        ("install_year", year.to_string()),
    ];
    Device {
        code: DeviceCode::new(code).expect("letters, digits and hyphens are a valid code"),
        site: index,
        device_type: kind,
        sales_per_hour,
        serial: format!("{}{:08}", model.name.replace('-', ""), dice.below(100_000_000)),
        installed_on,
        attributes: attributes.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Attributes>(),
    }
}
