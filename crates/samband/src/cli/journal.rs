//! `samband journal verify`: walks the chain of hashes from the first event to the last, also while the server runs.

use super::home::Common;
use super::{NOT_VERIFIED, out};
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::process::ExitCode;
use store::Journal;
use store::journal::VerifyError;
use store::sqlite::{JournalConfig, SqliteJournal};

/// Arguments of `samband journal`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Prove that nothing in the journal was changed, removed or put in between. Exit code 3 when it does not hold.
    Verify {
        #[command(flatten)]
        common: Common,
    },
}

/// Runs it.
pub fn run(args: &Args) -> Result<ExitCode> {
    let Action::Verify { common } = &args.action;
    let file = common.configuration()?.config.data_dir.join("journal.db");
    anyhow::ensure!(file.exists(), "{} is not there", file.display());
    let journal = SqliteJournal::open(&file, JournalConfig::default())?;
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} events, {per_sec}")?;
    let bar = ProgressBar::new(journal.head()?.seq.0).with_style(style);
    let walked = journal.verify(&mut |seq| bar.set_position(seq.0));
    bar.finish_and_clear();
    match walked {
        Ok(verified) => {
            let as_json = json!({"holds": true, "events": verified.events, "head": verified.head.hash.to_string()});
            out::say(common.json, &as_json, || {
                format!("The journal holds: {} events, head {}.", verified.events, verified.head.hash)
            })?;
            Ok(ExitCode::SUCCESS)
        }
        Err(VerifyError::Broken { seq, what }) => {
            let as_json = json!({"holds": false, "seq": seq.0, "what": what.to_string()});
            out::say(common.json, &as_json, || format!("The journal is broken at event {seq}: {what}."))?;
            Ok(ExitCode::from(NOT_VERIFIED))
        }
        Err(VerifyError::Unreadable(error)) => Err(error.into()),
    }
}
