//! What could be done next about a finding: two or three concrete steps that follow from what explains it and which devices it
//! hits. Advice only; who has command decides.

use super::fleet::SiteLine;
use super::headline::{DeviceSort, Headline};
use crate::words::Reader;
use domain::finding::Contact;
use domain::{Finding, FindingKind, Term};

/// The steps, the one that ends the trouble first.
pub(super) fn next_steps(r: &Reader, finding: &Finding, headline: &Headline, site: Option<&SiteLine>) -> Vec<String> {
    let cause = finding.explanation.iter().find_map(|term| against(r, term));
    let is_lost = finding.kind == FindingKind::ContactLost || finding.evidence.contact == Contact::Lost;
    let look = site.map(|site| {
        let place = site.name.as_ref().map_or_else(|| site.code.to_string(), |name| format!("{} {name}", site.code));
        if is_lost { r.say_a("step-call", place) } else { r.say_a("step-check", place) }
    });
    let meanwhile = headline.sort().and_then(|sort| match sort {
        DeviceSort::SelfScanners | DeviceSort::SelfCheckouts => Some(r.say("step-use-tills")),
        DeviceSort::Tills => Some(r.say("step-use-other-tills")),
        DeviceSort::CardTerminals => Some(r.say("step-other-payment")),
        DeviceSort::Servers => None,
    });
    [cause, look, meanwhile].into_iter().flatten().collect()
}

/// What helps against a cause, where its attribute tells.
fn against(r: &Reader, term: &Term) -> Option<String> {
    let whole = || r.terms_within(std::slice::from_ref(term));
    match term.attribute.as_str() {
        "firmware" | "software" | "version" | "os" | "os_version" | "rollout" => Some(r.say_a("step-stop", whole())),
        "isp" | "psp" => Some(r.say_a("step-provider", &term.value)),
        "vendor" => Some(r.say_a("step-provider", &term.value)),
        "model" => Some(r.say_a("step-vendor", whole())),
        "circuit" => Some(r.say_a("step-circuit", whole())),
        "region" => Some(r.say_a("step-region", &term.value)),
        _ => None,
    }
}
