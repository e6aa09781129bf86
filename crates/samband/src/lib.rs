//! The program as a library, so that tests of the whole run the same composition as the binary: command line, configuration, and
//! the only place where all parts meet.

mod bridge;
pub mod cli;
pub mod config;
pub mod demo;
mod log;
mod replay;
pub mod serve;
pub mod wall;

pub use bridge::Bridge;
pub use cli::main;
