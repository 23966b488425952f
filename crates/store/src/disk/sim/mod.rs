//! A disk in memory that fails on command, for crash tests.
//!
//! It keeps for each file what was written and what was synced, and for each folder the changes
//! of names that were not. [`SimDisk::reboot`] gives a disk as it might be found after a crash:
//! the synced state and, as the seed decides, none, all, a prefix or a scattering of the rest.

mod file;
mod state;

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Disk, DiskFile, check_path};
use file::SimFile;
use state::{Change, Failure, State};

/// A simulated disk. Clones are the same disk.
#[derive(Clone)]
pub struct SimDisk(Arc<Mutex<State>>);

impl SimDisk {
    /// An empty disk. The seed decides what failing operations leave behind.
    pub fn new(seed: u64) -> SimDisk {
        SimDisk(Arc::new(Mutex::new(State::new(seed))))
    }

    /// Crashes at the `n`-th changing operation from now, counted from 0: it happens in part or
    /// not at all, and it and all after it fail.
    pub fn crash_at(&self, n: u64) {
        self.0.lock().plan(n, Failure::Crash);
    }

    /// Lets the `n`-th changing operation from now fail, counted from 0, possibly done in part.
    /// A file whose sync failed is never synced again, although later syncs claim success.
    pub fn fail_at(&self, n: u64) {
        self.0.lock().plan(n, Failure::Error);
    }

    /// How many changing operations there were.
    pub fn operations(&self) -> u64 {
        self.0.lock().operations
    }

    /// The disk as found after losing power now. The old one fails from here on.
    pub fn reboot(&self) -> SimDisk {
        SimDisk(Arc::new(Mutex::new(self.0.lock().reboot())))
    }

    /// The disk as found after the process was killed while the machine went on: all that was
    /// written is there, and still not all of it durable. The old one fails from here on.
    pub fn restart(&self) -> SimDisk {
        SimDisk(Arc::new(Mutex::new(self.0.lock().restart())))
    }

    fn file(&self, inode: usize, writable: bool) -> Arc<dyn DiskFile> {
        Arc::new(SimFile { disk: self.0.clone(), inode, writable })
    }

    fn change(&self, change: Change) -> io::Result<()> {
        let mut state = self.0.lock();
        match state.step() {
            Ok(()) => {
                state.change(change);
                Ok(())
            }
            Err(error) => {
                if state.rng.below(2) == 0 {
                    state.change(change);
                }
                Err(error)
            }
        }
    }
}

impl Disk for SimDisk {
    fn create_dir(&self, path: &str) -> io::Result<()> {
        check_path(path)?;
        self.0.lock().step()
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        check_path(path)?;
        if self.0.lock().find(path).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let inode = self.0.lock().new_inode();
        self.change(Change::Link(path.to_owned(), inode))?;
        Ok(self.file(inode, true))
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let inode = self.0.lock().find(path)?;
        Ok(self.file(inode, false))
    }

    fn open_write(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let inode = self.0.lock().find(path)?;
        Ok(self.file(inode, true))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        check_path(to)?;
        self.0.lock().find(from)?;
        self.change(Change::Rename(from.to_owned(), to.to_owned()))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.0.lock().find(path)?;
        self.change(Change::Unlink(path.to_owned()))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.0.lock().list(dir)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        let mut state = self.0.lock();
        state.step()?;
        state.sync_dir(dir);
        Ok(())
    }
}
