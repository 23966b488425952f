//! The files the store writes itself, behind a trait: segment files and the access stream.
//!
//! - [`RealDisk`]: files below one folder
//! - [`SimDisk`]: in memory, with crashes that lose, tear and reorder what was not synced
//!
//! Paths are relative to the disk, with `/` between parts, and never leave it. What is promised:
//!
//! - bytes are durable after [`DiskFile::sync`] on the file
//! - a name (created, renamed, removed) is durable after [`Disk::sync_dir`] on its folder
//! - until then each may survive a crash, in part, in any order, or not
//!
//! A failed sync means that the bytes may be lost even if a later sync succeeds: whoever meets
//! one must stop writing the file.

mod real;
mod sim;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;

pub use real::RealDisk;
pub use sim::SimDisk;

/// A folder of files.
pub trait Disk: Send + Sync {
    /// Makes a folder and those above it, durably; fine if it is there.
    fn create_dir(&self, path: &str) -> io::Result<()>;

    /// Makes a file that must not be there yet, for reading and writing, readable by the owner
    /// alone.
    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens a file for reading.
    fn open(&self, path: &str) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens a file for reading and writing.
    fn open_write(&self, path: &str) -> io::Result<Arc<dyn DiskFile>>;

    /// Gives a file another name, replacing the one that has it, in one step.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file's name.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// Names of the files of a folder, sorted; none where there is no such folder.
    fn list(&self, dir: &str) -> io::Result<Vec<String>>;

    /// Makes the names in a folder durable.
    fn sync_dir(&self, dir: &str) -> io::Result<()>;
}

/// An open file. Several handles may read one; only one may write it.
pub trait DiskFile: Send + Sync {
    /// Writes all the bytes at the end. After an error any part of them may be in the file.
    fn append(&self, bytes: &[u8]) -> io::Result<()>;

    /// Writes all the bytes at an offset, which must not lie beyond the end.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Reads from an offset and tells how many bytes; fewer than asked for only at the end.
    fn read_at(&self, offset: u64, to: &mut [u8]) -> io::Result<usize>;

    /// Length in bytes.
    fn size(&self) -> io::Result<u64>;

    /// Cuts the file to a length that is not beyond its end.
    fn truncate(&self, len: u64) -> io::Result<()>;

    /// Makes the bytes durable.
    fn sync(&self) -> io::Result<()>;
}

/// The folder part of a path; empty for the disk's own folder.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// Refuses paths that are absolute, empty or climb out of the disk.
fn check_path(path: &str) -> io::Result<()> {
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
    if path.split('/').all(plain) {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "path leaves its disk"))
    }
}

fn beyond_end() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "offset lies beyond the end of the file")
}
