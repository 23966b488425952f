//! The log: ordered, durable, append-only; and beside it the small tables a store needs.
//!
//! **Invariant:** a group is durable when [`Log::append`] returns, whole or not at all, and only
//! the holder of the current epoch appends. **Absent:** what records mean; the log stores bytes.

mod memory;
mod sqlite;

use std::fmt;

use accord_base::Row;

pub use memory::{Fault, MemoryLog};
pub use sqlite::SqliteLog;

use crate::StoreError;
use crate::codec::decode_record;
use crate::keys::{KeyId, KeyOwner, WrappedKey};

/// A writer's term. Claiming the log starts the next one and deposes the writer before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What one durable write adds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// The writer's term.
    pub epoch: Epoch,
    /// Row of the first record; must be where the log ends.
    pub first: Row,
    /// The records, in the order of their rows.
    pub records: Vec<Vec<u8>>,
    /// Keys that records of the group are the first to use.
    pub keys: Vec<WrappedKey>,
    /// Marks of work that is done once the group is durable, such as an imported file's hash.
    /// A mark that is there already is no fault.
    pub marks: Vec<[u8; 32]>,
}

/// A segment file of the manifest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SegmentEntry {
    /// First row it covers.
    pub first: Row,
    /// First row after it.
    pub end: Row,
    /// Name of the file, unique in the manifest.
    pub file: String,
    /// CRC-32C of the file.
    pub crc: u32,
    /// Size of the file.
    pub bytes: u64,
}

/// A signed checkpoint over both trees.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Leaves of the log tree.
    pub size_log: u64,
    /// Leaves of the access tree.
    pub size_access: u64,
    /// The signed note.
    pub note: Vec<u8>,
}

/// A durable, ordered log with one fenced writer.
///
/// All methods may be called from many threads. Reads see what is durable. Whatever a method
/// stores is durable when it returns.
pub trait Log: Send + Sync {
    /// Becomes the writer: whoever held the log before is deposed.
    fn claim(&self) -> Result<Epoch, StoreError>;

    /// Where the log ends: the row of the next record.
    fn end(&self) -> Result<Row, StoreError>;

    /// Adds a group, durably and as a whole.
    ///
    /// [`StoreError::Deposed`], [`StoreError::OutOfOrder`], [`StoreError::Full`],
    /// [`StoreError::KeyConflict`] and [`StoreError::Refused`] leave the log as it was. After
    /// [`StoreError::Uncertain`] the writer must stop; the group is there or not when the store is
    /// opened again.
    fn append(&self, group: &Group) -> Result<(), StoreError>;

    /// One record, by row.
    fn read(&self, row: Row) -> Result<Option<Vec<u8>>, StoreError>;

    /// At most `limit` records from a row on, in order.
    fn scan(&self, from: Row, limit: usize) -> Result<Vec<(Row, Vec<u8>)>, StoreError>;

    /// Whether a mark was stored.
    fn has_mark(&self, mark: &[u8; 32]) -> Result<bool, StoreError>;

    /// The key with this number.
    fn key(&self, id: KeyId) -> Result<Option<WrappedKey>, StoreError>;

    /// The key of this owner.
    fn key_of(&self, owner: &KeyOwner) -> Result<Option<WrappedKey>, StoreError>;

    /// At most `limit` keys with numbers above `after`, ascending.
    fn keys(&self, after: KeyId, limit: usize) -> Result<Vec<WrappedKey>, StoreError>;

    /// The highest number of a key; 0 where there is none.
    fn last_key(&self) -> Result<KeyId, StoreError>;

    /// The manifest: segment files that count, by first row, then name.
    fn segments(&self) -> Result<Vec<SegmentEntry>, StoreError>;

    /// Takes segments out of the manifest by file name and adds others, in one step.
    fn put_segments(&self, remove: &[String], add: &[SegmentEntry]) -> Result<(), StoreError>;

    /// A named value.
    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Sets a named value.
    fn put_meta(&self, name: &str, value: &[u8]) -> Result<(), StoreError>;

    /// Adds a checkpoint after the others.
    fn put_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreError>;

    /// The newest checkpoint.
    fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreError>;

    /// All checkpoints, oldest first.
    fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError>;

    /// Checks the container itself, below the records: one line for each fault.
    fn check_container(&self) -> Result<Vec<String>, StoreError>;
}

/// A record that does not pass.
#[derive(Debug)]
pub struct RecordFault {
    /// Where.
    pub row: Row,
    /// Why.
    pub error: StoreError,
}

/// How many records [`scrub`] takes at a time.
const SCRUB_BATCH: usize = 1024;

/// Checks every record: none missing, checksum and format right, and in the row that it names.
/// Gives the number of records read; faults go to `fault` as they are found.
pub fn scrub(log: &dyn Log, mut fault: impl FnMut(RecordFault)) -> Result<u64, StoreError> {
    let end = log.end()?;
    let (mut next, mut count) = (Row(0), 0);
    while next < end {
        let batch = log.scan(next, SCRUB_BATCH)?;
        if batch.is_empty() {
            fault(RecordFault { row: next, error: StoreError::Damaged("records are missing") });
            break;
        }
        for (row, bytes) in batch.into_iter().filter(|(row, _)| *row < end) {
            if row != next {
                fault(RecordFault { row: next, error: StoreError::Damaged("records are missing") });
            }
            match decode_record(&bytes) {
                Ok(record) if record.header().row == row => {}
                Ok(_) => {
                    fault(RecordFault { row, error: StoreError::Damaged("it names another row") })
                }
                Err(error) => fault(RecordFault { row, error }),
            }
            (next, count) = (row.next(), count + 1);
        }
    }
    Ok(count)
}

/// Where the log ends after `count` more records.
fn end_after(end: Row, count: usize) -> Result<Row, StoreError> {
    let count = u32::try_from(count).map_err(|_| StoreError::Full)?;
    end.0.checked_add(count).map(Row).ok_or(StoreError::Full)
}

/// The checks that every container makes before it stores a group; gives the end after it.
fn admit(group: &Group, current: Epoch, end: Row) -> Result<Row, StoreError> {
    if group.epoch != current {
        return Err(StoreError::Deposed { held: group.epoch, current });
    }
    if group.first != end {
        return Err(StoreError::OutOfOrder { end, first: group.first });
    }
    end_after(end, group.records.len())
}
