//! The loops from end to end, over real stores in a temporary folder, in driven time: nothing is lost, repeated or doubled.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod engine;
mod home;
mod restart;
mod trouble;
