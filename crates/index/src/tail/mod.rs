//! The tail: chunks in memory.
//!
//! Row columns are written once and read without a lock. Keys stand behind a lock that the writer
//! holds for one row and readers for one posting. A full chunk never changes again, except for its
//! marks, which are atomic.

mod keys;
mod posting;
mod range;

use std::sync::{Arc, OnceLock};

use parking_lot::{RwLock, RwLockReadGuard};

use accord_access::Fact;

use crate::effect::{NewName, RowChange, RowEffect};
use crate::key::{self, Prepared, SearchKey};
use crate::row::{Marks, RowColumns, RowId, RowLists, RowMeta};

pub(crate) use keys::Keys;
pub(crate) use posting::Rows;
pub(crate) use range::TailRange;

/// `chunk_rows` consecutive rows in memory: the newest of them still growing, or full and waiting
/// to be sealed.
pub struct Chunk {
    first: u32,
    rows: Box<[OnceLock<ChunkRow>]>,
    marks: Arc<Marks>,
    keys: RwLock<Keys>,
    stated: RwLock<Stated>,
}

/// The columns of a row.
pub(crate) struct ChunkRow {
    pub meta: RowMeta,
    pub id: RowId,
    pub lists: Option<Box<RowLists>>,
}

/// What rows of the chunk introduce, state and change elsewhere, in order.
#[derive(Default)]
pub(crate) struct Stated {
    pub names: Vec<(u32, NewName)>,
    pub facts: Vec<(u32, Fact)>,
    pub changes: Vec<(u32, RowChange)>,
}

impl Chunk {
    /// An empty chunk that begins at row `first`.
    pub(crate) fn new(first: u32, chunk_rows: u32, expected_keys: usize) -> Chunk {
        Chunk {
            first,
            rows: (0..chunk_rows).map(|_| OnceLock::new()).collect(),
            marks: Arc::new(Marks::new(chunk_rows, chunk_rows)),
            keys: RwLock::new(Keys::new(chunk_rows, expected_keys)),
            stated: RwLock::default(),
        }
    }

    /// The chunk's first row.
    pub fn first(&self) -> u32 {
        self.first
    }

    /// How many rows it takes.
    pub fn rows(&self) -> u32 {
        self.rows.len() as u32
    }

    /// Executes an effect whose row lies in this chunk and is not filled yet. The columns come
    /// last: a row that has columns has its keys.
    pub(crate) fn apply(&self, effect: &RowEffect, prepared: &Prepared) {
        let local = effect.row.0 - self.first;
        let row = local as u16;
        // A deletion is found by its id and in histories, never by a search.
        if !effect.deleted {
            let mut keys = self.keys.write();
            for (hash, key) in prepared.keys() {
                keys.add(hash, key, row);
            }
            for (_, key, low, high) in prepared.ranges() {
                keys.add_range(key, low, high, row);
            }
        }
        if !(effect.names.is_empty() && effect.facts.is_empty() && effect.changes.is_empty()) {
            let mut stated = self.stated.write();
            stated.names.extend(effect.names.iter().map(|name| (local, name.clone())));
            stated.facts.extend(effect.facts.iter().map(|fact| (local, fact.clone())));
            stated.changes.extend(effect.changes.iter().map(|change| (local, change.clone())));
        }
        if let Some(place) = self.rows.get(local as usize) {
            let row = ChunkRow {
                meta: RowMeta::of(effect),
                id: RowId::new(effect.id.as_str()),
                lists: RowLists::of(&effect.policy),
            };
            let _ = place.set(row);
        }
    }

    /// Adds keys and ranges to a row that is there already, or has none yet.
    pub(crate) fn index(&self, local: u32, prepared: &Prepared) {
        let mut keys = self.keys.write();
        for (hash, key) in prepared.keys() {
            keys.add(hash, key, local as u16);
        }
        for (_, key, low, high) in prepared.ranges() {
            keys.add_range(key, low, high, local as u16);
        }
    }

    /// Notes that all of its rows, also those to come, are asked for a parameter.
    pub(crate) fn hold(&self, number: u16) {
        let key = SearchKey::from(key::held(number));
        self.keys.write().add(key.hash, &key.bytes, 0);
    }

    /// Keeps the changes that a row without a resource version states.
    pub(crate) fn state_changes(&self, row: u32, changes: &[RowChange]) {
        let local = row - self.first;
        self.stated.write().changes.extend(changes.iter().map(|change| (local, change.clone())));
    }

    /// The columns of a row; `None` for a hole or a row not written yet.
    pub(crate) fn row(&self, local: u32) -> Option<&ChunkRow> {
        self.rows.get(local as usize)?.get()
    }

    /// What decisions read of a row.
    pub(crate) fn columns(&self, local: u32) -> Option<RowColumns<'_>> {
        let row = self.row(local)?;
        Some(RowColumns { meta: &row.meta, lists: row.lists.as_deref() })
    }

    /// The marks on its rows.
    pub(crate) fn marks(&self) -> &Arc<Marks> {
        &self.marks
    }

    /// Its keys, for one look-up.
    pub(crate) fn keys(&self) -> RwLockReadGuard<'_, Keys> {
        self.keys.read()
    }

    /// What its rows introduce, state and change.
    pub(crate) fn stated(&self) -> RwLockReadGuard<'_, Stated> {
        self.stated.read()
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        let rows = self.rows.len() * size_of::<OnceLock<ChunkRow>>();
        rows + self.marks.memory() + self.keys.read().memory()
    }
}
