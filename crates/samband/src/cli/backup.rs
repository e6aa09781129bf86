//! `samband backup` and `samband restore`.

use super::home::Common;
use super::{NOT_VERIFIED, out};
use crate::wall::WallClock;
use anyhow::Result;
use node::Clock;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;
use store::backup::{BackupError, Manifest};

/// Arguments of `samband backup`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// New or empty folder. It will hold the key to personal data: keep it where only those may look who may see that.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Arguments of `samband restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// The backup.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// New or empty folder, to be the data directory.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Read every entry and snapshot back too, beyond the hashes of files and journal.
    #[arg(long)]
    verify: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs `samband backup`.
pub fn run(args: &Args) -> Result<ExitCode> {
    let config = args.common.configuration()?.config;
    let manifest = store::backup::backup(&config.data_dir, &args.to, WallClock.now())?;
    out::say(args.common.json, &said(&manifest), || format!("{} holds {}.", args.to.display(), words(&manifest)))?;
    Ok(ExitCode::SUCCESS)
}

/// Runs `samband restore`.
pub fn restore(args: &RestoreArgs) -> Result<ExitCode> {
    match store::backup::restore(&args.from, &args.to, args.verify) {
        Ok(restored) => {
            let mut as_json = said(&restored.manifest);
            as_json["inbox_entries_read"] = json!(restored.inbox_entries);
            as_json["snapshots_read"] = json!(restored.snapshots);
            out::say(args.json, &as_json, || {
                let (entries, snapshots) = (restored.inbox_entries, restored.snapshots);
                let read = format!(" Read back {entries} entries and {snapshots} snapshots.");
                let read = if args.verify { read.as_str() } else { "" };
                format!("{} holds {}, proven.{read}", args.to.display(), words(&restored.manifest))
            })?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) if is_disproof(&error) => {
            eprintln!("samband: the backup does not hold: {error}. Nothing was put in place");
            Ok(ExitCode::from(NOT_VERIFIED))
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether the backup was read and found to be other than it says.
fn is_disproof(error: &BackupError) -> bool {
    match error {
        BackupError::Changed { .. }
        | BackupError::Broken { .. }
        | BackupError::Head { .. }
        | BackupError::InboxHead { .. }
        | BackupError::Manifest { .. } => true,
        BackupError::NotEmpty(_)
        | BackupError::NothingThere { .. }
        | BackupError::Restless
        | BackupError::File(_)
        | BackupError::Inbox(_)
        | BackupError::Journal(_)
        | BackupError::Vault(_)
        | BackupError::Snapshots(_) => false,
    }
}

fn said(manifest: &Manifest) -> serde_json::Value {
    serde_json::to_value(manifest).unwrap_or_else(|error| json!({"unprintable": error.to_string()}))
}

fn words(manifest: &Manifest) -> String {
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    let (files, events) = (manifest.files.len(), manifest.journal.seq);
    format!("{files} files, {bytes} bytes, the journal up to event {events} as of {}", manifest.made_at)
}
