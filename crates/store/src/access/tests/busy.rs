//! Appends that come while a flush begins a new file, and crashes around that moment.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{OnceLock, Weak};

use super::*;
use crate::disk::DiskFile;

/// A disk on which another thread seems to append whenever names change.
struct BusyDisk {
    disk: SimDisk,
    stream: OnceLock<Weak<AccessStream>>,
    tried: AtomicU64,
}

impl BusyDisk {
    fn append(&self) -> Result<(), StreamError> {
        let Some(stream) = self.stream.get().and_then(Weak::upgrade) else { return Ok(()) };
        let n = self.tried.fetch_add(1, Ordering::SeqCst);
        stream.append(&sealed(n)).map(|number| assert_eq!(number, n))
    }
}

impl Disk for BusyDisk {
    fn create_dir(&self, path: &str) -> io::Result<()> {
        self.disk.create_dir(path)
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        let _ = self.append();
        self.disk.create(path)
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.disk.open(path)
    }

    fn open_write(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.disk.open_write(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.disk.list(dir)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        let _ = self.append();
        self.disk.sync_dir(dir)
    }
}

/// Runs until done or the crash; gives how many records a flush said are durable.
fn run(disk: &Arc<BusyDisk>, flushed: &mut u64) -> Result<(), StreamError> {
    let stream = Arc::new(AccessStream::open_with(disk.clone(), Floor::default(), SMALL)?);
    disk.stream.get_or_init(|| Arc::downgrade(&stream));
    for round in 0..10 {
        for _ in 0..1 + round % 4 {
            disk.append()?;
        }
        *flushed = stream.flush()?.size;
    }
    Ok(())
}

fn busy(seed: u64) -> Arc<BusyDisk> {
    let (stream, tried) = (OnceLock::new(), AtomicU64::new(0));
    Arc::new(BusyDisk { disk: SimDisk::new(seed), stream, tried })
}

#[test]
fn records_that_come_while_a_file_is_begun_keep_their_order() {
    let disk = busy(1);
    let mut flushed = 0;
    run(&disk, &mut flushed).unwrap();
    assert!(disk.disk.list(FOLDER).unwrap().len() > 2);
    assert_eq!(all(Leaves::read(disk.clone(), flushed)), first(disk.tried.load(Ordering::SeqCst)));
}

#[test]
fn a_crash_while_a_file_is_begun_loses_nothing_flushed() {
    let operations = {
        let disk = busy(1);
        run(&disk, &mut 0).unwrap();
        disk.disk.operations()
    };
    let mut dropped = 0;
    for at in 0..operations {
        for seed in 0..12 {
            let disk = busy(seed);
            disk.disk.crash_at(at);
            let mut flushed = 0;
            assert!(run(&disk, &mut flushed).is_err());
            let found = disk.disk.reboot();
            let floor = Floor { size: flushed, ..Floor::default() };
            let stream = open(&found, floor).unwrap_or_else(|e| panic!("{at}, {seed}: {e}"));
            let size = stream.durable().size();
            assert!((flushed..=disk.tried.load(Ordering::SeqCst)).contains(&size), "{at}, {seed}");
            assert_eq!(all(stream.leaves()), first(size), "{at}, {seed}");
            assert_eq!(stream.append(&sealed(size)).unwrap(), size);
            stream.flush().unwrap();
            dropped += u64::from(stream.recovered().bytes > 100 && stream.recovered().files > 0);
            let again = open(&found.reboot(), tree(size / 2).into()).unwrap();
            assert_eq!(all(again.leaves()), first(size + 1), "{at}, {seed}");
        }
    }
    // Some of these crashes tore the old file and kept records of the new one.
    assert!(dropped > 0);
}
