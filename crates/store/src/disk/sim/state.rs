//! What a simulated disk holds, and what a crash leaves of it.

use std::collections::BTreeMap;
use std::io;

use accord_base::SeededRng;

use super::super::folder;

/// Devices write this much in one piece.
const SECTOR_BYTES: usize = 512;

#[derive(Clone, Copy)]
pub(super) enum Failure {
    Crash,
    Error,
}

/// A change of names.
#[derive(Clone)]
pub(super) enum Change {
    Link(String, usize),
    Rename(String, String),
    Unlink(String),
}

type Names = BTreeMap<String, usize>;

impl Change {
    fn apply(&self, names: &mut Names) {
        match self {
            Change::Link(path, inode) => drop(names.insert(path.clone(), *inode)),
            Change::Unlink(path) => drop(names.remove(path)),
            // Where the old name was lost with the crash, so is the rename.
            Change::Rename(from, to) => {
                if let Some(inode) = names.remove(from) {
                    names.insert(to.clone(), inode);
                }
            }
        }
    }

    fn touches(&self, dir: &str) -> bool {
        match self {
            Change::Link(path, _) | Change::Unlink(path) => folder(path) == dir,
            Change::Rename(from, to) => folder(from) == dir || folder(to) == dir,
        }
    }
}

/// A file's bytes, seen by readers and on the medium.
#[derive(Clone, Default)]
pub(super) struct Inode {
    pub(super) live: Vec<u8>,
    synced: Vec<u8>,
    /// Shortest length since the last sync.
    low: usize,
    /// A sync failed: nothing reaches the medium any more.
    broken: bool,
}

impl Inode {
    pub(super) fn cut(&mut self, len: usize) {
        self.live.truncate(len);
        self.low = self.low.min(len);
    }

    pub(super) fn sync(&mut self) {
        if !self.broken {
            self.synced.clone_from(&self.live);
            self.low = self.live.len();
        }
    }

    pub(super) fn sync_failed(&mut self) {
        self.broken = true;
    }

    /// The bytes found after a crash.
    fn survivor(&self, rng: &SeededRng) -> Inode {
        let up_to =
            |len: usize| self.low + rng.below((len.saturating_sub(self.low) + 1) as u64) as usize;
        let bytes = match rng.below(4) {
            0 => self.synced.clone(),
            1 => self.live.clone(),
            2 => self.live.iter().take(up_to(self.live.len())).copied().collect(),
            _ => {
                let len = up_to(self.live.len().max(self.synced.len()));
                let mut bytes = Vec::with_capacity(len);
                while bytes.len() < len {
                    // Sectors reach the medium in any order; one that did not reads as before,
                    // or as zeros where the file grew.
                    let from = if rng.below(2) == 0 { &self.live } else { &self.synced };
                    let sector = bytes.len()..len.min(bytes.len() + SECTOR_BYTES);
                    bytes.extend(sector.map(|at| from.get(at).copied().unwrap_or(0)));
                }
                bytes
            }
        };
        Inode { low: bytes.len(), live: bytes.clone(), synced: bytes, broken: false }
    }
}

pub(super) struct State {
    pub(super) rng: SeededRng,
    pub(super) operations: u64,
    inodes: Vec<Inode>,
    names: Names,
    durable: Names,
    /// Changes of names since their folders were synced, oldest first.
    pending: Vec<Change>,
    plan: Option<(u64, Failure)>,
    crashed: bool,
}

impl State {
    pub(super) fn new(seed: u64) -> State {
        State {
            rng: SeededRng::new(seed),
            operations: 0,
            inodes: Vec::new(),
            names: Names::new(),
            durable: Names::new(),
            pending: Vec::new(),
            plan: None,
            crashed: false,
        }
    }

    pub(super) fn plan(&mut self, n: u64, failure: Failure) {
        self.plan = Some((self.operations + n, failure));
    }

    pub(super) fn alive(&self) -> io::Result<()> {
        if self.crashed { Err(io::Error::other("the disk crashed")) } else { Ok(()) }
    }

    /// Counts a changing operation; an error where it is the one to fail.
    pub(super) fn step(&mut self) -> io::Result<()> {
        self.alive()?;
        let now = self.operations;
        self.operations += 1;
        match self.plan {
            Some((at, Failure::Crash)) if at == now => {
                self.crashed = true;
                self.alive()
            }
            Some((at, Failure::Error)) if at == now => {
                Err(io::Error::other("the disk failed to write"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn new_inode(&mut self) -> usize {
        self.inodes.push(Inode::default());
        self.inodes.len() - 1
    }

    pub(super) fn inode(&mut self, inode: usize) -> io::Result<&mut Inode> {
        self.inodes.get_mut(inode).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn find(&self, path: &str) -> io::Result<usize> {
        self.alive()?;
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.alive()?;
        let name =
            |path: &String| path.rsplit_once('/').map_or(path.as_str(), |(_, n)| n).to_owned();
        Ok(self.names.keys().filter(|path| folder(path) == dir).map(name).collect())
    }

    pub(super) fn change(&mut self, change: Change) {
        change.apply(&mut self.names);
        self.pending.push(change);
    }

    pub(super) fn sync_dir(&mut self, dir: &str) {
        let (synced, pending) =
            std::mem::take(&mut self.pending).into_iter().partition(|change| change.touches(dir));
        let synced: Vec<Change> = synced;
        synced.iter().for_each(|change| change.apply(&mut self.durable));
        self.pending = pending;
    }

    pub(super) fn restart(&mut self) -> State {
        self.crashed = true;
        State {
            inodes: self.inodes.clone(),
            names: self.names.clone(),
            durable: self.durable.clone(),
            pending: self.pending.clone(),
            ..State::new(self.rng.next_u64())
        }
    }

    pub(super) fn reboot(&mut self) -> State {
        self.crashed = true;
        let mut names = self.durable.clone();
        let (way, prefix) = (self.rng.below(4), self.rng.below(self.pending.len() as u64 + 1));
        for (at, change) in self.pending.iter().enumerate() {
            let survives = match way {
                0 => false,
                1 => true,
                2 => (at as u64) < prefix,
                _ => self.rng.below(2) == 0,
            };
            if survives {
                change.apply(&mut names);
            }
        }
        let inodes = self.inodes.iter().map(|inode| inode.survivor(&self.rng)).collect();
        let fresh = State::new(self.rng.next_u64());
        State { inodes, durable: names.clone(), names, ..fresh }
    }
}
