//! Writing the stream.

use std::sync::Arc;

use accord_audit::TreeHead;
use accord_audit::tree::{Frontier, leaf_hash};
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::file::{FILE_HEADER, Frame, header, path};
use super::leaves::Leaves;
use super::reader::{FrameReader, Next};
use super::recover::{Floor, Recovered, recover};
use super::{FILE_BYTES, FOLDER, StreamError};
use crate::disk::{Disk, DiskFile};

/// The stream of one node, open for writing; there is one for each data folder.
///
/// Appending takes a short lock around one write. Flushing has a lock of its own, so that
/// appends go on while it waits for the disk.
pub struct AccessStream {
    disk: Arc<dyn Disk>,
    file_bytes: u64,
    recovered: Recovered,
    /// Taken before `tail` where both are.
    durable: Mutex<Durable>,
    /// Of the standard library: a thread that finds it taken sleeps. One that spins and yields
    /// (parking_lot) loses its turn for milliseconds when cores are busy, at every read served.
    tail: std::sync::Mutex<Tail>,
    /// How many records the operating system has.
    written: AtomicU64,
}

/// Where the next record goes.
struct Tail {
    file: Arc<dyn DiskFile>,
    /// Where the waiting records go.
    end: u64,
    /// Number of the next record.
    next: u64,
    /// Frames that have their numbers and are not written yet.
    waiting: Vec<u8>,
    /// The file before, with its length, until a flush has dealt with its last records.
    before: Option<(Arc<dyn DiskFile>, u64)>,
    failed: bool,
}

/// What is on disk and hashed.
struct Durable {
    /// The file the first record that is not durable is in, and where.
    file: Arc<dyn DiskFile>,
    number: u32,
    at: u64,
    frontier: Frontier,
}

impl AccessStream {
    /// Opens the stream, or begins it. What was written and not flushed before a crash may be cut
    /// off, but never below the floor: fewer records are an error, and nothing is touched.
    pub fn open(disk: Arc<dyn Disk>, floor: Floor) -> Result<AccessStream, StreamError> {
        AccessStream::open_with(disk, floor, FILE_BYTES)
    }

    /// As [`AccessStream::open`], with files that are followed by a new one at this length.
    pub fn open_with(
        disk: Arc<dyn Disk>,
        floor: Floor,
        file_bytes: u64,
    ) -> Result<AccessStream, StreamError> {
        let end = recover(disk.as_ref(), floor)?;
        let (file, at, next) = (end.file.clone(), end.at, end.frontier.size());
        let tail = Tail { file, end: at, next, waiting: Vec::new(), before: None, failed: false };
        let durable = Durable { file: end.file, number: end.number, at, frontier: end.frontier };
        Ok(AccessStream {
            disk,
            file_bytes,
            recovered: end.recovered,
            durable: Mutex::new(durable),
            tail: std::sync::Mutex::new(tail),
            written: AtomicU64::new(next),
        })
    }

    /// What opening had to cut off.
    pub fn recovered(&self) -> Recovered {
        self.recovered
    }

    /// Hands a sealed record to the operating system and gives its sequence number. It survives
    /// the death of this process from here on, and that of the machine after the next flush.
    pub fn append(&self, sealed: &[u8]) -> Result<u64, StreamError> {
        let sequence = self.enqueue(sealed)?;
        self.write_through(sequence)?;
        Ok(sequence)
    }

    /// Gives a sealed record its place and number. It is not written before
    /// [`AccessStream::write_through`] of this number, or of a later one, has returned: callers
    /// that can wait a moment share one write.
    pub fn enqueue(&self, sealed: &[u8]) -> Result<u64, StreamError> {
        let mut frame = Frame::new(sealed)?;
        let mut tail = self.tail()?;
        let sequence = tail.next;
        tail.waiting.extend_from_slice(frame.numbered(sequence));
        tail.next += 1;
        Ok(sequence)
    }

    /// Hands every waiting record to the operating system, unless the one with this number was
    /// handed over already.
    pub fn write_through(&self, sequence: u64) -> Result<(), StreamError> {
        if self.written.load(Ordering::Acquire) > sequence {
            return Ok(());
        }
        let mut tail = self.tail.lock().map_err(|_| StreamError::Failed)?;
        // Another thread may have written it, or failed to, while this one waited for the lock.
        if self.written.load(Ordering::Acquire) > sequence {
            return Ok(());
        }
        self.write_waiting(&mut tail)
    }

    fn write_waiting(&self, tail: &mut Tail) -> Result<(), StreamError> {
        if tail.failed {
            return Err(StreamError::Failed);
        }
        if tail.waiting.is_empty() {
            return Ok(());
        }
        if let Err(error) = tail.file.append(&tail.waiting) {
            tail.failed = true;
            return Err(StreamError::io(FOLDER)(error));
        }
        tail.end += tail.waiting.len() as u64;
        tail.waiting.clear();
        self.written.store(tail.next, Ordering::Release);
        Ok(())
    }

    /// The tail, unless the stream failed or a thread died while writing to it.
    fn tail(&self) -> Result<std::sync::MutexGuard<'_, Tail>, StreamError> {
        let tail = self.tail.lock().map_err(|_| StreamError::Failed)?;
        if tail.failed { Err(StreamError::Failed) } else { Ok(tail) }
    }

    /// Brings everything appended so far to disk and into the tree, and gives the head of the
    /// tree over it. Without new records it costs nothing.
    pub fn flush(&self) -> Result<TreeHead, StreamError> {
        let mut durable = self.durable.lock();
        self.flush_locked(&mut durable)
    }

    /// As [`AccessStream::flush`], unless the record with this number is durable already: threads
    /// that wait for their records share one sync.
    pub fn flush_through(&self, sequence: u64) -> Result<TreeHead, StreamError> {
        let mut durable = self.durable.lock();
        if durable.frontier.size() > sequence {
            return Ok(TreeHead::from(&durable.frontier));
        }
        self.flush_locked(&mut durable)
    }

    /// The tree over what is durable. Kept beside a checkpoint, it makes opening fast.
    pub fn durable(&self) -> Frontier {
        self.durable.lock().frontier.clone()
    }

    /// Where the durable records end: number of the file, and offset in it.
    pub fn durable_end(&self) -> (u32, u32) {
        let durable = self.durable.lock();
        (durable.number, u32::try_from(durable.at).unwrap_or(u32::MAX))
    }

    /// Every durable record, from the first on.
    pub fn leaves(&self) -> Leaves {
        Leaves::bounded(self.disk.clone(), self.durable.lock().frontier.size())
    }

    fn flush_locked(&self, durable: &mut Durable) -> Result<TreeHead, StreamError> {
        match self.try_flush(durable) {
            Err(error) => {
                if let Ok(mut tail) = self.tail.lock() {
                    tail.failed = true;
                }
                Err(error)
            }
            Ok(()) => Ok(TreeHead::from(&durable.frontier)),
        }
    }

    fn try_flush(&self, durable: &mut Durable) -> Result<(), StreamError> {
        let (before, file, end, next) = {
            let mut tail = self.tail()?;
            self.write_waiting(&mut tail)?;
            (tail.before.take(), tail.file.clone(), tail.end, tail.next)
        };
        if let Some((_, before_end)) = before {
            durable.advance(before_end)?;
            durable.number += 1;
            (durable.file, durable.at) = (file, FILE_HEADER);
        }
        if next > durable.frontier.size() {
            durable.advance(end)?;
        }
        if end >= self.file_bytes { self.rotate(durable.number + 1) } else { Ok(()) }
    }

    /// Begins a new file. Its name is durable before a record goes to it; the header is synced
    /// with the first records.
    fn rotate(&self, number: u32) -> Result<(), StreamError> {
        let path = path(number);
        let failed = StreamError::io(&path);
        let file = self.disk.create(&path).map_err(&failed)?;
        self.disk.sync_dir(FOLDER).map_err(&failed)?;
        let mut tail = self.tail()?;
        self.write_waiting(&mut tail)?;
        file.append(&header(tail.next)).map_err(&failed)?;
        let before = std::mem::replace(&mut tail.file, file);
        tail.before = Some((before, tail.end));
        tail.end = FILE_HEADER;
        Ok(())
    }
}

impl Durable {
    /// Syncs the file and hashes its records up to `end`, as they are read back.
    fn advance(&mut self, end: u64) -> Result<(), StreamError> {
        let path = path(self.number);
        let failed = StreamError::io(&path);
        self.file.sync().map_err(&failed)?;
        let next = self.frontier.size();
        let mut reader = FrameReader::new(self.file.clone(), self.at, end, next);
        loop {
            match reader.next().map_err(&failed)? {
                Next::Record(sealed) => self.frontier.append(leaf_hash(sealed)),
                Next::End => break,
                Next::Torn => return Err(StreamError::Damaged(self.frontier.size())),
            }
        }
        self.at = end;
        Ok(())
    }
}
