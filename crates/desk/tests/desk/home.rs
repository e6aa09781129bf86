//! A desk to test, and a small world for it.

use desk::{Caller, Desk, DeskParts};
use domain::account::Role;
use domain::finding::{Affected, Because, Consequence, Contact, Evidence, Finding, FindingKind, FindingStatus, Term};
use domain::money::{Money, SEK};
use domain::{
    Actor, CustomerKey, CustomerRecord, DeviceCode, DeviceRecord, FindingId, IncidentId, Scope, SiteCode, SiteRecord,
    UserId,
};
use jiff::Timestamp;
use std::path::Path;
use std::sync::Arc;
use store::sqlite::SqliteAccounts;
use store::{DataDir, DataDirConfig, Entropy};
use tempfile::TempDir;

/// Counts upwards: the same bytes in the same order in every run.
pub struct Counting(pub u64);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = self.0.to_be_bytes()[0];
        }
    }
}

pub struct Home {
    pub folder: TempDir,
    pub stores: DataDir,
    pub desk: Arc<Desk>,
}

impl Home {
    pub fn new() -> Self {
        Self::open(tempfile::tempdir().unwrap())
    }

    pub fn open(folder: TempDir) -> Self {
        let stores = DataDir::open(folder.path(), DataDirConfig::default(), now(), &mut Counting(1)).unwrap();
        let desk = Arc::new(desk(folder.path(), &stores, 2));
        Self { folder, stores, desk }
    }

    /// Closes everything and opens it again.
    pub fn reopen(self) -> Self {
        let Self { folder, stores, desk } = self;
        drop((desk, stores));
        Self::open(folder)
    }

    /// A customer with `sites` sites of three self-scanners and a till each.
    pub fn with_fleet(self, sites: u32) -> Self {
        let caller = Caller::part("cli");
        self.desk.register_customer(&caller, &record("north"), now()).unwrap();
        let codes: Vec<_> = (1..=sites).map(|n| format!("{n:04}")).collect();
        let records: Vec<_> = codes
            .iter()
            .map(|code| desk::commands::ImportSite {
                record: SiteRecord { name: Some(format!("Jönköping {code}")), ..SiteRecord::bare(site(code)) },
                contact: domain::fleet::SiteContact::default(),
            })
            .collect();
        self.desk.import_sites(&caller, &north(), &records, false, now()).unwrap();
        let devices: Vec<_> = codes.iter().flat_map(|code| (1..=4).map(move |n| device(code, n))).collect();
        self.desk.import_devices(&caller, &north(), &devices, false, now()).unwrap();
        self
    }
}

pub fn desk(folder: &Path, stores: &DataDir, seed: u64) -> Desk {
    let accounts = SqliteAccounts::open(&folder.join("accounts.db"), &mut Counting(seed)).unwrap();
    Desk::open(DeskParts {
        journal: stores.journal.clone(),
        vault: stores.vault.clone(),
        accounts: Arc::new(accounts),
        entropy: Box::new(Counting(seed * 1_000)),
        feed_bound: 1_000,
    })
    .unwrap()
}

pub fn device(site_code: &str, n: u32) -> DeviceRecord {
    let kind = if n == 4 { "till" } else { "self-scanner" };
    let mut record = DeviceRecord::bare(device_code(site_code, n), Some(site(site_code)));
    record.attributes.insert("type".into(), kind.into());
    record
}

pub fn device_code(site_code: &str, n: u32) -> DeviceCode {
    DeviceCode::new(format!("d-{site_code}-{n}")).unwrap()
}

pub fn now() -> Timestamp {
    "2026-02-10T10:31:08Z".parse().unwrap()
}

pub fn north() -> CustomerKey {
    CustomerKey::new("north").unwrap()
}

pub fn site(code: &str) -> SiteCode {
    SiteCode::new(code).unwrap()
}

pub fn record(key: &str) -> CustomerRecord {
    let key = CustomerKey::new(key).unwrap();
    CustomerRecord { key, name: "Norrhandel".into(), currency: SEK, timezone: "Europe/Stockholm".into() }
}

pub fn commander() -> Caller {
    person("u-1", Role::Commander, Scope::All)
}

pub fn person(id: &str, role: Role, sees: Scope) -> Caller {
    Caller { actor: Actor::User(UserId::new(id).unwrap()), role, sees }
}

pub fn incident(n: u32) -> IncidentId {
    IncidentId::new(format!("i-{n}")).unwrap()
}

/// A silence of the self-scanners at `sites`, worth `sek_per_hour`.
pub fn silence(n: u32, revision: u32, sites: &[&str], sek_per_hour: i64) -> Finding {
    let money = |minor| Money { minor, currency: SEK };
    let devices: Vec<_> = sites.iter().flat_map(|code| (1..=3).map(move |n| device_code(code, n))).collect();
    Finding {
        id: FindingId::new(format!("f-{n}")).unwrap(),
        revision,
        kind: FindingKind::Silence,
        detected_at: now(),
        revised_at: now(),
        started_at: now(),
        ended_at: None,
        status: if revision == 1 { FindingStatus::Open } else { FindingStatus::Revised },
        customer: north(),
        metric: None,
        explanation: vec![Term { attribute: "firmware".into(), value: "4.2.1".into() }],
        coverage: 1.0,
        purity: 1.0,
        affected: Affected {
            sites: u32::try_from(sites.len()).unwrap(),
            devices: u32::try_from(devices.len()).unwrap(),
        },
        sites: sites.iter().map(|code| site(code)).collect(),
        devices: Some(devices),
        expected: 100.0,
        observed: 0.0,
        consequence: Some(Consequence {
            per_hour: money(sek_per_hour * 100),
            low: money(sek_per_hour * 90),
            high: money(sek_per_hour * 110),
            so_far: money(0),
        }),
        evidence: Evidence {
            group: "firmware=4.2.1".into(),
            log_likelihood_ratio: 20.0,
            threshold: 14.0,
            remaining: 0.0,
            rate_per_hour: 1_000.0,
            false_alarm_every_hours: 1_000.0,
            bound_s: 6.0,
            delay_s: 7.0,
            contact: Contact::Heard,
            runner_up: None,
            equivalent: vec![],
            candidates: 10,
            because: if revision == 1 { Because::Detected } else { Because::Extent },
            late: 0.0,
        },
        incident: incident(n),
    }
}

pub fn closed(mut finding: Finding) -> Finding {
    finding.status = FindingStatus::Closed;
    finding.ended_at = Some(now());
    finding.evidence.because = Because::Recovered;
    finding
}
