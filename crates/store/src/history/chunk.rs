//! One series' samples of one day in a few hundred bytes: columns of differences as varints, then zstd.
//!
//! Floats are kept exactly: each is the exclusive-or with the one before, bits reversed, so that the many with short mantissas
//! become short varints (after Pelkonen et al., "Gorilla", VLDB 2015, section 4.1.2). Byte for byte in docs/formats.md.

use super::types::{Heard, Sample};
use crate::time::{from_us, to_us};

const FORMAT: u8 = 1;
const ZSTD_LEVEL: i32 = 3;
const CHECK_BYTES: usize = 8;
/// The most samples of one chunk.
pub(crate) const MAX_SAMPLES: usize = 1_000_000;
/// A sample has eight columns of at least one and at most ten bytes.
const COLUMNS: usize = 8;
const MAX_COLUMN_BYTES: usize = MAX_SAMPLES * COLUMNS * 10 + 10;

/// Packs samples, which are in order of `at`; none when there are more than [`MAX_SAMPLES`].
pub(crate) fn encode(samples: &[Sample]) -> Option<Vec<u8>> {
    if samples.len() > MAX_SAMPLES {
        return None;
    }
    let columns = columns_of(samples);
    let packed = zstd::bulk::compress(&columns, ZSTD_LEVEL).ok()?;
    let mut bytes = vec![FORMAT];
    bytes.extend_from_slice(&u32::try_from(columns.len()).ok()?.to_le_bytes());
    bytes.extend_from_slice(&packed);
    let hash = blake3::hash(&bytes);
    bytes.extend(hash.as_bytes().iter().take(CHECK_BYTES));
    Some(bytes)
}

/// Unpacks what [`encode`] made; says what is wrong with anything else.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Sample>, &'static str> {
    const SHORT: &str = "it is too short";
    let (bytes, check) = bytes.split_last_chunk::<CHECK_BYTES>().ok_or(SHORT)?;
    if !blake3::hash(bytes).as_bytes().starts_with(check) {
        return Err("its hash is another");
    }
    let (format, rest) = bytes.split_first().ok_or(SHORT)?;
    if *format != FORMAT {
        return Err("its format is not known");
    }
    let (length, packed) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| "it is too large")?;
    if length > MAX_COLUMN_BYTES {
        return Err("it is too large");
    }
    let columns = zstd::bulk::decompress(packed, length).map_err(|_| "it cannot be unpacked")?;
    samples_of(&columns).ok_or("its columns do not fit together")
}

fn columns_of(samples: &[Sample]) -> Vec<u8> {
    let mut out = Vec::with_capacity(samples.len() * COLUMNS + 10);
    put(&mut out, u64::try_from(samples.len()).unwrap_or(u64::MAX));
    let mut step = Difference::default();
    let mut time = Difference::default();
    samples.iter().for_each(|sample| put_signed(&mut out, step.of(time.of(to_us(sample.at)))));
    let mut integers = |column: fn(&Sample) -> i64| {
        let mut difference = Difference::default();
        samples.iter().for_each(|sample| put_signed(&mut out, difference.of(column(sample))));
    };
    integers(|sample| to_us(sample.known_at).wrapping_sub(to_us(sample.at)));
    integers(|sample| i64::from(sample.interval_s));
    integers(|sample| sample.expected_value_minor);
    integers(|sample| sample.observed_value_minor);
    let mut floats = |column: fn(&Sample) -> f64| {
        let mut before = 0;
        for bits in samples.iter().map(|sample| column(sample).to_bits()) {
            put(&mut out, (bits ^ before).reverse_bits());
            before = bits;
        }
    };
    floats(|sample| sample.expected);
    floats(|sample| sample.observed);
    for sample in samples {
        match sample.heard {
            Heard::Unknown => put(&mut out, 0),
            Heard::Share(share) => put(&mut out, u64::from(share.to_bits()) + 1),
        }
    }
    out
}

fn samples_of(columns: &[u8]) -> Option<Vec<Sample>> {
    let mut rest = Varints(columns);
    let count = usize::try_from(rest.take()?).ok()?;
    if count > MAX_SAMPLES || count.checked_mul(COLUMNS)? > columns.len() {
        return None;
    }
    let (mut step, mut time) = (Sum::default(), Sum::default());
    let at: Vec<i64> = (0..count).map(|_| Some(time.with(step.with(rest.take_signed()?)))).collect::<Option<_>>()?;
    let mut integers = || -> Option<Vec<i64>> {
        let mut sum = Sum::default();
        (0..count).map(|_| Some(sum.with(rest.take_signed()?))).collect()
    };
    let (known, interval, expected_value, observed_value) = (integers()?, integers()?, integers()?, integers()?);
    let mut floats = || -> Option<Vec<f64>> {
        let mut bits = 0;
        let mut next = || {
            bits ^= rest.take()?.reverse_bits();
            Some(f64::from_bits(bits)).filter(|value| value.is_finite())
        };
        (0..count).map(|_| next()).collect()
    };
    let (expected, observed) = (floats()?, floats()?);
    let mut samples = Vec::with_capacity(count);
    for n in 0..count {
        let heard = match rest.take()? {
            0 => Heard::Unknown,
            bits => Heard::Share(f32::from_bits(u32::try_from(bits - 1).ok()?)),
        };
        samples.push(Sample {
            at: from_us(*at.get(n)?).ok()?,
            interval_s: u32::try_from(*interval.get(n)?).ok()?,
            expected: *expected.get(n)?,
            observed: *observed.get(n)?,
            expected_value_minor: *expected_value.get(n)?,
            observed_value_minor: *observed_value.get(n)?,
            heard,
            known_at: from_us(at.get(n)?.wrapping_add(*known.get(n)?)).ok()?,
        });
    }
    rest.0.is_empty().then_some(samples)
}

/// Each value less the one before.
#[derive(Default)]
struct Difference(i64);

impl Difference {
    fn of(&mut self, value: i64) -> i64 {
        let difference = value.wrapping_sub(self.0);
        self.0 = value;
        difference
    }
}

/// The other way: each value from its difference.
#[derive(Default)]
struct Sum(i64);

impl Sum {
    fn with(&mut self, difference: i64) -> i64 {
        self.0 = self.0.wrapping_add(difference);
        self.0
    }
}

/// LEB128: seven bits a byte, the lowest first, the top bit set on all but the last.
fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or(0));
}

/// Zigzag: 0, -1, 1, -2 become 0, 1, 2, 3.
fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

struct Varints<'a>(&'a [u8]);

impl Varints<'_> {
    fn take(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return None;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take_signed(&mut self) -> Option<i64> {
        let value = self.take()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn sample() -> impl Strategy<Value = Sample> {
        let time = -300_000_000_000_000_000_i64..250_000_000_000_000_000;
        let finite = any::<f64>().prop_filter("finite", |value| value.is_finite());
        let heard = prop_oneof![Just(Heard::Unknown), (0.0_f32..=1.0).prop_map(Heard::Share)];
        (time.clone(), time, any::<u32>(), finite.clone(), finite, any::<i64>(), any::<i64>(), heard).prop_map(
            |(at, known, interval_s, expected, observed, expected_value_minor, observed_value_minor, heard)| Sample {
                at: from_us(at).unwrap(),
                interval_s,
                expected,
                observed,
                expected_value_minor,
                observed_value_minor,
                heard,
                known_at: from_us(known).unwrap(),
            },
        )
    }

    proptest! {
        #[test]
        fn every_sample_comes_back_to_the_bit(samples in prop::collection::vec(sample(), 0..50)) {
            let decoded = decode(&encode(&samples).unwrap()).unwrap();
            prop_assert_eq!(decoded, samples);
        }

        #[test]
        fn a_changed_byte_is_always_found(
            samples in prop::collection::vec(sample(), 1..20), at in any::<prop::sample::Index>(), bit in 0..8_u32,
        ) {
            let mut bytes = encode(&samples).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(decode(&bytes).is_err());
        }

        #[test]
        fn columns_of_any_bytes_never_break_the_reader(columns in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = samples_of(&columns);
            let _ = decode(&columns);
        }
    }

    #[test]
    fn an_ordinary_day_of_minutes_takes_little() {
        let day: Vec<_> = (0..1440_i64)
            .map(|minute| Sample {
                at: from_us((1_770_000_000 + minute * 60) * 1_000_000).unwrap(),
                interval_s: 60,
                expected: 17.0 + (minute as f64 / 100.0).sin(),
                observed: f64::from(u32::try_from(minute * minute % 31).unwrap()),
                expected_value_minor: 220_000,
                observed_value_minor: minute * 7919 % 400_000,
                heard: Heard::Share(1.0),
                known_at: from_us((1_770_000_002 + minute * 60) * 1_000_000).unwrap(),
            })
            .collect();
        let bytes = encode(&day).unwrap().len();
        assert!(bytes < 1440 * 16, "{bytes} bytes for 1440 samples");
    }
}
