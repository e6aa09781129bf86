//! Properties of the native format: what can be written is read back to the same signal, and no bytes go unaccounted for.
#![allow(clippy::unwrap_used)]

use domain::signal::{
    AlertStatus, Count, Envelope, FileEvent, FileSeen, LogLine, ReportSignal, StagePassed, TicketSeen, TicketStatus,
    ToolAlert,
};
use domain::{Currency, DeviceCode, Metric, Money, Signal, SignalBody, SiteCode};
use ingest::native::{self, Form, Options};
use jiff::{Timestamp, civil};
use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> + Clone {
    prop_oneof!["[ -~]{0,12}", "\\PC{0,8}", "[\u{0}-\u{1f}\"\\\\]{0,4}"]
}

fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof![Just("SEK"), Just("JPY"), Just("KWD")].prop_map(|code| code.parse().unwrap())
}

fn time() -> impl Strategy<Value = Timestamp> {
    // A little beyond the years that are taken, so that the refusal to write is met as well.
    (600_000_000_i64..7_300_000_000, 0..1_000_000_000_i32).prop_map(|(s, n)| Timestamp::new(s, n).unwrap())
}

fn money() -> impl Strategy<Value = Money> {
    (any::<i64>(), currency()).prop_map(|(minor, currency)| Money { minor, currency })
}

fn stage() -> impl Strategy<Value = SignalBody> {
    let numbers =
        (option::of(any::<u64>()), option::of(any::<u64>()), option::of(any::<u64>()), option::of(any::<u64>()));
    let amounts = (option::of(any::<i64>()), option::of(any::<i64>()), btree_map(text(), any::<i64>(), 0..3));
    let date = option::of((1985_i16..2210, 1_i8..13, 1_i8..29).prop_map(|(y, m, d)| civil::date(y, m, d)));
    (text(), text(), date, option::of(text()), numbers, amounts, currency()).prop_map(
        |(pipeline, stage, business_date, till, numbers, (value, refunds, by_payment), currency)| {
            let money = |minor| Money { minor, currency };
            SignalBody::Stage(Box::new(StagePassed {
                pipeline,
                stage,
                business_date,
                till,
                z_number: numbers.0,
                receipt_first: numbers.1,
                receipt_last: numbers.2,
                count: numbers.3,
                value: value.map(money),
                refunds: refunds.map(money),
                by_payment: by_payment.into_iter().map(|(k, v)| (k, money(v))).collect(),
                currency: Some(currency),
            }))
        },
    )
}

fn body() -> impl Strategy<Value = SignalBody> {
    let metric = || "[a-zå_]{1,10}".prop_map(|name| Metric::new(name).unwrap());
    let file_event = prop_oneof![
        Just(FileEvent::Written),
        Just(FileEvent::Forwarded),
        Just(FileEvent::Missing),
        Just(FileEvent::Quarantined),
        Just(FileEvent::Released)
    ];
    prop_oneof![
        (metric(), option::of(0..90_000_u32), any::<u32>(), option::of(money())).prop_map(
            |(metric, interval_s, count, value)| SignalBody::Count(Count { metric, interval_s, count, value })
        ),
        Just(SignalBody::Heartbeat),
        (any::<bool>(), option::of(text())).prop_map(|(up, reason)| SignalBody::Link { up, reason }),
        btree_map(text(), option::of(text()), 0..4).prop_map(SignalBody::Observed),
        (
            text(),
            text(),
            any::<bool>(),
            option::of("[a-zA-Z]{0,5}"),
            btree_map(text(), text(), 0..4),
            option::of(text())
        )
            .prop_map(|(tool, key, firing, severity, labels, summary)| {
                let status = if firing { AlertStatus::Firing } else { AlertStatus::Resolved };
                SignalBody::Alert(ToolAlert { tool, key, status, severity, labels, summary })
            }),
        (text(), text(), option::of(text())).prop_map(|(channel, text, symptom)| SignalBody::Report(ReportSignal {
            channel,
            text,
            symptom
        })),
        stage(),
        (text(), file_event, option::of("[0-9a-f]{64}"), option::of(any::<u64>()), option::of(text())).prop_map(
            |(path, event, blake3, size_bytes, by)| SignalBody::File(FileSeen { path, event, blake3, size_bytes, by })
        ),
        (option::of("[a-z]{1,5}"), text()).prop_map(|(severity, text)| SignalBody::Log(LogLine { severity, text })),
        (metric(), any::<f64>()).prop_map(|(metric, value)| SignalBody::Gauge { metric, value }),
        (text(), text(), option::of(text()), option::of(text()), any::<bool>(), option::of(time())).prop_map(
            |(tool, key, category, text, open, opened_at)| {
                let status = if open { TicketStatus::Open } else { TicketStatus::Closed };
                SignalBody::Ticket(TicketSeen { tool, key, category, text, status, opened_at })
            }
        ),
    ]
}

fn signal() -> impl Strategy<Value = Signal> {
    let site = option::of("[0-9a-zåäö\"\\\\]{1,6}".prop_map(|code| SiteCode::new(code).unwrap()));
    let device = option::of("[0-9a-z-]{1,6}".prop_map(|code| DeviceCode::new(code).unwrap()));
    let envelope =
        option::of((text(), "[0-9]{1,3}", "[a-z]{1,4}", any::<u64>()).prop_map(|(origin, boot, lane, seq)| Envelope {
            origin: origin.into(),
            boot: boot.into(),
            lane: lane.into(),
            seq,
        }));
    (time(), option::of(time()), site, device, envelope, body()).prop_map(
        |(at, received_at, site, device, envelope, body)| Signal { at, received_at, site, device, envelope, body },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_written_is_read_back_to_the_same_signal(signal in signal()) {
        let mut line = b"before".to_vec();
        match native::encode(&signal, &mut line) {
            Ok(()) => {
                let line = &line[6..];
                prop_assert_eq!(line.iter().filter(|b| **b == b'\n').count(), 1, "one signal is one line");
                prop_assert_eq!(native::decode(line).unwrap(), signal);
            }
            Err(_) => prop_assert_eq!(line, b"before"),
        }
    }

    #[test]
    fn every_line_that_is_not_blank_is_taken_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let parsed = native::parse(&bytes, &Options::default());
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let lines = bytes.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        prop_assert_eq!(parsed.signals.len() + parsed.refused.len(), lines);
    }

    #[test]
    fn mangled_lines_are_accounted_for_too(
        signals in proptest::collection::vec(signal(), 1..6),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        form in prop_oneof![Just(Form::Lines), Just(Form::Document)],
    ) {
        let mut bytes = Vec::new();
        for signal in &signals {
            let _ = native::encode(signal, &mut bytes);
        }
        prop_assume!(!bytes.is_empty());
        for (at, byte) in cuts {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let parsed = native::parse(&bytes, &Options { form, ..Options::default() });
        if form == Form::Lines {
            let lines = bytes.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
            prop_assert_eq!(parsed.signals.len() + parsed.refused.len(), lines);
        }
        // What was taken can be written: an acknowledgement never precedes a codec that refuses.
        for signal in &parsed.signals {
            prop_assert!(native::encode(signal, &mut Vec::new()).is_ok());
        }
    }

    #[test]
    fn a_document_of_any_bytes_ends(bytes in "[\\[\\]{},:\"\\\\ \n0a]{0,60}") {
        let parsed = native::parse(bytes.as_bytes(), &Options { form: Form::Document, ..Options::default() });
        prop_assert!(parsed.signals.is_empty(), "no signal can be made of brackets");
    }
}
