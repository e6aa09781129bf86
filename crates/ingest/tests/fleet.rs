//! Fleet files: what they give, everything that is wrong with them at once, and what importing them would change.
#![allow(clippy::unwrap_used)]

use domain::fleet::{Lifecycle, SiteContact};
use domain::{CustomerKey, DeviceCode, DeviceRecord, SiteCode, SiteRecord};
use ingest::fleet::{Change, FleetErrors, FleetFile, Plan, Registered, SiteRow, Totals, read_devices, read_sites};
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

const SITES: &str = "\u{feff}Butik;Namn;Region;Lat;Long;Tidszon;Öppettider;Dagsomsättning;Adress;Telefon;Butikschef;E-post;GLN;circuit\r\n\
    0412;Jönköping A6;Småland;57,7722;14,2055;Europe/Stockholm;Mo-Fr 08:00-22:00; ;;036-10 00 00;Åsa Ek;a6@example.se;7350053850019;A2\r\n";

fn demo() -> CustomerKey {
    CustomerKey::new("demo").unwrap()
}

fn sites(text: &str) -> FleetFile<SiteRow> {
    read_sites(text.as_bytes(), &demo()).unwrap()
}

/// Line, column and reason of every fault.
fn faults(errors: FleetErrors) -> Vec<(u32, String, String)> {
    errors.faults.into_iter().map(|f| (f.line.unwrap_or(0), f.column.unwrap_or_default(), f.reason)).collect()
}

#[derive(Default)]
struct Fleet {
    sites: BTreeMap<SiteCode, SiteRecord>,
    devices: BTreeMap<DeviceCode, DeviceRecord>,
    contacts: BTreeMap<SiteCode, SiteContact>,
}

impl Fleet {
    fn carry_out(&mut self, plan: &Plan) {
        self.sites.extend(plan.sites.iter().map(|p| (p.record.code.clone(), p.record.clone())));
        self.devices.extend(plan.devices.iter().map(|p| (p.record.code.clone(), p.record.clone())));
        self.contacts.extend(plan.contacts.iter().map(|(_, site, contact)| (site.clone(), contact.clone())));
    }
}

impl Registered for Fleet {
    fn site(&self, _: &CustomerKey, code: &SiteCode) -> Option<Cow<'_, SiteRecord>> {
        self.sites.get(code).map(Cow::Borrowed)
    }
    fn device(&self, _: &CustomerKey, code: &DeviceCode) -> Option<Cow<'_, DeviceRecord>> {
        self.devices.get(code).map(Cow::Borrowed)
    }
    fn contact(&self, _: &CustomerKey, code: &SiteCode) -> Option<SiteContact> {
        self.contacts.get(code).cloned()
    }
}

#[test]
fn a_swedish_file_gives_whole_records_with_people_apart() {
    let file = sites(SITES);
    let SiteRow { line, customer, record, contact } = &file.rows[0];
    assert_eq!((*line, customer.as_str(), record.code.as_str()), (2, "demo", "0412"));
    assert_eq!((record.name.as_deref(), record.region.as_ref().unwrap().as_str()), (Some("Jönköping A6"), "Småland"));
    assert_eq!(record.position.map(|p| (p.latitude, p.longitude)), Some((57.7722, 14.2055)));
    assert_eq!(record.opening_hours.as_ref().unwrap().as_str(), "Mo-Fr 08:00-22:00");
    assert_eq!((record.turnover_per_day, record.gln.as_deref()), (None, Some("7350053850019")));
    assert_eq!(record.attributes, [("circuit".to_owned(), "A2".to_owned())].into());
    assert_eq!(contact.manager.as_deref(), Some("Åsa Ek"));
    assert!(!format!("{record:?}").contains("Åsa"), "people do not stand in the record");
}

#[test]
fn devices_keep_what_is_known_of_them_and_every_further_column() {
    let file = "device,site,type,vendor,model,serial,asset_tag,firmware,os,os_version,installed_on,warranty_until,circuit\n\
        ssu-1,0412,self-scanner,Acme,X2,S1,T1,4.2.1,linux,6.1,2024-03-01,01.03.2027,A2\n\
        spare-1,,,,,,,,,,,,\n";
    let file = read_devices(file.as_bytes(), &demo()).unwrap();
    let record = &file.rows[0].record;
    assert_eq!(record.lifecycle, Lifecycle::InService);
    assert_eq!(
        (record.installed_on.unwrap().to_string(), record.warranty_until.unwrap().to_string()),
        ("2024-03-01".into(), "2027-03-01".into())
    );
    let attributes: Vec<_> = record.attributes.iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(
        attributes,
        ["circuit=A2", "firmware=4.2.1", "model=X2", "os=linux", "os_version=6.1", "type=self-scanner", "vendor=Acme"]
    );
    assert_eq!((file.rows[1].record.lifecycle, &file.rows[1].record.site), (Lifecycle::InStock, &None));
}

#[test]
fn every_fault_of_a_file_is_listed_and_nothing_is_taken() {
    let file = "site;lat;lon;timezone;opening_hours;turnover_per_day;email;gln;note\n\
        1;91;14;Europe/Stockholm;;;;;\n\
        2;57;;Europe/Atlantis;Mo 8-22;många;x;123;\n\
        1;;;;;;;;\n\
        ;;;;;-5;;;\n\
        3;57\n\
        4;57;14;;;;;7350053850018;\n";
    let found = faults(read_sites(file.as_bytes(), &demo()).unwrap_err());
    let places: Vec<(u32, &str)> = found.iter().map(|(line, column, _)| (*line, column.as_str())).collect();
    let expected = [
        (2, "lat"),
        (3, "lon"),
        (3, "timezone"),
        (3, "opening_hours"),
        (3, "turnover_per_day"),
        (3, "gln"),
        (3, "email"),
        (4, "site"),
        (5, "site"),
        (5, "turnover_per_day"),
        (6, ""),
        (7, "gln"),
    ];
    assert_eq!(places, expected, "{found:#?}");
    assert!(found[7].2.contains("line 2 already"), "{:?}", found[7]);
}

#[test]
fn devices_with_impossible_days_or_states_are_refused() {
    let file = "device,installed_on,lifecycle\na,2024-02-30,\nb,9999-01-01,\nc,igår,\nd,2024-01-01,lost\ne,20240101,In stock\n";
    let found = faults(read_devices(file.as_bytes(), &demo()).unwrap_err());
    let places: Vec<(u32, &str)> = found.iter().map(|(line, column, _)| (*line, column.as_str())).collect();
    assert_eq!(places, [(2, "installed_on"), (3, "installed_on"), (4, "installed_on"), (5, "lifecycle")]);
}

#[test]
fn a_file_without_its_key_column_says_what_it_looked_for() {
    let said = read_sites(b"id,name\n1,a\n", &demo()).unwrap_err().to_string();
    assert!(said.contains("looked for site, butik") && said.contains("found id, name"), "{said}");
    assert!(read_devices(b"", &demo()).unwrap_err().to_string().contains("empty"));
    assert!(read_devices(b"device,site,Device\n", &demo()).unwrap_err().to_string().contains("appears twice"));
}

#[test]
fn codes_are_unique_within_a_customer_only() {
    let file = sites("site,customer\n1,north\n1,south\n1,\n");
    let keys: Vec<&str> = file.rows.iter().map(|row| row.customer.as_str()).collect();
    assert_eq!(keys, ["north", "south", "demo"]);
    assert!(read_sites(b"site,customer\n1,north\n1,north\n", &demo()).is_err());
}

#[test]
fn a_plan_says_what_is_new_changed_and_unchanged_and_a_second_import_changes_nothing() {
    let mut fleet = Fleet::default();
    let first = sites("site,name,address,isp,phone,manager\n1,A,Gatan 1,x,11,Åsa\n2,B,Gatan 2,y,22,\n");
    let plan = Plan::of(&first, &FleetFile::default(), &fleet);
    assert_eq!(plan.site_totals(), Totals { new: 2, changed: 0, unchanged: 0 });
    fleet.carry_out(&plan);
    assert!(Plan::of(&first, &FleetFile::default(), &fleet).is_idle());

    // Only the columns that the second file has are touched; an empty cell takes away.
    let second = sites("site,name,isp,phone\n1,A2,,12\n2,B,y,22\n3,C,z,\n");
    let plan = Plan::of(&second, &FleetFile::default(), &fleet);
    assert_eq!(plan.site_totals(), Totals { new: 1, changed: 1, unchanged: 1 });
    let Change::Changed(fields) = &plan.sites[0].change else { unreachable!("site 1 has another name") };
    let fields: Vec<_> = fields.iter().map(|c| (c.field.as_str(), c.from.as_deref(), c.to.as_deref())).collect();
    assert_eq!(fields, [("name", Some("A"), Some("A2")), ("isp", Some("x"), None)]);
    fleet.carry_out(&plan);
    let site = &fleet.sites[&SiteCode::new("1").unwrap()];
    assert_eq!((site.address.as_deref(), site.attributes.len()), (Some("Gatan 1"), 0));
    let contact = &fleet.contacts[&SiteCode::new("1").unwrap()];
    assert_eq!((contact.phone.as_deref(), contact.manager.as_deref()), (Some("12"), Some("Åsa")));
}

#[test]
fn devices_whose_site_is_in_neither_place_are_named() {
    let mut fleet = Fleet::default();
    fleet.carry_out(&Plan::of(&sites("site\nold\n"), &FleetFile::default(), &fleet));
    let devices = read_devices(b"device,site\na,old\nb,new\nc,nowhere\nd,\n", &demo()).unwrap();
    let plan = Plan::of(&sites("site\nnew\n"), &devices, &fleet);
    let orphans: Vec<_> = plan.orphans.iter().map(|o| (o.line, o.device.as_str(), o.site.as_str())).collect();
    assert_eq!(orphans, [(4, "c", "nowhere")]);
}

#[test]
fn a_device_in_stock_that_is_given_a_site_is_in_service_and_one_in_repair_stays_there() {
    let mut fleet = Fleet::default();
    let stock = read_devices(b"device,lifecycle\na,in stock\nb,in repair\n", &demo()).unwrap();
    fleet.carry_out(&Plan::of(&FleetFile::default(), &stock, &fleet));
    let placed = read_devices(b"device,site\na,1\nb,1\n", &demo()).unwrap();
    fleet.carry_out(&Plan::of(&sites("site\n1\n"), &placed, &fleet));
    let states: Vec<Lifecycle> = fleet.devices.values().map(|device| device.lifecycle).collect();
    assert_eq!(states, [Lifecycle::InService, Lifecycle::InRepair]);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_and_every_row_is_a_record_or_a_fault(
        text in "[0-9a-zå;,.\"\n -]{0,120}",
        bytes in proptest::collection::vec(any::<u8>(), 0..120),
    ) {
        let _ = read_sites(&bytes, &demo());
        let _ = read_devices(&bytes, &demo());
        let file = format!("site;lat;lon;installed_on;x\n{text}");
        match read_sites(file.as_bytes(), &demo()) {
            Ok(file) => prop_assert!(file.rows.len() <= text.lines().count()),
            Err(errors) => prop_assert!(!errors.faults.is_empty()),
        }
        let _ = read_devices(file.replace("site", "device").as_bytes(), &demo());
    }
}
