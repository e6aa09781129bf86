//! Any bytes as a native batch: every line is accounted for, and whatever is taken is written and read back the same.
#![no_main]

use ingest::native::{self, Form, Options};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let parsed = native::parse(bytes, &Options::default());
    let lines = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).split(|b| *b == b'\n');
    let solid = lines.filter(|line| !line.trim_ascii().is_empty()).count();
    assert_eq!(parsed.signals.len() + parsed.refused.len(), solid);
    let document = native::parse(bytes, &Options { form: Form::Document, ..Options::default() });
    for signal in parsed.signals.iter().chain(&document.signals) {
        let mut line = Vec::new();
        native::encode(signal, &mut line).expect("what was taken can be written");
        assert_eq!(&native::decode(&line).expect("what was written can be read"), signal);
    }
});
