//! The log's Merkle tree as it grows, and the checkpoints over both trees.

use accord_audit::tree::{Frontier, TreeHash, leaf_hash};
use accord_audit::{Checkpoint, TreeHead};
use accord_base::Row;
use accord_store::{Log, StoreError};
use parking_lot::Mutex;

use crate::Engine;

/// Name of the log tree's frontier in the log's meta table.
pub(crate) const LOG_FRONTIER: &str = "tree/log";
/// Name of the access tree's frontier.
pub(crate) const ACCESS_FRONTIER: &str = "tree/access";
/// Records read at a time while catching up.
const BATCH: usize = 1024;

/// The tree over the log's records, all of which are durable.
pub(crate) struct LogTree(Mutex<Frontier>);

impl LogTree {
    /// From a frontier kept at a checkpoint, caught up with the records since.
    pub fn open(log: &dyn Log, mut frontier: Frontier) -> Result<LogTree, StoreError> {
        let end = u64::from(log.end()?.0);
        while frontier.size() < end {
            let from = Row(u32::try_from(frontier.size()).unwrap_or(u32::MAX));
            let records = log.scan(from, BATCH)?;
            if records.is_empty() {
                return Err(StoreError::Damaged("a record is missing"));
            }
            for (_, bytes) in &records {
                frontier.append(leaf_hash(bytes));
            }
        }
        Ok(LogTree(Mutex::new(frontier)))
    }

    /// Adds durable records.
    pub fn append(&self, records: &[Vec<u8>]) {
        let leaves: Vec<TreeHash> = records.iter().map(|bytes| leaf_hash(bytes)).collect();
        let mut frontier = self.0.lock();
        leaves.into_iter().for_each(|leaf| frontier.append(leaf));
    }

    fn frontier(&self) -> Frontier {
        self.0.lock().clone()
    }
}

impl Engine {
    /// Takes durable records into the log tree.
    pub(crate) fn logged(&self, records: &[Vec<u8>]) {
        self.tree.append(records);
    }

    /// Signs both trees as they are, over leaves that are on disk, unless nothing was added since
    /// the last time. Gives the signed note.
    pub(crate) fn checkpoint(&self) -> Result<Option<String>, crate::EngineError> {
        self.recorder.stream().flush()?;
        let access = self.recorder.stream().durable();
        let log = self.tree.frontier();
        let last = self.log.last_checkpoint()?;
        let unchanged = last
            .as_ref()
            .is_some_and(|last| (last.size_log, last.size_access) == (log.size(), access.size()));
        if unchanged {
            return Ok(None);
        }
        let checkpoint = Checkpoint {
            origin: self.settings.origin.clone(),
            access: TreeHead::from(&access),
            log: TreeHead::from(&log),
        };
        let note = checkpoint.sign(&self.signer)?;
        self.log.put_meta(LOG_FRONTIER, &encode(&log))?;
        self.log.put_meta(ACCESS_FRONTIER, &encode(&access))?;
        self.log.put_checkpoint(&accord_store::Checkpoint {
            size_log: log.size(),
            size_access: access.size(),
            note: note.clone().into_bytes(),
        })?;
        Ok(Some(note))
    }
}

/// A frontier as bytes: size, then its peaks.
fn encode(frontier: &Frontier) -> Vec<u8> {
    let mut bytes = frontier.size().to_le_bytes().to_vec();
    frontier.peaks().iter().for_each(|peak| bytes.extend_from_slice(&peak.0));
    bytes
}

/// Reads what [`encode`] made; the empty tree if there is nothing.
pub(crate) fn decode(bytes: Option<Vec<u8>>) -> Option<Frontier> {
    let Some(bytes) = bytes else { return Some(Frontier::new()) };
    let (size, peaks) = bytes.split_first_chunk::<8>()?;
    let (peaks, rest) = peaks.as_chunks::<32>();
    let peaks = peaks.iter().map(|peak| TreeHash(*peak)).collect();
    if rest.is_empty() { Frontier::from_parts(u64::from_le_bytes(*size), peaks) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frontiers_survive_encoding() {
        let mut frontier = Frontier::new();
        for n in 0..11u8 {
            assert_eq!(decode(Some(encode(&frontier))), Some(frontier.clone()));
            frontier.append(leaf_hash(&[n]));
        }
        assert_eq!(decode(Some(vec![1, 2, 3])), None);
        assert_eq!(decode(None), Some(Frontier::new()));
    }
}
