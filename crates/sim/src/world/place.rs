//! Where the shops stand: localities by population, with names, formats, sizes and network providers.

use super::{Format, Site, deal, layout};
use crate::config::WorldConfig;
use crate::places::{Locality, localities};
use domain::SiteCode;
use domain::fleet::{Attributes, Position};
use std::collections::BTreeMap;

/// Network providers and the share of shops each has.
const ISPS: [(&str, f64); 4] =
    [("Nordlink", 0.45), ("Fjärrnät", 0.3), ("Stadsbredband", 0.15), ("Mobilt Bredband", 0.1)];

/// Payment providers and the share of shops each has.
const PSPS: [(&str, f64); 2] = [("Betalväxeln", 0.6), ("Kortinlösen Norr", 0.4)];

/// Lays out the shops of a world; their devices are still to come.
pub(super) fn sites(config: &WorldConfig) -> Vec<Site> {
    let n = config.sites as usize;
    let table = localities();
    let chosen = choose(&table, n, config.seed);
    let mut of_name: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for l in &chosen {
        of_name.entry(l.name).or_default().0 += 1;
    }
    let regions: Vec<&str> = {
        let mut r: Vec<&str> = table.iter().map(|l| l.county).collect();
        r.sort_unstable();
        r.dedup();
        r
    };
    let dealt = |aspect, weights: &[f64]| deal(n, weights, &mut layout(config.seed, aspect, 0));
    let formats = dealt(1, &Format::SHARES.map(|(_, w)| w));
    let isps = dealt(2, &ISPS.map(|(_, w)| w));
    let psps = dealt(3, &PSPS.map(|(_, w)| w));
    let mut out = Vec::with_capacity(n);
    for (i, locality) in chosen.iter().enumerate() {
        let (several, numbered) = of_name.get_mut(locality.name).map_or((false, 1), |(total, used)| {
            *used += 1;
            (*total > 1, *used)
        });
        let name = if several { format!("{} {numbered}", locality.name) } else { locality.name.to_owned() };
        let mut dice = layout(config.seed, 4, i as u64);
        let format = Format::SHARES[formats[i]].0;
        out.push(Site {
            code: SiteCode::new(format!("{:04}", 100 + i)).expect("digits are a valid code"),
            name,
            region: locality.county,
            region_index: regions.iter().position(|r| *r == locality.county).map_or(0, |p| p as u32),
            position: spread(locality, &mut dice),
            format,
            size: dice.lognormal(config.size_sigma),
            attributes: Attributes::from([
                ("format".to_owned(), format.name().to_owned()),
                ("isp".to_owned(), ISPS[isps[i]].0.to_owned()),
                ("psp".to_owned(), PSPS[psps[i]].0.to_owned()),
            ]),
            devices: 0..0,
            turnover_per_day: 0.0,
        });
    }
    out
}

/// Systematic sampling proportional to population: every locality gets its share rounded down or up.
fn choose(table: &[Locality], n: usize, seed: u64) -> Vec<Locality> {
    let total: f64 = table.iter().map(|l| l.population).sum();
    let step = total / n as f64;
    let mut next = layout(seed, 5, 0).unit() * step;
    let (mut upto, mut out) = (0.0, Vec::with_capacity(n));
    for locality in table {
        upto += locality.population;
        while next < upto && out.len() < n {
            out.push(*locality);
            next += step;
        }
    }
    while let (true, Some(last)) = (out.len() < n, table.last()) {
        out.push(*last);
    }
    out
}

/// Spreads shops over a locality, wider where more people live.
fn spread(locality: &Locality, dice: &mut crate::dice::Dice) -> Position {
    let radius = 0.0001 * libm::sqrt(locality.population);
    let round = |x: f64| libm::round(x * 1e4) / 1e4;
    Position {
        latitude: round(locality.latitude + radius * 0.5 * (dice.unit() - 0.5)),
        longitude: round(locality.longitude + radius * (dice.unit() - 0.5)),
    }
}
