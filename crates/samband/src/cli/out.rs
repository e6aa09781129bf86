//! What commands print: words for people, one JSON value for programs.

use serde_json::Value;
use std::io::Write;

/// Prints `json` where programs asked for it, else `words`.
///
/// # Errors
/// When standard output cannot be written.
pub fn say(as_json: bool, json: &Value, words: impl FnOnce() -> String) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if as_json {
        serde_json::to_writer(&mut out, json)?;
        writeln!(out)?;
    } else {
        let words = words();
        writeln!(out, "{}", words.trim_end_matches('\n'))?;
    }
    Ok(())
}

/// `1 fault`, `5 faults`.
pub fn faults(n: u64) -> String {
    if n == 1 { "1 fault".to_owned() } else { format!("{n} faults") }
}

/// Rows in columns as wide as they need to be.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width =
        |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = head.iter().enumerate().map(|(at, name)| width(at).max(name.chars().count())).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut out = line(&mut head.iter().copied());
    for row in rows {
        out.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    out
}
