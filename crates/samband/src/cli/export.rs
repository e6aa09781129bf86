//! `samband export`: the registered fleet as files that `samband import` reads back.

use super::home::Common;
use super::out;
use anyhow::{Context, Result};
use desk::Desk;
use domain::fleet::Lifecycle;
use domain::{Attributes, CustomerKey, DeviceRecord, Scope, SiteRecord};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Arguments of `samband export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// Folder for `sites.csv` and `devices.csv`; made if it is not there.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Runs it.
pub fn run(args: &Args) -> Result<ExitCode> {
    let home = args.common.looking()?;
    let (mut sites, mut devices) = (Vec::new(), Vec::new());
    home.desk.read(&Scope::All, |view| {
        for (key, part) in view.customers() {
            sites.extend(part.fleet.sites().map(|site| (key.clone(), site.clone())));
            let records = part.fleet.devices().filter_map(|(code, _)| part.fleet.device_record(code));
            devices.extend(records.map(|record| (key.clone(), record)));
        }
    });
    std::fs::create_dir_all(&args.to).with_context(|| format!("cannot make {}", args.to.display()))?;
    for (name, text) in [("sites.csv", sites_csv(&home.desk, &sites)), ("devices.csv", devices_csv(&devices))] {
        let path = args.to.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let as_json = json!({"sites": sites.len(), "devices": devices.len(), "to": args.to});
    out::say(args.common.json, &as_json, || {
        format!("{} sites and {} devices are in {}.", sites.len(), devices.len(), args.to.display())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn sites_csv(desk: &Desk, sites: &[(CustomerKey, SiteRecord)]) -> String {
    const FIELDS: [&str; 15] = [
        "customer",
        "site",
        "name",
        "region",
        "latitude",
        "longitude",
        "timezone",
        "opening_hours",
        "turnover_per_day",
        "address",
        "gln",
        "goods_in_hours",
        "phone",
        "manager",
        "manager_phone",
    ];
    let extra = names(sites.iter().map(|(_, site)| &site.attributes));
    let mut out = line(FIELDS.into_iter().chain(["email"]).chain(extra.iter().copied()));
    for (customer, site) in sites {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let contact = site.contact.as_ref().and_then(|reference| desk.contact(reference)).unwrap_or_default();
        let place =
            |pick: fn(&domain::fleet::Position) -> f64| site.position.map_or(String::new(), |p| pick(&p).to_string());
        let cells = [
            customer.to_string(),
            site.code.to_string(),
            text(&site.name),
            site.region.as_ref().map_or(String::new(), ToString::to_string),
            place(|p| p.latitude),
            place(|p| p.longitude),
            text(&site.timezone),
            site.opening_hours.as_ref().map_or(String::new(), |hours| hours.as_str().to_owned()),
            site.turnover_per_day.map_or(String::new(), |value| value.to_string()),
            text(&site.address),
            text(&site.gln),
            text(&site.goods_in_hours),
            text(&contact.phone),
            text(&contact.manager),
            text(&contact.manager_phone),
            text(&contact.email),
        ];
        out.push_str(&line(cells.iter().map(String::as_str).chain(values(&extra, &site.attributes))));
    }
    out
}

fn devices_csv(devices: &[(CustomerKey, DeviceRecord)]) -> String {
    const FIELDS: [&str; 8] =
        ["customer", "device", "site", "lifecycle", "installed_on", "warranty_until", "serial", "asset_tag"];
    let extra = names(devices.iter().map(|(_, device)| &device.attributes));
    let mut out = line(FIELDS.into_iter().chain(extra.iter().copied()));
    for (customer, device) in devices {
        let date = |day: &Option<jiff::civil::Date>| day.map_or(String::new(), |day| day.to_string());
        let cells = [
            customer.to_string(),
            device.code.to_string(),
            device.site.as_ref().map_or(String::new(), ToString::to_string),
            state(device.lifecycle).to_owned(),
            date(&device.installed_on),
            date(&device.warranty_until),
            device.serial.clone().unwrap_or_default(),
            device.asset_tag.clone().unwrap_or_default(),
        ];
        out.push_str(&line(cells.iter().map(String::as_str).chain(values(&extra, &device.attributes))));
    }
    out
}

fn state(lifecycle: Lifecycle) -> &'static str {
    match lifecycle {
        Lifecycle::Planned => "planned",
        Lifecycle::InStock => "in_stock",
        Lifecycle::InService => "in_service",
        Lifecycle::InRepair => "in_repair",
        Lifecycle::Retired => "retired",
    }
}

fn names<'a>(attributes: impl Iterator<Item = &'a Attributes>) -> BTreeSet<&'a str> {
    attributes.flat_map(|attributes| attributes.keys()).map(String::as_str).collect()
}

fn values<'a>(names: &BTreeSet<&'a str>, attributes: &'a Attributes) -> impl Iterator<Item = &'a str> {
    names.iter().map(|name| attributes.get(*name).map_or("", String::as_str)).collect::<Vec<_>>().into_iter()
}

/// One line of CSV (RFC 4180). A cell that a spreadsheet would take for a formula gets an apostrophe before it.
fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for (at, cell) in cells.enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
        let apostrophe = if is_formula && !is_phone(cell) { "'" } else { "" };
        let written = if cell.contains([',', '"', '\n', '\r', ';']) {
            write!(out, "{comma}\"{apostrophe}{}\"", cell.replace('"', "\"\""))
        } else {
            write!(out, "{comma}{apostrophe}{cell}")
        };
        written.expect("writing to a string cannot fail");
    }
    out.push('\n');
    out
}

/// `+46 36 10 50 00` is no formula that could do anything.
fn is_phone(cell: &str) -> bool {
    cell.starts_with('+') && cell.chars().skip(1).all(|c| c.is_ascii_digit() || c == ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_becomes_a_formula_and_numbers_stay_numbers() {
        assert_eq!(line(["=1+1", "-5.5", "+46 36", "a,b", "@x"].into_iter()), "'=1+1,-5.5,+46 36,\"a,b\",'@x\n");
    }
}
