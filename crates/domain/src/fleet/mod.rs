//! The fleet as people registered it: customer (*kund*) > region > site (*butik*) > device (*enhet*), and a site's opening hours.

mod change;
mod device;
mod holidays;
mod hours;
mod site;

pub use change::FleetChange;
pub use device::{DeviceRecord, Lifecycle};
pub use holidays::{Country, DayKind, day_kind};
pub use hours::{BadHours, OpeningHours, Span};
pub use site::{Position, SiteContact, SiteRecord};

use crate::ids::CustomerKey;
use crate::money::Currency;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Attributes: `firmware` -> `4.2.1`. Ordered, so that everything made from them is.
pub type Attributes = BTreeMap<String, String>;

/// The longest attribute name or value, in bytes.
pub const MAX_ATTRIBUTE_BYTES: usize = 256;

/// A customer (*kund*) of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRecord {
    /// Its key.
    pub key: CustomerKey,
    /// Its name for people.
    pub name: String,
    /// The currency of its turnover.
    pub currency: Currency,
    /// IANA time zone of sites that name none.
    pub timezone: String,
}
