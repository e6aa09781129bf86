//! Money as people say it on the phone: `1.84 MSEK/h`, `1,84 mkr/tim`, `368,000 SEK`. Amounts are integers of minor
//! units until the last moment; only the text is rounded.

use super::number::{count, decimal, three_digits};
use crate::words::Lang;
use domain::{Currency, Money};

/// An estimate that never stands without its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoneyInterval {
    /// The most likely amount.
    pub estimate: Money,
    /// Lower end.
    pub low: Money,
    /// Upper end.
    pub high: Money,
}

impl MoneyInterval {
    /// Whether it may be anything from nothing up: what is not heard from may well be selling.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.estimate.minor == 0 && self.high.minor > 0
    }
}

const THIN: char = '\u{202f}';

/// Whole units of the currency: `368,000 SEK` or `368 000 kr`.
#[must_use]
pub fn money(lang: Lang, amount: Money) -> String {
    let per_major = minor_per_major(amount.currency);
    let half = amount.minor.signum() * per_major / 2;
    format!("{}{THIN}{}", count(lang, amount.minor.saturating_add(half) / per_major), plain_unit(lang, amount.currency))
}

/// An amount that is an estimate, to three digits: `16,400,000 SEK`. More would claim to be known.
#[must_use]
pub fn money_about(lang: Lang, amount: Money) -> String {
    let major = (amount.minor / minor_per_major(amount.currency)).unsigned_abs();
    let step = major.checked_ilog10().map_or(1, |digits| 10_i64.pow(digits.saturating_sub(2)));
    let unit = step.saturating_mul(minor_per_major(amount.currency));
    let half = amount.minor.signum() * unit / 2;
    money(lang, Money { minor: amount.minor.saturating_add(half) / unit * unit, ..amount })
}

/// An hourly rate at a size a person can hold in mind: `1.84 MSEK/h`, `412 kSEK/h`.
#[must_use]
pub fn money_rate(lang: Lang, per_hour: Money) -> String {
    let size = Size::of(per_hour);
    format!("{}{THIN}{}", size.text(lang, per_hour), size.unit(lang, per_hour.currency))
}

/// The number of [`money_rate`] at the size of `like`, for the ends of an interval: `1.60`.
#[must_use]
pub fn money_rate_bare(lang: Lang, per_hour: Money, like: Money) -> String {
    Size::of(like).text(lang, per_hour)
}

/// A rate in the unit of `like`, with as many decimals as its neighbours in a column: `3.8`, `45.7`.
#[must_use]
pub fn money_rate_column(lang: Lang, per_hour: Money, like: Money) -> String {
    match Size::of(like) {
        Size::Units => Size::Units.text(lang, per_hour),
        // Rounded for the eye only.
        #[allow(clippy::cast_precision_loss)]
        Size::Thousands | Size::Millions => decimal(lang, per_hour.minor as f64 / money_rate_scale(like), 1),
    }
}

/// Both ends of an interval with their unit, at the size of its middle: `1.60–2.10 MSEK/h`. A middle of zero has none to lend:
/// `0–1.34 MSEK/h`.
#[must_use]
pub fn money_rate_interval(lang: Lang, i: &MoneyInterval) -> String {
    let like = if i.estimate.minor == 0 { i.high } else { i.estimate };
    let end = |amount: Money| if amount.minor == 0 { count(lang, 0) } else { money_rate_bare(lang, amount, like) };
    format!("{}\u{2013}{}{THIN}{}", end(i.low), end(i.high), money_rate_unit(lang, like))
}

/// The unit that [`money_rate`] would choose: `MSEK/h`, for heads of columns and axes.
#[must_use]
pub fn money_rate_unit(lang: Lang, like: Money) -> String {
    Size::of(like).unit(lang, like.currency)
}

/// How many minor units make one of [`money_rate_unit`]: 100,000,000 for `MSEK/h`.
#[must_use]
pub fn money_rate_scale(like: Money) -> f64 {
    let units = match Size::of(like) {
        Size::Units => 1.0,
        Size::Thousands => 1e3,
        Size::Millions => 1e6,
    };
    // At most a thousand minor units to the major one.
    #[allow(clippy::cast_precision_loss)]
    let minor = minor_per_major(like.currency) as f64;
    units * minor
}

#[derive(Clone, Copy)]
enum Size {
    Units,
    Thousands,
    Millions,
}

impl Size {
    fn of(amount: Money) -> Self {
        match (amount.minor / minor_per_major(amount.currency)).unsigned_abs() {
            0..10_000 => Self::Units,
            10_000..1_000_000 => Self::Thousands,
            _ => Self::Millions,
        }
    }

    fn text(self, lang: Lang, amount: Money) -> String {
        let per_major = minor_per_major(amount.currency);
        // Rounded for the eye only: three digits are kept, and f64 holds fifteen.
        #[allow(clippy::cast_precision_loss)]
        let major = amount.minor as f64 / per_major as f64;
        match self {
            Self::Units => count(lang, amount.minor / per_major),
            Self::Thousands => three_digits(lang, major / 1e3),
            Self::Millions => three_digits(lang, major / 1e6),
        }
    }

    fn unit(self, lang: Lang, currency: Currency) -> String {
        let code = currency.as_str();
        match (lang, code, self) {
            (Lang::Sv, "SEK", Self::Units) => "kr/tim".to_owned(),
            (Lang::Sv, "SEK", Self::Thousands) => "tkr/tim".to_owned(),
            (Lang::Sv, "SEK", Self::Millions) => "mkr/tim".to_owned(),
            (Lang::Sv, _, Self::Units) => format!("{code}/tim"),
            (Lang::Sv, _, Self::Thousands) => format!("k{code}/tim"),
            (Lang::Sv, _, Self::Millions) => format!("M{code}/tim"),
            (Lang::En, _, Self::Units) => format!("{code}/h"),
            (Lang::En, _, Self::Thousands) => format!("k{code}/h"),
            (Lang::En, _, Self::Millions) => format!("M{code}/h"),
        }
    }
}

fn minor_per_major(currency: Currency) -> i64 {
    10_i64.pow(currency.decimals())
}

fn plain_unit(lang: Lang, currency: Currency) -> String {
    match (lang, currency.as_str()) {
        (Lang::Sv, "SEK") => "kr".to_owned(),
        (_, code) => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use domain::money::SEK;

    fn sek(major: i64) -> Money {
        Money { minor: major * 100, currency: SEK }
    }

    #[test]
    fn a_rate_is_said_at_the_size_of_the_disruption() {
        for (major, en, sv) in [
            (2_000_000, "2.00\u{202f}MSEK/h", "2,00\u{202f}mkr/tim"),
            (1_840_000, "1.84\u{202f}MSEK/h", "1,84\u{202f}mkr/tim"),
            (38_200_000, "38.2\u{202f}MSEK/h", "38,2\u{202f}mkr/tim"),
            (412_300, "412\u{202f}kSEK/h", "412\u{202f}tkr/tim"),
            (9_400, "9,400\u{202f}SEK/h", "9\u{202f}400\u{202f}kr/tim"),
            (0, "0\u{202f}SEK/h", "0\u{202f}kr/tim"),
        ] {
            assert_eq!(money_rate(Lang::En, sek(major)), en);
            assert_eq!(money_rate(Lang::Sv, sek(major)), sv);
        }
    }

    #[test]
    fn an_interval_around_nothing_names_its_own_unit() {
        let of = |low, estimate, high| MoneyInterval { estimate: sek(estimate), low: sek(low), high: sek(high) };
        assert_eq!(money_rate_interval(Lang::En, &of(0, 0, 1_337_334)), "0\u{2013}1.34\u{202f}MSEK/h");
        assert_eq!(
            money_rate_interval(Lang::En, &of(1_600_000, 1_840_000, 2_100_000)),
            "1.60\u{2013}2.10\u{202f}MSEK/h"
        );
        assert_eq!(
            money_rate_interval(Lang::En, &of(627_000, 863_000, 1_100_400)),
            "627\u{2013}1,100\u{202f}kSEK/h",
            "an end larger than the middle's size has its thousands apart"
        );
    }

    #[test]
    fn an_estimated_amount_has_three_digits() {
        for (major, said) in
            [(16_369_203, "16,400,000"), (529_743, "530,000"), (999_600, "1,000,000"), (37, "37"), (0, "0")]
        {
            assert_eq!(money_about(Lang::En, sek(major)), format!("{said}\u{202f}SEK"));
        }
    }

    #[test]
    fn the_ends_of_an_interval_keep_the_unit_of_its_middle() {
        assert_eq!(money_rate_bare(Lang::En, sek(980_000), sek(1_200_000)), "0.98");
    }

    #[test]
    fn an_amount_is_rounded_to_whole_units_away_from_zero() {
        assert_eq!(money(Lang::En, Money { minor: 36_800_050, currency: SEK }), "368,001\u{202f}SEK");
        assert_eq!(money(Lang::Sv, sek(368_000)), "368\u{202f}000\u{202f}kr");
        assert_eq!(money(Lang::Sv, Money { minor: 250, currency: "GBP".parse().unwrap() }), "3\u{202f}GBP");
        assert_eq!(money(Lang::En, Money { minor: 250, currency: "JPY".parse().unwrap() }), "250\u{202f}JPY");
    }
}
