//! A log and a disk that fail together, at the n-th change of either.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use accord_base::{LogTime, ManualClock, Row};
use accord_conformance::new_parts;
use accord_engine::Parts;
use accord_store::disk::{Disk, DiskFile, SimDisk};
use accord_store::keys::{KeyId, KeyOwner, WrappedKey};
use accord_store::log::{Checkpoint, Epoch, Group};
use accord_store::{Log, MemoryLog, SegmentEntry, StoreError};

/// How a life ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// What was not synced may be lost.
    PowerLost,
    /// What was written to files is there.
    Killed,
}

/// When everything fails.
struct Fate {
    done: AtomicU64,
    crash_at: AtomicU64,
    /// Changes in progress are counted under this, so that the crash has one place in their order.
    turn: std::sync::Mutex<()>,
}

/// What becomes of a change.
#[derive(PartialEq, Eq)]
enum Step {
    Go,
    /// The crash comes now: the change may or may not be made.
    Now,
    Dead,
}

impl Fate {
    fn step(&self) -> Step {
        let _turn = self.turn.lock().unwrap();
        self.count()
    }

    fn count(&self) -> Step {
        match (self.done.fetch_add(1, SeqCst), self.crash_at.load(SeqCst)) {
            (n, at) if n < at => Step::Go,
            (n, at) if n == at => Step::Now,
            _ => Step::Dead,
        }
    }

    fn dead(&self) -> bool {
        self.done.load(SeqCst) > self.crash_at.load(SeqCst)
    }
}

/// The world of one life.
pub struct World {
    fate: Arc<Fate>,
    log: MemoryLog,
    disk: SimDisk,
    parts: Parts,
    pub clock: Arc<ManualClock>,
}

impl World {
    pub fn new(seed: u64) -> World {
        let never = AtomicU64::new(u64::MAX);
        let fate =
            Arc::new(Fate { done: AtomicU64::new(0), crash_at: never, turn: Default::default() });
        let (log, disk) = (MemoryLog::new(), SimDisk::new(seed));
        let now = LogTime(1_780_000_000_000_000);
        let (mut parts, clock) = new_parts(Arc::new(log.clone()), disk.clone(), seed, now);
        parts.log = Arc::new(FrailLog(log.clone(), fate.clone()));
        parts.disk = Arc::new(FrailDisk(disk.clone(), fate.clone()));
        World { fate, log, disk, parts, clock }
    }

    pub fn parts(&self) -> Parts {
        self.parts.clone()
    }

    pub fn crash_at(&self, n: u64) {
        self.fate.crash_at.store(n, SeqCst);
    }

    pub fn operations(&self) -> u64 {
        self.fate.done.load(SeqCst)
    }

    /// The parts as they are found afterwards, without faults to come.
    pub fn found(&self, end: End) -> (Parts, Arc<ManualClock>) {
        self.crash_at(0);
        let _turn = self.fate.turn.lock().unwrap();
        let disk = match end {
            End::PowerLost => self.disk.reboot(),
            End::Killed => self.disk.restart(),
        };
        let (log, disk) = (Arc::new(self.log.reopen()), Arc::new(disk));
        (Parts { log, disk, ..self.parts.clone() }, self.clock.clone())
    }
}

struct FrailDisk(SimDisk, Arc<Fate>);

struct FrailFile(Arc<dyn DiskFile>, SimDisk, Arc<Fate>);

/// Lets the disk below crash with the change, so that it decides what is left of it.
fn ready(fate: &Fate, disk: &SimDisk) {
    if fate.step() != Step::Go {
        disk.crash_at(0);
    }
}

impl FrailDisk {
    fn file(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(FrailFile(file, self.0.clone(), self.1.clone()))
    }
}

impl Disk for FrailDisk {
    fn create_dir(&self, path: &str) -> std::io::Result<()> {
        ready(&self.1, &self.0);
        self.0.create_dir(path)
    }

    fn create(&self, path: &str) -> std::io::Result<Arc<dyn DiskFile>> {
        ready(&self.1, &self.0);
        self.0.create(path).map(|file| self.file(file))
    }

    fn open(&self, path: &str) -> std::io::Result<Arc<dyn DiskFile>> {
        self.0.open(path).map(|file| self.file(file))
    }

    fn open_write(&self, path: &str) -> std::io::Result<Arc<dyn DiskFile>> {
        self.0.open_write(path).map(|file| self.file(file))
    }

    fn rename(&self, from: &str, to: &str) -> std::io::Result<()> {
        ready(&self.1, &self.0);
        self.0.rename(from, to)
    }

    fn remove(&self, path: &str) -> std::io::Result<()> {
        ready(&self.1, &self.0);
        self.0.remove(path)
    }

    fn list(&self, dir: &str) -> std::io::Result<Vec<String>> {
        self.0.list(dir)
    }

    fn sync_dir(&self, dir: &str) -> std::io::Result<()> {
        ready(&self.1, &self.0);
        self.0.sync_dir(dir)
    }
}

impl DiskFile for FrailFile {
    fn append(&self, bytes: &[u8]) -> std::io::Result<()> {
        ready(&self.2, &self.1);
        self.0.append(bytes)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> std::io::Result<()> {
        ready(&self.2, &self.1);
        self.0.write_at(offset, bytes)
    }

    fn read_at(&self, offset: u64, to: &mut [u8]) -> std::io::Result<usize> {
        self.0.read_at(offset, to)
    }

    fn size(&self) -> std::io::Result<u64> {
        self.0.size()
    }

    fn truncate(&self, len: u64) -> std::io::Result<()> {
        ready(&self.2, &self.1);
        self.0.truncate(len)
    }

    fn sync(&self) -> std::io::Result<()> {
        ready(&self.2, &self.1);
        self.0.sync()
    }
}

struct FrailLog(MemoryLog, Arc<Fate>);

impl FrailLog {
    /// Makes a change, unless the crash comes first; the one that meets it is made or not, by the
    /// parity of its place, and never acknowledged.
    fn change<T>(
        &self,
        make: impl FnOnce(&MemoryLog) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let crashed = || StoreError::Uncertain("crashed".to_owned());
        // Counted and made in one, or a thread of the dead could change what is found later.
        let _turn = self.1.turn.lock().unwrap();
        match self.1.count() {
            Step::Go => make(&self.0),
            Step::Now => {
                if self.1.crash_at.load(SeqCst).is_multiple_of(2) {
                    make(&self.0)?;
                }
                Err(crashed())
            }
            Step::Dead => Err(crashed()),
        }
    }

    fn alive(&self) -> Result<&MemoryLog, StoreError> {
        if self.1.dead() { Err(StoreError::Uncertain("crashed".to_owned())) } else { Ok(&self.0) }
    }
}

impl Log for FrailLog {
    fn claim(&self) -> Result<Epoch, StoreError> {
        self.change(MemoryLog::claim)
    }

    fn end(&self) -> Result<Row, StoreError> {
        self.alive()?.end()
    }

    fn append(&self, group: &Group) -> Result<(), StoreError> {
        self.change(|log| log.append(group))
    }

    fn read(&self, row: Row) -> Result<Option<Vec<u8>>, StoreError> {
        self.alive()?.read(row)
    }

    fn scan(&self, from: Row, limit: usize) -> Result<Vec<(Row, Vec<u8>)>, StoreError> {
        self.alive()?.scan(from, limit)
    }

    fn has_mark(&self, mark: &[u8; 32]) -> Result<bool, StoreError> {
        self.alive()?.has_mark(mark)
    }

    fn key(&self, id: KeyId) -> Result<Option<WrappedKey>, StoreError> {
        self.alive()?.key(id)
    }

    fn key_of(&self, owner: &KeyOwner) -> Result<Option<WrappedKey>, StoreError> {
        self.alive()?.key_of(owner)
    }

    fn keys(&self, after: KeyId, limit: usize) -> Result<Vec<WrappedKey>, StoreError> {
        self.alive()?.keys(after, limit)
    }

    fn last_key(&self) -> Result<KeyId, StoreError> {
        self.alive()?.last_key()
    }

    fn segments(&self) -> Result<Vec<SegmentEntry>, StoreError> {
        self.alive()?.segments()
    }

    fn put_segments(&self, remove: &[String], add: &[SegmentEntry]) -> Result<(), StoreError> {
        self.change(|log| log.put_segments(remove, add))
    }

    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.alive()?.meta(name)
    }

    fn put_meta(&self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        self.change(|log| log.put_meta(name, value))
    }

    fn put_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        self.change(|log| log.put_checkpoint(checkpoint))
    }

    fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        self.alive()?.last_checkpoint()
    }

    fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError> {
        self.alive()?.checkpoints()
    }

    fn check_container(&self) -> Result<Vec<String>, StoreError> {
        self.alive()?.check_container()
    }
}
