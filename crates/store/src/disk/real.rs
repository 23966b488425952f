//! Files of the operating system.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Disk, DiskFile, beyond_end, check_path};

/// Files below one folder, which must exist.
pub struct RealDisk {
    root: PathBuf,
}

struct RealFile {
    file: File,
    /// Where the next append goes. Appends are positioned writes: after a failed one the next
    /// goes over what it left.
    end: Mutex<u64>,
}

impl RealDisk {
    /// The disk below `root`.
    pub fn new(root: &Path) -> RealDisk {
        RealDisk { root: root.to_owned() }
    }

    fn path(&self, path: &str) -> io::Result<PathBuf> {
        check_path(path)?;
        Ok(self.root.join(path))
    }

    fn folder(&self, dir: &str) -> io::Result<PathBuf> {
        if dir.is_empty() { Ok(self.root.clone()) } else { self.path(dir) }
    }
}

fn opened(options: &OpenOptions, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
    let file = options.open(path)?;
    let end = Mutex::new(file.metadata()?.len());
    Ok(Arc::new(RealFile { file, end }))
}

impl Disk for RealDisk {
    fn create_dir(&self, path: &str) -> io::Result<()> {
        check_path(path)?;
        let mut folder = self.root.clone();
        for part in path.split('/') {
            let parent = folder.clone();
            folder.push(part);
            match DirBuilder::new().mode(0o700).create(&folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => File::open(parent)?.sync_all()?,
            }
        }
        Ok(())
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let mut options = OpenOptions::new();
        opened(options.read(true).write(true).create_new(true).mode(0o600), &self.path(path)?)
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        opened(OpenOptions::new().read(true), &self.path(path)?)
    }

    fn open_write(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        opened(OpenOptions::new().read(true).write(true), &self.path(path)?)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from)?, self.path(to)?)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.path(path)?)
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.folder(dir)?) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            // A name that is not UTF-8 is none of ours.
            if let (true, Ok(name)) =
                (entry.file_type()?.is_file(), entry.file_name().into_string())
            {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        File::open(self.folder(dir)?)?.sync_all()
    }
}

impl DiskFile for RealFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let mut end = self.end.lock();
        self.file.write_all_at(bytes, *end)?;
        *end += bytes.len() as u64;
        Ok(())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut end = self.end.lock();
        if offset > *end {
            return Err(beyond_end());
        }
        self.file.write_all_at(bytes, offset)?;
        *end = (*end).max(offset + bytes.len() as u64);
        Ok(())
    }

    fn read_at(&self, offset: u64, to: &mut [u8]) -> io::Result<usize> {
        let (mut rest, mut offset, mut read) = (to, offset, 0);
        while !rest.is_empty() {
            match self.file.read_at(rest, offset) {
                Ok(0) => break,
                Ok(count) => {
                    read += count;
                    offset += count as u64;
                    rest = rest.get_mut(count..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let mut end = self.end.lock();
        if len > self.file.metadata()?.len() {
            return Err(beyond_end());
        }
        self.file.set_len(len)?;
        *end = len;
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}
