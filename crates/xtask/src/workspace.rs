//! The workspace as cargo describes it, and how its commands are run.
//!
//! `cargo metadata` is the source for what exists (crates, arrows, benchmarks), so that no list of ours can go stale.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// What the checks need to know of the workspace.
pub struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo builds; tools we install for ourselves go to `tools/` in it.
    pub target: PathBuf,
    /// Our own crates.
    pub crates: Vec<Crate>,
}

/// One of our crates.
pub struct Crate {
    /// The package name, `samband-domain`.
    pub package: String,
    /// Its folder under `crates/`, `domain`.
    pub folder: String,
    /// What it depends on, ours and others'.
    pub dependencies: Vec<Dependency>,
    /// Its example programs: name and source file.
    pub examples: Vec<(String, PathBuf)>,
}

/// One arrow in the graph of packages.
pub struct Dependency {
    /// The package it points at.
    pub package: String,
    /// True when only tests, examples and benchmarks see it.
    pub dev: bool,
}

impl Workspace {
    /// Asks cargo.
    pub fn load() -> Result<Self> {
        let output = Command::new(cargo())
            .args(["metadata", "--format-version", "1", "--no-deps"])
            .stderr(Stdio::inherit())
            .output()
            .context("cargo metadata did not start")?;
        if !output.status.success() {
            bail!("cargo metadata failed: a Cargo.toml cannot be read, see above");
        }
        Self::from_metadata(
            &serde_json::from_slice(&output.stdout).context("cargo metadata printed something unreadable")?,
        )
    }

    fn from_metadata(metadata: &Value) -> Result<Self> {
        let mut crates = array(metadata, "packages")?.iter().map(Crate::from_metadata).collect::<Result<Vec<_>>>()?;
        crates.sort_by(|a, b| a.package.cmp(&b.package));
        Ok(Self {
            root: PathBuf::from(text(metadata, "workspace_root")?),
            target: PathBuf::from(text(metadata, "target_directory")?),
            crates,
        })
    }

    /// A command that runs in the root of the workspace.
    pub fn command(&self, program: impl AsRef<OsStr>, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(&self.root);
        command
    }

    /// A cargo command that runs in the root of the workspace.
    pub fn cargo(&self, args: &[&str]) -> Command {
        self.command(cargo(), args)
    }

    /// What git has or would take: tracked files and new ones that are not ignored, relative to the root, as far as they exist.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        let listing = self
            .command("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .output()
            .context("git did not start")?;
        if !listing.status.success() {
            bail!("git ls-files failed: {}", String::from_utf8_lossy(&listing.stderr).trim());
        }
        let names = String::from_utf8(listing.stdout).context("a file name is not UTF-8")?;
        let mut files: Vec<PathBuf> = names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect();
        files.retain(|file| self.root.join(file).is_file());
        files.sort();
        Ok(files)
    }
}

impl Crate {
    fn from_metadata(package: &Value) -> Result<Self> {
        let manifest = PathBuf::from(text(package, "manifest_path")?);
        let folder = manifest.parent().and_then(Path::file_name).context("a Cargo.toml without a folder")?;
        let dependencies = array(package, "dependencies")?
            .iter()
            .map(|arrow| {
                let dev = arrow.get("kind").and_then(Value::as_str) == Some("dev");
                Ok(Dependency { package: text(arrow, "name")?.to_owned(), dev })
            })
            .collect::<Result<_>>()?;
        let examples = array(package, "targets")?
            .iter()
            .filter(|target| target.get("kind").is_some_and(|kinds| kinds == &serde_json::json!(["example"])))
            .map(|target| Ok((text(target, "name")?.to_owned(), PathBuf::from(text(target, "src_path")?))))
            .collect::<Result<_>>()?;
        Ok(Self {
            package: text(package, "name")?.to_owned(),
            folder: folder.to_string_lossy().into_owned(),
            dependencies,
            examples,
        })
    }
}

/// Runs a command with its output on ours; an exit code other than 0 is an error that names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    eprintln!("$ {line}");
    let status = command.status().with_context(|| format!("`{line}` did not start"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The cargo that started us, so that one toolchain does everything.
fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

fn text<'v>(value: &'v Value, key: &str) -> Result<&'v str> {
    value.get(key).and_then(Value::as_str).with_context(|| format!("cargo metadata has no text `{key}`"))
}

fn array<'v>(value: &'v Value, key: &str) -> Result<&'v Vec<Value>> {
    value.get(key).and_then(Value::as_array).with_context(|| format!("cargo metadata has no list `{key}`"))
}
