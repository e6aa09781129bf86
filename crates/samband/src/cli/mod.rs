//! The command line. Human words on a terminal, `--json` for programs, and the same exit codes everywhere.

mod backup;
mod check;
mod export;
mod home;
mod import;
mod journal;
mod out;
mod token;
mod user;

pub use home::{ADDRESS_FILE, Common};

use crate::{demo, replay, serve};
use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

/// Some of the input was refused.
pub const SOME_REFUSED: u8 = 2;
/// What was to be verified does not hold.
pub const NOT_VERIFIED: u8 = 3;

const CODES: &str = "Exit codes: 0 done; 1 it failed, or the command line is wrong; 2 some of the input was refused; \
                     3 what was to be verified does not hold.";

/// Readiness and major incidents for fleets of physical devices.
#[derive(Debug, Parser)]
#[command(name = "samband", version, about, after_help = CODES, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Args),
    /// Run a simulated chain of shops on this machine alone, with disruptions to pick from.
    Demo(demo::Args),
    /// Run recorded signals through the engine and print what would have been found, and when.
    Replay(replay::Args),
    /// Check the configuration and explain every fault with its line and key.
    Check(check::Args),
    /// Tokens with which machines hand in signals.
    Token(token::Args),
    /// People with a login.
    User(user::Args),
    /// Register sites and devices from files, all or nothing.
    Import(import::Args),
    /// Write the registered sites and devices to files that import reads.
    Export(export::Args),
    /// The journal.
    Journal(journal::Args),
    /// Copy everything as it stands at one moment, also while the server runs.
    Backup(backup::Args),
    /// Put a backup in place, proven first.
    Restore(backup::RestoreArgs),
    /// Print the completions of a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // What cannot be printed is said to nobody.
            drop(error.print());
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    match run(&cli.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("samband: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(args) => serve::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Replay(args) => replay::run(args),
        Command::Check(args) => check::run(args),
        Command::Token(args) => token::run(args),
        Command::User(args) => user::run(args),
        Command::Import(args) => import::run(args),
        Command::Export(args) => export::run(args),
        Command::Journal(args) => journal::run(args),
        Command::Backup(args) => backup::run(args),
        Command::Restore(args) => backup::restore(args),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "samband", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
