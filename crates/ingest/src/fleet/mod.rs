//! Fleet files: `sites.csv` and `devices.csv` into records, all or nothing, and what importing them would change.
//!
//! Reading lists *every* fault of a file, so that it is mended once. A [`Plan`] lays the file over the registered fleet: only the columns that
//! the file has are changed, so that a file of `site,phone` does not erase addresses.

mod cells;
mod devices;
mod faults;
mod overlay;
mod plan;
mod sites;

pub use devices::read_devices;
pub use faults::{FleetErrors, FleetFault};
pub use plan::{Change, FieldChange, Orphan, Plan, Planned, Registered, Totals};
pub use sites::read_sites;

use crate::Note;
use domain::fleet::SiteContact;
use domain::{CustomerKey, DeviceRecord, SiteRecord};
use std::collections::BTreeSet;

/// A row of `sites.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteRow {
    /// Its line in the file.
    pub line: u32,
    /// Whose it is: the column `customer`, else the customer that was given.
    pub customer: CustomerKey,
    /// The site; its `contact` is absent, as the vault gives that reference.
    pub record: SiteRecord,
    /// The people there: personal data, for the vault.
    pub contact: SiteContact,
}

/// A row of `devices.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceRow {
    /// Its line in the file.
    pub line: u32,
    /// Whose it is.
    pub customer: CustomerKey,
    /// The device.
    pub record: DeviceRecord,
}

/// A whole file, every row of it good.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetFile<R> {
    /// The rows in their order.
    pub rows: Vec<R>,
    /// The fields that the file has columns for, by their canonical names (`opening_hours`); attributes by their own.
    pub columns: BTreeSet<String>,
    /// What was tolerated.
    pub notes: Vec<Note>,
}

impl<R> Default for FleetFile<R> {
    /// A file without rows: that nothing of its kind is imported.
    fn default() -> Self {
        Self { rows: Vec::new(), columns: BTreeSet::new(), notes: Vec::new() }
    }
}

/// The most rows of one file.
pub const MAX_ROWS: usize = 2_000_000;
/// The longest row, in bytes.
pub const MAX_ROW_BYTES: usize = 64 << 10;
