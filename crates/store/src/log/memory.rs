//! A log in memory, for tests and simulations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use accord_base::Row;
use parking_lot::Mutex;

use super::{Checkpoint, Epoch, Group, Log, SegmentEntry, admit};
use crate::StoreError;
use crate::keys::{KeyId, KeyOwner, WrappedKey};

/// A log that lives as long as one of its clones. Cloning gives another handle on the same log,
/// so that tests can "reopen" it.
#[derive(Clone, Default)]
pub struct MemoryLog(Arc<Mutex<State>>);

/// How the next append fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It is refused and stores nothing.
    Refuse,
    /// It stores nothing, but the writer learns only that the outcome is open.
    LoseUncertain,
    /// It stores the group, but the writer learns only that the outcome is open.
    KeepUncertain,
}

#[derive(Default)]
struct State {
    epoch: u64,
    records: Vec<Vec<u8>>,
    keys: BTreeMap<KeyId, WrappedKey>,
    owners: BTreeMap<KeyOwner, KeyId>,
    marks: BTreeSet<[u8; 32]>,
    segments: BTreeMap<String, SegmentEntry>,
    meta: BTreeMap<String, Vec<u8>>,
    checkpoints: Vec<Checkpoint>,
    fault: Option<Fault>,
    before: Option<Box<dyn FnOnce() + Send>>,
    poisoned: bool,
}

impl MemoryLog {
    /// An empty log.
    pub fn new() -> MemoryLog {
        MemoryLog::default()
    }

    /// Makes the next append that would succeed fail.
    pub fn fail_next(&self, fault: Fault) {
        self.0.lock().fault = Some(fault);
    }

    /// Runs something when the next append begins, before it stores anything: what others do while
    /// the writer waits for its flush.
    pub fn before_next_append(&self, run: impl FnOnce() + Send + 'static) {
        self.0.lock().before = Some(Box::new(run));
    }

    /// As a restart does: forgets that the log stopped after an uncertain append.
    pub fn reopen(&self) -> MemoryLog {
        self.0.lock().poisoned = false;
        self.clone()
    }
}

impl State {
    /// Whether each key of the group agrees with the stored ones and with those before it.
    fn check_keys(&self, group: &Group) -> Result<(), StoreError> {
        for (at, key) in group.keys.iter().enumerate() {
            let same_id = self.keys.get(&key.id);
            let same_owner = self.owners.get(&key.owner).and_then(|id| self.keys.get(id));
            let before = group.keys.iter().take(at);
            let before = before.filter(|other| other.id == key.id || other.owner == key.owner);
            if same_id.into_iter().chain(same_owner).chain(before).any(|other| other != key) {
                return Err(StoreError::KeyConflict(key.id));
            }
        }
        Ok(())
    }

    fn store(&mut self, group: &Group) {
        self.records.extend(group.records.iter().cloned());
        for key in &group.keys {
            self.owners.insert(key.owner.clone(), key.id);
            self.keys.insert(key.id, key.clone());
        }
        self.marks.extend(&group.marks);
    }

    fn end(&self) -> Row {
        Row(u32::try_from(self.records.len()).unwrap_or(u32::MAX))
    }
}

impl Log for MemoryLog {
    fn claim(&self) -> Result<Epoch, StoreError> {
        let mut state = self.0.lock();
        state.epoch += 1;
        Ok(Epoch(state.epoch))
    }

    fn end(&self) -> Result<Row, StoreError> {
        Ok(self.0.lock().end())
    }

    fn append(&self, group: &Group) -> Result<(), StoreError> {
        let before = self.0.lock().before.take();
        if let Some(before) = before {
            before();
        }
        let mut state = self.0.lock();
        if state.poisoned {
            return Err(StoreError::Poisoned);
        }
        admit(group, Epoch(state.epoch), state.end())?;
        state.check_keys(group)?;
        let fault = state.fault.take();
        if matches!(fault, None | Some(Fault::KeepUncertain)) {
            state.store(group);
        }
        state.poisoned = matches!(fault, Some(Fault::KeepUncertain | Fault::LoseUncertain));
        match fault {
            None => Ok(()),
            Some(Fault::Refuse) => Err(StoreError::Refused("a fault was asked for".to_owned())),
            Some(_) => Err(StoreError::Uncertain("a fault was asked for".to_owned())),
        }
    }

    fn read(&self, row: Row) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.lock().records.get(row.0 as usize).cloned())
    }

    fn scan(&self, from: Row, limit: usize) -> Result<Vec<(Row, Vec<u8>)>, StoreError> {
        let state = self.0.lock();
        let rows = (from.0..).map(Row);
        let records = state.records.iter().skip(from.0 as usize).cloned();
        Ok(rows.zip(records).take(limit).collect())
    }

    fn has_mark(&self, mark: &[u8; 32]) -> Result<bool, StoreError> {
        Ok(self.0.lock().marks.contains(mark))
    }

    fn key(&self, id: KeyId) -> Result<Option<WrappedKey>, StoreError> {
        Ok(self.0.lock().keys.get(&id).cloned())
    }

    fn key_of(&self, owner: &KeyOwner) -> Result<Option<WrappedKey>, StoreError> {
        let state = self.0.lock();
        Ok(state.owners.get(owner).and_then(|id| state.keys.get(id)).cloned())
    }

    fn keys(&self, after: KeyId, limit: usize) -> Result<Vec<WrappedKey>, StoreError> {
        let state = self.0.lock();
        let above = state.keys.range(KeyId(after.0.saturating_add(1))..);
        Ok(above.take(limit).map(|(_, key)| key.clone()).collect())
    }

    fn last_key(&self) -> Result<KeyId, StoreError> {
        Ok(self.0.lock().keys.last_key_value().map_or(KeyId(0), |(id, _)| *id))
    }

    fn segments(&self) -> Result<Vec<SegmentEntry>, StoreError> {
        let mut segments: Vec<_> = self.0.lock().segments.values().cloned().collect();
        segments.sort_by_key(|segment| segment.first);
        Ok(segments)
    }

    fn put_segments(&self, remove: &[String], add: &[SegmentEntry]) -> Result<(), StoreError> {
        let mut state = self.0.lock();
        remove.iter().for_each(|file| drop(state.segments.remove(file)));
        for segment in add {
            state.segments.insert(segment.file.clone(), segment.clone());
        }
        Ok(())
    }

    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.lock().meta.get(name).cloned())
    }

    fn put_meta(&self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        self.0.lock().meta.insert(name.to_owned(), value.to_vec());
        Ok(())
    }

    fn put_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        self.0.lock().checkpoints.push(checkpoint.clone());
        Ok(())
    }

    fn last_checkpoint(&self) -> Result<Option<Checkpoint>, StoreError> {
        Ok(self.0.lock().checkpoints.last().cloned())
    }

    fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError> {
        Ok(self.0.lock().checkpoints.clone())
    }

    fn check_container(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
}
