//! Files of transactions as shops have them: Swedish and English, local and absolute times, sales and returns.
#![allow(clippy::unwrap_used, clippy::panic)]

use domain::SiteCode;
use domain::money::SEK;
use domain::signal::{Count, SignalBody};
use ingest::transactions::{Options, Returns, TransactionsError, parse};
use ingest::{Limits, Note};
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn options() -> Options {
    Options {
        timezone: Some(TimeZone::get("Europe/Stockholm").unwrap()),
        site: Some(SiteCode::new("0412").unwrap()),
        currency: Some(SEK),
        ..Options::default()
    }
}

/// Time, site, device, count and minor units of each signal.
fn read(file: &str) -> Vec<String> {
    let parsed = parse(file.as_bytes(), &options()).unwrap();
    assert_eq!(parsed.refused, [], "{file}");
    parsed
        .signals
        .iter()
        .map(|signal| {
            let Count { count, value, .. } = count(&signal.body);
            let site = signal.site.as_ref().map_or("-", |code| code.as_str());
            let device = signal.device.as_ref().map_or("-", |code| code.as_str());
            let value = value.map_or("-".to_owned(), |v| format!("{} {}", v.decimal(), v.currency));
            format!("{} {site} {device} {count} {value}", signal.at)
        })
        .collect()
}

fn count(body: &SignalBody) -> &Count {
    match body {
        SignalBody::Count(count) => count,
        other => panic!("not a count: {other:?}"),
    }
}

#[test]
fn swedish_and_english_files_mean_the_same() {
    for file in [
        "\u{feff}Datum;Tid;Butik;Kassa;Antal;Belopp;Valuta\r\n2026-02-10;10:31;0007;2;3;1\u{a0}129,50;SEK\r\n",
        "tidpunkt\tplats\tterminal\tantal\tsumma\n10.02.2026 10.31\t0007\t2\t3\t1129,5\n",
        "timestamp,store,device,count,amount,currency\n2026-02-10T09:31:00Z,0007,2,3,\"1,129.50\",sek\n",
        "at,site,device,count,value\n2026-02-10 10:31:00,0007,2,3,1129.50\n",
        "date,time,shop,till,transactions,total\n2026-02-10 00:00:00,10:31,0007,2,3.0,1129.5\n",
    ] {
        assert_eq!(read(file), ["2026-02-10T09:31:00Z 0007 2 3 1129.50 SEK"], "{file}");
    }
}

#[test]
fn without_count_each_row_is_one_and_items_are_not_counted() {
    let rows = read("at,receipt,items,value\n2026-02-10 10:31,118,40,5.00\n2026-02-10 10:31,119,2,\n");
    assert_eq!(rows, ["2026-02-10T09:31:00Z 0412 - 1 5.00 SEK", "2026-02-10T09:31:00Z 0412 - 1 -"]);
}

#[test]
fn returns_count_nothing_and_take_turnover_back_or_are_passed_over() {
    let file = "at,kind,value\n2026-02-10 10:31,sale,5\n2026-02-10 10:32,return,-3\n2026-02-10 10:33,Retur,2\n";
    let rows = read(file);
    assert!(rows[0].ends_with("1 5.00 SEK") && rows[1].ends_with("0 -3.00 SEK") && rows[2].ends_with("0 -2.00 SEK"));
    let parsed = parse(file.as_bytes(), &Options { returns: Returns::PassOver, ..options() }).unwrap();
    assert_eq!((parsed.signals.len(), parsed.notes), (1, vec![Note::ReturnsPassedOver(2)]));
}

#[test]
fn times_around_the_clock_changes_are_settled_and_counted() {
    let file = "at,value\n2026-03-29 02:30,1\n2026-10-25 02:30,1\n2026-10-25 03:30,1\n";
    let parsed = parse(file.as_bytes(), &options()).unwrap();
    let times: Vec<String> = parsed.signals.iter().map(|s| s.at.to_string()).collect();
    assert_eq!(times, ["2026-03-29T01:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"]);
    assert_eq!(parsed.notes, [Note::AmbiguousTimes(1), Note::SkippedTimes(1)]);
}

#[test]
fn rows_that_are_wrong_are_named_and_the_others_taken() {
    let file = "tid;butik;antal;belopp;valuta\n\
        2026-02-10 10:31;1;1;5,00;SEK\n\
        2026-02-30 10:31;1;1;5,00;SEK\n\
        2026-02-10 10:31;1;-1;5,00;SEK\n\
        2026-02-10 10:31;1;1;fem;SEK\n\
        2026-02-10 10:31;1;1;5,00;kr\n\
        2026-02-10 10:31;1;1;5,005;SEK\n\
        9999-01-01 10:31;1;1;5,00;SEK\n\
        2026-02-10 10:31;1;1\n\
        2026-02-10 10:31;1;1,5;5,00;SEK\n";
    let parsed = parse(file.as_bytes(), &options()).unwrap();
    assert_eq!(parsed.signals.len(), 1);
    let refused: Vec<(u32, &str)> =
        parsed.refused.iter().map(|r| (r.line, r.field.as_deref().unwrap_or("-"))).collect();
    let expected =
        [(3, "tid"), (4, "antal"), (5, "belopp"), (6, "valuta"), (7, "belopp"), (8, "tid"), (9, "-"), (10, "antal")];
    assert_eq!(refused, expected);
}

#[test]
fn a_file_that_cannot_be_read_says_what_it_lacks() {
    let lacking = |file: &str, options: &Options| parse(file.as_bytes(), options).unwrap_err().to_string();
    let said = lacking("belopp;butik\n1;2\n", &options());
    assert!(
        said.contains("no column for the time") && said.contains("tidpunkt") && said.ends_with("found belopp, butik")
    );
    let said = lacking("at,value\n", &Options { site: None, ..options() });
    assert!(said.contains("site or device") && said.contains("butik"), "{said}");
    let said = lacking("at,Summa\n", &Options { currency: None, ..options() });
    assert!(said.contains("\"Summa\" holds amounts"), "{said}");
    let no_zone = Options { timezone: None, ..options() };
    let error = parse(b"at,value\n2026-02-10T10:31Z,1\n2026-02-10 10:31,1\n", &no_zone).unwrap_err();
    assert_eq!(error, TransactionsError::Timezone { line: 3, text: "2026-02-10 10:31".into() });
    assert!(lacking("", &options()).contains("empty"));
}

#[test]
fn columns_that_mean_nothing_are_listed() {
    let parsed = parse(b"at,receipt,country,items,value,note\n", &options()).unwrap();
    assert_eq!(parsed.notes, [Note::IgnoredColumn("country".into()), Note::IgnoredColumn("note".into())]);
}

#[test]
fn every_signal_of_a_file_can_be_stored() {
    let file = "at,value\n1990-01-01 00:30,1\n2200-12-31 23:30,1\n";
    let parsed = parse(file.as_bytes(), &options()).unwrap();
    assert_eq!((parsed.signals.len(), parsed.refused.len()), (1, 1), "00:30 in Stockholm is still 1989 in UTC");
    for signal in &parsed.signals {
        ingest::native::encode(signal, &mut Vec::new()).unwrap();
    }
}

proptest! {
    #[test]
    fn every_row_is_taken_or_refused_whatever_it_holds(
        rows in proptest::collection::vec("[0-9]{1,2}[0-9:,. åx-]{0,20};[0-9x,. -]{0,8}", 0..20),
    ) {
        let file = format!("tid;belopp\n{}", rows.join("\n"));
        let parsed = parse(file.as_bytes(), &Options { limits: Limits { refused_listed: 3, ..Limits::default() }, ..options() }).unwrap();
        prop_assert_eq!(parsed.signals.len() as u64 + parsed.refused_total(), rows.len() as u64);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&[b"at,value\n", &*bytes].concat(), &options());
        let _ = parse(&bytes, &options());
    }
}
