//! Bodies of events that belong to no other concept.

use crate::fleet::{DeviceRecord, SiteRecord};
use crate::ids::CustomerKey;
use serde::{Deserialize, Serialize};

/// Body of `engine.started`: from here on findings are this version's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineStarted {
    /// Version of the program.
    pub version: String,
    /// Version of the engine's snapshots.
    pub snapshot_version: u32,
}

/// Body of `fleet.sites_imported`: one part of an import, small enough for one event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SitesImported {
    /// Whose.
    pub customer: CustomerKey,
    /// Whole records, in the order of the file.
    pub sites: Vec<SiteRecord>,
}

/// Body of `fleet.devices_imported`: one part of an import, small enough for one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevicesImported {
    /// Whose.
    pub customer: CustomerKey,
    /// Whole records, in the order of the file.
    pub devices: Vec<DeviceRecord>,
}

/// Body of `personal.erased`: key and salt of a subject of the vault are destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalErased {
    /// The subject's id in the vault; opaque.
    pub subject: String,
}
