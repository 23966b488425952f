//! Writing the stream.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LockResult, MutexGuard};

use accord_audit::TreeHead;
use accord_audit::tree::{Frontier, leaf_hash};

use parking_lot::Mutex;

use super::file::{FILE_HEADER, Frame, header, path};
use super::leaves::Leaves;
use super::reader::{FrameReader, Next};
use super::recover::{Floor, Recovered, recover};
use super::{FILE_BYTES, FOLDER, StreamError};
use crate::disk::{Disk, DiskFile};

/// The stream of one node, open for writing; there is one for each data folder.
///
/// A record gets its place under one lock, is written under another, and brought to disk under a
/// third, so that none of these waits for the next: taken in the order of the fields.
pub struct AccessStream {
    disk: Arc<dyn Disk>,
    file_bytes: u64,
    recovered: Recovered,
    durable: Mutex<Durable>,
    /// Of the standard library, like `tail`: a thread that finds it taken sleeps. One that spins
    /// and yields (parking_lot) loses its turn for milliseconds when cores are busy, at every read
    /// served.
    out: std::sync::Mutex<Out>,
    tail: std::sync::Mutex<Tail>,
    /// How many records the operating system has.
    written: AtomicU64,
    /// Whether something could not be written: nothing is any more.
    failed: AtomicBool,
}

/// The records that have their places.
struct Tail {
    /// Number of the next record.
    next: u64,
    /// Frames that have their numbers and are not being written yet.
    waiting: Vec<u8>,
}

/// Where records are written.
struct Out {
    file: Arc<dyn DiskFile>,
    /// Where the next record goes.
    end: u64,
    /// Frames on their way; empty between two writes.
    leaving: Vec<u8>,
    /// The file before, with its length, until a flush has dealt with its last records.
    before: Option<(Arc<dyn DiskFile>, u64)>,
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
        let out = Out { file, end: at, leaving: Vec::new(), before: None };
        let tail = Tail { next, waiting: Vec::new() };
        let durable = Durable { file: end.file, number: end.number, at, frontier: end.frontier };
        Ok(AccessStream {
            disk,
            file_bytes,
            recovered: end.recovered,
            durable: Mutex::new(durable),
            out: std::sync::Mutex::new(out),
            tail: std::sync::Mutex::new(tail),
            written: AtomicU64::new(next),
            failed: AtomicBool::new(false),
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
        let mut out = self.out()?;
        // Another thread may have written it while this one waited for the lock.
        if self.written.load(Ordering::Acquire) > sequence {
            return Ok(());
        }
        self.write_waiting(&mut out)
    }

    /// Writes what waits. Records that get their places meanwhile wait for the next write.
    fn write_waiting(&self, out: &mut Out) -> Result<(), StreamError> {
        let next = {
            let mut tail = self.tail()?;
            std::mem::swap(&mut tail.waiting, &mut out.leaving);
            tail.next
        };
        if out.leaving.is_empty() {
            return Ok(());
        }
        if let Err(error) = out.file.append(&out.leaving) {
            self.failed.store(true, Ordering::Release);
            return Err(StreamError::io(FOLDER)(error));
        }
        out.end += out.leaving.len() as u64;
        out.leaving.clear();
        self.written.store(next, Ordering::Release);
        Ok(())
    }

    /// Where records are written, unless the stream failed or a thread died while writing to it.
    fn out(&self) -> Result<MutexGuard<'_, Out>, StreamError> {
        self.checked(self.out.lock())
    }

    /// The records that have their places, likewise.
    fn tail(&self) -> Result<MutexGuard<'_, Tail>, StreamError> {
        self.checked(self.tail.lock())
    }

    fn checked<'a, T>(
        &self,
        locked: LockResult<MutexGuard<'a, T>>,
    ) -> Result<MutexGuard<'a, T>, StreamError> {
        let guard = locked.map_err(|_| StreamError::Failed)?;
        if self.failed.load(Ordering::Acquire) { Err(StreamError::Failed) } else { Ok(guard) }
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
                self.failed.store(true, Ordering::Release);
                Err(error)
            }
            Ok(()) => Ok(TreeHead::from(&durable.frontier)),
        }
    }

    fn try_flush(&self, durable: &mut Durable) -> Result<(), StreamError> {
        let (before, file, end, next) = {
            let mut out = self.out()?;
            self.write_waiting(&mut out)?;
            let next = self.written.load(Ordering::Acquire);
            (out.before.take(), out.file.clone(), out.end, next)
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
        let mut out = self.out()?;
        self.write_waiting(&mut out)?;
        let next = self.written.load(Ordering::Acquire);
        file.append(&header(next)).map_err(&failed)?;
        let before = std::mem::replace(&mut out.file, file);
        out.before = Some((before, out.end));
        out.end = FILE_HEADER;
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
