//! `sites.csv`: only `site` is required, every column that is not known is an attribute.

use super::cells::{Names, Sheet};
use super::{FleetErrors, FleetFile, SiteRow};
use crate::parsed::clip;
use domain::fleet::{OpeningHours, Position, SiteContact};
use domain::{CustomerKey, RegionCode, SiteCode, SiteRecord};
use jiff::tz::TimeZone;

const FIELDS: &[Names] = &[
    &["site", "butik", "plats", "store", "shop", "butiksnummer", "store_id", "site_id"],
    &["name", "namn", "butiksnamn"],
    &["region", "distrikt"],
    &["latitude", "lat", "latitud"],
    &["longitude", "lon", "lng", "long", "longitud"],
    &["timezone", "time_zone", "tidszon", "tz"],
    &["opening_hours", "öppettider", "öppettid"],
    &["turnover_per_day", "dagsomsättning", "omsättning_per_dag"],
    &["address", "adress"],
    &["phone", "telefon", "telefonnummer", "tel"],
    &["manager", "butikschef", "chef", "ansvarig"],
    &["manager_phone", "chefens_telefon", "butikschefens_telefon"],
    &["email", "e_mail", "e_post", "epost", "mejl"],
    &["gln"],
    &["goods_in_hours", "godsmottagning", "varumottagning"],
];

/// Reads `sites.csv`. Rows without a column or cell `customer` belong to `customer`.
///
/// # Errors
/// Every fault of the file, if it has one.
///
/// ```
/// let key = domain::CustomerKey::new("demo").unwrap();
/// let file = ingest::fleet::read_sites("site;name;lat;long\n0412;Jönköping A6;57,77;14,21".as_bytes(), &key).unwrap();
/// assert_eq!(file.rows[0].record.position.unwrap().latitude, 57.77);
/// ```
pub fn read_sites(bytes: &[u8], customer: &CustomerKey) -> Result<FleetFile<SiteRow>, FleetErrors> {
    let mut sheet = Sheet::open(bytes, FIELDS, customer)?;
    let mut rows = Vec::new();
    while sheet.advance() {
        let key = sheet.key("site", |code| SiteCode::new(code));
        let record = SiteRecord {
            name: sheet.text("name"),
            region: sheet.read("region", |name| RegionCode::new(name)),
            position: position(&mut sheet),
            timezone: timezone(&mut sheet),
            opening_hours: sheet.read("opening_hours", OpeningHours::parse),
            turnover_per_day: sheet.number("turnover_per_day", 0.0, 1e12),
            address: sheet.text("address"),
            gln: gln(&mut sheet),
            goods_in_hours: sheet.text("goods_in_hours"),
            attributes: sheet.attributes(),
            ..SiteRecord::bare(match &key {
                Some((_, code)) => code.clone(),
                // A row without key is a fault already; the rest of it is read for its own faults.
                None => SiteCode::new("?").expect("a question mark is a code"),
            })
        };
        let contact = SiteContact {
            phone: sheet.text("phone"),
            manager: sheet.text("manager"),
            manager_phone: sheet.text("manager_phone"),
            email: email(&mut sheet),
        };
        if let Some((customer, _)) = key {
            rows.push(SiteRow { line: sheet.line(), customer, record, contact });
        }
    }
    if !sheet.errors.is_empty() {
        return Err(sheet.errors);
    }
    Ok(FleetFile { rows, columns: sheet.columns(), notes: sheet.notes() })
}

fn position(sheet: &mut Sheet<'_>) -> Option<Position> {
    let said = (sheet.cell("latitude").is_some(), sheet.cell("longitude").is_some());
    let latitude = sheet.number("latitude", -90.0, 90.0);
    let longitude = sheet.number("longitude", -180.0, 180.0);
    match said {
        (true, false) => sheet.fault("longitude", "is missing beside the latitude"),
        (false, true) => sheet.fault("latitude", "is missing beside the longitude"),
        _ => {}
    }
    Some(Position { latitude: latitude?, longitude: longitude? })
}

fn timezone(sheet: &mut Sheet<'_>) -> Option<String> {
    sheet.read("timezone", |name| match TimeZone::get(name) {
        Ok(zone) => Ok(zone.iana_name().unwrap_or(name).to_owned()),
        Err(_) => Err(format!("is not a time zone that is known, such as Europe/Stockholm: {:?}", clip(name))),
    })
}

/// A global location number: 13 digits, the last a check digit (GS1 General Specifications, 7.9).
fn gln(sheet: &mut Sheet<'_>) -> Option<String> {
    sheet.read("gln", |text| {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
        let weighted = digits.bytes().rev().zip([1_u32, 3].into_iter().cycle());
        let sum: u32 = weighted.map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight).sum();
        if digits.len() == 13 && digits.bytes().all(|b| b.is_ascii_digit()) && sum.is_multiple_of(10) {
            Ok(digits)
        } else {
            Err(format!("must be 13 digits with their check digit, not {:?}", clip(text)))
        }
    })
}

fn email(sheet: &mut Sheet<'_>) -> Option<String> {
    let address = sheet.text("email")?;
    let sound = address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if sound && !address.contains(char::is_whitespace) {
        return Some(address);
    }
    // Personal data does not belong in an error, which may be logged.
    sheet.fault("email", "must be an address such as butik@example.se");
    None
}
