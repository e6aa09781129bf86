//! Finding sites, devices, incidents and reports by the beginnings of words, whatever the case and the dots and rings on letters.

use super::View;
use crate::world::Part;
use crate::world::reports::ReportEntry;
use domain::incident::Title;
use domain::report::{ReportReceived, reference};
use domain::{CustomerKey, DeviceCode, IncidentId, ReportId, SiteCode};

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hit {
    /// A site.
    Site {
        /// Whose.
        customer: CustomerKey,
        /// Which.
        site: SiteCode,
        /// Its name.
        title: String,
    },
    /// A device.
    Device {
        /// Whose.
        customer: CustomerKey,
        /// Which.
        device: DeviceCode,
        /// Where it stands.
        site: Option<SiteCode>,
    },
    /// A report, by the reference that whoever made it was given.
    Report {
        /// Whose.
        customer: CustomerKey,
        /// Which.
        report: ReportId,
        /// Where.
        site: SiteCode,
        /// The incident it belongs to.
        incident: Option<IncidentId>,
    },
    /// An incident.
    Incident {
        /// Whose.
        customer: CustomerKey,
        /// Which.
        incident: IncidentId,
    },
}

impl View<'_> {
    /// What matches every word of `query`, at most `limit` of each sort: reports, incidents, sites, devices.
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<Hit> {
        let words: Vec<String> = words(query).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let mut hits = Vec::new();
        for find in [reports, incidents, sites, devices] {
            hits.extend(self.customers().flat_map(|(key, part)| find(key, part, &words, limit)).take(limit));
        }
        hits
    }
}

fn incidents(customer: &CustomerKey, part: &Part, query: &[String], limit: usize) -> Vec<Hit> {
    let found = part.incidents.all().filter(|entry| {
        let incident = &entry.incident;
        let title = match incident.title() {
            Title::Given(given) => given.as_str().to_owned(),
            Title::Composed(composed) => {
                composed.explanation.iter().map(|term| format!("{} {} ", term.attribute, term.value)).collect()
            }
        };
        matches(query, &[incident.id.as_str(), &title])
    });
    let hit = |id: &IncidentId| Hit::Incident { customer: customer.clone(), incident: id.clone() };
    found.take(limit).map(|entry| hit(&entry.incident.id)).collect()
}

fn reports(customer: &CustomerKey, part: &Part, query: &[String], limit: usize) -> Vec<Hit> {
    let [word] = query else { return Vec::new() };
    let named = |report: &ReportReceived| {
        report.report.as_str() == word.as_str() || reference(&report.report).eq_ignore_ascii_case(word)
    };
    let hit = |entry: &ReportEntry| Hit::Report {
        customer: customer.clone(),
        report: entry.report.report.clone(),
        site: entry.report.site.clone(),
        incident: entry.incident.clone(),
    };
    part.reports.newest().filter(|entry| named(&entry.report)).take(limit).map(hit).collect()
}

fn sites(customer: &CustomerKey, part: &Part, query: &[String], limit: usize) -> Vec<Hit> {
    let found = part.fleet.sites().filter(|site| {
        let region = site.region.as_ref().map_or("", |region| region.as_str());
        matches(query, &[site.code.as_str(), site.name.as_deref().unwrap_or(""), region])
    });
    let hit = |site: &domain::SiteRecord| Hit::Site {
        customer: customer.clone(),
        site: site.code.clone(),
        title: site.title().to_owned(),
    };
    found.take(limit).map(hit).collect()
}

fn devices(customer: &CustomerKey, part: &Part, query: &[String], limit: usize) -> Vec<Hit> {
    let [word] = query else { return Vec::new() };
    let begins = |text: &str| match text.get(..word.len()) {
        // Almost all codes are ASCII: no text is folded for them.
        Some(head) if head.is_ascii() => head.eq_ignore_ascii_case(word),
        _ => fold(text).starts_with(word.as_str()),
    };
    let found = part.fleet.devices().filter(|(code, device)| {
        let papers = device.papers.as_deref();
        let numbers = papers.into_iter().flat_map(|papers| [papers.serial.as_deref(), papers.asset_tag.as_deref()]);
        begins(code.as_str()) || numbers.flatten().any(begins)
    });
    let hit = |code: &DeviceCode, site: Option<&SiteCode>| Hit::Device {
        customer: customer.clone(),
        device: code.clone(),
        site: site.cloned(),
    };
    found.take(limit).map(|(code, device)| hit(code, device.site.as_ref())).collect()
}

/// Whether every word of the query begins a word of one of the texts, or a whole text.
fn matches(query: &[String], texts: &[&str]) -> bool {
    let folded: Vec<String> = texts.iter().map(|text| fold(text)).collect();
    query.iter().all(|word| {
        folded.iter().any(|text| {
            text.starts_with(word.as_str())
                || text.split(|c: char| !c.is_alphanumeric()).any(|part| part.starts_with(word.as_str()))
        })
    })
}

fn words(query: &str) -> impl Iterator<Item = String> {
    query.split_whitespace().map(fold).filter(|word| !word.is_empty())
}

/// Lower case without diacritics, for the letters of Europe.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'à'..='å' | 'ā' | 'ă' | 'ą' => folded.push('a'),
            'ç' | 'ć' | 'č' => folded.push('c'),
            'ď' | 'đ' | 'ð' => folded.push('d'),
            'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => folded.push('e'),
            'ğ' | 'ģ' => folded.push('g'),
            'ì'..='ï' | 'ī' | 'į' | 'ı' => folded.push('i'),
            'ķ' => folded.push('k'),
            'ł' | 'ļ' => folded.push('l'),
            'ñ' | 'ń' | 'ň' | 'ņ' => folded.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => folded.push('o'),
            'ŕ' | 'ř' => folded.push('r'),
            'ś' | 'š' | 'ş' | 'ș' => folded.push('s'),
            'ť' | 'ţ' | 'ț' => folded.push('t'),
            'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'ź' | 'ż' | 'ž' => folded.push('z'),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ß' => folded.push_str("ss"),
            'þ' => folded.push_str("th"),
            // Marks that stand by themselves, as some systems write them.
            '\u{300}'..='\u{36f}' => {}
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_rings_and_case_do_not_matter() {
        assert_eq!(fold("JÖNKÖPING"), "jonkoping");
        assert_eq!(fold("Jo\u{308}nko\u{308}ping"), "jonkoping");
        let query: Vec<_> = words("jonk 2").collect();
        assert!(matches(&query, &["0412", "Jönköping-2"]));
        assert!(!matches(&query, &["0412", "Jönköping-3"]));
        let whole: Vec<_> = words("ssu-0412").collect();
        assert!(matches(&whole, &["SSU-0412-07"]));
    }
}
