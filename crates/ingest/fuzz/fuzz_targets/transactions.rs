//! Any bytes as a file of transactions: no panic, and whatever is taken can be stored.
#![no_main]

use ingest::transactions::{Options, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = Options {
        timezone: jiff::tz::TimeZone::get("Europe/Stockholm").ok(),
        site: domain::SiteCode::new("0412").ok(),
        currency: Some(domain::money::SEK),
        ..Options::default()
    };
    let Ok(parsed) = parse(bytes, &options) else { return };
    for signal in &parsed.signals {
        ingest::native::encode(signal, &mut Vec::new()).expect("what was taken can be stored");
    }
});
