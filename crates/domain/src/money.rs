//! Money as whole minor units with a currency: sums never drift, and no amount stands without its unit.

use serde::{Deserialize, Serialize};

/// An ISO 4217 code: three upper-case letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Swedish krona, the default where nothing else is said.
pub const SEK: Currency = Currency(*b"SEK");

/// Why a text is no amount or currency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMoney {
    /// Not three upper-case letters.
    #[error("currency {0:?} is not an ISO 4217 code of three capital letters")]
    Currency(String),
    /// Not a decimal number such as `129.50`.
    #[error("amount {0:?} is not a decimal number such as 129.50")]
    Amount(String),
    /// More decimals than the currency has.
    #[error("amount {amount:?} has more than the {decimals} decimals of {currency}")]
    TooFine {
        /// The amount as written.
        amount: String,
        /// Decimals of the currency.
        decimals: u32,
        /// The currency.
        currency: Currency,
    },
    /// Too large to count in minor units.
    #[error("amount {0:?} is too large")]
    TooLarge(String),
}

impl Currency {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Number of decimals between minor and major unit (ISO 4217: most 2, some 0 or 3).
    #[must_use]
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = BadMoney;
    fn try_from(text: String) -> Result<Self, BadMoney> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|x| x.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(BadMoney::Currency(text)),
        }
    }
}

impl std::str::FromStr for Currency {
    type Err = BadMoney;
    fn from_str(text: &str) -> Result<Self, BadMoney> {
        Self::try_from(text.to_owned())
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount of minor units (öre, pence) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Whole minor units.
    pub minor: i64,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// Reads a decimal such as `129.50`, `-3`, `+0.5`.
    ///
    /// # Errors
    /// [`BadMoney`] when it is no decimal, finer than the currency's minor unit, or out of range.
    ///
    /// ```
    /// # use domain::money::{Money, SEK};
    /// assert_eq!(Money::parse("129.5", SEK).unwrap().minor, 12_950);
    /// assert!(Money::parse("1.999", SEK).is_err());
    /// ```
    pub fn parse(text: &str, currency: Currency) -> Result<Self, BadMoney> {
        let bad = || BadMoney::Amount(text.to_owned());
        let large = || BadMoney::TooLarge(text.to_owned());
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let only_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !only_digits(whole) || !only_digits(fraction) || digits.ends_with('.') {
            return Err(bad());
        }
        let decimals = currency.decimals();
        let fraction = fraction.trim_end_matches('0');
        let places = u32::try_from(fraction.len()).map_err(|_| bad())?;
        if places > decimals {
            return Err(BadMoney::TooFine { amount: text.to_owned(), decimals, currency });
        }
        let mut minor: i64 = whole.parse().map_err(|_| large())?;
        minor = minor.checked_mul(10_i64.pow(decimals)).ok_or_else(large)?;
        if !fraction.is_empty() {
            let part: i64 = fraction.parse().map_err(|_| bad())?;
            minor = minor.checked_add(part * 10_i64.pow(decimals - places)).ok_or_else(large)?;
        }
        Ok(Self { minor: if negative { -minor } else { minor }, currency })
    }

    /// The amount as a plain decimal with all its decimals: `129.50`.
    #[must_use]
    pub fn decimal(&self) -> String {
        let decimals = self.currency.decimals();
        let base = 10_u64.pow(decimals);
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, part) = (self.minor.unsigned_abs() / base, self.minor.unsigned_abs() % base);
        if decimals == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{part:0width$}", width = decimals as usize)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn decimals_survive_a_round_trip() {
        for text in ["0.00", "129.50", "-3.00", "92233720368547758.07"] {
            assert_eq!(Money::parse(text, SEK).unwrap().decimal(), text);
        }
        let yen: Currency = "JPY".parse().unwrap();
        assert_eq!(Money::parse("120", yen).unwrap().decimal(), "120");
    }

    #[test]
    fn an_amount_that_is_no_decimal_is_refused() {
        for text in ["", "-", ".5", "1.", "1,5", "1e3", "NaN", "1.234", "92233720368547758.08", "１"] {
            assert!(Money::parse(text, SEK).is_err(), "{text:?}");
        }
    }
}
