//! An open file of a simulated disk.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use super::super::{DiskFile, beyond_end};
use super::state::State;

pub(super) struct SimFile {
    pub(super) disk: Arc<Mutex<State>>,
    pub(super) inode: usize,
    pub(super) writable: bool,
}

impl SimFile {
    /// Puts bytes at an offset, or as many of them as a failing write leaves behind.
    fn put(&self, state: &mut State, offset: Option<usize>, bytes: &[u8]) -> io::Result<()> {
        self.check_writable()?;
        let outcome = state.step();
        let kept = match outcome {
            Ok(()) => bytes.len(),
            Err(_) => state.rng.below(bytes.len() as u64 + 1) as usize,
        };
        let live = &mut state.inode(self.inode)?.live;
        let offset = offset.unwrap_or(live.len());
        let old = live.len();
        live.resize(old.max(offset + kept), 0);
        for (to, from) in live.iter_mut().skip(offset).zip(bytes.iter().take(kept)) {
            *to = *from;
        }
        outcome
    }

    fn check_writable(&self) -> io::Result<()> {
        if self.writable { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }
}

fn in_memory(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

impl DiskFile for SimFile {
    fn append(&self, bytes: &[u8]) -> io::Result<()> {
        self.put(&mut self.disk.lock(), None, bytes)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.lock();
        let offset = in_memory(offset);
        if offset > state.inode(self.inode)?.live.len() {
            return Err(beyond_end());
        }
        self.put(&mut state, Some(offset), bytes)
    }

    fn read_at(&self, offset: u64, to: &mut [u8]) -> io::Result<usize> {
        let mut state = self.disk.lock();
        state.alive()?;
        let live = &state.inode(self.inode)?.live;
        let from = live.get(in_memory(offset)..).unwrap_or_default();
        for (to, from) in to.iter_mut().zip(from) {
            *to = *from;
        }
        Ok(from.len().min(to.len()))
    }

    fn size(&self) -> io::Result<u64> {
        let mut state = self.disk.lock();
        state.alive()?;
        Ok(state.inode(self.inode)?.live.len() as u64)
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.check_writable()?;
        let mut state = self.disk.lock();
        let len = in_memory(len);
        if len > state.inode(self.inode)?.live.len() {
            return Err(beyond_end());
        }
        let outcome = state.step();
        if outcome.is_ok() || state.rng.below(2) == 0 {
            state.inode(self.inode)?.cut(len);
        }
        outcome
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.lock();
        let outcome = state.step();
        let alive = state.alive().is_ok();
        let inode = state.inode(self.inode)?;
        match outcome {
            Ok(()) => inode.sync(),
            Err(_) if alive => inode.sync_failed(),
            Err(_) => {}
        }
        outcome
    }
}
