//! The data directory as commands use it: alone to change something, beside a running server to look.

use crate::config::{Config, Loaded, load};
use crate::wall::{SystemEntropy, WallClock};
use anyhow::{Context, Result, anyhow};
use clap::Args;
use desk::{Desk, DeskParts};
use node::Clock;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::sqlite::{JournalConfig, SqliteAccounts, SqliteJournal, SqliteVault};
use store::{DataDir, DataDirConfig, DataDirError};

/// A running server notes in this file of its data directory how it is reached.
pub const ADDRESS_FILE: &str = "address";

/// What most commands take.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Configuration file.
    #[arg(long, env = "SAMBAND_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Data directory; else the one of the configuration.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

impl Common {
    /// The configuration with all its faults.
    pub fn load(&self) -> Loaded {
        let environment: Vec<(String, String)> = std::env::vars().collect();
        let mut loaded = load(self.config.as_deref(), &environment);
        if let Some(data) = &self.data {
            loaded.config.data_dir.clone_from(data);
        }
        loaded
    }

    /// The configuration.
    ///
    /// # Errors
    /// When it has faults; each is named.
    pub fn configuration(&self) -> Result<Loaded> {
        let loaded = self.load();
        if loaded.faults.is_empty() {
            return Ok(loaded);
        }
        let faults: Vec<String> = loaded.faults.iter().map(ToString::to_string).collect();
        let count = super::out::faults(faults.len() as u64);
        Err(anyhow!("the configuration has {count}:\n  {}", faults.join("\n  ")))
    }

    /// The data directory, for this process alone, so that things can be changed.
    ///
    /// # Errors
    /// When a server uses it: says where to do the same there.
    pub fn alone(&self, page: &str) -> Result<Home> {
        let config = self.configuration()?.config;
        let now = WallClock.now();
        let stores = match DataDir::open(&config.data_dir, DataDirConfig::default(), now, &mut SystemEntropy) {
            Ok(stores) => stores,
            Err(DataDirError::InUse { process, .. }) => return Err(in_use(&config.data_dir, page, process)),
            Err(error) => return Err(error.into()),
        };
        let parts = DeskParts {
            journal: stores.journal.clone(),
            vault: stores.vault.clone(),
            accounts: stores.accounts.clone(),
            entropy: Box::new(SystemEntropy),
            feed_bound: 1,
        };
        let desk = Desk::take_up(parts, &*stores.snapshots)?.desk;
        Ok(Home { config, desk, _stores: Some(stores) })
    }

    /// The desk to look at, also while a server runs. Nothing may be changed through it.
    ///
    /// # Errors
    /// When there is no data directory, or it cannot be read.
    pub fn looking(&self) -> Result<Home> {
        let config = self.configuration()?.config;
        let at = |name: &str| config.data_dir.join(name);
        anyhow::ensure!(at("journal.db").exists(), "{} holds no journal", config.data_dir.display());
        let journal = SqliteJournal::open(&at("journal.db"), JournalConfig::default())?;
        let vault = SqliteVault::open(&at("vault.db"), &at("vault.key"), &mut SystemEntropy)?;
        let accounts = SqliteAccounts::open(&at("accounts.db"), &mut SystemEntropy)?;
        let desk = Desk::open(DeskParts {
            journal: Arc::new(journal),
            vault: Arc::new(vault),
            accounts: Arc::new(accounts),
            entropy: Box::new(SystemEntropy),
            feed_bound: 1,
        })?;
        Ok(Home { config, desk, _stores: None })
    }
}

/// A data directory, opened.
pub struct Home {
    /// The configuration.
    pub config: Config,
    /// The desk.
    pub desk: Desk,
    // Holds the lock while something is changed.
    _stores: Option<DataDir>,
}

/// What to do instead.
fn in_use(data_dir: &Path, page: &str, process: Option<u32>) -> anyhow::Error {
    let process = process.map_or_else(String::new, |id| format!(" (process {id})"));
    let address = std::fs::read_to_string(data_dir.join(ADDRESS_FILE)).ok();
    let there = address.map_or_else(|| "its pages".to_owned(), |address| format!("its page {}{page}", address.trim()));
    let data_dir = data_dir.display();
    anyhow!(
        "{data_dir} is in use by a running Samband{process}: do this on {there}, or stop it and run the command again"
    )
}

/// Reads a file, or says which one cannot be read.
///
/// # Errors
/// When it cannot.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
