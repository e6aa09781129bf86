//! Names of attributes as people say them. The well-known have words in the catalogs; a customer's own stay as they are
//! registered, and values are never touched. Programs get the names as they are.

use super::{Key, Reader};
use domain::Term;

impl Reader {
    /// What an attribute is called: `Network provider` for `isp`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> String {
        known(name).map_or_else(|| name.to_owned(), |key| self.say(key))
    }

    /// A conjunction, readable: `Firmware = 4.2.1 & region = Norrbotten`.
    #[must_use]
    pub fn terms(&self, terms: &[Term]) -> String {
        self.conjunction(terms, 1)
    }

    /// The same within a sentence: `firmware = 4.2.1 & region = Norrbotten`.
    #[must_use]
    pub fn terms_within(&self, terms: &[Term]) -> String {
        self.conjunction(terms, 0)
    }

    /// Names from the `lower`th on begin with a small letter, a customer's own as the customer has it.
    fn conjunction(&self, terms: &[Term], lower: usize) -> String {
        let one = |(i, term): (usize, &Term)| {
            let name = match known(&term.attribute) {
                None => term.attribute.clone(),
                Some(key) if i < lower => self.say(key),
                Some(key) => lower_first(&self.say(key)),
            };
            format!("{name}\u{a0}=\u{a0}{}", term.value)
        };
        terms.iter().enumerate().map(one).collect::<Vec<_>>().join(" & ")
    }

    /// How much of what fails an explanation covers, and how much of what it covers fails, as one sentence.
    #[must_use]
    pub fn shares(&self, coverage: &f64, purity: &f64) -> String {
        const ALL: f64 = 0.9995;
        match (*coverage >= ALL, *purity >= ALL) {
            (true, true) => self.say("shares-all"),
            (true, false) => self.say_a("shares-only", self.percent(purity)),
            (false, _) => self.say_ab("shares-most", self.percent(purity), self.percent(coverage)),
        }
    }

    /// How far behind the next best explanation is, in words: 10 nats are odds of 20,000 to one, 3 are 20 to one.
    #[must_use]
    pub fn behind(&self, nats: &f64) -> String {
        match *nats {
            n if n >= 10.0 => self.say("runner-much-weaker"),
            n if n >= 3.0 => self.say("runner-weaker"),
            _ => self.say("runner-near"),
        }
    }

    /// The group that was watched: `firmware=4.2.1`, `everything`.
    #[must_use]
    pub fn group(&self, group: &str) -> String {
        if group == "everything" {
            return self.say("group-everything");
        }
        let term = |part: &str| {
            let (attribute, value) = part.split_once('=')?;
            Some(Term { attribute: attribute.trim().to_owned(), value: value.trim().to_owned() })
        };
        let terms: Option<Vec<_>> = group.split('&').map(term).collect();
        terms.map_or_else(|| group.to_owned(), |terms| self.terms(&terms))
    }
}

/// The same within a sentence; what begins with two capitals is an abbreviation and stays.
#[must_use]
pub fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(_), Some(second)) if second.is_uppercase() => text.to_owned(),
        (Some(first), _) => first.to_lowercase().chain(chars).collect(),
        (None, _) => String::new(),
    }
}

fn known(name: &str) -> Option<Key> {
    Some(match name {
        "firmware" => Key("firmware"),
        "model" => Key("model"),
        "region" => Key("region"),
        "site" => Key("site"),
        "device" => Key("device"),
        "customer" => Key("customer"),
        "type" => Key("attribute-type"),
        "vendor" => Key("attribute-vendor"),
        "os" => Key("attribute-os"),
        "os_version" => Key("attribute-os-version"),
        "software" => Key("attribute-software"),
        "version" => Key("attribute-version"),
        "rollout" => Key("attribute-rollout"),
        "isp" => Key("attribute-isp"),
        "psp" => Key("attribute-psp"),
        "circuit" => Key("attribute-circuit"),
        "format" => Key("attribute-format"),
        "install_year" => Key("attribute-install-year"),
        "installed_on" => Key("attribute-installed-on"),
        "serial" => Key("attribute-serial"),
        "asset_tag" => Key("attribute-asset-tag"),
        "warranty_until" => Key("attribute-warranty-until"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;
    use jiff::{Timestamp, tz::TimeZone};

    #[test]
    fn well_known_attributes_have_words_and_a_customers_own_stay_as_they_are() {
        let r = Reader { lang: Lang::Sv, zone: TimeZone::UTC, now: Timestamp::UNIX_EPOCH, query: String::new() };
        for (group, said) in [
            ("firmware=4.2.1", "Programvara = 4.2.1"),
            ("isp=Norrnet&type=till", "Nätleverantör = Norrnet & typ = till"),
            ("Golvfärg=Grön", "Golvfärg = Grön"),
            ("everything", "allt"),
            ("no term", "no term"),
        ] {
            assert_eq!(r.group(group).replace('\u{a0}', " "), said);
        }
        let own = [Term { attribute: "Golvfärg".into(), value: "Grön".into() }];
        assert_eq!(r.terms_within(&own).replace('\u{a0}', " "), "Golvfärg = Grön");
        assert_eq!(lower_first("OS version"), "OS version");
    }
}
