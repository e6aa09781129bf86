//! Reading recorded signals: NDJSON, JSON, or a CSV of transactions, told apart by their first bytes.

use anyhow::{Context, Result};
use domain::{Currency, Metric, Signal, SiteCode};
use ingest::native::{self, Form};
use ingest::transactions;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What files do not say themselves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Zone of times without offset.
    pub zone: TimeZone,
    /// Currency of amounts that name none.
    pub currency: Currency,
    /// What rows of a CSV count.
    pub metric: Metric,
    /// Site of CSV rows that name none.
    pub site: Option<SiteCode>,
}

/// All signals of all files.
#[derive(Debug, Default)]
pub struct Signals {
    /// In the order of files and lines.
    pub list: Vec<Signal>,
    /// Where in the list each file begins.
    pub starts: Vec<usize>,
    /// Lines refused, with file, line and reason; the first of them.
    pub refused: Vec<String>,
    /// All lines refused.
    pub refused_total: u64,
    /// What was tolerated.
    pub notes: Vec<String>,
}

/// Refused lines that are printed.
const MOST_REFUSED: usize = 50;

/// Reads everything.
pub fn read_all(paths: &[PathBuf], options: &Options) -> Result<Signals> {
    let mut all = Signals::default();
    for path in paths {
        let bytes = bytes(path)?;
        all.starts.push(all.list.len());
        if is_csv(&bytes) {
            read_csv(path, &bytes, options, &mut all)?;
        } else {
            read_native(path, &bytes, options, &mut all);
        }
    }
    Ok(all)
}

/// A moment as RFC 3339, or a local date or date and time.
pub fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let local: DateTime = text
        .parse()
        .or_else(|_| text.parse::<jiff::civil::Date>().map(DateTime::from))
        .with_context(|| format!("{text:?} is no moment: write 2026-02-10T00:00:00+01:00 or 2026-02-10"))?;
    Ok(zone.to_ambiguous_timestamp(local).compatible()?)
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).context("standard input")?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A table of transactions begins with a header; native signals begin with a brace or a bracket.
fn is_csv(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    !matches!(start.iter().find(|b| !b.is_ascii_whitespace()), None | Some(b'{' | b'['))
}

fn read_native(path: &Path, bytes: &[u8], options: &Options, all: &mut Signals) {
    let form = Form::sniff(bytes);
    let own = native::Options { form, default_currency: Some(options.currency), ..native::Options::default() };
    for signal in native::signals(bytes, &own) {
        match signal {
            Ok(signal) => all.list.push(signal),
            Err(refused) => all.refuse(format!("{}: {refused}", path.display())),
        }
    }
}

fn read_csv(path: &Path, bytes: &[u8], options: &Options, all: &mut Signals) -> Result<()> {
    let limits = ingest::Limits { signals: usize::MAX, ..ingest::Limits::default() };
    let own = transactions::Options {
        timezone: Some(options.zone.clone()),
        site: options.site.clone().or_else(|| SiteCode::new("shop").ok()),
        currency: Some(options.currency),
        metric: Some(options.metric.clone()),
        limits,
        ..transactions::Options::default()
    };
    let parsed = transactions::parse(bytes, &own).with_context(|| path.display().to_string())?;
    let unlisted = parsed.refused_unlisted;
    parsed.refused.iter().for_each(|refused| all.refuse(format!("{}: {refused}", path.display())));
    all.refused_total += unlisted;
    all.notes.extend(parsed.notes.iter().map(|note| format!("{}: {note}", path.display())));
    all.list.extend(parsed.signals);
    Ok(())
}

impl Signals {
    fn refuse(&mut self, text: String) {
        self.refused_total += 1;
        if self.refused.len() < MOST_REFUSED {
            self.refused.push(text);
        }
    }
}
