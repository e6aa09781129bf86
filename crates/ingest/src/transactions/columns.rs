//! Which column of a file of transactions holds what.

use super::{Options, TransactionsError};
use crate::table::{Header, wanted};

const AT: &[&str] = &["at", "timestamp", "tidpunkt", "datetime", "date_time", "datumtid", "occurred_at"];
const DATE: &[&str] = &["date", "datum", "dag", "day"];
const TIME: &[&str] = &["time", "tid", "klockslag", "kl"];
const SITE: &[&str] = &["site", "butik", "plats", "store", "shop", "location", "butiksnummer", "store_id", "shop_id"];
const DEVICE: &[&str] = &["device", "enhet", "kassa", "terminal", "till", "register", "pos"];
const COUNT: &[&str] = &["count", "antal", "transactions", "transaktioner", "antal_köp"];
const VALUE: &[&str] = &["value", "belopp", "summa", "värde", "amount", "total", "sum"];
const CURRENCY: &[&str] = &["currency", "valuta"];
const KIND: &[&str] = &["kind", "transaction_type", "transaktionstyp"];
const METRIC: &[&str] = &["metric"];
const INTERVAL_S: &[&str] = &["interval_s"];
/// Known, and of no use here: their absence from the signals is no surprise to anyone.
const UNUSED: &[&str] = &["receipt", "kvitto", "kvittonummer", "receipt_number", "items", "artiklar"];

/// Places of the columns.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) at: When,
    pub(super) site: Option<usize>,
    pub(super) device: Option<usize>,
    pub(super) count: Option<usize>,
    pub(super) value: Option<usize>,
    pub(super) currency: Option<usize>,
    pub(super) kind: Option<usize>,
    pub(super) metric: Option<usize>,
    pub(super) interval_s: Option<usize>,
}

/// Where the time stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    One(usize),
    DateAndTime(usize, usize),
}

impl When {
    /// The column to name when the time is wrong.
    pub(super) fn column(self) -> usize {
        match self {
            Self::One(column) | Self::DateAndTime(column, _) => column,
        }
    }
}

impl Columns {
    /// Finds them, or says which is missing.
    pub(super) fn of(header: &Header, options: &Options) -> Result<Self, TransactionsError> {
        let missing = |what, names: &[&[&str]]| {
            let (looked_for, found) = wanted(&names.concat(), header);
            TransactionsError::Missing { what, looked_for, found }
        };
        let at = match (header.find(AT), header.find(DATE), header.find(TIME)) {
            (Some(at), _, _) | (None, Some(at), None) | (None, None, Some(at)) => When::One(at),
            (None, Some(date), Some(time)) => When::DateAndTime(date, time),
            (None, None, None) => return Err(missing("time", &[AT, DATE, TIME])),
        };
        let columns = Self {
            at,
            site: header.find(SITE),
            device: header.find(DEVICE),
            count: header.find(COUNT),
            value: header.find(VALUE),
            currency: header.find(CURRENCY),
            kind: header.find(KIND),
            metric: header.find(METRIC),
            interval_s: header.find(INTERVAL_S),
        };
        if columns.site.is_none() && columns.device.is_none() && options.site.is_none() {
            return Err(missing("site or device (or give a site for the whole file)", &[SITE, DEVICE]));
        }
        match columns.value {
            Some(value) if columns.currency.is_none() && options.currency.is_none() => {
                Err(TransactionsError::Currency(header.name(value).to_owned()))
            }
            _ => Ok(columns),
        }
    }

    /// The names of columns that mean nothing here.
    pub(super) fn ignored(&self, header: &Header) -> Vec<String> {
        let (one, two) = match self.at {
            When::One(at) => (Some(at), None),
            When::DateAndTime(date, time) => (Some(date), Some(time)),
        };
        let used = [
            one,
            two,
            self.site,
            self.device,
            self.count,
            self.value,
            self.currency,
            self.kind,
            self.metric,
            self.interval_s,
        ];
        let unused: Vec<usize> = UNUSED.iter().filter_map(|name| header.find(&[name])).collect();
        let means_something = |column: &usize| used.contains(&Some(*column)) || unused.contains(column);
        (0..header.len()).filter(|c| !means_something(c)).map(|c| header.name(c).to_owned()).collect()
    }
}
