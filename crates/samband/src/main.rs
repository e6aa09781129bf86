//! The `samband` binary: composition of the parts and the command line.
fn main() {}
