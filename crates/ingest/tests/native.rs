//! The native format as a sender meets it: what is taken, what is refused and how it is named, and that what is written is read back.
#![allow(clippy::unwrap_used, clippy::panic)]

use domain::signal::{AlertStatus, SignalBody};
use domain::{Currency, Signal};
use ingest::native::{self, Form, Options};
use ingest::{Limits, Parsed};

fn parse(text: &str) -> Parsed {
    native::parse(text.as_bytes(), &Options::default())
}

fn one(text: &str) -> Signal {
    let mut parsed = parse(text);
    assert_eq!(parsed.refused, [], "{text}");
    parsed.signals.pop().unwrap()
}

/// Field and reason with which a line is refused.
fn refusal(text: &str) -> (String, String) {
    let mut parsed = parse(text);
    assert_eq!(parsed.signals, [], "{text}");
    let refused = parsed.refused.pop().unwrap();
    (refused.field.unwrap_or_default(), refused.reason)
}

const CONTRACT: &str = r#"{"kind":"count","at":"2026-02-10T10:31:04.120+01:00","site":"0412","device":"ssu-0412-07","metric":"sales","count":1,"value":"129.50","currency":"SEK"}
{"kind":"count","at":"2026-02-10T10:32:00Z","interval_s":60,"site":"0412","metric":"sales","count":17,"value":"2210.00","currency":"SEK"}
{"kind":"heartbeat","at":"2026-02-10T10:32:00Z","device":"ssu-0412-07"}
{"kind":"link","at":"2026-02-10T10:32:00Z","device":"till-0412-1","up":false,"reason":"optional text"}
{"kind":"observed","at":"2026-02-10T10:32:00Z","device":"ssu-0412-07","attributes":{"firmware":"4.2.1"}}
{"kind":"alert","at":"2026-02-10T10:32:00Z","tool":"zabbix","key":"eventid-or-fingerprint","status":"firing","severity":"critical","site":"0412","device":null,"labels":{},"summary":"..."}
{"kind":"report","at":"2026-02-10T10:32:00Z","site":"0412","channel":"phone","text":"self-scanners dead"}
{"kind":"stage","at":"2026-02-10T10:32:00Z","site":"0412","pipeline":"day-end","stage":"server-in","business_date":"2026-02-09","till":"0412-3","z_number":811,"receipt_first":40118,"receipt_last":44229,"count":4112,"value":"512300.00","refunds":"1200.00","by_payment":{"card":"430100.00"},"currency":"SEK"}
{"kind":"file","at":"2026-02-10T10:32:00Z","device":"srv-0412","path":"day-end/2026-02-09.dat","event":"quarantined","blake3":"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262","size_bytes":18211,"by":"optional scanner name"}
{"kind":"log","at":"2026-02-10T10:32:00Z","device":"srv-0412","severity":"error","text":"..."}
{"kind":"gauge","at":"2026-02-10T10:32:00Z","device":"srv-0412","metric":"disk_used_ratio","value":0.93}
{"kind":"ticket","at":"2026-02-10T10:32:00Z","tool":"topdesk","key":"INC0012","site":"0412","category":"price update","text":"...","status":"open"}
"#;

#[test]
fn every_line_of_the_contract_is_taken_and_read_back_from_its_canonical_form() {
    let parsed = parse(CONTRACT);
    assert_eq!((parsed.signals.len(), &*parsed.refused), (12, &[][..]));
    let mut written = Vec::new();
    for signal in &parsed.signals {
        native::encode(signal, &mut written).unwrap();
    }
    assert_eq!(native::parse(&written, &Options::default()).signals, parsed.signals);
    let SignalBody::Stage(stage) = &parsed.signals[7].body else { panic!("the eighth line is a stage") };
    assert_eq!(stage.by_payment["card"].minor, 43_010_000);
    assert_eq!((stage.z_number, stage.count), (Some(811), Some(4112)));
}

#[test]
fn one_bad_line_refuses_only_itself() {
    let good = r#"{"kind":"heartbeat","at":"2026-02-10T10:32:00Z","device":"a"}"#;
    let mut batch = format!("\u{feff}{good}\r\n\nnot json\n").into_bytes();
    batch.extend_from_slice(b"{\"kind\":\"heartbeat\",\"device\":\"\xff\"}\n");
    batch.extend(std::iter::repeat_n(b'x', (1 << 20) + 1));
    batch.extend_from_slice(format!("\n{good}").as_bytes());
    let parsed = native::parse(&batch, &Options::default());
    assert_eq!(parsed.signals.len(), 2);
    let lines: Vec<u32> = parsed.refused.iter().map(|r| r.line).collect();
    assert_eq!(lines, [3, 4, 5]);
    assert!(parsed.refused[0].reason.starts_with("is not JSON"), "{}", parsed.refused[0]);
    assert!(parsed.refused[1].reason.starts_with("is not UTF-8"), "{}", parsed.refused[1]);
    assert!(parsed.refused[2].reason.contains("bytes long"), "{}", parsed.refused[2]);
}

#[test]
fn what_is_wrong_with_a_line_is_named_with_its_field() {
    let place = r#""at":"2026-02-10T10:32:00Z","site":"0412""#;
    let cases = [
        (r#""kind":"count","metric":"sales","count":-1"#, "count", "must not be negative"),
        (r#""kind":"count","metric":"sales","count":1.5"#, "count", "must be a whole number"),
        (r#""kind":"count","metric":"sales","count":"1""#, "count", "must be a whole number"),
        (r#""kind":"count","metric":"sales","count":4294967296"#, "count", "at most"),
        (r#""kind":"count","metric":"sales""#, "count", "is missing"),
        (r#""kind":"count","count":1"#, "metric", "is missing"),
        (r#""kind":"count","metric":"sales","count":1,"interval_s":0"#, "interval_s", "at least 1"),
        (r#""kind":"count","metric":"sales","count":1,"interval_s":86401"#, "interval_s", "at most 86400"),
        (r#""kind":"count","metric":"sales","count":1,"value":"1.50""#, "currency", "is missing"),
        (r#""kind":"count","metric":"sales","count":1,"value":"1,50","currency":"SEK""#, "value", "not a decimal"),
        (r#""kind":"count","metric":"sales","count":1,"value":"1.999","currency":"SEK""#, "value", "decimals of SEK"),
        (r#""kind":"count","metric":"sales","count":1,"value":1e3,"currency":"SEK""#, "value", "not a decimal"),
        (r#""kind":"count","metric":"sales","count":1,"value":"1","currency":"kr""#, "currency", "three capital"),
        (r#""kind":"count","metric":"sales","count":1,"value":{"x":1},"currency":"SEK""#, "value", "must be an amount"),
        (r#""kind":"count","metric":"sales","count":1,"colour":"red""#, "colour", "not a field of any signal"),
        (r#""kind":"count","metric":"sales","count":1,"up":true"#, "up", "not a field of kind count"),
        (r#""kind":"count","metric":"sales","count":1,"count":1"#, "count", "appears twice"),
        (r#""kind":"link","up":"no""#, "up", "must be true or false"),
        (r#""kind":"link""#, "up", "is missing"),
        (r#""kind":"observed","attributes":{"os":"a","os":"b"}"#, "attributes.os", "appears twice"),
        (r#""kind":"observed","attributes":{"os":{"a":1}}"#, "attributes.os", "must be text"),
        (r#""kind":"observed","attributes":["os"]"#, "attributes", "an object of names"),
        (r#""kind":"observed","attributes":{"":"x"}"#, "attributes.", "must not be empty"),
        (r#""kind":"gauge","metric":"m","value":"0.9""#, "value", "number without quotes"),
        (r#""kind":"report","channel":"phone","text":["a"]"#, "text", "must not be a list"),
        (r#""kind":"stage","pipeline":"p","stage":"s","by_payment":{"card":"1"}"#, "by_payment.card", "currency"),
        (r#""kind":"stage","pipeline":"p","stage":"s","business_date":"9/2 2026""#, "business_date", "2026-02-09"),
        (r#""kind":"stage","pipeline":"p","stage":"s","business_date":"0000-01-01""#, "business_date", "2026-02-09"),
        (r#""kind":"file","path":"a","event":"deleted""#, "event", "must be one of written,"),
        (r#""kind":"file","path":"a","event":"written","blake3":"xyz""#, "blake3", "64 hexadecimal"),
        (r#""kind":"file","path":"a","event":"written","size_bytes":-1"#, "size_bytes", "negative"),
        (r#""kind":"ticket","tool":"t","key":"1","status":"waiting""#, "status", "must be one of open, closed"),
        (r#""kind":"alert","tool":"","key":"1","status":"firing""#, "tool", "must not be empty"),
        (r#""kind":"heartbeat","origin":"a","boot":1,"seq":1"#, "lane", "all of origin, boot, lane and seq"),
        (r#""kind":"heartbeat","origin":"a","boot":1.5,"lane":"l","seq":1"#, "boot", "whole number"),
        (r#""kind":"heartbeat","origin":"a","boot":1,"lane":"l","seq":-1"#, "seq", "negative"),
        (r#""kind":"telepathy""#, "kind", "must be one of count,"),
        (r#""Kind":"count""#, "Kind", "not a field of any signal"),
        (r#""device":"x\u0007""#, "kind", "is missing"),
        (r#""kind":"heartbeat","device":"x\u0007""#, "device", "control characters"),
        (r#""kind":"heartbeat","device":"""#, "device", "must not be empty"),
        (r#""kind":"heartbeat","received_at":"yesterday""#, "received_at", "RFC 3339"),
    ];
    for (fields, field, reason) in cases {
        let (at_field, why) = refusal(&format!("{{{place},{fields}}}"));
        assert_eq!(at_field, field, "{fields}: {why}");
        assert!(why.contains(reason), "{fields}: {why}");
    }
}

#[test]
fn a_signal_says_when_and_where() {
    for (text, field, reason) in [
        (r#"{"kind":"heartbeat","device":"a"}"#, "at", "is missing"),
        (r#"{"kind":"heartbeat","at":1770000000,"device":"a"}"#, "at", "text in quotes"),
        (r#"{"kind":"heartbeat","at":"2026-02-10T10:32:00","device":"a"}"#, "at", "offset"),
        (r#"{"kind":"heartbeat","at":"0000-01-01T00:00:00Z","device":"a"}"#, "at", "year 0"),
        (r#"{"kind":"heartbeat","at":"9999-01-01T00:00:00Z","device":"a"}"#, "at", "year 9999"),
        (r#"{"kind":"heartbeat","at":"2026-02-10T10:32:00Z"}"#, "site", "needs one of them"),
        (r#"{"kind":"heartbeat","at":"2026-02-10T10:32:00Z","device":null}"#, "site", "needs one of them"),
    ] {
        let (at_field, why) = refusal(text);
        assert_eq!(at_field, field, "{text}");
        assert!(why.contains(reason), "{text}: {why}");
    }
    let alert = one(r#"{"kind":"alert","at":"2026-02-10T10:32:00Z","tool":"z","key":"1","status":"resolved"}"#);
    assert!(matches!(alert.body, SignalBody::Alert(alert) if alert.status == AlertStatus::Resolved));
    one(r#"{"kind":"ticket","at":"2026-02-10T10:32:00Z","tool":"z","key":"1","status":"closed"}"#);
}

#[test]
fn what_is_no_json_names_the_column_and_no_number_is_not_a_number() {
    for text in [
        r#"{"kind":"gauge","at":"2026-02-10T10:32:00Z","site":"1","metric":"m","value":NaN}"#,
        r#"{"kind":"gauge","at":"2026-02-10T10:32:00Z","site":"1","metric":"m","value":Infinity}"#,
        r#"{"kind":"heartbeat"} {"kind":"heartbeat"}"#,
        r#"{"kind":"heart"#,
        "\"\u{1}\"",
    ] {
        let (_, why) = refusal(text);
        assert!(why.starts_with("is not JSON: ") && why.contains("(column "), "{text}: {why}");
    }
    let (field, why) = refusal(r#"{"kind":"gauge","at":"2026-02-10T10:32:00Z","site":"1","metric":"m","value":1e999}"#);
    assert_eq!((field.as_str(), why.contains("must be a number")), ("value", true), "{why}");
    assert!(refusal("[1]").1.contains("one signal as a JSON object"));
}

#[test]
fn deep_json_is_refused_without_harm() {
    for open in ["[", "{\"a\":"] {
        let line = format!(r#"{{"kind":"observed","attributes":{}"#, open.repeat(100_000));
        assert_eq!(parse(&line).refused.len(), 1);
        let closed = format!(r#"{{"attributes":{{"a":{}1{}}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(parse(&closed).refused.len(), 1);
    }
}

#[test]
fn amounts_are_exact_whether_text_or_number() {
    let value = |value: &str, currency: &str| {
        let line = format!(
            r#"{{"kind":"count","at":"2026-02-10T10:32:00Z","site":"1","metric":"sales","count":1,"value":{value},"currency":"{currency}"}}"#
        );
        match one(&line).body {
            SignalBody::Count(count) => count.value.unwrap().minor,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(value("\"129.5\"", "SEK"), 12_950);
    assert_eq!(value("129.50", "SEK"), 12_950);
    assert_eq!(value("-0.07", "SEK"), -7);
    assert_eq!(value("90071992547409.93", "SEK"), 9_007_199_254_740_993, "one more than a float can hold");
    assert_eq!(value("120", "JPY"), 120);
}

#[test]
fn observed_values_keep_the_text_they_were_written_in() {
    let line = r#"{"kind":"observed","at":"2026-02-10T10:32:00Z","device":"d","attributes":{"a":4.10,"b":true,"c":null,"d":"å\n","e":12345678901234567890}}"#;
    let SignalBody::Observed(seen) = one(line).body else { panic!("an observation") };
    let expected = [
        ("a", Some("4.10")),
        ("b", Some("true")),
        ("c", None),
        ("d", Some("å\n")),
        ("e", Some("12345678901234567890")),
    ];
    assert_eq!(seen.iter().map(|(k, v)| (k.as_str(), v.as_deref())).collect::<Vec<_>>(), expected);
}

#[test]
fn an_array_is_read_as_its_elements() {
    let lines = CONTRACT.trim().replace('\n', ",\n  ");
    let document = format!("[\n  {lines},\n  {{\"kind\":\"x\"}}\n]");
    let form = Form::sniff(document.as_bytes());
    let parsed = native::parse(document.as_bytes(), &Options { form, ..Options::default() });
    assert_eq!(parsed.signals, parse(CONTRACT).signals);
    assert_eq!((parsed.refused.len(), parsed.refused[0].line), (1, 13));
}

#[test]
fn an_envelope_may_count_its_boots_in_numbers() {
    let line = r#"{"kind":"heartbeat","at":"2026-02-10T10:32:00Z","device":"d","origin":"agent","boot":7,"lane":"live","seq":18446744073709551615}"#;
    let envelope = one(line).envelope.unwrap();
    assert_eq!((&*envelope.boot, envelope.seq), ("7", u64::MAX));
}

#[test]
fn amounts_without_currency_take_the_default_where_one_is_given() {
    let line = br#"{"kind":"count","at":"2026-02-10T10:32:00Z","site":"1","metric":"sales","count":1,"value":"5"}"#;
    let nok: Currency = "NOK".parse().unwrap();
    let parsed = native::parse(line, &Options { default_currency: Some(nok), ..Options::default() });
    let SignalBody::Count(count) = &parsed.signals[0].body else { panic!("a count") };
    assert_eq!(count.value.unwrap().currency, nok);
}

#[test]
fn beyond_its_bounds_a_batch_is_counted_not_kept() {
    let good = "{\"kind\":\"heartbeat\",\"at\":\"2026-02-10T10:32:00Z\",\"device\":\"a\"}\n";
    let batch = format!("{}{}", good.repeat(5), "x\n".repeat(5));
    let limits = Limits { signals: 3, refused_listed: 4, ..Limits::default() };
    let parsed = native::parse(batch.as_bytes(), &Options { limits, ..Options::default() });
    assert_eq!((parsed.signals.len(), parsed.refused.len(), parsed.refused_unlisted), (3, 4, 3));
    assert!(parsed.refused[0].reason.contains("more than 3 signals"));
}
