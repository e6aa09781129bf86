//! Vendored browser code: pinned from npm, kept in the repository with its licence, and checked by BLAKE3 so that
//! nothing in it changes unseen. `vendor --check` needs no network; `vendor` fetches the pinned versions anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use toml::Table;

const FOLDER: &str = "crates/web/static/vendor";
const MANIFEST: &str = "manifest.toml";

/// `vendor --check` compares every file with the manifest; `vendor` packs the pinned versions from npm, replaces the
/// files and writes their checksums.
pub fn run(args: &[String]) -> Result<()> {
    let folder = repository()?.join(FOLDER);
    let manifest = Manifest::read(&folder)?;
    match args {
        [only] if only == "--check" => manifest.check(),
        [] => manifest.fetch()?.check(),
        _ => bail!("usage: cargo xtask vendor [--check]"),
    }
}

struct Manifest {
    folder: PathBuf,
    table: Table,
}

/// One vendored file.
struct File {
    /// Below the vendor folder.
    path: String,
    /// Inside the npm package.
    source: String,
    blake3: String,
}

struct Package {
    name: String,
    version: String,
    licence: String,
    files: Vec<File>,
}

impl Manifest {
    fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(MANIFEST);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let table = text.parse().with_context(|| format!("{} is not TOML", path.display()))?;
        Ok(Self { folder: folder.to_owned(), table })
    }

    fn packages(&self) -> Result<Vec<Package>> {
        let list =
            self.table.get("package").and_then(toml::Value::as_array).context("no [[package]] in the manifest")?;
        list.iter().map(|p| Package::read(p.as_table().context("[[package]] is not a table")?)).collect()
    }

    /// Every file is as pinned, every package has its licence text, and nothing lies there unlisted.
    fn check(&self) -> Result<()> {
        let mut listed = BTreeSet::from([PathBuf::from(MANIFEST)]);
        for package in self.packages()? {
            ensure!(!package.licence.is_empty(), "{}: no licence named", package.name);
            let has_text = package.files.iter().any(|f| f.path.ends_with("LICENSE"));
            ensure!(has_text, "{}: its licence text is not vendored", package.name);
            for file in &package.files {
                let path = self.folder.join(&file.path);
                let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                let is = blake3::hash(&bytes).to_hex();
                ensure!(
                    is.as_str() == file.blake3,
                    "{} is not {} {}: BLAKE3 {is}, the manifest says {}",
                    path.display(),
                    package.name,
                    package.version,
                    file.blake3
                );
                listed.insert(PathBuf::from(&file.path));
            }
        }
        for path in files_below(&self.folder)? {
            let below = path.strip_prefix(&self.folder).context("walked out of the folder")?;
            ensure!(listed.contains(below), "{} lies in the vendor folder but not in its manifest", path.display());
        }
        println!("vendor: {} files are as pinned", listed.len() - 1);
        Ok(())
    }

    /// Packs each version, copies its files and writes their checksums; the rest of the manifest stays as written.
    fn fetch(self) -> Result<Self> {
        let scratch = std::env::temp_dir().join(format!("samband-vendor-{}", std::process::id()));
        fs::create_dir_all(&scratch)?;
        let fetched = self.packages()?.iter().try_for_each(|package| self.unpack(package, &scratch));
        fs::remove_dir_all(&scratch)?;
        fetched?;
        self.rewrite_checksums()?;
        Self::read(&self.folder)
    }

    fn unpack(&self, package: &Package, scratch: &Path) -> Result<()> {
        let spec = format!("{}@{}", package.name, package.version);
        let packed = run_in(scratch, "npm", &["pack", "--silent", &spec])?;
        let archive = packed.lines().last().context("npm pack named no file")?.trim().to_owned();
        run_in(scratch, "tar", &["xzf", &archive])?;
        for file in &package.files {
            let to = self.folder.join(&file.path);
            fs::create_dir_all(to.parent().context("a file without a folder")?)?;
            fs::copy(scratch.join("package").join(&file.source), &to)
                .with_context(|| format!("{spec} has no {}", file.source))?;
        }
        fs::remove_dir_all(scratch.join("package")).context("the package did not unpack into `package/`")
    }

    fn rewrite_checksums(&self) -> Result<()> {
        let path = self.folder.join(MANIFEST);
        let mut text = fs::read_to_string(&path)?;
        for file in self.packages()?.into_iter().flat_map(|p| p.files) {
            let is = blake3::hash(&fs::read(self.folder.join(&file.path))?).to_hex();
            text = text.replace(&file.blake3, is.as_str());
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}

impl Package {
    fn read(table: &Table) -> Result<Self> {
        let name = text(table, "name")?;
        let files = table.get("file").and_then(toml::Value::as_array).with_context(|| format!("{name}: no files"))?;
        let files = files.iter().map(|f| {
            let f = f.as_table().with_context(|| format!("{name}: a file is not a table"))?;
            Ok(File { path: text(f, "path")?, source: text(f, "source")?, blake3: text(f, "blake3")? })
        });
        Ok(Self {
            version: text(table, "version")?,
            licence: text(table, "licence")?,
            files: files.collect::<Result<_>>()?,
            name,
        })
    }
}

fn text(table: &Table, key: &str) -> Result<String> {
    let value = table.get(key).and_then(toml::Value::as_str);
    Ok(value.with_context(|| format!("the manifest lacks `{key}`"))?.to_owned())
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_below(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

fn run_in(folder: &Path, program: &str, args: &[&str]) -> Result<String> {
    let output = Command::new(program).args(args).current_dir(folder).output();
    let output = output.with_context(|| format!("cannot run {program}"))?;
    ensure!(output.status.success(), "{program} {args:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

fn repository() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.parent().and_then(Path::parent).context("xtask lies two folders below the repository")?.to_owned())
}
