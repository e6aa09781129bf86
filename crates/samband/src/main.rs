//! The `samband` binary: the command line, and the composition of all parts behind it.

use std::process::ExitCode;

fn main() -> ExitCode {
    samband::main()
}
