//! `devices.csv`: only `device` is required, every column that is not known is an attribute.

use super::cells::{Names, Sheet};
use super::{DeviceRow, FleetErrors, FleetFile};
use crate::parsed::clip;
use domain::fleet::Lifecycle;
use domain::{CustomerKey, DeviceCode, DeviceRecord, SiteCode};

const FIELDS: &[Names] = &[
    &["device", "enhet", "device_id", "enhets_id"],
    &["site", "butik", "plats", "store", "shop", "butiksnummer", "store_id", "site_id"],
    &["type", "typ", "enhetstyp", "device_type"],
    &["vendor", "leverantör", "tillverkare", "manufacturer"],
    &["model", "modell"],
    &["serial", "serienummer", "serial_number", "serial_no"],
    &["asset_tag", "inventarienummer", "asset"],
    &["firmware", "firmware_version"],
    &["os", "operativsystem"],
    &["os_version", "operativsystemsversion"],
    &["installed_on", "installerad", "installationsdatum", "install_date"],
    &["warranty_until", "garanti_till", "garanti", "warranty_end"],
    &["lifecycle", "livscykel"],
];

/// Known columns that a record keeps as attributes.
const AS_ATTRIBUTES: [&str; 6] = ["type", "vendor", "model", "firmware", "os", "os_version"];

/// Reads `devices.csv`. Rows without a column or cell `customer` belong to `customer`. A device that names no site and no `lifecycle` is in stock.
///
/// # Errors
/// Every fault of the file, if it has one.
///
/// ```
/// let key = domain::CustomerKey::new("demo").unwrap();
/// let file = ingest::fleet::read_devices(b"device,site,firmware,circuit\nssu-1,0412,4.2.1,A2", &key).unwrap();
/// assert_eq!(file.rows[0].record.attributes["circuit"], "A2");
/// ```
pub fn read_devices(bytes: &[u8], customer: &CustomerKey) -> Result<FleetFile<DeviceRow>, FleetErrors> {
    let mut sheet = Sheet::open(bytes, FIELDS, customer)?;
    let mut rows = Vec::new();
    while sheet.advance() {
        let key = sheet.key("device", |code| DeviceCode::new(code));
        let site = sheet.read("site", |code| SiteCode::new(code));
        let by_place = if site.is_some() { Lifecycle::InService } else { Lifecycle::InStock };
        let lifecycle = sheet.read("lifecycle", lifecycle).unwrap_or(by_place);
        let (installed_on, warranty_until) = (sheet.date("installed_on"), sheet.date("warranty_until"));
        let (serial, asset_tag) = (sheet.text("serial"), sheet.text("asset_tag"));
        let mut attributes = sheet.attributes();
        for field in AS_ATTRIBUTES {
            sheet.attribute(field, &mut attributes);
        }
        if let Some((customer, code)) = key {
            let record =
                DeviceRecord { code, site, lifecycle, installed_on, warranty_until, serial, asset_tag, attributes };
            rows.push(DeviceRow { line: sheet.line(), customer, record });
        }
    }
    if !sheet.errors.is_empty() {
        return Err(sheet.errors);
    }
    Ok(FleetFile { rows, columns: sheet.columns(), notes: sheet.notes() })
}

fn lifecycle(text: &str) -> Result<Lifecycle, String> {
    match text.to_lowercase().replace([' ', '-'], "_").as_str() {
        "planned" | "planerad" => Ok(Lifecycle::Planned),
        "in_stock" | "i_lager" | "lager" => Ok(Lifecycle::InStock),
        "in_service" | "i_drift" | "drift" => Ok(Lifecycle::InService),
        "in_repair" | "på_lagning" | "reparation" => Ok(Lifecycle::InRepair),
        "retired" | "utrangerad" | "skrotad" => Ok(Lifecycle::Retired),
        _ => {
            let states = "planned, in_stock, in_service, in_repair or retired";
            Err(format!("must be {states}, not {:?}", clip(text)))
        }
    }
}
