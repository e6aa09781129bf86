//! What is wrong with a fleet file, complete: a file is taken whole or not at all, so everything is said at once.

use crate::table::TableError;
use serde::Serialize;
use std::fmt;

/// How many faults are listed one by one.
const LISTED: usize = 10_000;

/// Why a file is refused. Displays as its first faults; [`FleetErrors::faults`] has all.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FleetErrors {
    /// The faults in the order of the file.
    pub faults: Vec<FleetFault>,
    /// How many more there are than are listed.
    pub unlisted: u64,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FleetFault {
    /// Its line; absent when the whole file is at fault.
    pub line: Option<u32>,
    /// The column as its header names it, where it is one.
    pub column: Option<String>,
    /// What is wrong, to be read after the column's name.
    pub reason: String,
}

impl std::error::Error for FleetErrors {}

impl FleetErrors {
    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) fn add(&mut self, line: u32, column: Option<&str>, reason: impl Into<String>) {
        if self.faults.len() < LISTED {
            let column = column.map(str::to_owned);
            self.faults.push(FleetFault { line: Some(line), column, reason: reason.into() });
        } else {
            self.unlisted += 1;
        }
    }

    pub(super) fn of_file(reason: impl Into<String>) -> Self {
        Self { faults: vec![FleetFault { line: None, column: None, reason: reason.into() }], unlisted: 0 }
    }
}

impl From<TableError> for FleetErrors {
    fn from(error: TableError) -> Self {
        Self::of_file(error.to_string())
    }
}

impl fmt::Display for FleetErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 20;
        for (i, fault) in self.faults.iter().take(SHOWN).enumerate() {
            write!(f, "{}{fault}", if i == 0 { "" } else { "\n" })?;
        }
        let more = self.unlisted + self.faults.len().saturating_sub(SHOWN) as u64;
        if more > 0 {
            write!(f, "\nand {more} more")?;
        }
        Ok(())
    }
}

impl fmt::Display for FleetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(column) = &self.column {
            write!(f, "{column} ")?;
        }
        f.write_str(&self.reason)
    }
}
