//! The cells of one row of a fleet file, each read by its type; what is wrong is added to the file's faults, and reading goes on.

use super::faults::FleetErrors;
use super::{MAX_ROW_BYTES, MAX_ROWS};
use crate::Note;
use crate::parsed::clip;
use crate::rfc3339::YEARS;
use crate::table::{Table, decimal, wanted};
use domain::fleet::{Attributes, MAX_ATTRIBUTE_BYTES};
use domain::{BadCode, CustomerKey};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The longest cell that is no attribute: an address, a name.
const MAX_CELL_BYTES: usize = 1024;

/// A field of the fleet: its canonical name first, then the others it goes by.
pub(super) type Names = &'static [&'static str];

pub(super) const CUSTOMER: Names = &["customer", "kund", "customer_key"];

/// A fleet file being read.
pub(super) struct Sheet<'a> {
    table: Table<'a>,
    line: u32,
    known: BTreeMap<&'static str, usize>,
    attributes: Vec<(String, usize)>,
    given_customer: CustomerKey,
    first_lines: BTreeMap<(CustomerKey, String), u32>,
    rows: usize,
    pub(super) errors: FleetErrors,
}

impl<'a> Sheet<'a> {
    /// Opens a file whose `fields` are known; the first of them is required. Every further column is an attribute.
    pub(super) fn open(bytes: &'a [u8], fields: &[Names], customer: &CustomerKey) -> Result<Self, FleetErrors> {
        let table = Table::open(bytes, MAX_ROW_BYTES)?;
        let header = table.header();
        let mut known = BTreeMap::new();
        for names in fields.iter().chain([&CUSTOMER]) {
            if let (Some(canonical), Some(column)) = (names.first(), header.find(names)) {
                known.insert(*canonical, column);
            }
        }
        let required = fields.first().copied().unwrap_or_default();
        if !required.first().is_some_and(|name| known.contains_key(name)) {
            let (looked_for, found) = wanted(required, header);
            return Err(FleetErrors::of_file(format!(
                "no column for the code of each row; looked for {looked_for}; found {found}"
            )));
        }
        let mut errors = FleetErrors::default();
        let mut attributes = Vec::new();
        for column in (0..header.len()).filter(|column| !known.values().any(|taken| taken == column)) {
            let name = header.name(column);
            if name.chars().any(char::is_control) {
                errors.add(1, Some(&clip(name)), "must not contain control characters");
            }
            attributes.push((name.to_owned(), column));
        }
        let first_lines = BTreeMap::new();
        Ok(Self { table, line: 1, known, attributes, given_customer: customer.clone(), first_lines, rows: 0, errors })
    }

    /// Goes to the next row; false at the end. Rows that cannot be read are faults.
    pub(super) fn advance(&mut self) -> bool {
        while let Some(row) = self.table.advance() {
            match row {
                Ok(_) if self.rows == MAX_ROWS => {
                    self.errors.add(self.line, None, format!("the file has more than {MAX_ROWS} rows"));
                    return false;
                }
                Ok(line) => {
                    self.line = line;
                    self.rows += 1;
                    return true;
                }
                Err(bad) => self.errors.add(bad.line, None, bad.reason),
            }
        }
        false
    }

    pub(super) fn line(&self) -> u32 {
        self.line
    }

    /// What the cell of a field holds; `None` if it is empty or there is no such column.
    pub(super) fn cell(&self, field: &str) -> Option<&str> {
        self.known.get(field).map(|column| self.table.cell(*column)).filter(|cell| !cell.is_empty())
    }

    /// Adds a fault of the row gone to.
    pub(super) fn fault(&mut self, field: &str, reason: impl Into<String>) {
        let name = self.known.get(field).map_or(field, |column| self.table.header().name(*column));
        self.errors.add(self.line, Some(name), reason);
    }

    /// A cell through a reader of its own.
    pub(super) fn read<T, E: ToString>(&mut self, field: &str, read: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        match read(self.cell(field)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(field, error.to_string());
                None
            }
        }
    }

    /// A text.
    pub(super) fn text(&mut self, field: &str) -> Option<String> {
        self.read(field, |text| {
            if text.len() > MAX_CELL_BYTES {
                return Err(format!("is {} bytes long, more than {MAX_CELL_BYTES}", text.len()));
            }
            Ok(text.to_owned())
        })
    }

    /// A number within bounds.
    pub(super) fn number(&mut self, field: &str, least: f64, most: f64) -> Option<f64> {
        let comma_separated = self.table.header().is_comma_separated();
        self.read(field, |text| {
            let plain = decimal(text, comma_separated)?;
            let number: f64 = plain.parse().map_err(|_| format!("must be a number, not {:?}", clip(text)))?;
            if (least..=most).contains(&number) {
                Ok(number)
            } else {
                Err(format!("must lie between {least} and {most}, not {number}"))
            }
        })
    }

    /// A day: `2026-02-09`, `2026/02/09`, `20260209` or `09.02.2026`.
    pub(super) fn date(&mut self, field: &str) -> Option<Date> {
        self.read(field, |text| {
            let day = text.split(['T', ' ']).next().unwrap_or(text);
            let formats = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y"];
            let date = formats.into_iter().find_map(|format| Date::strptime(format, day).ok());
            match date {
                Some(date) if YEARS.contains(&i64::from(date.year())) => Ok(date),
                Some(date) => Err(format!("lies in the year {}, which cannot be", date.year())),
                None => Err(format!("must be a day such as 2026-02-09, not {:?}", clip(text))),
            }
        })
    }

    /// The customer of the row and its own code, which no row before it may have.
    pub(super) fn key<T>(
        &mut self,
        field: &str,
        make: impl FnOnce(&str) -> Result<T, BadCode>,
    ) -> Option<(CustomerKey, T)> {
        let customer = match self.cell("customer") {
            None => Some(self.given_customer.clone()),
            Some(_) => self.read("customer", |key| CustomerKey::new(key)),
        };
        let Some(text) = self.cell(field).map(str::to_owned) else {
            self.fault(field, "must not be empty");
            return None;
        };
        let code = self.read(field, make);
        let (customer, code) = (customer?, code?);
        let first = *self.first_lines.entry((customer.clone(), text.clone())).or_insert(self.line);
        if first != self.line {
            self.fault(field, format!("{:?} stands on line {first} already", clip(&text)));
            return None;
        }
        Some((customer, code))
    }

    /// What stands in the columns that are attributes.
    pub(super) fn attributes(&mut self) -> Attributes {
        let mut attributes = Attributes::new();
        let Self { table, attributes: columns, errors, line, .. } = self;
        for (name, column) in columns.iter() {
            let text = table.cell(*column);
            if text.len() > MAX_ATTRIBUTE_BYTES {
                errors.add(*line, Some(name), format!("is {} bytes long, more than {MAX_ATTRIBUTE_BYTES}", text.len()));
            } else if text.chars().any(char::is_control) {
                errors.add(*line, Some(name), "must not contain control characters");
            } else if !text.is_empty() {
                attributes.insert(name.clone(), text.to_owned());
            }
        }
        attributes
    }

    /// Moves a field that is kept as an attribute.
    pub(super) fn attribute(&mut self, field: &'static str, attributes: &mut Attributes) {
        let text = self.read(field, |text| match text {
            long if long.len() > MAX_ATTRIBUTE_BYTES => {
                Err(format!("is {} bytes long, more than {MAX_ATTRIBUTE_BYTES}", long.len()))
            }
            strange if strange.chars().any(char::is_control) => Err("must not contain control characters".to_owned()),
            text => Ok(text.to_owned()),
        });
        attributes.extend(text.map(|text| (field.to_owned(), text)));
    }

    /// The fields that the file has columns for.
    pub(super) fn columns(&self) -> BTreeSet<String> {
        let known = self.known.keys().map(|name| (*name).to_owned());
        known.chain(self.attributes.iter().map(|(name, _)| name.clone())).collect()
    }

    pub(super) fn notes(&self) -> Vec<Note> {
        let lines = self.table.windows_1252_lines();
        if lines > 0 { vec![Note::Windows1252Lines(lines)] } else { Vec::new() }
    }
}
