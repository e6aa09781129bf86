//! Makes `passwords/common.fingerprints`: reads passwords from standard input, one a line, and writes their fingerprints, ascending.
//!
//! `cargo run -p samband-desk --example common-passwords < list.txt > crates/desk/passwords/common.fingerprints`

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut fingerprints = BTreeSet::new();
    for password in io::stdin().lock().lines() {
        let password = password?;
        if !password.is_empty() {
            fingerprints.insert(desk::accounts::fingerprint(&password));
        }
    }
    let mut out = io::stdout().lock();
    fingerprints.iter().try_for_each(|fingerprint| out.write_all(fingerprint))?;
    out.flush()
}
