//! A CSV file as people's tools write it: any common delimiter, byte order mark, Windows or Unix lines, UTF-8, UTF-16 or
//! Windows-1252, `sep=;` on top.
//!
//! A row that is broken refuses itself and no other: a stray quote would swallow the rest of a file, so a row that runs over lines
//! and does not fit the header is refused at its first line, and reading goes on at the next.

mod encoding;
mod header;
mod number;

pub(crate) use header::{Header, wanted};
pub(crate) use number::{decimal, whole};

use crate::parsed::clip;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use memchr::memchr2;
use std::borrow::Cow;

/// The most lines that one row may run over (a cell in quotes may hold line breaks).
const MAX_ROW_LINES: u32 = 16;
/// The most columns.
const MAX_COLUMNS: usize = 1024;
/// The longest header cell.
const MAX_NAME_BYTES: usize = 256;

/// Why a file is no table at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Nothing in it.
    #[error("the file is empty; its first line must name the columns")]
    Empty,
    /// The first line is not one that names columns.
    #[error("the first line must name the columns: {0}")]
    Header(String),
    /// One name stands over two columns.
    #[error("column {name:?} appears twice (columns {first} and {second})")]
    Twice {
        /// The name as written first.
        name: String,
        /// Its first column, from 1.
        first: usize,
        /// Its second.
        second: usize,
    },
}

/// A table being read, row by row.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    bytes: Cow<'a, [u8]>,
    at: usize,
    line: u32,
    reader: Reader,
    row_bytes: usize,
    header: Header,
    row: Row,
    windows_1252_lines: u64,
}

/// The cells of one row.
#[derive(Debug, Default)]
struct Row {
    raw: Vec<u8>,
    text: String,
    ends: Vec<usize>,
    cells: usize,
}

/// A row that cannot be read: its line, and why.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadRow {
    pub(crate) line: u32,
    pub(crate) reason: String,
}

impl<'a> Table<'a> {
    /// Reads the header. `row_bytes` bounds a row.
    pub(crate) fn open(bytes: &'a [u8], row_bytes: usize) -> Result<Self, TableError> {
        let bytes = encoding::to_utf8_if_utf16(bytes);
        let mut table = Self {
            bytes,
            at: 0,
            line: 1,
            reader: Reader::new(),
            row_bytes,
            header: Header::default(),
            row: Row::default(),
            windows_1252_lines: 0,
        };
        table.skip_blank();
        let first = table.physical_line().trim_ascii();
        if first.is_empty() {
            return Err(TableError::Empty);
        }
        let mut delimiter = sniff(first);
        if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', said] = first {
            delimiter = *said;
            table.pass_line();
            table.skip_blank();
        }
        table.reader = ReaderBuilder::new().delimiter(delimiter).build();
        table.read_row().map_err(TableError::Header)?;
        let names: Vec<String> = (0..table.row.cells).map(|i| table.row.cell(i).trim().to_owned()).collect();
        if let Some(long) = names.iter().find(|name| name.len() > MAX_NAME_BYTES) {
            return Err(TableError::Header(format!("{:?} is too long for a name", clip(long))));
        }
        table.header = Header::new(names, delimiter)?;
        Ok(table)
    }

    /// The columns.
    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// How many rows were read as Windows-1252.
    pub(crate) fn windows_1252_lines(&self) -> u64 {
        self.windows_1252_lines
    }

    /// Goes to the next row that is not blank; gives its line, from 1.
    pub(crate) fn advance(&mut self) -> Option<Result<u32, BadRow>> {
        loop {
            self.skip_blank();
            if self.at >= self.bytes.len() {
                return None;
            }
            let (line, start) = (self.line, self.at);
            let read = self.read_row().and_then(|()| self.fit());
            if let Err(reason) = read {
                (self.at, self.line) = (start, line);
                self.pass_line();
                return Some(Err(BadRow { line, reason }));
            }
            if (0..self.row.cells).any(|i| !self.row.cell(i).trim().is_empty()) {
                return Some(Ok(line));
            }
        }
    }

    /// A cell of the row gone to, without the white space around it.
    pub(crate) fn cell(&self, column: usize) -> &str {
        self.row.cell(column).trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
    }

    /// Whether the row has as many cells as the header; empty ones too many are let pass.
    fn fit(&self) -> Result<(), String> {
        let (cells, columns) = (self.row.cells, self.header.len());
        let surplus = (columns..cells).any(|i| !self.row.cell(i).trim().is_empty());
        if cells >= columns && !surplus {
            return Ok(());
        }
        Err(format!("has {cells} cells where the header has {columns}"))
    }

    /// Reads the row that starts here, over at most [`MAX_ROW_LINES`]; leaves `at` behind it.
    fn read_row(&mut self) -> Result<(), String> {
        self.reader.reset();
        let (start, first_line) = (self.at, self.line);
        let (mut out, mut ends) = (0, 0);
        loop {
            let open_quote = || format!("opens a quote that is not closed within {MAX_ROW_LINES} lines");
            let length = self.physical_line().len();
            if self.at - start + length > self.row_bytes {
                let bytes = self.at - start + length;
                return Err(format!("is {bytes} bytes long, more than {}", self.row_bytes));
            }
            let mut input = &self.bytes[self.at..self.at + length];
            let done = loop {
                self.row.make_room(out, ends)?;
                let (result, read, wrote, ended) =
                    self.reader.read_record(input, &mut self.row.raw[out..], &mut self.row.ends[ends..]);
                (input, out, ends) = (&input[read..], out + wrote, ends + ended);
                match result {
                    ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {}
                    ReadRecordResult::InputEmpty => break false,
                    ReadRecordResult::Record | ReadRecordResult::End => break true,
                }
            };
            self.at += length;
            self.line = self.line.saturating_add(1);
            let at_end = self.at >= self.bytes.len();
            if !done && at_end {
                if self.line - first_line > 1 {
                    return Err(open_quote());
                }
                // An empty input tells the reader that the file ends here.
                loop {
                    self.row.make_room(out, ends)?;
                    let (result, _, wrote, ended) =
                        self.reader.read_record(&[], &mut self.row.raw[out..], &mut self.row.ends[ends..]);
                    (out, ends) = (out + wrote, ends + ended);
                    if matches!(result, ReadRecordResult::Record | ReadRecordResult::End) {
                        break;
                    }
                }
            }
            if done || at_end {
                self.row.finish(out, ends, &mut self.windows_1252_lines);
                return Ok(());
            }
            if self.line - first_line >= MAX_ROW_LINES {
                return Err(open_quote());
            }
        }
    }

    /// The line that starts here, with its line break.
    fn physical_line(&self) -> &[u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = match memchr2(b'\n', b'\r', rest) {
            None => rest.len(),
            Some(i) if rest[i] == b'\r' && rest.get(i + 1) == Some(&b'\n') => i + 2,
            Some(i) => i + 1,
        };
        &rest[..end]
    }

    fn pass_line(&mut self) {
        self.at += self.physical_line().len();
        self.line = self.line.saturating_add(1);
    }

    fn skip_blank(&mut self) {
        // A line of tabs alone may be a row of empty cells: `advance` passes over that one.
        while self.at < self.bytes.len() && self.physical_line().trim_ascii().is_empty() {
            self.pass_line();
        }
    }
}

impl Row {
    fn make_room(&mut self, out: usize, ends: usize) -> Result<(), String> {
        if ends >= MAX_COLUMNS {
            return Err(format!("has more than {MAX_COLUMNS} cells"));
        }
        if self.raw.len() - out.min(self.raw.len()) < 64 {
            self.raw.resize((self.raw.len() * 2).max(1024), 0);
        }
        if self.ends.len() <= ends {
            self.ends.resize((self.ends.len() * 2).clamp(32, MAX_COLUMNS), 0);
        }
        Ok(())
    }

    fn finish(&mut self, out: usize, ends: usize, windows_1252_lines: &mut u64) {
        self.cells = ends;
        self.text.clear();
        if let Ok(text) = std::str::from_utf8(&self.raw[..out]) {
            self.text.push_str(text);
            return;
        }
        *windows_1252_lines += 1;
        let mut from = 0;
        for end in &mut self.ends[..ends] {
            encoding::push_windows_1252(&mut self.text, self.raw.get(from..*end).unwrap_or_default());
            from = *end;
            *end = self.text.len();
        }
    }

    fn cell(&self, column: usize) -> &str {
        if column >= self.cells {
            return "";
        }
        let from = if column == 0 { 0 } else { self.ends[column - 1] };
        // Ends lie on character borders, unless a delimiter was chosen (`sep=`) that is part of one.
        self.text.get(from..self.ends[column]).unwrap_or_default()
    }
}

/// The delimiter that the header uses most, outside quotes.
fn sniff(first: &[u8]) -> u8 {
    let count = |delimiter| {
        let mut quoted = false;
        first
            .iter()
            .filter(|byte| {
                quoted ^= **byte == b'"';
                !quoted && **byte == delimiter
            })
            .count()
    };
    let candidates = [b',', b'\t', b';'];
    candidates.into_iter().max_by_key(|delimiter| count(*delimiter)).filter(|d| count(*d) > 0).unwrap_or(b',')
}

#[cfg(test)]
mod tests;
