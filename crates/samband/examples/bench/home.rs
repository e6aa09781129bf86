//! A data directory to measure on: a registered fleet, a token for senders and a session for who watches.

use anyhow::{Result, anyhow};
use desk::commands::ImportSite;
use desk::{Caller, Desk, DeskParts};
use domain::fleet::{Attributes, SiteContact};
use domain::{CustomerKey, CustomerRecord, DeviceCode, DeviceRecord, RegionCode, SiteCode, SiteRecord};
use jiff::Timestamp;
use samband::wall::SystemEntropy;
use std::path::Path;
use store::{DataDir, DataDirConfig};

/// Attributes of a device and how many values each has.
const OF_DEVICE: [(&str, usize); 5] = [("vendor", 4), ("model", 12), ("firmware", 30), ("os", 6), ("type", 5)];
/// So many devices are imported at once: a million in one go would be as much memory again.
const PIECE: usize = 50_000;

/// What is registered, open.
pub struct Home {
    /// The desk.
    pub desk: Desk,
    // Holds the lock on the directory.
    _stores: DataDir,
}

/// Whose fleet it is: the customer of a first start.
pub fn customer() -> CustomerKey {
    CustomerKey::new("main").expect("a word is a key")
}

/// Code of a site.
pub fn site_code(site: usize) -> String {
    format!("s{site:05}")
}

/// Code of a device.
pub fn device_code(site: usize, device: usize) -> String {
    format!("d{site:05}-{device:03}")
}

impl Home {
    /// Opens the directory, which is made when there is none.
    pub fn open(data: &Path) -> Result<Self> {
        let stores = DataDir::open(data, DataDirConfig::default(), Timestamp::now(), &mut SystemEntropy)?;
        let desk = Desk::open(DeskParts {
            journal: stores.journal.clone(),
            vault: stores.vault.clone(),
            accounts: stores.accounts.clone(),
            entropy: Box::new(SystemEntropy),
            feed_bound: 1,
        })?;
        Ok(Self { desk, _stores: stores })
    }

    /// Registers so many sites with so many devices each.
    pub fn register(&self, sites: usize, devices: usize) -> Result<()> {
        let (caller, now, key) = (Caller::part("bench"), Timestamp::now(), customer());
        let (name, timezone) = ("Main".to_owned(), "Europe/Stockholm".to_owned());
        let record = CustomerRecord { key: key.clone(), name, currency: domain::money::SEK, timezone };
        self.desk.register_customer(&caller, &record, now)?;
        let imported = |site: usize| -> Result<ImportSite> {
            let region = RegionCode::new(format!("r{}", site % 21)).ok();
            let record = SiteRecord { region, ..SiteRecord::bare(SiteCode::new(site_code(site))?) };
            Ok(ImportSite { record, contact: SiteContact::default() })
        };
        let records = (0..sites).map(imported).collect::<Result<Vec<_>>>()?;
        self.desk.import_sites(&caller, &key, &records, false, now)?;
        let all: Vec<_> = (0..sites).flat_map(|site| (0..devices).map(move |device| (site, device))).collect();
        for piece in all.chunks(PIECE) {
            let records = piece.iter().map(|&(site, device)| record_of(site, device)).collect::<Result<Vec<_>>>()?;
            self.desk.import_devices(&caller, &key, &records, false, now)?;
        }
        Ok(())
    }

    /// The secret of a new ingest token.
    pub fn token(&self) -> Result<String> {
        Ok(self.desk.create_token(&Caller::part("bench"), &customer(), "bench", Timestamp::now())?.secret)
    }

    /// The secret of an administrator's session.
    pub fn session(&self) -> Result<String> {
        let (now, password) = (Timestamp::now(), format!("a long sentence {}", Timestamp::now()));
        let link = self.desk.first_link(now)?;
        let who = Some(("Eva Lind", "eva@example.org"));
        self.desk.set_up(&link.secret, &password, who, now).map_err(|refused| anyhow!("no user: {refused}"))?;
        self.desk.log_in("eva@example.org", &password, now).map_err(|refused| anyhow!("no session: {refused}"))
    }
}

fn record_of(site: usize, device: usize) -> Result<DeviceRecord> {
    let named = OF_DEVICE.iter().enumerate();
    let value = |i: usize, values: usize| (site * 31 + device * 7 + i * 13) % values;
    let attributes: Attributes =
        named.map(|(i, (name, values))| ((*name).to_owned(), format!("{name}-{}", value(i, *values)))).collect();
    let code = DeviceCode::new(device_code(site, device))?;
    Ok(DeviceRecord { attributes, ..DeviceRecord::bare(code, Some(SiteCode::new(site_code(site))?)) })
}
