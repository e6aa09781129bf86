//! Which passwords are refused. No rules of composition: length counts, and what is easily guessed does not count as long. What
//! breaches are full of is refused by a list (see [`super::breached`]), what is made by a habit by the rules here.

use super::breached::is_common;

/// The fewest characters of a password.
pub const MIN_PASSWORD_CHARS: usize = 12;
/// The longest password, in bytes: far above what anybody types, and a bound on what is hashed.
pub const MAX_PASSWORD_BYTES: usize = 1_024;
/// A password of fewer different characters is guessed quickly.
const MIN_DIFFERENT: usize = 6;
/// Runs that people type when asked for something long.
const RUNS: [&str; 7] = [
    "abcdefghijklmnopqrstuvwxyzåäö",
    "01234567890123456789",
    "qwertyuiopå",
    "asdfghjklöä",
    "zxcvbnm,.-",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "!\"#¤%&/()=",
];
/// Words that stand at the heart of the most guessed passwords, in the two languages of the product.
const WORDS: [&str; 16] = [
    "password",
    "passord",
    "lösenord",
    "losenord",
    "samband",
    "welcome",
    "välkommen",
    "valkommen",
    "qwerty",
    "letmein",
    "admin",
    "sommar",
    "summer",
    "vinter",
    "winter",
    "hemligt",
];

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Below [`MIN_PASSWORD_CHARS`].
    #[error("a password has at least {MIN_PASSWORD_CHARS} characters: three or four unrelated words do well")]
    TooShort,
    /// Above [`MAX_PASSWORD_BYTES`].
    #[error("a password has at most {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// Hardly any different characters, or one piece over and over.
    #[error("this password repeats itself: three or four unrelated words do well")]
    Repeats,
    /// A run of the keyboard or the alphabet, or little beside one.
    #[error("this password is a run of keys: three or four unrelated words do well")]
    Run,
    /// Known from breaches, or a word that everybody tries, with a few characters beside it.
    #[error("this password is one of those tried first: three or four unrelated words do well")]
    Common,
    /// The user's own name or address, with a few characters beside it.
    #[error("this password is your name or address with little beside it")]
    Personal,
}

/// Checks a password against what its user is called.
pub(crate) fn check(password: &str, name: &str, email: &str) -> Result<(), WeakPassword> {
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(WeakPassword::TooLong);
    }
    let lower: Vec<char> = password.to_lowercase().chars().collect();
    if lower.len() < MIN_PASSWORD_CHARS {
        return Err(WeakPassword::TooShort);
    }
    let mut different = lower.clone();
    different.sort_unstable();
    different.dedup();
    if different.len() < MIN_DIFFERENT || is_repetition(&lower) {
        return Err(WeakPassword::Repeats);
    }
    let text: String = lower.iter().collect();
    if without_runs(&lower) < MIN_DIFFERENT {
        return Err(WeakPassword::Run);
    }
    if is_common(&text) || WORDS.iter().any(|word| little_beside(&text, word)) {
        return Err(WeakPassword::Common);
    }
    let own = name.split_whitespace().chain(email.split(['@', '.', '-', '_', '+'])).map(str::to_lowercase);
    if own.filter(|part| part.chars().count() >= 4).any(|part| little_beside(&text, &part)) {
        return Err(WeakPassword::Personal);
    }
    Ok(())
}

/// Whether some piece, over and over, gives the whole.
fn is_repetition(text: &[char]) -> bool {
    (1..=text.len() / 2).any(|piece| text.get(piece..) == text.get(..text.len() - piece))
}

/// How many characters remain when runs of four and more are taken out.
fn without_runs(text: &[char]) -> usize {
    let follows = |a: char, b: char| {
        RUNS.iter().any(|run| {
            let keys: Vec<char> = run.chars().collect();
            keys.windows(2).any(|pair| pair == [a, b] || pair == [b, a])
        })
    };
    let mut remaining = text.len();
    let mut run = 1;
    for pair in text.windows(2) {
        let [a, b] = pair else { continue };
        if follows(*a, *b) {
            run += 1;
            continue;
        }
        remaining -= if run >= 4 { run } else { 0 };
        run = 1;
    }
    remaining - if run >= 4 { run } else { 0 }
}

/// Whether hardly anything but digits and signs stands beside `word`.
fn little_beside(text: &str, word: &str) -> bool {
    text.contains(word) && text.replace(word, "").chars().filter(|c| c.is_alphabetic()).count() < 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_is_refused_by_name() {
        let check = |password| check(password, "Karin Lindqvist", "karin.lindqvist@example.org");
        assert_eq!(check("kort"), Err(WeakPassword::TooShort));
        assert_eq!(check("aaaaaaaaaaaaaaaa"), Err(WeakPassword::Repeats));
        assert_eq!(check("korvkiosk1korvkiosk1"), Err(WeakPassword::Repeats));
        assert_eq!(check("qwertyuiopasdfgh"), Err(WeakPassword::Run));
        assert_eq!(check("12345678901234"), Err(WeakPassword::Run));
        assert_eq!(check("Lösenord2026!!"), Err(WeakPassword::Common));
        assert_eq!(check("Superman1978!"), Err(WeakPassword::Common));
        assert_eq!(check("lindqvist-1974"), Err(WeakPassword::Personal));
    }

    #[test]
    fn long_passphrases_are_welcome_whatever_they_are_made_of() {
        for good in ["hästen äter gröna lappar", "correcthorsebatterystaple", "k9#vT2!pQx8z"] {
            assert_eq!(check(good, "Karin Lindqvist", "karin@example.org"), Ok(()), "{good}");
        }
        let long = "åtta små grisar ".repeat(4) + "och en till";
        assert!(long.chars().count() >= 64);
        assert_eq!(check(&long, "Karin", "karin@example.org"), Ok(()));
    }
}
