//! The log, to standard error. Writing it never fails: a full disk under it must not end the part that had something to say.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use tracing_subscriber::fmt::MakeWriter;

/// Writes of the log that did not succeed, since the start.
static LOST: AtomicU64 = AtomicU64::new(0);

/// Logs as `SAMBAND_LOG` says: `info`, `samband=debug`.
pub fn start() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SAMBAND_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        // Said on standard error, where nothing can be said when this happens.
        .log_internal_errors(false)
        .with_writer(Bearing(io::stderr));
    // A second start within one process keeps the first log.
    drop(log.try_init());
}

/// How many writes of the log were lost.
pub fn lost() -> u64 {
    LOST.load(Ordering::Relaxed)
}

/// Makes writers that bear what fails.
struct Bearing<F>(F);

impl<'a, W: Write, F: Fn() -> W + 'a> MakeWriter<'a> for Bearing<F> {
    type Writer = BearingWriter<W>;

    fn make_writer(&'a self) -> Self::Writer {
        BearingWriter((self.0)())
    }
}

/// Counts what cannot be written, and goes on.
struct BearingWriter<W>(W);

impl<W: Write> Write for BearingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.write_all(bytes).is_err() {
            LOST.fetch_add(1, Ordering::Relaxed);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // What is not flushed was counted where it was written, or comes with the next line.
        drop(self.0.flush());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_that_cannot_be_written_is_counted_and_nothing_else_happens() {
        let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let log = tracing_subscriber::fmt().log_internal_errors(false).with_writer(Bearing(full)).finish();
        let before = lost();
        tracing::subscriber::with_default(log, || tracing::error!("nobody reads this"));
        assert!(lost() > before);
    }
}
