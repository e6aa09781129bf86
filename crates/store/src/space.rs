//! How much room the disk has left; a trait, so that a full disk can be tested without filling one.

use std::io;
use std::path::Path;

/// Tells the free space of the file system that holds a folder.
pub trait FreeSpace: Send + Sync {
    /// Bytes an unprivileged process may still write below `folder`.
    ///
    /// # Errors
    /// When the file system cannot be asked.
    fn free_bytes(&self, folder: &Path) -> io::Result<u64>;
}

/// Asks the operating system by `statvfs`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Statvfs;

impl FreeSpace for Statvfs {
    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        let stat = rustix::fs::statvfs(folder)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}
