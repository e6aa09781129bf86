//! Numbers as people write them, into plain decimals: `1 234,50`, `1.234,50`, `1,234.50`, `−3`.
//!
//! What may be read in two ways is refused rather than guessed: an amount that is wrong by a thousand does more harm than a row that is
//! missing and named.

use crate::parsed::clip;
use std::borrow::Cow;

/// A number as a plain decimal such as `-1234.50`.
///
/// In a file whose cells are separated by commas, a single comma before three digits (`"1,234"`) is refused as ambiguous; in others a comma
/// is a decimal comma.
pub(crate) fn decimal(text: &str, comma_separated: bool) -> Result<Cow<'_, str>, String> {
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    let is_group = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’');
    let bad = || format!("must be a number such as 1234.50, not {:?}", clip(text));
    if text.len() > 40 {
        return Err(bad());
    }
    if text.chars().all(plain) && text.matches('.').count() <= 1 {
        return if is_decimal(text) { Ok(Cow::Borrowed(text)) } else { Err(bad()) };
    }
    let spaced = text.replace('\u{2212}', "-");
    let groups: Vec<&str> = spaced.split(is_group).collect();
    let packed: String = groups.concat();
    let (commas, dots) = (packed.matches(',').count(), packed.matches('.').count());
    let decimal_mark = match (commas, dots) {
        (1, 0) => {
            let after = packed.split_once(',').map_or("", |(_, after)| after);
            if comma_separated && after.len() == 3 {
                let ambiguous = "may mean thousands or decimals; write 1234 or 1.234";
                return Err(format!("{:?} {ambiguous}", clip(text)));
            }
            Some(',')
        }
        (0, 1) => Some('.'),
        (0, 0) => None,
        // Both: the one that stands last divides the decimals; it may stand once only.
        (1, _) if packed.rfind(',') > packed.rfind('.') => Some(','),
        (_, 1) if packed.rfind('.') > packed.rfind(',') => Some('.'),
        (_, 0) | (0, _) => None,
        _ => return Err(bad()),
    };
    let (whole, fraction) = match decimal_mark {
        Some(mark) => packed.split_once(mark).ok_or_else(bad)?,
        None => (packed.as_str(), ""),
    };
    // Spaces group digits in front of the decimals only, by threes.
    let spaced_right = groups.iter().skip(1).all(|group| {
        let digits = group.split([',', '.']).next().unwrap_or_default();
        digits.len() == 3
    });
    let spaced_right = spaced_right && groups.iter().rev().skip(1).all(|group| !group.contains([',', '.']));
    let grouped_right = whole.split([',', '.']).skip(1).all(|group| group.len() == 3);
    if (groups.len() > 1 && !spaced_right) || !grouped_right {
        return Err(bad());
    }
    let mut plain: String = whole.chars().filter(|c| !matches!(c, ',' | '.')).collect();
    if decimal_mark.is_some() {
        plain.push('.');
        plain.push_str(fraction);
    }
    if is_decimal(&plain) { Ok(Cow::Owned(plain)) } else { Err(bad()) }
}

/// A whole number from 0 to `most`; `17.0` and `17,00` are whole.
pub(crate) fn whole(text: &str, comma_separated: bool, most: u32) -> Result<u32, String> {
    let number = decimal(text, comma_separated)?;
    let (digits, fraction) = number.split_once('.').unwrap_or((&number, ""));
    if digits.starts_with('-') {
        return Err(format!("must not be negative, as {} is", clip(text)));
    }
    if fraction.bytes().any(|b| b != b'0') {
        return Err(format!("must be a whole number, not {}", clip(text)));
    }
    let number: Option<u32> = digits.trim_start_matches('+').parse().ok();
    number.filter(|n| *n <= most).ok_or_else(|| format!("must be at most {most}, not {}", clip(text)))
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_are_read_as_their_writers_meant_them() {
        for (text, plain) in [
            ("129.50", "129.50"),
            ("-3", "-3"),
            ("129,50", "129.50"),
            ("1 234,50", "1234.50"),
            ("1\u{a0}234\u{a0}567,50", "1234567.50"),
            ("1.234,50", "1234.50"),
            ("1,234.50", "1234.50"),
            ("1.234.567", "1234567"),
            ("1,234,567", "1234567"),
            ("1'234.50", "1234.50"),
            ("\u{2212}3,5", "-3.5"),
            ("12 345", "12345"),
        ] {
            assert_eq!(decimal(text, false).unwrap(), plain, "{text}");
            assert_eq!(decimal(text, true).unwrap(), plain, "{text}");
        }
        assert_eq!(decimal("1,234", false).unwrap(), "1.234");
    }

    #[test]
    fn what_is_no_number_or_two_is_refused() {
        for text in [
            "",
            "-",
            "abc",
            "1e5",
            "NaN",
            ".5",
            "5.",
            "1,",
            "1,2,3",
            "12 34",
            "1 2345",
            "1.23.456",
            "1,234.56.7",
            "--1",
            "1-2",
            "1,5 000",
            "129 kr",
            "٣",
            "1.000,5.000,1",
        ] {
            assert!(decimal(text, false).is_err(), "{text:?}");
        }
        assert!(decimal("1,234", true).unwrap_err().contains("thousands or decimals"));
    }

    #[test]
    fn whole_numbers_are_whole_and_within_bounds() {
        assert_eq!(whole("17,0", false, 100), Ok(17));
        assert_eq!(whole("4 112", false, u32::MAX), Ok(4112));
        assert!(whole("-1", false, 100).unwrap_err().contains("negative"));
        assert!(whole("1,5", false, 100).unwrap_err().contains("whole"));
        assert!(whole("101", false, 100).unwrap_err().contains("at most 100"));
    }
}
