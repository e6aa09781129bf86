//! Snapshots as files in a folder: `<name>-<inbox position>-<journal seq>.snap`, both numbers with 20 digits so that
//! names sort by age. The layout of a file is in docs/formats.md.

use super::{Latest, Skipped, SkippedBecause, Snapshot, Snapshots, SnapshotsError};
use crate::ids::{Position, Seq};
use crate::sqlite::file::sync_folder;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"SMBSNAP\0";
const FORMAT: u16 = 1;
const ZSTD_LEVEL: i32 = 3;
/// Magic, format, version, inbox position, journal seq, length of the body, length of it packed, length of the name.
const HEADER_BYTES: usize = 8 + 2 + 4 + 8 + 8 + 8 + 8 + 2;
const HASH_BYTES: usize = 32;

/// Snapshots in a folder of their own.
#[derive(Debug, Clone)]
pub struct FileSnapshots {
    folder: PathBuf,
    keep: usize,
}

impl FileSnapshots {
    /// Keeps the last `keep` (at least one) snapshots of each name in `folder`, which is made when there is none.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path, keep: usize) -> Result<Self, SnapshotsError> {
        std::fs::create_dir_all(folder).map_err(|error| refusal(folder, error))?;
        let snapshots = Self { folder: folder.to_owned(), keep: keep.max(1) };
        for path in snapshots.paths()? {
            if path.extension().is_some_and(|extension| extension == "part") {
                std::fs::remove_file(&path).map_err(|error| refusal(&path, error))?;
            }
        }
        Ok(snapshots)
    }

    /// Looks at the snapshots in `folder` without changing anything there; not for writing.
    pub(crate) fn look(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), keep: usize::MAX }
    }

    /// The files of `name`, newest first, without looking into them.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn files_of(&self, name: &str) -> Result<Vec<PathBuf>, SnapshotsError> {
        let mut paths = self.paths()?;
        paths.retain(|path| name_in(path) == Some(name));
        paths.sort();
        paths.reverse();
        Ok(paths)
    }

    /// The names that have snapshots.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>, SnapshotsError> {
        let mut names: Vec<_> = self.paths()?.iter().filter_map(|path| name_in(path).map(str::to_owned)).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// The newest inbox position that any snapshot's name bears; 0 without snapshots.
    pub(crate) fn newest_position(&self) -> Result<Position, SnapshotsError> {
        Ok(self.paths()?.iter().filter_map(|path| position_in(path)).max().unwrap_or_default())
    }

    fn path_of(&self, snapshot: &Snapshot, ending: &str) -> PathBuf {
        let Snapshot { name, inbox_position, journal_seq, .. } = snapshot;
        self.folder.join(format!("{name}-{:020}-{:020}.{ending}", inbox_position.0, journal_seq.0))
    }

    fn paths(&self) -> Result<Vec<PathBuf>, SnapshotsError> {
        let entries = std::fs::read_dir(&self.folder).map_err(|error| refusal(&self.folder, error))?;
        entries.map(|entry| entry.map(|entry| entry.path()).map_err(|error| refusal(&self.folder, error))).collect()
    }
}

impl Snapshots for FileSnapshots {
    fn write(&self, snapshot: &Snapshot) -> Result<(), SnapshotsError> {
        check_name(&snapshot.name)?;
        let (path, part) = (self.path_of(snapshot, "snap"), self.path_of(snapshot, "part"));
        let written = write_whole(&part, snapshot).and_then(|()| std::fs::rename(&part, &path));
        if let Err(error) = written {
            // Half a file is of no use; should it stay, the next opening removes it.
            drop(std::fs::remove_file(&part));
            return Err(refusal(&part, error));
        }
        sync_folder(&self.folder).map_err(|error| refusal(&path, io::Error::other(error)))?;
        let mut kept = self.files_of(&snapshot.name)?;
        // Whatever the names of others say, this one is the newest.
        kept.retain(|other| *other != path);
        for old in kept.into_iter().skip(self.keep - 1) {
            std::fs::remove_file(&old).map_err(|error| refusal(&old, error))?;
        }
        Ok(())
    }

    fn latest(&self, name: &str, accepts: &dyn Fn(u32) -> bool) -> Result<Latest, SnapshotsError> {
        check_name(name)?;
        let mut latest = Latest::default();
        for file in self.files_of(name)? {
            match read_file(&file, name, accepts) {
                Ok(snapshot) => {
                    latest.snapshot = Some(snapshot);
                    break;
                }
                Err(why) => latest.skipped.push(Skipped { file, why }),
            }
        }
        Ok(latest)
    }

    fn forget(&self, snapshot: &Snapshot) -> Result<(), SnapshotsError> {
        check_name(&snapshot.name)?;
        let path = self.path_of(snapshot, "snap");
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refusal(&path, error)),
            Ok(()) | Err(_) => sync_folder(&self.folder).map_err(|error| refusal(&path, io::Error::other(error))),
        }
    }
}

fn check_name(name: &str) -> Result<(), SnapshotsError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if (1..=64).contains(&name.len()) && name.bytes().all(fits) {
        Ok(())
    } else {
        Err(SnapshotsError::Name(name.chars().take(64).collect()))
    }
}

/// The snapshot's name in the name of its file.
fn name_in(path: &Path) -> Option<&str> {
    let stem = path.file_name()?.to_str()?.strip_suffix(".snap")?;
    let (name, place) = stem.split_once('-')?;
    (place.len() == 41).then_some(name)
}

/// The inbox position in the name of a snapshot's file.
fn position_in(path: &Path) -> Option<Position> {
    name_in(path)?;
    let place = path.file_name()?.to_str()?.split_once('-')?.1;
    place.get(..20)?.parse().ok().map(Position)
}

fn refusal(path: &Path, error: io::Error) -> SnapshotsError {
    match error.kind() {
        io::ErrorKind::StorageFull => SnapshotsError::Full,
        _ => SnapshotsError::Io { path: path.to_owned(), source: Arc::new(error) },
    }
}

fn write_whole(path: &Path, snapshot: &Snapshot) -> io::Result<()> {
    let packed = zstd::bulk::compress(&snapshot.body, ZSTD_LEVEL)?;
    let mut header = Vec::with_capacity(HEADER_BYTES + snapshot.name.len());
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&FORMAT.to_le_bytes());
    header.extend_from_slice(&snapshot.version.to_le_bytes());
    header.extend_from_slice(&snapshot.inbox_position.0.to_le_bytes());
    header.extend_from_slice(&snapshot.journal_seq.0.to_le_bytes());
    header.extend_from_slice(&length(snapshot.body.len()).to_le_bytes());
    header.extend_from_slice(&length(packed.len()).to_le_bytes());
    let name_bytes = u16::try_from(snapshot.name.len()).expect("a checked name has at most 64 bytes");
    header.extend_from_slice(&name_bytes.to_le_bytes());
    header.extend_from_slice(snapshot.name.as_bytes());
    let mut hasher = blake3::Hasher::new();
    hasher.update(&header).update(&packed);
    let mut file = File::create(path)?;
    file.write_all(&header)?;
    file.write_all(&packed)?;
    file.write_all(hasher.finalize().as_bytes())?;
    file.sync_all()
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).expect("a length in memory fits 64 bits")
}

fn read_file(path: &Path, name: &str, accepts: &dyn Fn(u32) -> bool) -> Result<Snapshot, SkippedBecause> {
    let bytes = std::fs::read(path).map_err(|error| SkippedBecause::Unreadable(error.to_string()))?;
    let snapshot = parse(&bytes, accepts)?;
    if snapshot.name != name {
        return Err(SkippedBecause::Damaged("it bears another name inside"));
    }
    Ok(snapshot)
}

/// Reads a whole file. The hash is checked before any length in it is believed.
fn parse(bytes: &[u8], accepts: &dyn Fn(u32) -> bool) -> Result<Snapshot, SkippedBecause> {
    use SkippedBecause::Damaged;
    let (hashed, hash) = bytes.split_last_chunk::<HASH_BYTES>().ok_or(Damaged("it is too short"))?;
    if !hashed.starts_with(MAGIC) {
        return Err(Damaged("it is no snapshot"));
    }
    if blake3::hash(hashed) != *hash {
        return Err(Damaged("its hash is another"));
    }
    let mut rest = Fields(hashed.get(MAGIC.len()..).unwrap_or_default());
    let short = || Damaged("it is too short");
    if rest.take().map(u16::from_le_bytes).ok_or_else(short)? != FORMAT {
        return Err(Damaged("its format is not known"));
    }
    let version = rest.take().map(u32::from_le_bytes).ok_or_else(short)?;
    let inbox_position = Position(rest.take().map(u64::from_le_bytes).ok_or_else(short)?);
    let journal_seq = Seq(rest.take().map(u64::from_le_bytes).ok_or_else(short)?);
    let body_bytes = rest.take().map(u64::from_le_bytes).ok_or_else(short)?;
    let packed_bytes = rest.take().map(u64::from_le_bytes).ok_or_else(short)?;
    let name_bytes = rest.take().map(u16::from_le_bytes).ok_or_else(short)?;
    let (name, packed) = rest.0.split_at_checked(usize::from(name_bytes)).ok_or_else(short)?;
    if length(packed.len()) != packed_bytes {
        return Err(Damaged("its body has another length"));
    }
    if !accepts(version) {
        return Err(SkippedBecause::Version(version));
    }
    let name = String::from_utf8(name.to_vec()).map_err(|_| Damaged("its name is no text"))?;
    let capacity = usize::try_from(body_bytes).map_err(|_| Damaged("its body is too large"))?;
    let body = zstd::bulk::decompress(packed, capacity).map_err(|_| Damaged("its body cannot be unpacked"))?;
    if length(body.len()) != body_bytes {
        return Err(Damaged("its body has another length"));
    }
    Ok(Snapshot { name, version, inbox_position, journal_seq, body })
}

/// What is left of the header.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }
}
