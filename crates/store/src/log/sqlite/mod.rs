//! The embedded log: one SQLite file in WAL mode.
//!
//! One connection writes, one moves the WAL into the file beside it; readers have connections of their own from a pool and
//! never wait for the writer. A lock on a file of its own keeps a second process from writing.
//!
//! **Invariant:** SQLite ≥ 3.51.3 (before it, a WAL reset could lose committed transactions), no
//! memory mapping, synchronous=FULL on everything that writes.

mod append;
mod backfill;
mod open;
mod read;
mod tables;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use accord_base::Row;
use parking_lot::Mutex;
use rusqlite::Connection;

use super::{Checkpoint, Epoch, Group, Log, SegmentEntry};
use crate::StoreError;
use crate::keys::{KeyId, KeyOwner, WrappedKey};
use backfill::Backfill;
use read::Pool;

/// Name of the container in the data folder.
const FILE: &str = "log.sqlite";
/// Name of the file that the writing process locks.
const LOCK: &str = "log.lock";

/// A [`Log`] in a SQLite file.
pub struct SqliteLog {
    // Dropped in this order: the writer closes last, because only it may move the WAL into the file.
    readers: Pool,
    _backfill: Option<Backfill>,
    writer: Option<Mutex<Connection>>,
    /// Set once a failure leaves open what is stored.
    poisoned: AtomicBool,
    /// Released when the log is dropped, after the connections above.
    _lock: Option<File>,
}

impl SqliteLog {
    /// Opens the log in a data folder for writing; makes an empty one where there is none.
    /// [`StoreError::Locked`] while another process has it.
    pub fn open(folder: &Path) -> Result<SqliteLog, StoreError> {
        let lock = open::lock(&folder.join(LOCK))?;
        let path = SqliteLog::path(folder);
        let writer = open::writer(&path)?;
        Ok(SqliteLog {
            _backfill: Some(Backfill::start(&path)?),
            writer: Some(Mutex::new(writer)),
            readers: Pool::new(path),
            poisoned: AtomicBool::new(false),
            _lock: Some(lock),
        })
    }

    /// Opens the log of a data folder for reading, whether or not a process writes to it.
    pub fn open_read_only(folder: &Path) -> Result<SqliteLog, StoreError> {
        let path = SqliteLog::path(folder);
        if !path.exists() {
            return Err(StoreError::Missing);
        }
        open::check_version()?;
        let readers = Pool::new(path);
        readers.with(open::check_identity)??;
        let poisoned = AtomicBool::new(false);
        Ok(SqliteLog { writer: None, _backfill: None, readers, poisoned, _lock: None })
    }

    /// Where the container lies in a data folder.
    pub fn path(folder: &Path) -> PathBuf {
        folder.join(FILE)
    }
}

impl Log for SqliteLog {
    fn claim(&self) -> Result<Epoch, StoreError> {
        self.write(append::claim)
    }

    fn end(&self) -> Result<Row, StoreError> {
        self.readers.query(read::end)
    }

    fn append(&self, group: &Group) -> Result<(), StoreError> {
        self.write(|transaction| append::append(transaction, group))
    }

    fn read(&self, row: Row) -> Result<Option<Vec<u8>>, StoreError> {
        self.readers.query(|connection| read::record(connection, row))
    }

    fn scan(&self, from: Row, limit: usize) -> Result<Vec<(Row, Vec<u8>)>, StoreError> {
        self.readers.query(|connection| read::scan(connection, from, limit))
    }

    fn has_mark(&self, mark: &[u8; 32]) -> Result<bool, StoreError> {
        self.readers.query(|connection| read::has_mark(connection, mark))
    }

    fn key(&self, id: KeyId) -> Result<Option<WrappedKey>, StoreError> {
        self.readers.query(|connection| tables::key(connection, id))
    }

    fn key_of(&self, owner: &KeyOwner) -> Result<Option<WrappedKey>, StoreError> {
        self.readers.query(|connection| tables::key_of(connection, owner))
    }

    fn keys(&self, after: KeyId, limit: usize) -> Result<Vec<WrappedKey>, StoreError> {
        self.readers.query(|connection| tables::keys(connection, after, limit))
    }

    fn last_key(&self) -> Result<KeyId, StoreError> {
        self.readers.query(tables::last_key)
    }

    fn segments(&self) -> Result<Vec<SegmentEntry>, StoreError> {
        self.readers.query(tables::segments)
    }

    fn put_segments(&self, remove: &[String], add: &[SegmentEntry]) -> Result<(), StoreError> {
        self.write(|transaction| tables::put_segments(transaction, remove, add))
    }

    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.readers.query(|connection| tables::meta(connection, name))
    }

    fn put_meta(&self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        self.write(|transaction| tables::put_meta(transaction, name, value))
    }

    fn put_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        self.write(|transaction| tables::put_checkpoint(transaction, checkpoint))
    }

    fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        self.readers.query(tables::last_checkpoint)
    }

    fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError> {
        self.readers.query(tables::checkpoints)
    }

    fn check_container(&self) -> Result<Vec<String>, StoreError> {
        self.readers.query(read::quick_check)
    }
}
