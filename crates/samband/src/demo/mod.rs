//! `samband demo`: a simulated chain of shops on this machine alone, with four weeks behind it and a running present, in which
//! a viewer lets a disruption loose and watches it being found.

mod control;
mod guest;
mod learn;
mod present;
mod run;
mod stage;

pub use control::Control;
pub use control::begins;
pub use present::{Present, PresentError};
pub use run::{Args, run};
pub use stage::Stage;
