//! Cuts a batch into the texts of single objects: lines of NDJSON, elements of an array, or objects one after another.
//!
//! Elements are found by counting brackets outside strings, before any of them is read, so that a bad element refuses only itself.

use memchr::{memchr, memchr3};

/// How the objects of a batch are laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// One object a line (`application/x-ndjson`).
    #[default]
    Lines,
    /// One JSON document (`application/json`): an array of objects, one object over several lines, or several of them.
    Document,
}

impl Form {
    /// The form of a file that does not say: a document if it opens with `[` or with an object that goes on after its first line.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Self {
        let bytes = without_bom(bytes).trim_ascii_start();
        let first = bytes.get(..memchr(b'\n', bytes).unwrap_or(bytes.len())).unwrap_or_default();
        match first.trim_ascii_end() {
            [b'[', ..] | [b'{'] => Self::Document,
            _ => Self::Lines,
        }
    }
}

/// One object's text, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Object(&'a [u8]),
    Broken(&'static str),
}

/// The pieces of a batch with their line, or their place in the document, from 1.
#[derive(Debug)]
pub(super) struct Pieces<'a> {
    rest: &'a [u8],
    place: Place,
    number: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Lines,
    /// Among objects that are not in an array.
    Loose,
    /// Inside an array: an element must follow, or may.
    Element {
        after_comma: bool,
    },
    AfterArray,
    Done,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(bytes: &'a [u8], form: Form) -> Self {
        let bytes = without_bom(bytes);
        let (rest, place) = match form {
            Form::Lines => (bytes, Place::Lines),
            Form::Document => match bytes.trim_ascii_start() {
                [b'[', inside @ ..] => (inside, Place::Element { after_comma: false }),
                loose => (loose, Place::Loose),
            },
        };
        Self { rest, place, number: 0 }
    }

    fn line(&mut self) -> Option<Piece<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            self.number = self.number.saturating_add(1);
            let end = memchr(b'\n', self.rest).unwrap_or(self.rest.len());
            let (line, rest) = self.rest.split_at(end);
            self.rest = rest.get(1..).unwrap_or_default();
            let line = line.trim_ascii();
            if !line.is_empty() {
                return Some(Piece::Object(line));
            }
        }
    }

    fn loose(&mut self) -> Option<Piece<'a>> {
        self.rest = self.rest.trim_ascii_start();
        if self.rest.is_empty() {
            return None;
        }
        let end = object_end(self.rest).unwrap_or(self.rest.len());
        let (object, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(Piece::Object(object.trim_ascii()))
    }

    fn element(&mut self, after_comma: bool) -> Option<Piece<'a>> {
        self.rest = self.rest.trim_ascii_start();
        if let ([b']', rest @ ..], false) = (self.rest, after_comma) {
            (self.rest, self.place) = (rest, Place::AfterArray);
            return self.after_array();
        }
        let Some(end) = element_end(self.rest) else {
            let element = std::mem::take(&mut self.rest).trim_ascii();
            self.place = Place::Done;
            // What is cut off in the middle of an element is refused as such; a whole last element is taken.
            return Some(match element {
                [] => Piece::Broken("is where the array breaks off, without its closing ]"),
                [.., b'}'] => Piece::Object(element),
                _ => Piece::Broken("breaks off in the middle; the array has no closing ]"),
            });
        };
        let (element, rest) = self.rest.split_at(end);
        self.place = if rest.first() == Some(&b',') { Place::Element { after_comma: true } } else { Place::AfterArray };
        self.rest = rest.get(1..).unwrap_or_default();
        let element = element.trim_ascii();
        Some(if element.is_empty() {
            Piece::Broken("is empty: a comma stands too many")
        } else {
            Piece::Object(element)
        })
    }

    fn after_array(&mut self) -> Option<Piece<'a>> {
        self.place = Place::Done;
        let more = !std::mem::take(&mut self.rest).trim_ascii().is_empty();
        more.then_some(Piece::Broken("stands after the end of the array"))
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (u32, Piece<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let piece = match self.place {
            Place::Lines => self.line()?,
            Place::Loose => self.loose()?,
            Place::Element { after_comma } => self.element(after_comma)?,
            Place::AfterArray => self.after_array()?,
            Place::Done => return None,
        };
        if self.place != Place::Lines {
            self.number = self.number.saturating_add(1);
        }
        Some((self.number, piece))
    }
}

fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Where the element that starts here ends: at the `,` or `]` of its array.
fn element_end(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at)?,
            b'{' | b'[' => depth = depth.saturating_add(1),
            b',' | b']' if depth == 0 => return Some(at),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the object that starts here ends: after its closing bracket.
fn object_end(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at)?,
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'\n' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the string whose opening quote stands at `open` has its closing one.
fn string_end(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        let found = at + memchr3(b'"', b'\\', b'\n', bytes.get(at..)?)?;
        match bytes.get(found)? {
            b'"' => return Some(found),
            b'\\' => at = found + 2,
            // A string cannot hold a line break: a quote was forgotten, and the damage ends here.
            _ => return Some(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str, form: Form) -> Vec<(u32, Result<String, &'static str>)> {
        Pieces::of(text.as_bytes(), form)
            .map(|(n, piece)| match piece {
                Piece::Object(bytes) => (n, Ok(String::from_utf8_lossy(bytes).into_owned())),
                Piece::Broken(reason) => (n, Err(reason)),
            })
            .collect()
    }

    #[test]
    fn lines_keep_their_numbers_over_blank_ones() {
        let found = pieces("\u{feff}{1}\r\n\n  \n{4}", Form::Lines);
        assert_eq!(found, [(1, Ok("{1}".into())), (4, Ok("{4}".into()))]);
    }

    #[test]
    fn an_array_falls_into_its_elements_whatever_they_hold() {
        let found = pieces(r#" [ {"a":"],[}\"{"} , {"b":[1,{"c":2}]},3 ] "#, Form::Document);
        let texts = [r#"{"a":"],[}\"{"}"#, r#"{"b":[1,{"c":2}]}"#, "3"];
        assert_eq!(found, (1..).zip(texts.map(|t| Ok(t.to_owned()))).collect::<Vec<_>>());
        assert_eq!(pieces("[]", Form::Document), []);
        assert_eq!(pieces(" ", Form::Document), []);
    }

    #[test]
    fn a_broken_array_gives_what_is_whole_and_says_where_it_breaks() {
        let cut = pieces(r#"[{"a":1},{"b":"#, Form::Document);
        assert_eq!(cut[0], (1, Ok(r#"{"a":1}"#.into())));
        assert!(cut[1].1.is_err() && cut.len() == 2);
        assert!(pieces("[{},", Form::Document)[1].1.is_err());
        assert!(pieces("[{},]", Form::Document)[1].1.is_err());
        assert!(pieces("[{},,{}]", Form::Document)[1].1.is_err());
        assert!(pieces("[{}] {}", Form::Document)[1].1.is_err());
    }

    #[test]
    fn objects_over_several_lines_are_found_without_an_array() {
        let found = pieces("{\n \"a\": 1\n}\n{\"b\":2}{\"c\":3} x\n{}", Form::Document);
        let texts: Vec<_> = found.into_iter().map(|(_, t)| t.unwrap_or_default()).collect();
        assert_eq!(texts, ["{\n \"a\": 1\n}", "{\"b\":2}", "{\"c\":3}", "x", "{}"]);
    }

    #[test]
    fn a_file_that_does_not_say_is_told_by_its_opening() {
        assert_eq!(Form::sniff(b"\xef\xbb\xbf \n[\n{}]"), Form::Document);
        assert_eq!(Form::sniff(b"{\n\"kind\":1}"), Form::Document);
        assert_eq!(Form::sniff(b"{\"kind\":1}\n{\"kind\":2}"), Form::Lines);
        assert_eq!(Form::sniff(b""), Form::Lines);
    }
}
