//! Seeded cases with known causes, for measuring how often an explanation names exactly those.
//!
//! A planted cause must be one that data can single out at all: it covers enough units, no shorter conjunction covers
//! nearly the same, and causes do not hide each other. What is left unsaid by that is measured by the families whose
//! `demanding` is off.

use detect::explain::{AttributeTable, Conjunction, Shortfall, Term};

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub fn normal(&mut self) -> f64 {
        libm::sqrt(-2.0 * libm::log(1.0 - self.unit())) * libm::cos(std::f64::consts::TAU * self.unit())
    }

    /// Knuth's product below 30, a rounded normal above.
    pub fn poisson(&mut self, mean: f64) -> f64 {
        if mean > 30.0 {
            return libm::round(mean + libm::sqrt(mean) * self.normal()).max(0.0);
        }
        let (limit, mut product, mut count) = (libm::exp(-mean), self.unit(), 0.0);
        while product > limit {
            product *= self.unit();
            count += 1.0;
        }
        count
    }
}

/// What a family of cases is like.
#[derive(Clone, Copy)]
pub struct Family {
    pub name: &'static str,
    /// Observed against expected rather than failed or not.
    pub shortfall: bool,
    /// Share of units that fail for no reason, or the relative error of expectations.
    pub noise: f64,
    /// Share of covered units that fail, or of the expected that goes missing: from here to 1.
    pub severity_min: f64,
    /// Every attribute follows from one before it in one case of two.
    pub nested: bool,
    /// Only causes that data of this size can single out.
    pub demanding: bool,
}

pub const FAMILIES: [Family; 10] = [
    family("failed, clean", false, 0.0, 1.0),
    family("failed, partial", false, 0.0, 0.3),
    family("failed, noise", false, 0.01, 1.0),
    family("failed, partial, noise", false, 0.01, 0.3),
    Family { nested: true, ..family("failed, partial, noise, nested", false, 0.01, 0.3) },
    family("shortfall, clean", true, 0.0, 1.0),
    family("shortfall, partial", true, 0.0, 0.3),
    family("shortfall, partial, noise", true, 0.1, 0.3),
    Family { nested: true, ..family("shortfall, partial, noise, nested", true, 0.1, 0.3) },
    Family { demanding: false, ..family("failed, partial, noise, any size", false, 0.01, 0.3) },
];

const fn family(name: &'static str, shortfall: bool, noise: f64, severity_min: f64) -> Family {
    Family { name, shortfall, noise, severity_min, nested: false, demanding: true }
}

/// A case and its truth.
pub struct Case {
    pub table: AttributeTable,
    pub failing: Vec<u32>,
    pub rows: Vec<Shortfall>,
    pub truth: Vec<Conjunction>,
}

/// Codes by column and unit.
type Codes = Vec<Vec<u32>>;
type Cause = Vec<(usize, u32)>;

pub fn make(family: &Family, seed: u64) -> Case {
    let mut dice = Dice::new(seed);
    loop {
        let units = 1 << (11 + dice.below(4));
        let codes = attributes(family, units, &mut dice);
        let weights: Vec<f64> =
            (0..units).map(|_| if family.shortfall { libm::exp(dice.between(1.0, 4.5)) } else { 1.0 }).collect();
        let wanted = 1 + dice.below(3) as usize;
        let severities: Vec<f64> = (0..wanted).map(|_| dice.between(family.severity_min, 1.0)).collect();
        if let Some(causes) = causes(family, &codes, &weights, &severities, &mut dice) {
            return fail(family, &codes, &weights, &causes, &severities, &mut dice);
        }
    }
}

fn attributes(family: &Family, units: usize, dice: &mut Dice) -> Codes {
    let columns = 4 + dice.below(9) as usize;
    let mut codes: Codes = Vec::new();
    for at in 0..columns {
        let values = libm::round(libm::exp(dice.between(libm::log(2.0), libm::log(500.0)))) as u32;
        let parent = (family.nested && at > 0 && dice.below(2) == 0).then(|| dice.below(at as u64) as usize);
        let skew = dice.between(1.0, 2.5);
        codes.push(
            (0..units)
                .map(|unit| {
                    let pick = libm::floor(f64::from(values) * libm::pow(dice.unit(), skew)) as u32;
                    // One unit in fifty departs from what its parent value implies: those alone tell the two apart.
                    match parent {
                        Some(parent) if dice.below(50) > 0 => codes[parent][unit] * 7 % values,
                        _ => pick,
                    }
                })
                .collect(),
        );
    }
    codes
}

/// `None` when a cause that could be singled out is not found in reasonable time.
fn causes(family: &Family, codes: &Codes, weights: &[f64], severities: &[f64], dice: &mut Dice) -> Option<Vec<Cause>> {
    let units = weights.len();
    let mut found: Vec<Cause> = Vec::new();
    let mut taken = vec![false; units];
    for &severity in severities {
        let mut tries = 0;
        let (cause, cover) = loop {
            tries += 1;
            if tries > 300 {
                return None;
            }
            let cause = draw(codes, 1 + dice.below(3) as usize, dice);
            let cover = cover(codes, &cause);
            let fresh = cover.iter().filter(|&&unit| !taken[unit]).count();
            let cost = description(codes, &cause);
            let enough = fresh * 2 > cover.len() && cover.len() * 5 < units && cover.len() >= 6;
            let telling = |cover: &[usize]| information(family, cover, weights, severity);
            if enough
                && (!family.demanding
                    || telling(&cover.iter().copied().filter(|&unit| !taken[unit]).collect::<Vec<_>>())
                        > 1.5 * (cost + 4.6)
                        && told_apart(codes, &cause, &cover, &taken, |extra| telling(extra) > 12.0))
            {
                break (cause, cover);
            }
        };
        cover.into_iter().for_each(|unit| taken[unit] = true);
        found.push(cause);
    }
    stand_alone(family, codes, &found, weights, severities).then_some(found)
}

/// Whether every cause can still be singled out by what it alone covers, the later ones considered.
fn stand_alone(family: &Family, codes: &Codes, causes: &[Cause], weights: &[f64], severities: &[f64]) -> bool {
    let covers: Vec<Vec<usize>> = causes.iter().map(|cause| cover(codes, cause)).collect();
    let mut covering = vec![0; weights.len()];
    covers.iter().flatten().for_each(|&unit| covering[unit] += 1);
    covers.iter().zip(causes).zip(severities).all(|((cover, cause), &severity)| {
        let alone: Vec<usize> = cover.iter().copied().filter(|&unit| covering[unit] == 1).collect();
        let earned = information(family, &alone, weights, severity);
        alone.len() * 2 > cover.len() && (!family.demanding || earned > 1.5 * (description(codes, cause) + 4.6))
    })
}

/// Terms of a randomly drawn unit, so that every cause covers somebody.
fn draw(codes: &Codes, terms: usize, dice: &mut Dice) -> Cause {
    let unit = dice.below(codes[0].len() as u64) as usize;
    let mut cause: Cause = Vec::new();
    while cause.len() < terms {
        let column = dice.below(codes.len() as u64) as usize;
        if cause.iter().all(|term| term.0 != column) {
            cause.push((column, codes[column][unit]));
        }
    }
    cause.sort_unstable();
    cause
}

fn cover(codes: &Codes, cause: &[(usize, u32)]) -> Vec<usize> {
    (0..codes[0].len()).filter(|&unit| cause.iter().all(|&(column, code)| codes[column][unit] == code)).collect()
}

/// Nats by which units that are struck differ from units that are not.
fn information(family: &Family, cover: &[usize], weights: &[f64], severity: f64) -> f64 {
    let one = |&unit: &usize| {
        if family.shortfall {
            let left = (1.0 - severity).max(1e-9);
            let mean = weights[unit] / (1.0 + family.noise * family.noise * weights[unit]);
            mean * (left * libm::log(left) + 1.0 - left)
        } else {
            let usual = family.noise.max(0.003);
            let healthy =
                if severity < 1.0 { (1.0 - severity) * libm::log((1.0 - severity) / (1.0 - usual)) } else { 0.0 };
            severity * libm::log(severity / usual) + healthy
        }
    };
    cover.iter().map(one).sum()
}

/// `ln` of how many conjunctions of this length there are.
fn description(codes: &Codes, cause: &[(usize, u32)]) -> f64 {
    let mut ways = [1.0, 0.0, 0.0, 0.0];
    for column in codes {
        let mut values = column.clone();
        values.sort_unstable();
        values.dedup();
        for length in (1..=3).rev() {
            ways[length] += ways[length - 1] * values.len() as f64;
        }
    }
    libm::log(ways[cause.len()])
}

/// Whether enough healthy units are covered by every conjunction of a term less, or of one term exchanged.
fn told_apart(
    codes: &Codes,
    cause: &Cause,
    cover: &[usize],
    taken: &[bool],
    enough: impl Fn(&[usize]) -> bool,
) -> bool {
    let mut inside = vec![false; codes[0].len()];
    cover.iter().for_each(|&unit| inside[unit] = true);
    for drop in 0..cause.len() {
        let mut shorter = cause.clone();
        shorter.remove(drop);
        let extra: Vec<usize> =
            self::cover(codes, &shorter).into_iter().filter(|&unit| !inside[unit] && !taken[unit]).collect();
        if !enough(&extra) {
            return false;
        }
        for (column, column_codes) in codes.iter().enumerate() {
            if shorter.iter().any(|term| term.0 == column) || column == cause[drop].0 {
                continue;
            }
            let mut exchanged = shorter.clone();
            exchanged.push((column, column_codes[cover[0]]));
            let theirs = self::cover(codes, &exchanged);
            let mut differ: Vec<usize> = theirs.iter().copied().filter(|&unit| !inside[unit]).collect();
            let mut also = vec![false; inside.len()];
            theirs.iter().for_each(|&unit| also[unit] = true);
            differ.extend(cover.iter().copied().filter(|&unit| !also[unit]));
            if !enough(&differ) {
                return false;
            }
        }
    }
    true
}

fn fail(
    family: &Family,
    codes: &Codes,
    weights: &[f64],
    causes: &[Cause],
    severities: &[f64],
    dice: &mut Dice,
) -> Case {
    let mut table = AttributeTable::new();
    let columns: Vec<_> = (0..codes.len()).map(|at| table.column(&format!("a{at}"))).collect();
    let (mut failing, mut rows) = (Vec::new(), Vec::new());
    for (at, &weight) in weights.iter().enumerate() {
        let unit = table.add_unit().expect("few units");
        for (column, column_codes) in columns.iter().zip(codes) {
            table.set(unit, *column, Some(&format!("v{}", column_codes[at]))).expect("unit and column exist");
        }
        let struck = causes
            .iter()
            .zip(severities)
            .filter(|(cause, _)| cause.iter().all(|&(column, code)| codes[column][at] == code));
        if family.shortfall {
            let left = struck.fold(1.0_f64, |left, (_, severity)| left.min(1.0 - severity));
            let error = (1.0 + family.noise * dice.normal()).max(0.0);
            rows.push(Shortfall { unit, observed: dice.poisson(weight * left * error), expected: weight });
        } else {
            let mut fails = dice.unit() < family.noise;
            struck.for_each(|(_, &severity)| fails |= dice.unit() < severity);
            if fails {
                failing.push(unit);
            }
        }
    }
    let name = |&(column, code): &(usize, u32)| Term { attribute: format!("a{column}"), value: format!("v{code}") };
    let truth = causes.iter().map(|cause| Conjunction(cause.iter().map(name).collect())).collect();
    Case { table, failing, rows, truth }
}
