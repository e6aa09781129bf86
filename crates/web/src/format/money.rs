//! Money as people say it on the phone: `1.84 MSEK/h`, `1,84 mkr/tim`, `368,000 SEK`. Amounts are integers of minor
//! units until the last moment; only the text is rounded.

use super::number::{count, three_digits};
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

const THIN: char = '\u{202f}';

/// Whole units of the currency: `368,000 SEK` or `368 000 kr`.
#[must_use]
pub fn money(lang: Lang, amount: Money) -> String {
    let per_major = minor_per_major(amount.currency);
    let half = amount.minor.signum() * per_major / 2;
    format!("{}{THIN}{}", count(lang, amount.minor.saturating_add(half) / per_major), plain_unit(lang, amount.currency))
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
