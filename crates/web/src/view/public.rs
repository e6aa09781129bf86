//! The page behind the QR code at the till: what is broken, what to do now, when it is back; and a report in two taps.

use crate::words::Key;
use jiff::Timestamp;

/// What staff can say does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symptom {
    /// The self-scanners.
    SelfScanning,
    /// The tills.
    Tills,
    /// Card payment.
    Cards,
    /// Network or telephone.
    Network,
    /// Prices or campaigns.
    Prices,
    /// Anything else.
    Other,
}

impl Symptom {
    /// In the order of the buttons.
    pub const ALL: [Self; 6] = [Self::SelfScanning, Self::Tills, Self::Cards, Self::Network, Self::Prices, Self::Other];

    /// Stable name in forms and signals.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SelfScanning => "self_scanning",
            Self::Tills => "tills",
            Self::Cards => "cards",
            Self::Network => "network",
            Self::Prices => "prices",
            Self::Other => "other",
        }
    }

    /// Its word.
    #[must_use]
    pub fn word(&self) -> Key {
        match self {
            Self::SelfScanning => Key("symptom-self-scanning"),
            Self::Tills => Key("symptom-tills"),
            Self::Cards => Key("symptom-cards"),
            Self::Network => Key("symptom-network"),
            Self::Prices => Key("symptom-prices"),
            Self::Other => Key("symptom-other"),
        }
    }
}

/// What is known to be wrong at this site, as far as its staff need it: no money, and no other site by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What is broken, in plain words.
    pub what: Key,
    /// What to do now.
    pub advice: Key,
    /// Since when.
    pub since: Timestamp,
    /// How many more sites have it.
    pub others: u64,
    /// How many reports have come in about it.
    pub reports: u64,
    /// When the next word comes.
    pub next_word_at: Option<Timestamp>,
}

/// What was reported from this site and is not explained yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// What does not work.
    pub symptom: Key,
    /// When it was last reported.
    pub at: Timestamp,
}

/// What was filled in, kept when something is missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReportForm {
    /// What does not work.
    pub symptom: Option<Symptom>,
    /// Own words.
    pub text: String,
    /// Number to call back.
    pub phone: String,
    /// What is wrong with the form.
    pub error: Option<Key>,
}

impl ReportForm {
    /// Whether this symptom is chosen.
    #[must_use]
    pub fn chose(&self, symptom: &Symptom) -> bool {
        self.symptom.as_ref() == Some(symptom)
    }
}

/// A report that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportReceipt {
    /// Its reference, to say on the phone.
    pub number: String,
    /// When it was taken.
    pub at: Timestamp,
}

/// The public page of one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportView {
    /// Name of the site.
    pub site: String,
    /// Path of the page.
    pub path: String,
    /// What is known.
    pub notices: Vec<Notice>,
    /// What was reported from here of late, newest first, while nothing is known of it.
    pub reported: Vec<Reported>,
    /// What was filled in.
    pub form: ReportForm,
    /// Taken just now.
    pub receipt: Option<ReportReceipt>,
}
