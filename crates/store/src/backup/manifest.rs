//! What a backup holds, in JSON: every file with size and hash, and where the two logs stood at the cut.

use super::BackupError;
use crate::ids::{Hash, Position};
use crate::journal::Head;
use crate::sqlite::FileError;
use crate::sqlite::file::sync_folder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::path::{Component, Path};

/// The version of the manifest that this build writes.
const FORMAT: u32 = 1;
const NAME: &str = "manifest.json";

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupFile {
    /// Its path within the data directory, with `/` between the parts.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its hash.
    pub blake3: Hash,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the manifest.
    pub format: u32,
    /// When the backup was made.
    pub made_at: Timestamp,
    /// Where the journal ended at the cut.
    pub journal: Head,
    /// The newest inbox entry at the cut.
    pub inbox_head: Position,
    /// Every file.
    pub files: Vec<BackupFile>,
}

impl Manifest {
    pub(crate) fn new(made_at: Timestamp, journal: Head, inbox_head: Position) -> Self {
        Self { format: FORMAT, made_at, journal, inbox_head, files: Vec::new() }
    }

    /// Writes it into `folder`, whole or not at all.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), BackupError> {
        let path = folder.join(NAME);
        let part = folder.join("manifest.part");
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| BackupError::Manifest { path: path.clone(), what: error.to_string() })?;
        bytes.push(b'\n');
        let write = || {
            let mut file = File::create(&part)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&part, &path)
        };
        write().map_err(FileError::io(&path))?;
        Ok(sync_folder(folder)?)
    }

    /// Reads the manifest of the backup in `folder`.
    ///
    /// # Errors
    /// [`BackupError::NothingThere`] without one, [`BackupError::Manifest`] when it cannot be used.
    pub fn read(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(NAME);
        if !path.exists() {
            return Err(BackupError::NothingThere {
                path: folder.to_owned(),
                what: "finished backup (no manifest.json)",
            });
        }
        let bytes = std::fs::read(&path).map_err(FileError::io(&path))?;
        let refuse = |what: String| BackupError::Manifest { path: path.clone(), what };
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| refuse(error.to_string()))?;
        if manifest.format > FORMAT {
            return Err(refuse(format!("it has format {}, this version reads up to {FORMAT}", manifest.format)));
        }
        if let Some(file) = manifest.files.iter().find(|file| !is_within(&file.path)) {
            return Err(refuse(format!("it names the path {:?}, which leads elsewhere", file.path)));
        }
        Ok(manifest)
    }
}

/// Whether a path stays within the folder it is joined to.
fn is_within(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_of_the_backup_is_seen() {
        assert!(is_within("inbox/2026-02-10.db"));
        for path in ["", "/etc/passwd", "../x", "inbox/../../x", "."] {
            assert!(!is_within(path), "{path}");
        }
    }
}
