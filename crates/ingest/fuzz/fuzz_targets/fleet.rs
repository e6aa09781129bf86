//! Any bytes as a fleet file: whole records, or faults that are named.
#![no_main]

use domain::CustomerKey;
use ingest::fleet::{read_devices, read_sites};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let customer = CustomerKey::new("demo").expect("a short word is a key");
    if let Err(errors) = read_sites(bytes, &customer) {
        assert!(!errors.to_string().is_empty());
    }
    if let Err(errors) = read_devices(bytes, &customer) {
        assert!(!errors.to_string().is_empty());
    }
});
