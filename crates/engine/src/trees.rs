//! The log's Merkle tree as it grows, and the checkpoints over both trees.

use accord_audit::note::VerifierKey;
use accord_audit::tree::{Frontier, TreeHash, leaf_hash};
use accord_audit::{Checkpoint, TreeHead};
use accord_base::Row;
use accord_store::{Log, StoreError};
use parking_lot::Mutex;

use crate::{Engine, EngineError};

/// Name of the trees' frontiers in the log's meta table: log, then access, each behind its length.
const FRONTIERS: &str = "trees";
/// Records read at a time while catching up.
const BATCH: usize = 1024;

/// The tree over the log's records, all of which are durable.
pub(crate) struct LogTree {
    frontier: Mutex<Frontier>,
    /// Held while a checkpoint is made: none may follow one that vouches for more.
    signing: Mutex<()>,
}

impl LogTree {
    /// From a frontier kept at a checkpoint, caught up with the records since.
    pub fn open(log: &dyn Log, mut frontier: Frontier) -> Result<LogTree, StoreError> {
        let end = u64::from(log.end()?.0);
        if frontier.size() > end {
            return Err(StoreError::Damaged("records that a checkpoint vouches for are missing"));
        }
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
        Ok(LogTree { frontier: Mutex::new(frontier), signing: Mutex::new(()) })
    }

    /// Adds durable records.
    pub fn append(&self, records: &[Vec<u8>]) {
        let leaves: Vec<TreeHash> = records.iter().map(|bytes| leaf_hash(bytes)).collect();
        let mut frontier = self.frontier.lock();
        leaves.into_iter().for_each(|leaf| frontier.append(leaf));
    }

    /// The tree as it stands.
    pub fn frontier(&self) -> Frontier {
        self.frontier.lock().clone()
    }
}

impl Engine {
    /// Takes durable records into the log tree.
    pub(crate) fn logged(&self, records: &[Vec<u8>]) {
        self.tree.append(records);
    }

    /// Signs both trees as they are, over leaves that are on disk, unless nothing was added since
    /// the last time. Gives the signed note.
    pub(crate) fn checkpoint(&self) -> Result<Option<String>, EngineError> {
        let _turn = self.tree.signing.lock();
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
        let (log_bytes, access_bytes) = (encode(&log), encode(&access));
        let length = (log_bytes.len() as u32).to_le_bytes();
        let kept = [&length[..], &log_bytes, &access_bytes].concat();
        self.log.put_meta(FRONTIERS, &kept)?;
        self.log.put_checkpoint(&accord_store::Checkpoint {
            size_log: log.size(),
            size_access: access.size(),
            note: note.clone().into_bytes(),
        })?;
        Ok(Some(note))
    }
}

impl Engine {
    /// A checkpoint that vouches for a record of the log, with the number of records it vouches
    /// for.
    pub(crate) fn checkpoint_over(&self, leaf: u64) -> Result<(String, u64), EngineError> {
        self.checkpoint()?;
        let last = self.log.last_checkpoint()?.filter(|last| last.size_log > leaf);
        let last = last.ok_or(EngineError::Damaged("no checkpoint vouches for a record"))?;
        let note = String::from_utf8(last.note);
        Ok((note.map_err(|_| EngineError::Damaged("a checkpoint is no text"))?, last.size_log))
    }
}

/// A frontier as bytes: size, then its peaks.
fn encode(frontier: &Frontier) -> Vec<u8> {
    let mut bytes = frontier.size().to_le_bytes().to_vec();
    frontier.peaks().iter().for_each(|peak| bytes.extend_from_slice(&peak.0));
    bytes
}

/// The frontiers of both trees that were kept with the last checkpoint, so that opening hashes
/// only what came after it. They are believed only if that checkpoint, signed by this store's
/// key, has their sizes and roots; the trees are else begun anew from the first leaf.
///
/// # Errors
/// If the last checkpoint is not one of this store's, or its roots are not the kept ones.
pub(crate) fn kept(
    log: &dyn Log,
    origin: &str,
    key: &VerifierKey,
) -> Result<(Frontier, Frontier), EngineError> {
    let afresh = (Frontier::new(), Frontier::new());
    let Some(last) = log.last_checkpoint()? else { return Ok(afresh) };
    let signed = Checkpoint::open(&last.note, std::slice::from_ref(key))?;
    if signed.origin != origin {
        return Err(EngineError::Damaged("its last checkpoint is of another store"));
    }
    let Some((kept_log, kept_access)) = log.meta(FRONTIERS)?.and_then(|bytes| split(&bytes)) else {
        return Ok(afresh);
    };
    if (kept_log.size(), kept_access.size()) != (signed.log.size, signed.access.size) {
        // A crash fell between keeping the frontiers and keeping the checkpoint.
        return Ok(afresh);
    }
    if (kept_log.root(), kept_access.root()) != (signed.log.root, signed.access.root) {
        return Err(EngineError::Damaged("its kept trees are not those of its last checkpoint"));
    }
    Ok((kept_log, kept_access))
}

fn split(bytes: &[u8]) -> Option<(Frontier, Frontier)> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (log, access) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((decode(log)?, decode(access)?))
}

/// Reads what [`encode`] made.
fn decode(bytes: &[u8]) -> Option<Frontier> {
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
            assert_eq!(decode(&encode(&frontier)), Some(frontier.clone()));
            frontier.append(leaf_hash(&[n]));
        }
        assert_eq!(decode(&[1, 2, 3]), None);
    }
}
