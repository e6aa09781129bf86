//! `samband check`: what is set, by whom, and everything that is wrong with it.

use super::home::Common;
use super::out;
use crate::config::{Origin, SETTINGS};
use anyhow::Result;
use serde_json::json;
use std::process::ExitCode;

/// Arguments of `samband check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    common: Common,
    /// List all settings, those that nobody set included.
    #[arg(long)]
    list: bool,
}

/// Runs it.
pub fn run(args: &Args) -> Result<ExitCode> {
    let loaded = args.common.load();
    let origin = |key| loaded.origins.get(key).cloned().unwrap_or(Origin::Default);
    let shown = SETTINGS.iter().filter(|setting| args.list || origin(setting.key) != Origin::Default);
    let settings: Vec<_> =
        shown.map(|setting| (setting, (setting.show)(&loaded.config), origin(setting.key))).collect();
    let as_json = json!({
        "faults": loaded.faults,
        "settings": settings.iter().map(|(setting, value, origin)| json!({
            "key": setting.key, "variable": setting.variable(), "value": value, "from": origin, "about": setting.about,
        })).collect::<Vec<_>>(),
    });
    out::say(args.common.json, &as_json, || {
        let mut words: String = loaded.faults.iter().map(|fault| format!("{fault}\n")).collect();
        let rows: Vec<_> = settings
            .iter()
            .map(|(setting, value, origin)| {
                let origin = match origin {
                    Origin::Default => "default".to_owned(),
                    Origin::File { line } => format!("line {line}"),
                    Origin::Environment { variable } => variable.clone(),
                };
                vec![setting.key.to_owned(), value.clone(), origin, setting.about.to_owned()]
            })
            .collect();
        if !rows.is_empty() {
            words.push_str(&out::table(&["setting", "value", "from", "what it is for"], &rows));
        }
        words.push_str(&match loaded.faults.len() {
            0 => "The configuration is sound.".to_owned(),
            n => format!("{}.", out::faults(n as u64)),
        });
        words
    })?;
    Ok(if loaded.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
