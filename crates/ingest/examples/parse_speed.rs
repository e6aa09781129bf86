//! Measures how many native lines are read and written per second on one core: `cargo run --release -p samband-ingest --example parse_speed`.

use ingest::native::{self, Options};
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

const LINES: usize = 200_000;
const ROUNDS: usize = 5;

fn main() {
    let mut single = String::new();
    let mut interval = String::new();
    let mut heartbeat = String::new();
    let mut observed = String::new();
    for i in 0..LINES {
        let (site, device, s, ms) = (i % 1300, i % 7, i % 60, i % 1000);
        let at = format!("2026-02-10T10:31:{s:02}.{ms:03}+01:00");
        let _ = writeln!(
            single,
            r#"{{"kind":"count","at":"{at}","site":"{site:04}","device":"ssu-{site:04}-{device:02}","metric":"sales","count":1,"value":"129.50","currency":"SEK"}}"#
        );
        let _ = writeln!(
            interval,
            r#"{{"kind":"count","at":"{at}","interval_s":60,"site":"{site:04}","metric":"sales","count":17,"value":"2210.00","currency":"SEK","origin":"agent-{site:04}","boot":1,"lane":"live","seq":{i}}}"#
        );
        let _ = writeln!(heartbeat, r#"{{"kind":"heartbeat","at":"{at}","device":"ssu-{site:04}-{device:02}"}}"#);
        let _ = writeln!(
            observed,
            r#"{{"kind":"observed","at":"{at}","device":"ssu-{site:04}-{device:02}","attributes":{{"firmware":"4.2.1","os":"linux"}}}}"#
        );
    }
    let batches = [
        ("count, one sale", &single),
        ("count, interval, envelope", &interval),
        ("heartbeat", &heartbeat),
        ("observed", &observed),
    ];
    println!("{:<28}{:>14}{:>14}{:>14}", "lines of", "bytes/line", "read/s", "written/s");
    for (name, text) in batches {
        let (read, written) = measure(text.as_bytes());
        println!("{name:<28}{:>14}{read:>14.0}{written:>14.0}", text.len() / LINES);
    }
}

/// Lines per second read and written; the best of several rounds, as the machine is shared.
fn measure(batch: &[u8]) -> (f64, f64) {
    let (mut read, mut written) = (0.0_f64, 0.0_f64);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let parsed = native::parse(black_box(batch), &Options::default());
        read = read.max(LINES as f64 / start.elapsed().as_secs_f64());
        assert_eq!((parsed.signals.len(), parsed.refused_total()), (LINES, 0), "every line of the load is good");
        let start = Instant::now();
        let mut out = Vec::with_capacity(batch.len() * 2);
        let bad = parsed.signals.iter().filter(|signal| native::encode(signal, &mut out).is_err()).count();
        written = written.max(LINES as f64 / start.elapsed().as_secs_f64());
        assert_eq!(bad, 0, "whatever was read can be written");
        black_box(out);
    }
    (read, written)
}
