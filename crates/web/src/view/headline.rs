//! What a finding or an incident is called: what happened to which devices, and where, in the reader's language.

use super::state::finding_kind_key;
use crate::words::{Key, Reader, lower_first};
use domain::finding::Contact;
use domain::incident::ComposedTitle;
use domain::{Finding, FindingKind, Term};
use std::collections::BTreeSet;

/// What happened and where: "Self-scanners do not sell where firmware = 4.2.1".
#[derive(Debug, Clone, PartialEq)]
pub struct Headline {
    /// What.
    pub kind: FindingKind,
    /// Of which activity.
    pub metric: Option<String>,
    /// Where.
    pub explanation: Vec<Term>,
    /// The types of the devices hit (attribute `type`), as far as they are known. When they share one, the headline is about it:
    /// "no sales" alone would say that whole shops sell nothing.
    pub types: BTreeSet<String>,
    /// Whether it is not decided yet if they sell nothing or are not heard.
    pub undecided: bool,
}

/// A type of device that has a word in both languages, however it is spelled in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceSort {
    /// Scanners that customers carry.
    SelfScanners,
    /// Checkouts that customers serve.
    SelfCheckouts,
    /// Tills with a cashier.
    Tills,
    /// Card terminals.
    CardTerminals,
    /// Servers of shops.
    Servers,
}

impl DeviceSort {
    /// The sort that a type of the register names.
    #[must_use]
    pub fn of(registered: &str) -> Option<Self> {
        let letters: String = registered.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        match letters.as_str() {
            "selfscanner" | "selfscanners" | "selfscanning" | "ssu" | "självskanning" | "självscanning"
            | "självskanner" | "självscanner" => Some(Self::SelfScanners),
            "selfcheckout" | "sco" | "självutcheckning" | "självutcheckningskassa" => Some(Self::SelfCheckouts),
            "till" | "tills" | "pos" | "kassa" | "checkout" => Some(Self::Tills),
            "cardterminal" | "paymentterminal" | "kortterminal" | "betalterminal" => Some(Self::CardTerminals),
            "server" | "storeserver" | "butiksserver" => Some(Self::Servers),
            _ => None,
        }
    }

    fn word(self) -> Key {
        match self {
            Self::SelfScanners => Key("device-self-scanners"),
            Self::SelfCheckouts => Key("device-self-checkouts"),
            Self::Tills => Key("device-tills"),
            Self::CardTerminals => Key("device-card-terminals"),
            Self::Servers => Key("device-servers"),
        }
    }

    fn sells(self) -> bool {
        self != Self::Servers
    }
}

impl Headline {
    /// Of a finding that hits devices of these types.
    #[must_use]
    pub fn of(finding: &Finding, types: &BTreeSet<String>) -> Self {
        Self {
            kind: finding.kind,
            metric: finding.metric.as_ref().map(|m| m.as_str().to_owned()),
            explanation: finding.explanation.clone(),
            types: types.clone(),
            undecided: is_undecided(finding),
        }
    }

    /// Of an incident, as it is called after its leading finding, which hits devices of these types.
    #[must_use]
    pub fn composed(title: &ComposedTitle, leading: Option<&Finding>, types: BTreeSet<String>) -> Self {
        Self {
            kind: title.kind,
            metric: title.metric.as_ref().map(|m| m.as_str().to_owned()),
            explanation: title.explanation.clone(),
            types,
            undecided: leading.is_some_and(|finding| finding.kind == title.kind && is_undecided(finding)),
        }
    }

    /// The sort of all devices hit, where they share one that has a word.
    #[must_use]
    pub fn sort(&self) -> Option<DeviceSort> {
        DeviceSort::of(self.only_type()?)
    }

    fn only_type(&self) -> Option<&str> {
        let mut types = self.types.iter();
        types.next().filter(|_| types.next().is_none()).map(String::as_str)
    }

    /// What rests on heartbeats alone says nothing of sales.
    fn is_unheard(&self) -> bool {
        self.kind == FindingKind::Silence && self.metric.is_none()
    }

    /// The type that the sentence is about. While it is only known that they are not heard, or not even that, it is about contact.
    fn subject(&self) -> Option<&str> {
        self.only_type().filter(|_| !self.undecided && !self.is_unheard())
    }

    /// What, without where.
    #[must_use]
    pub fn what(&self, r: &Reader) -> String {
        let is_sales = matches!(self.metric.as_deref(), Some("sales") | None);
        let Some(only) = self.subject() else { return self.what_of_all(r) };
        let sort = DeviceSort::of(only);
        let subject = sort.map_or_else(|| only.to_owned(), |sort| r.say(sort.word()));
        let sells = is_sales && sort.is_some_and(DeviceSort::sells);
        match self.kind {
            FindingKind::Silence if sells => r.say_a("subject-silence", subject),
            FindingKind::Drop if sells => r.say_a("subject-drop", subject),
            FindingKind::Surge if sells => r.say_a("subject-surge", subject),
            _ => r.say_ab("subject-other", subject, lower_first(&self.what_of_all(r))),
        }
    }

    fn what_of_all(&self, r: &Reader) -> String {
        if self.is_unheard() {
            return r.say("kind-unheard");
        }
        if self.undecided {
            return r.say("kind-undecided");
        }
        let metric = match self.metric.as_deref() {
            Some("sales") | None => r.say("metric-sales"),
            Some(other) => other.to_owned(),
        };
        r.say_a(finding_kind_key(self.kind), metric)
    }

    /// All of it.
    #[must_use]
    pub fn text(&self, r: &Reader) -> String {
        // The type that the sentence is about need not be said again.
        let only = self.subject();
        let said = |term: &&Term| term.attribute == "type" && Some(term.value.as_str()) == only;
        let places: Vec<Term> = self.explanation.iter().filter(|term| !said(term)).cloned().collect();
        match places.as_slice() {
            [] if self.explanation.is_empty() => r.say_a("headline-unexplained", self.what(r)),
            [] => self.what(r),
            [one] if one.attribute == "site" => r.say_ab("headline-site", self.what(r), &one.value),
            places => r.say_ab("headline-where", self.what(r), r.terms_within(places)),
        }
    }
}

fn is_undecided(finding: &Finding) -> bool {
    finding.kind == FindingKind::Silence && finding.evidence.contact == Contact::Undecided
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;
    use jiff::{Timestamp, tz::TimeZone};

    fn headline(kind: FindingKind, explanation: &[(&str, &str)], types: &[&str]) -> Headline {
        let term = |(attribute, value): &(&str, &str)| Term { attribute: (*attribute).into(), value: (*value).into() };
        Headline {
            kind,
            metric: Some("sales".into()),
            explanation: explanation.iter().map(term).collect(),
            types: types.iter().map(|t| (*t).to_owned()).collect(),
            undecided: false,
        }
    }

    fn texts(headline: &Headline) -> [String; 2] {
        [Lang::En, Lang::Sv].map(|lang| {
            let r = Reader { lang, zone: TimeZone::UTC, now: Timestamp::UNIX_EPOCH, query: String::new() };
            headline.text(&r).replace('\u{a0}', " ")
        })
    }

    #[test]
    fn the_headline_names_the_devices_when_all_that_are_hit_share_a_type() {
        let firmware = [("firmware", "4.2.1")];
        for (headline, en, sv) in [
            (
                headline(FindingKind::Silence, &firmware, &["self-scanner"]),
                "Self-scanners do not sell where firmware = 4.2.1",
                "Självskanning säljer inte där programvara = 4.2.1",
            ),
            (
                headline(FindingKind::Drop, &[("type", "till"), ("isp", "Norrnet")], &["till"]),
                "Tills sell less than expected where network provider = Norrnet",
                "Kassor säljer mindre än väntat där nätleverantör = Norrnet",
            ),
            (headline(FindingKind::Silence, &[("type", "POS")], &["POS"]), "Tills do not sell", "Kassor säljer inte"),
            (
                headline(FindingKind::Silence, &[("site", "0412")], &["kiosk"]),
                "kiosk: no sales at 0412",
                "kiosk: ingen försäljning i 0412",
            ),
        ] {
            assert_eq!(texts(&headline), [en.to_owned(), sv.to_owned()]);
        }
    }

    #[test]
    fn without_one_known_type_the_headline_is_about_sales() {
        for types in [&["self-scanner", "till"][..], &[]] {
            let [en, sv] = texts(&headline(FindingKind::Silence, &[("firmware", "4.2.1")], types));
            assert_eq!(en, "No sales where firmware = 4.2.1");
            assert_eq!(sv, "Ingen försäljning där programvara = 4.2.1");
        }
    }

    #[test]
    fn what_is_not_heard_or_not_decided_is_never_called_not_selling() {
        let known = headline(FindingKind::Silence, &[("type", "till"), ("isp", "Norrnet")], &["till"]);
        let [en, sv] = texts(&Headline { undecided: true, ..known.clone() });
        assert_eq!(en, "Not selling or not heard where type = till & network provider = Norrnet");
        assert_eq!(sv, "Säljer inte eller hörs inte där typ = till & nätleverantör = Norrnet");
        let [en, sv] = texts(&Headline { metric: None, ..known });
        assert_eq!(en, "Devices not heard where type = till & network provider = Norrnet");
        assert_eq!(sv, "Enheter hörs inte där typ = till & nätleverantör = Norrnet");
    }
}
