//! Any bytes as an encoded body: unfolded within its bound, or refused.
#![no_main]

use ingest::body::{BodyLimits, Encoding, unfold};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = BodyLimits { bytes: 1 << 16, ratio: 250 };
    for encoding in [Encoding::Gzip, Encoding::Zstd] {
        if let Ok(content) = unfold(encoding, bytes, limits) {
            assert!(content.len() <= limits.bytes);
        }
    }
});
