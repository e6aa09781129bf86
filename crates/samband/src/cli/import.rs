//! `samband import`: sites and devices from files. Everything that is wrong is listed; then all of it goes in, or nothing.

use super::home::{Common, read};
use super::{SOME_REFUSED, out};
use crate::wall::WallClock;
use anyhow::{Context, Result};
use desk::commands::ImportSite;
use desk::{Caller, Desk, View};
use domain::fleet::SiteContact;
use domain::{Currency, CustomerKey, CustomerRecord, DeviceCode, DeviceRecord, Scope, SiteCode, SiteRecord};
use ingest::fleet::{Change, FleetErrors, FleetFile, Plan, Planned, Registered, Totals, read_devices, read_sites};
use node::Clock;
use serde_json::json;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `samband import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// File of sites.
    #[arg(long, value_name = "FILE")]
    sites: Option<PathBuf>,
    /// File of devices.
    #[arg(long, value_name = "FILE")]
    devices: Option<PathBuf>,
    /// Print what would change and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Customer of rows that name none. It is registered if it is not.
    #[arg(long, default_value = "main")]
    customer: String,
    /// Name of a customer that is registered now; its key where absent.
    #[arg(long)]
    customer_name: Option<String>,
    /// Zone of a customer that is registered now.
    #[arg(long, default_value = "Europe/Stockholm")]
    timezone: String,
    /// Currency of a customer that is registered now.
    #[arg(long, default_value = "SEK")]
    currency: Currency,
}

/// Runs it.
pub fn run(args: &Args) -> Result<ExitCode> {
    let customer = CustomerKey::new(args.customer.as_str()).context("--customer")?;
    let sites = file(args.sites.as_deref(), |bytes| read_sites(bytes, &customer))?;
    let devices = file(args.devices.as_deref(), |bytes| read_devices(bytes, &customer))?;
    let (Some(sites), Some(devices)) = (sites, devices) else { return Ok(ExitCode::from(SOME_REFUSED)) };
    let home = args.common.alone("/settings/import")?;
    let desk = &home.desk;
    let plan = desk.read(&Scope::All, |view| Plan::of(&sites, &devices, &Known { view, desk }));
    print(args, &plan)?;
    if !plan.orphans.is_empty() {
        return Ok(ExitCode::from(SOME_REFUSED));
    }
    if !args.dry_run {
        carry_out(args, desk, &customer, &plan)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn file<R>(
    path: Option<&Path>,
    parse: impl FnOnce(&[u8]) -> Result<FleetFile<R>, FleetErrors>,
) -> Result<Option<FleetFile<R>>> {
    let Some(path) = path else { return Ok(Some(FleetFile::default())) };
    match parse(&read(path)?) {
        Ok(file) => {
            file.notes.iter().for_each(|note| eprintln!("samband: {}: note: {note}", path.display()));
            Ok(Some(file))
        }
        Err(errors) => {
            errors.faults.iter().for_each(|fault| eprintln!("samband: {}: {fault}", path.display()));
            let all = out::faults(errors.faults.len() as u64 + errors.unlisted);
            eprintln!("samband: {}: {all}; nothing was imported", path.display());
            Ok(None)
        }
    }
}

/// The registered fleet, for a plan to be laid against.
struct Known<'a, 'v> {
    view: &'a View<'v>,
    desk: &'a Desk,
}

impl Registered for Known<'_, '_> {
    fn site(&self, customer: &CustomerKey, code: &SiteCode) -> Option<Cow<'_, SiteRecord>> {
        self.view.customer(customer)?.fleet.site(code).map(Cow::Borrowed)
    }
    fn device(&self, customer: &CustomerKey, code: &DeviceCode) -> Option<Cow<'_, DeviceRecord>> {
        self.view.customer(customer)?.fleet.device_record(code).map(Cow::Owned)
    }
    fn contact(&self, customer: &CustomerKey, code: &SiteCode) -> Option<SiteContact> {
        self.desk.contact(self.view.customer(customer)?.fleet.site(code)?.contact.as_ref()?)
    }
}

fn carry_out(args: &Args, desk: &Desk, customer: &CustomerKey, plan: &Plan) -> Result<()> {
    let (caller, now) = (Caller::part("cli"), WallClock.now());
    let rows = plan.sites.iter().map(|planned| &planned.customer);
    let keys: BTreeSet<&CustomerKey> = rows.chain(plan.devices.iter().map(|planned| &planned.customer)).collect();
    for key in keys.into_iter().chain([customer]) {
        let known = desk.read(&Scope::All, |view| view.customer(key).is_some_and(|part| part.record.is_some()));
        if !known {
            let name = args.customer_name.clone().unwrap_or_else(|| key.to_string());
            let (currency, timezone) = (args.currency, args.timezone.clone());
            let record = CustomerRecord { key: key.clone(), name, currency, timezone };
            desk.register_customer(&caller, &record, now)?;
        }
    }
    let mut contacts: BTreeMap<_, _> =
        plan.contacts.iter().map(|(key, code, contact)| ((key, code), contact)).collect();
    let mut sites: BTreeMap<&CustomerKey, Vec<ImportSite>> = BTreeMap::new();
    for planned in &plan.sites {
        let new = contacts.remove(&(&planned.customer, &planned.record.code)).cloned();
        // Without anything new the one there is stays.
        let kept = || planned.record.contact.as_ref().and_then(|reference| desk.contact(reference));
        let contact = new.or_else(kept).unwrap_or_default();
        sites.entry(&planned.customer).or_default().push(ImportSite { record: planned.record.clone(), contact });
    }
    let mut devices: BTreeMap<&CustomerKey, Vec<DeviceRecord>> = BTreeMap::new();
    for planned in &plan.devices {
        devices.entry(&planned.customer).or_default().push(planned.record.clone());
    }
    sites.iter().try_for_each(|(key, sites)| desk.import_sites(&caller, key, sites, false, now).map(drop))?;
    devices.iter().try_for_each(|(key, devices)| desk.import_devices(&caller, key, devices, false, now).map(drop))?;
    Ok(())
}

/// So many changes are listed one by one.
const LISTED: usize = 50;

fn print(args: &Args, plan: &Plan) -> Result<()> {
    let totals = |totals: Totals| json!({"new": totals.new, "changed": totals.changed, "unchanged": totals.unchanged});
    let orphans: Vec<_> = plan
        .orphans
        .iter()
        .map(|orphan| json!({"line": orphan.line, "device": orphan.device, "site": orphan.site, "reason": "site is not registered"}))
        .collect();
    let as_json = json!({
        "done": !args.dry_run && plan.orphans.is_empty(),
        "sites": totals(plan.site_totals()), "devices": totals(plan.device_totals()), "refused": orphans,
    });
    out::say(args.common.json, &as_json, || {
        let mut lines: Vec<String> = changes("site", &plan.sites, |record| record.code.as_str());
        lines.extend(changes("device", &plan.devices, |record| record.code.as_str()));
        let unlisted = lines.len().saturating_sub(LISTED);
        lines.truncate(LISTED);
        if unlisted > 0 {
            lines.push(format!("... and {unlisted} more changes"));
        }
        for orphan in &plan.orphans {
            let (line, device, site) = (orphan.line, &orphan.device, &orphan.site);
            lines.push(format!("line {line}: device {device}: site {site} is neither registered nor in the file"));
        }
        for (what, totals) in [("Sites", plan.site_totals()), ("Devices", plan.device_totals())] {
            lines.push(format!(
                "{what}: {} new, {} changed, {} unchanged.",
                totals.new, totals.changed, totals.unchanged
            ));
        }
        lines.push(match (args.dry_run, plan.orphans.is_empty()) {
            (_, false) => "Nothing is imported: register the missing sites first, or add them to the files.".to_owned(),
            (true, true) => "Nothing is changed: this was a dry run.".to_owned(),
            (false, true) => "Imported.".to_owned(),
        });
        lines.join("\n")
    })
}

fn changes<R>(what: &str, planned: &[Planned<R>], code: impl Fn(&R) -> &str) -> Vec<String> {
    let changed = planned.iter().filter_map(|planned| match &planned.change {
        Change::Changed(fields) => Some((planned, fields)),
        Change::New | Change::Unchanged => None,
    });
    let said = |value: &Option<String>| value.as_deref().unwrap_or("nothing").to_owned();
    let lines = changed.flat_map(|(planned, fields)| {
        let of = code(&planned.record).to_owned();
        fields.iter().map(move |change| {
            let (field, from, to) = (&change.field, said(&change.from), said(&change.to));
            format!("line {}: {what} {of}: {field} from {from} to {to}", planned.line)
        })
    });
    lines.collect()
}
