//! Is a password among those most often found in breaches? The list is offline and small: a fingerprint of each, made by
//! `examples/common-passwords.rs` (`passwords/README.md` says from what).
//!
//! Passwords of [`super::rules::MIN_PASSWORD_CHARS`] and more are rare in such lists; what people do is to lengthen one: `monkey` to
//! `Monkey123456!`. So the heart of a password is looked up too, unless much stands beside it.

/// Bytes of a fingerprint: of a million random passwords some ten are refused for nothing.
pub const FINGERPRINT_BYTES: usize = 4;
/// The shortest heart that is looked up.
const LEAST_HEART: usize = 4;
/// With more digits and signs than this beside it, the heart is not what makes the password.
const MOST_BESIDE: usize = 8;

/// Fingerprints, ascending.
static LIST: &[u8] = include_bytes!("../../passwords/common.fingerprints");

/// The fingerprint of a password, whatever its case: the first bytes of its BLAKE3 hash.
#[must_use]
pub fn fingerprint(password: &str) -> [u8; FINGERPRINT_BYTES] {
    let hash = blake3::hash(password.to_lowercase().as_bytes());
    let [a, b, c, d, ..] = *hash.as_bytes();
    [a, b, c, d]
}

/// Whether a password, its heart, or its heart twice over is among the most common.
pub(crate) fn is_common(password: &str) -> bool {
    if is_listed(password) {
        return true;
    }
    let heart = password.trim_matches(|c: char| !c.is_alphabetic());
    let beside = password.chars().count() - heart.chars().count();
    if beside > MOST_BESIDE {
        return false;
    }
    let half = heart.get(..heart.len() / 2).filter(|half| half.repeat(2) == heart);
    [Some(heart), half].into_iter().flatten().any(|word| word.chars().count() >= LEAST_HEART && is_listed(word))
}

fn is_listed(password: &str) -> bool {
    let (fingerprints, _) = LIST.as_chunks::<FINGERPRINT_BYTES>();
    fingerprints.binary_search(&fingerprint(password)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_none_is_there_twice() {
        let (fingerprints, rest) = LIST.as_chunks::<FINGERPRINT_BYTES>();
        assert!(rest.is_empty() && fingerprints.len() > 40_000, "{}", fingerprints.len());
        assert!(fingerprints.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn what_breaches_are_full_of_is_common_however_it_is_lengthened() {
        for common in
            ["finalfantasy", "Unbelievable", "q1w2e3r4t5y6", "Monkey123456!", "dragondragon1", "..superman2026.."]
        {
            assert!(is_common(common), "{common}");
        }
    }

    #[test]
    fn a_common_word_among_others_or_beside_many_digits_is_not() {
        for good in ["monkey dragon superman", "monkey739201748362", "hästen äter gröna lappar", "k9#vT2!pQx8z"] {
            assert!(!is_common(good), "{good}");
        }
    }

    #[test]
    fn hardly_any_random_password_is_refused_for_nothing() {
        let refused = (0..20_000_u32).filter(|n| {
            let random = blake3::hash(&n.to_be_bytes()).to_hex();
            is_listed(&random)
        });
        assert!(refused.count() <= 3);
    }
}
