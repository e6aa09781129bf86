//! Refusals in the reader's language. The domain refuses in English sentences, and has no other use for languages; those that
//! people meet stand in the catalogs. A sentence is recognised by its fixed words, and its values are carried over.

use super::{Key, Lang, say_with};
use std::sync::LazyLock;

/// The refusals that are known. Where two fit, the one with more words does.
const KNOWN: &[Key] = &[
    Key("refused-empty"),
    Key("refused-number"),
    Key("refused-whole"),
    Key("refused-negative"),
    Key("refused-most"),
    Key("refused-between"),
    Key("refused-twice"),
    Key("refused-hours-span"),
    Key("refused-hours-day"),
    Key("refused-hours-rule"),
    Key("refused-no-code"),
    Key("refused-file-empty"),
    Key("refused-first-line"),
    Key("refused-site-of-device"),
    Key("refused-not-registered"),
    Key("refused-address"),
    Key("refused-taken"),
    Key("refused-one-line"),
    Key("refused-control"),
    Key("refused-bytes"),
    Key("refused-characters"),
    Key("refused-too-long"),
    Key("refused-no-file"),
    Key("refused-no-page"),
    Key("refused-no-site"),
    Key("refused-no-device"),
    Key("refused-no-incident"),
    Key("refused-no-finding"),
    Key("refused-no-shop"),
    Key("refused-role"),
    Key("refused-often"),
    Key("refused-same-again"),
    Key("refused-files-gone"),
    Key("refused-no-step"),
    Key("refused-open"),
    Key("refused-review"),
    Key("refused-closed"),
    Key("refused-held"),
    Key("refused-last-admin"),
    Key("refused-disk"),
    Key("refused-changed"),
];
/// The places for values in a sentence.
const PLACES: [&str; 3] = ["a", "b", "c"];
/// Stands for a value while a sentence is taken apart; no text holds it.
const MARKS: [&str; 3] = ["\u{1}", "\u{2}", "\u{3}"];

/// The fixed words of each known sentence, with the places between them; the longest first.
static SENTENCES: LazyLock<Vec<(&'static str, Sentence)>> = LazyLock::new(|| {
    let mut known: Vec<_> = KNOWN.iter().map(|key| (key.0, Sentence::of(key.0))).collect();
    known.sort_by_key(|(_, sentence)| std::cmp::Reverse(sentence.words()));
    known
});

/// What was refused, in `lang`; as it was said when nobody has translated it.
#[must_use]
pub fn refusal(lang: Lang, said: &str) -> String {
    translated(lang, said).unwrap_or_else(|| said.to_owned())
}

/// The same, or none when it would be English on another page.
#[must_use]
pub fn translated(lang: Lang, said: &str) -> Option<String> {
    if lang == Lang::En {
        return Some(said.to_owned());
    }
    SENTENCES.iter().find_map(|(key, sentence)| {
        let values = sentence.values(said)?;
        let args: Vec<_> = values.iter().map(|(place, value)| (PLACES[*place], (*value).into())).collect();
        Some(say_with(lang, key, &args))
    })
}

/// Fixed words with places between.
struct Sentence {
    begin: String,
    /// The place, and the fixed words after it.
    rest: Vec<(usize, String)>,
}

impl Sentence {
    fn of(key: &'static str) -> Self {
        let args: Vec<_> = PLACES.iter().zip(MARKS).map(|(place, mark)| (*place, mark.into())).collect();
        let text = say_with(Lang::En, key, &args);
        let mut sentence = Self { begin: String::new(), rest: Vec::new() };
        for c in text.chars() {
            let place = MARKS.iter().position(|mark| mark.starts_with(c));
            match (place, sentence.rest.last_mut()) {
                (Some(place), _) => sentence.rest.push((place, String::new())),
                (None, Some((_, words))) => words.push(c),
                (None, None) => sentence.begin.push(c),
            }
        }
        sentence
    }

    fn words(&self) -> usize {
        self.begin.len() + self.rest.iter().map(|(_, words)| words.len()).sum::<usize>()
    }

    /// The values of a text that is this sentence, by place.
    fn values<'t>(&self, text: &'t str) -> Option<Vec<(usize, &'t str)>> {
        let mut left = text.strip_prefix(self.begin.as_str())?;
        let mut values = Vec::with_capacity(self.rest.len());
        for (i, (place, words)) in self.rest.iter().enumerate() {
            let is_last = i + 1 == self.rest.len();
            let end = if is_last { left.strip_suffix(words.as_str())?.len() } else { left.find(words.as_str())? };
            let (value, after) = left.split_at(end);
            values.push((*place, value));
            left = after.strip_prefix(words.as_str())?;
        }
        left.is_empty().then_some(values)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use domain::fleet::OpeningHours;

    #[test]
    fn what_the_domain_refuses_is_said_in_swedish_with_its_values() {
        let hours = OpeningHours::parse("Mo 08-22").unwrap_err().to_string();
        for (said, sv) in [
            (hours.as_str(), "öppettider: \"08-22\" är inte ett klockslag till ett annat, som 08:00-22:00"),
            (&domain::SiteCode::new("").unwrap_err().to_string(), "får inte vara tomt"),
            (&desk::DeskError::LastAdmin.to_string(), "då skulle ingen kunna administrera Samband"),
            (
                &domain::incident::Refusal::ReviewFirst.to_string(),
                "en allvarlig incident utvärderas innan den avslutas",
            ),
            ("must lie between -90 and 90, not 99", "ska ligga mellan -90 och 90, inte 99"),
            (
                "\"77\" of device \"till-1\" is not registered",
                "\"77\", där enheten \"till-1\" står, är inte registrerad",
            ),
            ("There is no page \"/nowhere\".", "Det finns ingen sida \"/nowhere\"."),
        ] {
            assert_eq!(translated(Lang::Sv, said).as_deref(), Some(sv));
        }
    }

    #[test]
    fn what_nobody_has_translated_stays_as_it_was_said() {
        assert_eq!(translated(Lang::Sv, "the moon is in the way"), None);
        assert_eq!(refusal(Lang::Sv, "the moon is in the way"), "the moon is in the way");
    }
}
