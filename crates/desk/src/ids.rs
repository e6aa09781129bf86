//! Fresh ids and secrets, out of the randomness that the composition root gave.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use domain::BadCode;
use store::Entropy;

/// `u-` and 16 hexadecimal digits, as a typed id.
pub(crate) fn fresh<T>(prefix: &str, entropy: &mut dyn Entropy, make: impl FnOnce(String) -> Result<T, BadCode>) -> T {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    make(format!("{prefix}-{}", HEXLOWER.encode(&bytes))).expect("a letter, a dash and hexadecimal digits are an id")
}

/// `N` random bytes as lower-case base 32: easy to read aloud, safe in a link.
pub(crate) fn secret<const N: usize>(entropy: &mut dyn Entropy) -> String {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
}
