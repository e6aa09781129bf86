//! Tables as they come out of spreadsheets and till systems, whole and broken.
#![allow(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

type Rows = Vec<Result<(u32, Vec<String>), u32>>;

fn rows(bytes: &[u8]) -> (Vec<String>, Rows) {
    let mut table = Table::open(bytes, 4096).unwrap();
    let names = table.header().names().to_vec();
    let mut rows = Vec::new();
    while let Some(row) = table.advance() {
        rows.push(match row {
            Ok(line) => Ok((line, (0..names.len()).map(|i| table.cell(i).to_owned()).collect())),
            Err(bad) => Err(bad.line),
        });
    }
    (names, rows)
}

fn row(line: u32, cells: &[&str]) -> Result<(u32, Vec<String>), u32> {
    Ok((line, cells.iter().map(|c| (*c).to_owned()).collect()))
}

#[test]
fn the_same_table_is_read_from_every_dialect() {
    let expected = (vec!["tid".to_owned(), "butik".into()], vec![row(2, &["1", "Ånge"]), row(4, &["2", "Umeå, c"])]);
    let utf16: Vec<u8> =
        "\u{feff}tid\tbutik\r\n1\tÅnge\r\n\r\n2\tUmeå, c".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        "\u{feff}tid;butik\r\n1;Ånge\r\n\r\n2;Umeå, c\r\n".as_bytes(),
        "tid\tbutik\n1\tÅnge\n\t\n2\tUmeå, c".as_bytes(),
        "tid,butik\n1,Ånge\n , \n2,\"Umeå, c\"\n".as_bytes(),
        "tid;butik;\r1;Ånge;\r;;\r2;Umeå, c;\r".as_bytes(),
        b"tid;butik\n1;\xc5nge\n\n2;Ume\xe5, c",
        &utf16,
    ] {
        assert_eq!(rows(bytes), expected, "{}", String::from_utf8_lossy(bytes));
    }
    let (names, found) = rows("sep=|\ntid|butik\n1|Ånge".as_bytes());
    assert_eq!((names.len(), found), (2, vec![row(3, &["1", "Ånge"])]));
}

#[test]
fn a_cell_in_quotes_may_hold_line_breaks_and_later_lines_keep_their_numbers() {
    let (_, found) = rows(b"a,b\n1,\"x\ny \"\"z\"\"\"\n2,w\n");
    assert_eq!(found, [row(2, &["1", "x\ny \"z\""]), row(4, &["2", "w"])]);
}

#[test]
fn a_stray_quote_refuses_its_own_line_only() {
    let (_, found) = rows(b"a,b\n1,\"x\n2,y\n3,z\n");
    assert_eq!(found, [Err(2), row(3, &["2", "y"]), row(4, &["3", "z"])]);
    let (_, found) = rows(format!("a,b\n\"1,x\n{}", "2,y\n".repeat(40)).as_bytes());
    assert_eq!((found.len(), found.iter().filter(|row| row.is_err()).count()), (41, 1));
}

#[test]
fn rows_that_do_not_fit_are_refused_by_line() {
    let long = "x".repeat(5000);
    let (_, found) = rows(format!("a,b\n1\n1,2,3\n1,2,,\n{long},1\n1,2").as_bytes());
    assert_eq!(found, [Err(2), Err(3), row(4, &["1", "2"]), Err(5), row(6, &["1", "2"])]);
}

#[test]
fn what_is_no_table_says_so() {
    let open = |bytes: &[u8]| Table::open(bytes, 4096).map(|_| ()).unwrap_err();
    assert_eq!(open(b" \n\n"), TableError::Empty);
    assert_eq!(open(b""), TableError::Empty);
    assert_eq!(open(b"a;b;A \n"), TableError::Twice { name: "a".into(), first: 1, second: 3 });
    assert_eq!(open(b"a;;b\n").to_string(), "the first line must name the columns: column 2 has no name");
    assert!(matches!(open(&[b'x'; 5000]), TableError::Header(_)));
}

proptest! {
    #[test]
    fn every_line_that_is_not_blank_is_accounted_for(text in "[a1,;\"\t\r\nå]{0,80}") {
        let bytes = format!("a;b\n{text}").into_bytes();
        let mut table = Table::open(&bytes, 4096).unwrap();
        let (mut rows, mut last) = (0, 1);
        while let Some(row) = table.advance() {
            let line = row.unwrap_or_else(|bad| bad.line);
            prop_assert!(line > last, "lines go forward");
            last = line;
            rows += 1;
        }
        let text = text.replace("\r\n", "\n");
        let solid = text.split(['\r', '\n']).filter(|line| line.contains(['a', '1', 'å', ','])).count();
        // A cell in quotes joins lines; nothing else does.
        prop_assert!(text.contains('"') || rows == solid, "{rows} rows of {solid} lines");
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(mut table) = Table::open(&bytes, 100) {
            while let Some(row) = table.advance() {
                if row.is_ok() {
                    for column in 0..=table.header().len() {
                        let _ = table.cell(column);
                    }
                }
            }
        }
    }
}
