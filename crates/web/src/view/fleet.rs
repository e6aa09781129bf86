//! Sites, devices, and what signals name though nobody registered it.

use super::operations::{ChartView, FindingLine};
use super::state::{SiteState, StateCounts};
use domain::{DeviceCode, Money, SiteCode};
use jiff::Timestamp;

/// One site as a row.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteLine {
    /// Its code.
    pub code: SiteCode,
    /// Its name.
    pub name: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// How it is doing.
    pub state: SiteState,
    /// Devices in service.
    pub devices: u64,
    /// Devices that are silent or not heard.
    pub devices_hit: u64,
    /// Last signal.
    pub heard_at: Option<Timestamp>,
    /// Observed per hour, where it is known.
    pub actual: Option<Money>,
    /// Expected per hour.
    pub expected: Option<Money>,
}

/// The largest rate in the rows: its size is the unit of the whole column.
#[must_use]
pub fn largest_rate(sites: &[SiteLine]) -> Option<&Money> {
    sites.iter().flat_map(|site| [site.actual.as_ref(), site.expected.as_ref()]).flatten().max_by_key(|rate| rate.minor)
}

/// Which part of a long list is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// From 1.
    pub page: u64,
    /// Rows on a page.
    pub size: u64,
    /// Rows in all.
    pub total: u64,
}

impl Paging {
    /// Number of the last page, at least 1.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.total.div_ceil(self.size.max(1)).max(1)
    }

    /// First and last row shown, from 1.
    #[must_use]
    pub fn rows(&self) -> (u64, u64) {
        let before = self.page.saturating_sub(1).saturating_mul(self.size);
        (before + 1, (before + self.size).min(self.total))
    }
}

/// The list of sites.
#[derive(Debug, Clone, PartialEq)]
pub struct SitesView {
    /// What was searched for.
    pub query: String,
    /// Only this state.
    pub state: Option<SiteState>,
    /// The rows.
    pub sites: Vec<SiteLine>,
    /// Which part.
    pub paging: Paging,
    /// All sites that the search finds, by state.
    pub states: StateCounts,
    /// Codes that nobody registered.
    pub unregistered: u64,
}

impl SitesView {
    /// Query string of the same search in another state or on another page.
    #[must_use]
    pub fn link<'s>(&self, state: impl Into<Option<&'s SiteState>>, page: impl std::borrow::Borrow<u64>) -> String {
        let mut query = form_urlencoded(&self.query);
        if let Some(state) = state.into() {
            query.push_str("&state=");
            query.push_str(state.name());
        }
        let page = *page.borrow();
        if page > 1 {
            query.push_str(&format!("&page={page}"));
        }
        query
    }
}

/// `q=` with everything escaped but letters and digits.
fn form_urlencoded(text: &str) -> String {
    let mut out = String::from("q=");
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// One device as a row.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceLine {
    /// Its code.
    pub code: DeviceCode,
    /// What it is: `self-scanner`.
    pub kind: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Effective firmware.
    pub firmware: Option<String>,
    /// How it is doing; none where its site sells and it has given no sign of life of its own.
    pub state: Option<SiteState>,
    /// Last signal.
    pub heard_at: Option<Timestamp>,
}

/// One site.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteView {
    /// The row.
    pub line: SiteLine,
    /// Opening hours as registered.
    pub hours: Option<String>,
    /// Its zone.
    pub zone: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Address of its public report page, path only.
    pub report_path: Option<String>,
    /// Expected against actual.
    pub chart: Option<ChartView>,
    /// Its devices.
    pub devices: Vec<DeviceLine>,
    /// Findings that hit it.
    pub findings: Vec<FindingLine>,
}

/// One attribute: as registered, and as last observed.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeLine {
    /// `firmware`
    pub name: String,
    /// What people registered.
    pub registered: Option<String>,
    /// What the device was last seen to be.
    pub observed: Option<String>,
    /// Since when it is so observed.
    pub observed_at: Option<Timestamp>,
}

impl AttributeLine {
    /// Whether the two contradict each other.
    #[must_use]
    pub fn drifts(&self) -> bool {
        matches!((&self.registered, &self.observed), (Some(r), Some(o)) if r != o)
    }
}

/// One device.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceView {
    /// The row.
    pub line: DeviceLine,
    /// Where it stands.
    pub site: Option<(SiteCode, Option<String>)>,
    /// Its attributes, by name.
    pub attributes: Vec<AttributeLine>,
    /// Findings that hit it.
    pub findings: Vec<FindingLine>,
}

/// A code in signals that nobody registered.
#[derive(Debug, Clone, PartialEq)]
pub struct UnregisteredLine {
    /// The site it names.
    pub site: Option<String>,
    /// The device it names.
    pub device: Option<String>,
    /// First signal.
    pub first_at: Timestamp,
    /// Last signal.
    pub last_at: Timestamp,
    /// Signals kept aside.
    pub signals: u64,
    /// The token they came with.
    pub token: String,
}

/// What signals name and nobody registered.
#[derive(Debug, Clone, PartialEq)]
pub struct UnregisteredView {
    /// The rows, newest first, bounded.
    pub lines: Vec<UnregisteredLine>,
    /// In all.
    pub total: u64,
}
