//! The desk over a real store in a temporary folder: what users do, and what happens when they do it at once or twice.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod accounts;
mod fleet;
mod golden;
mod home;
mod incidents;
mod projections;
