//! A device (*enhet*): one physical unit that the business lives on.

use super::Attributes;
use crate::ids::{DeviceCode, SiteCode};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A device as registered. What it was last *seen* to be is another thing (observed attributes).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRecord {
    /// Unique within its customer.
    pub code: DeviceCode,
    /// Where it stands; absent for stock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteCode>,
    /// Where it is in its life.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// Day of installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed_on: Option<Date>,
    /// Last day of warranty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warranty_until: Option<Date>,
    /// Serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The owner's inventory number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset_tag: Option<String>,
    /// `type`, `vendor`, `model`, `firmware`, `os`, `os_version`, and every further column.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
}

impl DeviceRecord {
    /// A device in service of which nothing but its code and site is known.
    #[must_use]
    pub fn bare(code: DeviceCode, site: Option<SiteCode>) -> Self {
        Self {
            code,
            site,
            lifecycle: Lifecycle::InService,
            installed_on: None,
            warranty_until: None,
            serial: None,
            asset_tag: None,
            attributes: Attributes::new(),
        }
    }
}

/// Lifecycle state of a device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lifecycle {
    /// Ordered or intended.
    Planned,
    /// On a shelf.
    InStock,
    /// At work at its site.
    #[default]
    InService,
    /// In a workshop.
    InRepair,
    /// Gone for good.
    Retired,
}
