//! The attributes of the whole fleet, kept in memory and up to date while devices come and change.
//!
//! Columnar and dictionary coded, so that an explanation counts codes instead of comparing strings. A value no unit bears
//! any more gives its code back: attributes that change every hour do not make the dictionary grow.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::codes::{Codes, NONE};

/// Attributes (columns) of units `0..units()`; a unit that has no recorded value of an attribute is covered by none.
///
/// ```
/// use detect::explain::AttributeTable;
/// let mut table = AttributeTable::new();
/// let firmware = table.column("firmware");
/// let till = table.add_unit().unwrap();
/// table.set(till, firmware, Some("4.2.1")).unwrap();
/// assert_eq!(table.value(till, firmware), Some("4.2.1"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct AttributeTable {
    columns: Vec<Column>,
    by_name: FxHashMap<Arc<str>, ColumnId>,
    units: u32,
}

/// Which column of an [`AttributeTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId(pub(crate) u32);

/// What cannot be done to an [`AttributeTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A unit the table has not been told of.
    #[error("unit {unit} is not in the table, which has {units}")]
    UnknownUnit {
        /// The unit asked for.
        unit: u32,
        /// How many units there are.
        units: u32,
    },
    /// A column of another table.
    #[error("column {column} is not in the table, which has {columns}")]
    UnknownColumn {
        /// The column asked for.
        column: u32,
        /// How many columns there are.
        columns: usize,
    },
    /// More units than can be numbered.
    #[error("the table cannot number more than {units} units")]
    Full {
        /// How many units there are.
        units: u32,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct Column {
    name: Arc<str>,
    values: Vec<Arc<str>>,
    by_value: FxHashMap<Arc<str>, u32>,
    bearers: Vec<u32>,
    free: Vec<u32>,
    codes: Codes,
}

impl AttributeTable {
    /// A table without units or columns.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many units there are.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.units
    }

    /// The column of an attribute, made if it is new.
    pub fn column(&mut self, attribute: &str) -> ColumnId {
        if let Some(&id) = self.by_name.get(attribute) {
            return id;
        }
        let id = ColumnId(self.columns.len() as u32);
        let name: Arc<str> = attribute.into();
        self.columns.push(Column::new(name.clone()));
        self.by_name.insert(name, id);
        id
    }

    /// The column of an attribute, if any unit has ever borne it.
    #[must_use]
    pub fn find_column(&self, attribute: &str) -> Option<ColumnId> {
        self.by_name.get(attribute).copied()
    }

    /// Attributes in the order they were made.
    pub fn attributes(&self) -> impl Iterator<Item = (ColumnId, &str)> {
        self.columns.iter().enumerate().map(|(at, column)| (ColumnId(at as u32), &*column.name))
    }

    /// Adds a unit with nothing recorded and returns its number.
    ///
    /// # Errors
    /// [`TableError::Full`] after 2^32 - 2 units.
    pub fn add_unit(&mut self) -> Result<u32, TableError> {
        if self.units == NONE - 1 {
            return Err(TableError::Full { units: self.units });
        }
        self.units += 1;
        Ok(self.units - 1)
    }

    /// Records the value of a unit, or with `None` that it is not known.
    ///
    /// # Errors
    /// [`TableError::UnknownUnit`], [`TableError::UnknownColumn`].
    pub fn set(&mut self, unit: u32, column: ColumnId, value: Option<&str>) -> Result<(), TableError> {
        if unit >= self.units {
            return Err(TableError::UnknownUnit { unit, units: self.units });
        }
        let (columns, units) = (self.columns.len(), self.units as usize);
        let column =
            self.columns.get_mut(column.0 as usize).ok_or(TableError::UnknownColumn { column: column.0, columns })?;
        column.set(unit, value, units);
        Ok(())
    }

    /// The recorded value of a unit.
    #[must_use]
    pub fn value(&self, unit: u32, column: ColumnId) -> Option<&str> {
        let column = self.columns.get(column.0 as usize)?;
        column.values.get(column.codes.get(unit) as usize).map(|value| &**value)
    }

    /// How many units bear a value of an attribute.
    #[must_use]
    pub fn bearers(&self, column: ColumnId, value: &str) -> u32 {
        let Some(column) = self.columns.get(column.0 as usize) else { return 0 };
        column.by_value.get(value).map_or(0, |&code| column.bearers[code as usize])
    }

    /// Bytes on the heap: what the fleet's memory budget is charged.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.columns.iter().map(Column::heap_bytes).sum()
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }
}

impl Column {
    fn new(name: Arc<str>) -> Self {
        Self {
            name,
            values: Vec::new(),
            by_value: FxHashMap::default(),
            bearers: Vec::new(),
            free: Vec::new(),
            codes: Codes::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn text(&self, code: u32) -> &str {
        self.values.get(code as usize).map_or("", |value| value)
    }

    pub(crate) fn codes(&self) -> &Codes {
        &self.codes
    }

    /// Units bearing each code.
    pub(crate) fn bearer_counts(&self) -> &[u32] {
        &self.bearers
    }

    fn set(&mut self, unit: u32, value: Option<&str>, units: usize) {
        let before = self.codes.get(unit);
        let after = value.map_or(NONE, |value| self.intern(value));
        if before == after {
            return;
        }
        self.codes.set(unit, after, units);
        if after != NONE {
            self.bearers[after as usize] += 1;
        }
        if before != NONE {
            self.release(before);
        }
    }

    fn intern(&mut self, value: &str) -> u32 {
        if let Some(&code) = self.by_value.get(value) {
            return code;
        }
        let text: Arc<str> = value.into();
        let code = if let Some(code) = self.free.pop() {
            self.values[code as usize] = text.clone();
            code
        } else {
            self.values.push(text.clone());
            self.bearers.push(0);
            (self.values.len() - 1) as u32
        };
        self.by_value.insert(text, code);
        code
    }

    fn release(&mut self, code: u32) {
        let left = &mut self.bearers[code as usize];
        *left -= 1;
        if *left == 0 {
            self.by_value.remove(&self.values[code as usize]);
            self.values[code as usize] = "".into();
            self.free.push(code);
        }
    }

    fn heap_bytes(&self) -> usize {
        let texts: usize = self.values.iter().map(|value| value.len() + 16).sum();
        self.codes.heap_bytes() + texts + self.values.capacity() * (16 + 4) + self.by_value.capacity() * 25
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_unit_that_changes_value_moves_between_the_counts() {
        let mut table = AttributeTable::new();
        let firmware = table.column("firmware");
        for _ in 0..3 {
            let unit = table.add_unit().unwrap();
            table.set(unit, firmware, Some("4.2.0")).unwrap();
        }
        table.set(1, firmware, Some("4.2.1")).unwrap();
        table.set(2, firmware, None).unwrap();
        assert_eq!((table.bearers(firmware, "4.2.0"), table.bearers(firmware, "4.2.1")), (1, 1));
        assert_eq!(table.value(2, firmware), None);
    }

    #[test]
    fn values_nobody_bears_any_more_do_not_make_the_dictionary_grow() {
        let mut table = AttributeTable::new();
        let changed = table.column("changed at");
        let unit = table.add_unit().unwrap();
        for minute in 0..10_000 {
            table.set(unit, changed, Some(&format!("minute {minute}"))).unwrap();
        }
        assert_eq!(table.value(unit, changed), Some("minute 9999"));
        assert!(table.heap_bytes() < 1_000);
    }

    #[test]
    fn a_dozen_attributes_of_a_unit_take_less_than_thirty_six_bytes() {
        let mut table = AttributeTable::new();
        let columns: Vec<ColumnId> = (0..12).map(|at| table.column(&format!("attribute {at}"))).collect();
        for unit in 0..100_000_u32 {
            table.add_unit().unwrap();
            for (at, &column) in columns.iter().enumerate() {
                let values = if at < 8 { 50 } else { 1_000 };
                table.set(unit, column, Some(&format!("{}", unit % values))).unwrap();
            }
        }
        assert!(table.heap_bytes() / 100_000 < 36, "{} bytes a unit", table.heap_bytes() / 100_000);
    }

    #[test]
    fn what_is_not_in_the_table_is_named() {
        let mut table = AttributeTable::new();
        let column = table.column("model");
        assert_eq!(table.set(0, column, None), Err(TableError::UnknownUnit { unit: 0, units: 0 }));
        table.add_unit().unwrap();
        assert_eq!(table.set(0, ColumnId(7), None), Err(TableError::UnknownColumn { column: 7, columns: 1 }));
    }
}
