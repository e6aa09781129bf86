//! The `samband` binary: the command line, and the composition of all parts behind it.

mod replay;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Readiness and major incidents for fleets of physical devices.
#[derive(Debug, Parser)]
#[command(name = "samband", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run recorded signals through the engine and print what would have been found, and when.
    Replay(replay::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Replay(args) => replay::run(args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("samband: {error:#}");
            ExitCode::FAILURE
        }
    }
}
