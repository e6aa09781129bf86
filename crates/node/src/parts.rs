//! A loop as a thread that can fail without taking anything with it: a panic ends that loop, is said in the health, and no more.

use crate::gauges::{Gauges, Part};
use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Starts `work` as the loop of `part`.
pub(crate) fn spawn(
    name: &str,
    part: Part,
    gauges: &Arc<Gauges>,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let gauges = Arc::clone(gauges);
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        // What the work shares with others is behind locks that bear a panic, or it is gone with the work.
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(()) => gauges.ended(part),
            Err(panic) => gauges.trouble(part, format!("it stopped: {}", words(&*panic))),
        }
    })
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a word".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_loop_that_is_over_is_known_to_be_whether_it_panicked_or_returned() {
        let gauges = Arc::new(Gauges::default());
        spawn("ticker", Part::Ticker, &gauges, || ()).unwrap().join().unwrap();
        spawn("keeper", Part::Keeper, &gauges, || std::panic::resume_unwind(Box::new("no words")))
            .unwrap()
            .join()
            .unwrap();
        let troubles = gauges.troubles();
        assert_eq!(troubles[&Part::Ticker], "it ended");
        assert_eq!(troubles[&Part::Keeper], "it stopped: no words");
    }
}
