//! A site (*butik/plats*): where devices stand, and when it is open.

use super::{Attributes, OpeningHours};
use crate::ids::{RegionCode, SiteCode};
use crate::personal::PersonalRef;
use serde::{Deserialize, Serialize};

/// A site as registered. Only `code` is required; what is not known is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SiteRecord {
    /// Unique within its customer.
    pub code: SiteCode,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<RegionCode>,
    /// Where it lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// IANA name of its time zone; the customer's where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// When it is open, where known; learned otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening_hours: Option<OpeningHours>,
    /// Turnover of a usual day in major units of the customer's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turnover_per_day: Option<f64>,
    /// Street address of the shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Global location number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gln: Option<String>,
    /// When goods are taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods_in_hours: Option<String>,
    /// A [`SiteContact`] in the vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<PersonalRef>,
    /// Every further column.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
}

impl SiteRecord {
    /// A site of which nothing but its code is known.
    #[must_use]
    pub fn bare(code: SiteCode) -> Self {
        Self {
            code,
            name: None,
            region: None,
            position: None,
            timezone: None,
            opening_hours: None,
            turnover_per_day: None,
            address: None,
            gln: None,
            goods_in_hours: None,
            contact: None,
            attributes: Attributes::new(),
        }
    }

    /// What to call it on a page.
    #[must_use]
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(self.code.as_str())
    }
}

/// WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// North, -90 to 90.
    pub latitude: f64,
    /// East, -180 to 180.
    pub longitude: f64,
}

/// People to reach at a site: personal data, kept in the vault and never in the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteContact {
    /// Telephone of the site.
    pub phone: Option<String>,
    /// Name of its manager.
    pub manager: Option<String>,
    /// The manager's telephone.
    pub manager_phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

impl SiteContact {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
