//! Plain numbers: thin spaces or commas between thousands, decimal comma or point.

use crate::words::Lang;

/// Between the thousands in Swedish: a space that never breaks a line.
const NARROW_SPACE: char = '\u{202f}';

/// A whole number with its thousands apart: `1,298` or `1 298`.
#[must_use]
pub fn count(lang: Lang, n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let separator = match lang {
        Lang::En => ',',
        Lang::Sv => NARROW_SPACE,
    };
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 3);
    if n < 0 {
        text.push('\u{2212}');
    }
    for (i, digit) in digits.chars().enumerate() {
        // Four digits stay together in neither language: columns of counts line up this way.
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// A whole number that always shows its sign: `+12`, `−3`, `0`.
#[must_use]
pub fn signed_count(lang: Lang, n: i64) -> String {
    let text = count(lang, n);
    if n > 0 { format!("+{text}") } else { text }
}

/// A share of one as a percentage. Only an exact 0 or 1 reads `0 %` or `100 %`: 0.9996 is `99.9 %`, for "all of them"
/// is a statement of its own.
#[must_use]
pub fn percent(lang: Lang, share: f64) -> String {
    if !share.is_finite() {
        return "\u{2013}".to_owned();
    }
    let percent = share * 100.0;
    let bounded = if share > 0.0 && share < 1.0 { percent.clamp(0.1, 99.9) } else { percent };
    let decimals = if bounded.fract().abs() < 1e-9 || (10.0..99.0).contains(&bounded) { 0 } else { 1 };
    format!("{}{NARROW_SPACE}%", decimal(lang, bounded, decimals))
}

/// `value` with three significant digits: `1.84`, `38.2`, `412`.
#[must_use]
pub fn significant(lang: Lang, value: f64) -> String {
    let size = value.abs();
    // Whole numbers are counts, and large ones have no use for decimals: both read best with their thousands apart.
    if size < 1e15 && (value.fract() == 0.0 || size >= 999.5) {
        #[allow(clippy::cast_possible_truncation)]
        return count(lang, value.round() as i64);
    }
    three_digits(lang, value)
}

/// Always three digits, `2.00` too: where a number changes under the eye, its width must not.
pub(super) fn three_digits(lang: Lang, value: f64) -> String {
    let size = value.abs();
    if (999.5..1e15).contains(&size) {
        // Thousands stand apart wherever a number grows beyond its unit.
        #[allow(clippy::cast_possible_truncation)]
        return count(lang, value.round() as i64);
    }
    let decimals = if size >= 99.95 {
        0
    } else if size >= 9.995 {
        1
    } else {
        2
    };
    decimal(lang, value, decimals)
}

/// `value` with exactly `decimals` decimals and the language's decimal sign.
pub(super) fn decimal(lang: Lang, value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = text.replace('-', "\u{2212}");
    match lang {
        Lang::En => text,
        Lang::Sv => text.replace('.', ","),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart_as_each_language_does() {
        for (n, en, sv) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_298, "1,298", "1\u{202f}298"),
            (-1_234_567, "\u{2212}1,234,567", "\u{2212}1\u{202f}234\u{202f}567"),
            (
                i64::MIN,
                "\u{2212}9,223,372,036,854,775,808",
                "\u{2212}9\u{202f}223\u{202f}372\u{202f}036\u{202f}854\u{202f}775\u{202f}808",
            ),
        ] {
            assert_eq!(count(Lang::En, n), en);
            assert_eq!(count(Lang::Sv, n), sv);
        }
    }

    #[test]
    fn nearly_all_is_never_shown_as_all_nor_nearly_none_as_none() {
        assert_eq!(percent(Lang::En, 1.0), "100\u{202f}%");
        assert_eq!(percent(Lang::En, 0.9999), "99.9\u{202f}%");
        assert_eq!(percent(Lang::Sv, 1e-12), "0,1\u{202f}%");
        assert_eq!(percent(Lang::En, 0.0), "0\u{202f}%");
        assert_eq!(percent(Lang::En, 0.424), "42\u{202f}%");
        assert_eq!(percent(Lang::En, f64::NAN), "\u{2013}");
    }

    #[test]
    fn three_digits_carry_the_size_whatever_it_is() {
        assert_eq!(significant(Lang::En, 1.838), "1.84");
        assert_eq!(significant(Lang::Sv, 38.21), "38,2");
        assert_eq!(significant(Lang::En, 412.4), "412");
        assert_eq!(significant(Lang::En, 9.999), "10.0");
        assert_eq!(significant(Lang::En, 2_960.4), "2,960");
        assert_eq!(significant(Lang::Sv, 0.0), "0");
        assert_eq!(significant(Lang::En, -3.5), "\u{2212}3.50");
    }

    #[test]
    fn a_gain_shows_its_sign() {
        assert_eq!(signed_count(Lang::En, 12), "+12");
        assert_eq!(signed_count(Lang::En, -3), "\u{2212}3");
        assert_eq!(signed_count(Lang::En, 0), "0");
    }
}
