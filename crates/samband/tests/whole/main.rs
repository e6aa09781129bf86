//! Tests of the whole: signals in through HTTP, findings and incidents out through pages and the live feed, and what survives a
//! `kill -9`. Time is driven; only what needs a real process waits by the wall, with a deadline.
#![allow(clippy::unwrap_used, clippy::panic)]

mod crash;
mod full;
mod house;
mod http;
mod process;
mod s1;
mod s13;
mod s5;
