//! The names of the journal's streams: one place, so that nobody spells one differently.

use domain::{CustomerKey, FindingId, IncidentId, ReportId, UserId};
use store::{StreamId, SubjectId};

/// Joins a fixed word and a checked id; both are short and free of control characters.
fn name(kind: &str, id: &str) -> StreamId {
    StreamId::new(format!("{kind}/{id}")).expect("ids are at most 128 bytes and hold no control characters")
}

pub(crate) fn incident(id: &IncidentId) -> StreamId {
    name("incident", id.as_str())
}

pub(crate) fn finding(id: &FindingId) -> StreamId {
    name("finding", id.as_str())
}

pub(crate) fn fleet(customer: &CustomerKey) -> StreamId {
    name("fleet", customer.as_str())
}

pub(crate) fn tokens(customer: &CustomerKey) -> StreamId {
    name("tokens", customer.as_str())
}

pub(crate) fn report(id: &ReportId) -> StreamId {
    name("report", id.as_str())
}

pub(crate) fn user(id: &UserId) -> StreamId {
    name("user", id.as_str())
}

pub(crate) fn organisation(what: &str) -> StreamId {
    name("organisation", what)
}

/// Whom personal data is about.
fn subject(kind: &str, id: &str) -> SubjectId {
    SubjectId::new(format!("{kind}/{id}")).expect("ids are at most 128 bytes and hold no control characters")
}

pub(crate) fn user_subject(id: &UserId) -> SubjectId {
    subject("user", id.as_str())
}

pub(crate) fn report_subject(id: &ReportId) -> SubjectId {
    subject("report", id.as_str())
}

/// What people write in an incident's timeline is erased with the incident's texts, whoever wrote it. An erased subject takes
/// nothing more, so each erasure begins another generation.
pub(crate) fn incident_subject(id: &IncidentId, generation: u32) -> SubjectId {
    subject(&format!("incident/{generation}"), id.as_str())
}

pub(crate) fn site_subject(customer: &CustomerKey, site: &domain::SiteCode) -> SubjectId {
    // Both codes may be 128 bytes long, which together with the words is more than a subject may have.
    let hash = blake3::hash(format!("{}\0{}", customer.as_str(), site.as_str()).as_bytes());
    subject("site", &hash.to_hex().as_str()[..32])
}
