//! One row of transactions into a signal.

use super::columns::{Columns, When};
use super::local_time::{self, Written};
use super::{Options, Returns};
use crate::native::MAX_INTERVAL_S;
use crate::parsed::clip;
use crate::rfc3339;
use crate::table::{Table, decimal, whole};
use domain::signal::{Count, Signal};
use domain::{Currency, DeviceCode, Metric, Money, SignalBody, SiteCode};
use jiff::Timestamp;
use jiff::tz::AmbiguousOffset;

/// What was tolerated, and how often.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) ambiguous: u64,
    pub(super) skipped: u64,
    pub(super) returns_passed_over: u64,
}

/// Reads rows one after another.
pub(super) struct RowReader<'o> {
    columns: Columns,
    options: &'o Options,
    metric: Metric,
    joined: String,
    pub(super) tally: Tally,
}

/// Why a row is not taken.
pub(super) enum BadRow {
    /// One of its cells.
    Cell { field: String, reason: String },
    /// It holds a local time, and no zone is known: nor will the next row fare better.
    NoTimezone(String),
}

enum Kind {
    Sale,
    Return,
}

impl<'o> RowReader<'o> {
    pub(super) fn new(columns: Columns, options: &'o Options) -> Self {
        let sales = || Metric::new("sales").expect("a short word is a metric's name");
        let metric = options.metric.clone().unwrap_or_else(sales);
        Self { columns, options, metric, joined: String::new(), tally: Tally::default() }
    }

    /// The signal of the row gone to; `None` for a return that is passed over.
    pub(super) fn read(&mut self, table: &Table<'_>) -> Result<Option<Signal>, BadRow> {
        let at = self.at(table)?;
        let kind = self.kind(table)?;
        if matches!((&kind, self.options.returns), (Kind::Return, Returns::PassOver)) {
            self.tally.returns_passed_over += 1;
            return Ok(None);
        }
        let cell = |column: Option<usize>| column.map_or("", |column| table.cell(column));
        let site = match cell(self.columns.site) {
            "" => self.options.site.clone(),
            code => Some(SiteCode::new(code).map_err(|bad| wrong(table, self.columns.site, &bad))?),
        };
        let device = match cell(self.columns.device) {
            "" => None,
            code => Some(DeviceCode::new(code).map_err(|bad| wrong(table, self.columns.device, &bad))?),
        };
        if site.is_none() && device.is_none() {
            let column = self.columns.site.or(self.columns.device);
            return Err(wrong(table, column, &"is empty, and the row names no other place"));
        }
        let metric = match cell(self.columns.metric) {
            "" => self.metric.clone(),
            name => Metric::new(name).map_err(|bad| wrong(table, self.columns.metric, &bad))?,
        };
        let mut value = self.value(table)?;
        let mut count = self.whole(table, self.columns.count, u32::MAX)?.unwrap_or(1);
        if matches!(kind, Kind::Return) {
            count = 0;
            value = value.map(|value| Money { minor: -value.minor.saturating_abs(), ..value });
        }
        let interval_s = self.whole(table, self.columns.interval_s, MAX_INTERVAL_S)?;
        if interval_s == Some(0) {
            return Err(wrong(
                table,
                self.columns.interval_s,
                &"must be at least 1; leave it empty for a single moment",
            ));
        }
        let body = SignalBody::Count(Count { metric, interval_s, count, value });
        Ok(Some(Signal { at, received_at: None, site, device, envelope: None, body }))
    }

    fn at(&mut self, table: &Table<'_>) -> Result<Timestamp, BadRow> {
        let text = match self.columns.at {
            When::One(column) => table.cell(column),
            When::DateAndTime(date, time) => {
                // A date cell that a spreadsheet gave a midnight of its own: `2011-06-01 00:00:00`.
                let date = table.cell(date);
                let date = date.split_once(' ').filter(|(_, t)| t.starts_with("00:00")).map_or(date, |(day, _)| day);
                self.joined.clear();
                self.joined.push_str(date);
                self.joined.push(' ');
                self.joined.push_str(table.cell(time));
                &self.joined
            }
        };
        let written = local_time::parse(text).map_err(|bad| wrong(table, Some(self.columns.at.column()), &bad))?;
        let local = match written {
            Written::Moment(moment) => return self.within_years(table, moment),
            Written::Local(local) => local,
        };
        let Some(timezone) = &self.options.timezone else { return Err(BadRow::NoTimezone(clip(text))) };
        let ambiguous = timezone.to_ambiguous_timestamp(local);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => {}
            AmbiguousOffset::Gap { .. } => self.tally.skipped += 1,
            AmbiguousOffset::Fold { .. } => self.tally.ambiguous += 1,
        }
        let moment =
            ambiguous.compatible().map_err(|_| wrong(table, Some(self.columns.at.column()), &"is out of range"))?;
        self.within_years(table, moment)
    }

    fn within_years(&self, table: &Table<'_>, moment: Timestamp) -> Result<Timestamp, BadRow> {
        rfc3339::within_years(moment).map_err(|bad| wrong(table, Some(self.columns.at.column()), &bad))
    }

    fn kind(&self, table: &Table<'_>) -> Result<Kind, BadRow> {
        let Some(column) = self.columns.kind else { return Ok(Kind::Sale) };
        match table.cell(column).to_lowercase().as_str() {
            "" | "sale" | "sales" | "purchase" | "försäljning" | "köp" => Ok(Kind::Sale),
            "return" | "refund" | "retur" | "återköp" | "återbetalning" => Ok(Kind::Return),
            other => {
                Err(wrong(table, Some(column), &format!("must be sale (köp) or return (retur), not {:?}", clip(other))))
            }
        }
    }

    fn value(&self, table: &Table<'_>) -> Result<Option<Money>, BadRow> {
        let Some(column) = self.columns.value else { return Ok(None) };
        let text = table.cell(column);
        if text.is_empty() {
            return Ok(None);
        }
        let currency = self.currency(table)?;
        let plain =
            decimal(text, table.header().is_comma_separated()).map_err(|bad| wrong(table, Some(column), &bad))?;
        Money::parse(&plain, currency)
            .map(Some)
            .map_err(|bad| wrong(table, Some(column), &format!("is refused: {bad}")))
    }

    fn currency(&self, table: &Table<'_>) -> Result<Currency, BadRow> {
        let said = self.columns.currency.map_or("", |column| table.cell(column));
        match (said, self.options.currency) {
            ("", Some(given)) => Ok(given),
            ("", None) => Err(wrong(table, self.columns.currency, &"is empty, and no currency was given")),
            (code, _) => code
                .to_uppercase()
                .parse()
                .map_err(|bad| wrong(table, self.columns.currency, &format!("is refused: {bad}"))),
        }
    }

    fn whole(&self, table: &Table<'_>, column: Option<usize>, most: u32) -> Result<Option<u32>, BadRow> {
        let text = column.map_or("", |column| table.cell(column));
        if text.is_empty() {
            return Ok(None);
        }
        let number = whole(text, table.header().is_comma_separated(), most);
        number.map(Some).map_err(|bad| wrong(table, column, &bad))
    }
}

fn wrong(table: &Table<'_>, column: Option<usize>, reason: &impl ToString) -> BadRow {
    let field = column.map_or("row", |column| table.header().name(column)).to_owned();
    BadRow::Cell { field, reason: reason.to_string() }
}
