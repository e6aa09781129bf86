//! How the registered fleet changes: whole records, put in place of what stood there under the same code.

use super::{CustomerRecord, DeviceRecord, SiteRecord};
use crate::ids::CustomerKey;
use serde::{Deserialize, Serialize};

/// One change of the registered fleet. Importing the same records again changes nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FleetChange {
    /// A customer was registered or changed.
    Customer(CustomerRecord),
    /// Sites were registered or changed.
    Sites {
        /// Whose.
        customer: CustomerKey,
        /// In the order of the file.
        sites: Vec<SiteRecord>,
    },
    /// Devices were registered or changed; their sites are registered already.
    Devices {
        /// Whose.
        customer: CustomerKey,
        /// In the order of the file.
        devices: Vec<DeviceRecord>,
    },
}

impl FleetChange {
    /// Whom it concerns.
    #[must_use]
    pub fn customer(&self) -> &CustomerKey {
        match self {
            Self::Customer(record) => &record.key,
            Self::Sites { customer, .. } | Self::Devices { customer, .. } => customer,
        }
    }
}
