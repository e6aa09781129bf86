//! The server over a real desk and real stores in a temporary folder, asked as browsers and machines ask it.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod doors;
mod forms;
mod home;
mod incidents;
mod intake;
mod looking;
mod packing;
mod programs;
mod roles;
mod truth;
mod watching;
