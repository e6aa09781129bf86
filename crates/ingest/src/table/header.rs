//! The columns of a table, found by any of the names that people give them.

use super::TableError;

/// The names over the columns.
#[derive(Debug, Default)]
pub(crate) struct Header {
    written: Vec<String>,
    normal: Vec<String>,
    delimiter: u8,
}

impl Header {
    pub(super) fn new(written: Vec<String>, delimiter: u8) -> Result<Self, TableError> {
        let mut normal: Vec<String> = written.iter().map(|name| normal_form(name)).collect();
        let mut written = written;
        // A delimiter at the end of the header makes a column without name.
        while normal.last().is_some_and(String::is_empty) {
            normal.pop();
            written.pop();
        }
        if let Some(at) = normal.iter().position(String::is_empty) {
            return Err(TableError::Header(format!("column {} has no name", at + 1)));
        }
        let mut order: Vec<usize> = (0..normal.len()).collect();
        order.sort_by_key(|at| &normal[*at]);
        for pair in order.windows(2) {
            if normal[pair[0]] == normal[pair[1]] {
                let (first, second) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
                let name = written[first].clone();
                return Err(TableError::Twice { name, first: first + 1, second: second + 1 });
            }
        }
        Ok(Self { written, normal, delimiter })
    }

    /// How many columns there are.
    pub(crate) fn len(&self) -> usize {
        self.written.len()
    }

    /// The first column that has one of the names; earlier names go first.
    pub(crate) fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.normal.iter().position(|column| column == name))
    }

    /// The name over a column as written.
    pub(crate) fn name(&self, column: usize) -> &str {
        self.written.get(column).map_or("", String::as_str)
    }

    /// All names as written.
    pub(crate) fn names(&self) -> &[String] {
        &self.written
    }

    /// Whether a comma separates cells, so that one inside a number was put in quotes.
    pub(crate) fn is_comma_separated(&self) -> bool {
        self.delimiter == b','
    }
}

/// How to say which names were looked for and which were found.
pub(crate) fn wanted(names: &[&str], header: &Header) -> (String, String) {
    let found: Vec<String> = header.names().iter().take(40).map(|name| crate::parsed::clip(name)).collect();
    (names.join(", "), found.join(", "))
}

/// Lower case, with white space and `-./` as `_`: `Serial No.` and `serial_no` are one name.
fn normal_form(name: &str) -> String {
    let name: String = name
        .trim()
        .chars()
        .map(|c| if c.is_whitespace() || matches!(c, '-' | '.' | '/') { '_' } else { c })
        .flat_map(char::to_lowercase)
        .collect();
    name.trim_matches('_').to_owned()
}
