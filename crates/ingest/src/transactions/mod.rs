//! CSV files of transactions, as tills and spreadsheets export them, into `Count` signals.
//!
//! Columns are found by their Swedish or English names, times may be local. Without a `count` column each row is one transaction. A row of
//! kind `return` counts 0 and its value is negative: sales are counted, turnover is what was kept ([`Returns`]).

mod columns;
mod local_time;
mod row;

pub use local_time::BadLocalTime;

use crate::parsed::{Limits, Note, Parsed, Refused};
use crate::table::{Table, TableError};
use columns::Columns;
use domain::{Currency, Metric, SiteCode};
use jiff::tz::TimeZone;
use row::{RowReader, Tally};

/// What the file does not say itself.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The zone of times without offset; without it such a file is refused.
    pub timezone: Option<TimeZone>,
    /// The site of rows that name none.
    pub site: Option<SiteCode>,
    /// The currency of rows that name none; needed where there are values.
    pub currency: Option<Currency>,
    /// What is counted, where no column `metric` says so; `sales` by default.
    pub metric: Option<Metric>,
    /// What to do with returns.
    pub returns: Returns,
    /// Bounds.
    pub limits: Limits,
}

/// What to do with rows whose `kind` says that goods came back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Returns {
    /// Take them with count 0 and negative value: turnover stays right, and the till is seen to work.
    #[default]
    CountZero,
    /// Pass over them; a [`Note`] says how many.
    PassOver,
}

/// Why a whole file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransactionsError {
    /// No table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A column that is needed is not there.
    #[error("no column for the {what}; looked for {looked_for}; found {found}")]
    Missing {
        /// What it would hold.
        what: &'static str,
        /// The names it could have.
        looked_for: String,
        /// The names that are there.
        found: String,
    },
    /// There are values, but nothing says of what currency.
    #[error("column {0:?} holds amounts, but there is no column currency (valuta) and no currency was given")]
    Currency(String),
    /// Local times, and nothing says where.
    #[error(
        "line {line}: {text:?} has no offset from UTC, and no time zone was given; name one, such as Europe/Stockholm"
    )]
    Timezone {
        /// The first line that needs one.
        line: u32,
        /// Its time as written.
        text: String,
    },
}

/// Reads a file of transactions: good rows taken, the others listed.
///
/// # Errors
/// [`TransactionsError`] when the file as a whole cannot be read: no header, a column missing, local times without a zone.
///
/// ```
/// use ingest::transactions::{Options, parse};
/// let file = "datum;tid;butik;belopp\n2026-02-10;10:31;0412;129,50\n";
/// let options = Options {
///     timezone: Some(jiff::tz::TimeZone::get("Europe/Stockholm").unwrap()),
///     currency: Some(domain::money::SEK),
///     ..Options::default()
/// };
/// let parsed = parse(file.as_bytes(), &options).unwrap();
/// assert_eq!(parsed.signals[0].at.to_string(), "2026-02-10T09:31:00Z");
/// ```
pub fn parse(bytes: &[u8], options: &Options) -> Result<Parsed, TransactionsError> {
    let limits = &options.limits;
    let mut table = Table::open(bytes, limits.line_bytes)?;
    let columns = Columns::of(table.header(), options)?;
    let ignored = columns.ignored(table.header());
    let mut parsed = Parsed::default();
    let mut reader = RowReader::new(columns, options);
    while let Some(row) = table.advance() {
        let line = match row {
            Ok(line) => line,
            Err(bad) => {
                parsed.refuse(Refused { line: bad.line, field: None, reason: bad.reason }, limits);
                continue;
            }
        };
        match reader.read(&table) {
            Ok(Some(signal)) => parsed.take(line, signal, limits),
            Ok(None) => {}
            Err(row::BadRow::Cell { field, reason }) => {
                parsed.refuse(Refused { line, field: Some(field), reason }, limits);
            }
            Err(row::BadRow::NoTimezone(text)) => return Err(TransactionsError::Timezone { line, text }),
        }
    }
    parsed.notes = notes(ignored, &reader.tally, table.windows_1252_lines());
    Ok(parsed)
}

fn notes(ignored: Vec<String>, tally: &Tally, windows_1252_lines: u64) -> Vec<Note> {
    let counted = [
        (tally.ambiguous, Note::AmbiguousTimes as fn(u64) -> Note),
        (tally.skipped, Note::SkippedTimes),
        (windows_1252_lines, Note::Windows1252Lines),
        (tally.returns_passed_over, Note::ReturnsPassedOver),
    ];
    let counted = counted.into_iter().filter(|(count, _)| *count > 0).map(|(count, note)| note(count));
    ignored.into_iter().map(Note::IgnoredColumn).chain(counted).collect()
}
