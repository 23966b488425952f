//! Whether both trees are what the checkpoints signed.

mod fault;
#[cfg(test)]
mod tests;
mod walk;

pub use fault::{Checked, Fault, Tree};
use walk::Walk;

use crate::note::VerifierKey;
use crate::{Checkpoint, TreeHead};

/// Records or checkpoints in their order, from wherever they are kept; an error says in words why
/// one cannot be read, without data of patients.
pub type Items<'a> = &'a mut dyn Iterator<Item = Result<Vec<u8>, String>>;

/// What is known from outside the store that is verified.
pub struct Verifier<'a> {
    /// The origin all checkpoints must name.
    pub origin: &'a str,
    /// The keys of which one must have signed each checkpoint.
    pub keys: &'a [VerifierKey],
    /// A signed checkpoint kept elsewhere, which both trees must contain as a prefix.
    pub external: Option<&'a [u8]>,
}

/// Both trees are internally consistent up to these sizes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// The log tree over all records there are.
    pub log: TreeHead,
    /// The access tree over all records there are.
    pub access: TreeHead,
    /// The stored checkpoints whose signature and roots were found right.
    pub checkpoints: u64,
    /// The last of them. Records beyond its sizes are not yet vouched for.
    pub last: Option<Checkpoint>,
    /// The external checkpoint that was found to be a prefix.
    pub external: Option<Checkpoint>,
}

impl Verifier<'_> {
    /// Reads both trees and the stored checkpoints, oldest first, once each, in memory that does
    /// not grow with them. Stops at the first fault.
    pub fn verify(
        &self,
        checkpoints: Items<'_>,
        log: Items<'_>,
        access: Items<'_>,
    ) -> Result<Report, Fault> {
        let external = self
            .external
            .map(|note| self.checkpoint(Checked::External, note.to_vec()))
            .transpose()?;
        let head = |tree| external.as_ref().map(|e| e.head(tree));
        let mut log = Walk::new(Tree::Log, log, head(Tree::Log));
        let mut access = Walk::new(Tree::Access, access, head(Tree::Access));
        let mut last: Option<Checkpoint> = None;
        let mut count = 0;
        for note in checkpoints {
            let this = Checked::Stored(count);
            let note = note.map_err(|reason| Fault::NoCheckpoint { checkpoint: this, reason })?;
            let checkpoint = self.checkpoint(this, note)?;
            for walk in [&mut log, &mut access] {
                walk.to(this, checkpoint.head(walk.tree()))?;
            }
            last = Some(checkpoint);
            count += 1;
        }
        let (log, access) = (log.finish()?, access.finish()?);
        Ok(Report { log, access, checkpoints: count, last, external })
    }

    fn checkpoint(&self, checkpoint: Checked, note: Vec<u8>) -> Result<Checkpoint, Fault> {
        let opened = Checkpoint::open(&note, self.keys)
            .map_err(|reason| Fault::BadCheckpoint { checkpoint, reason })?;
        if opened.origin != self.origin {
            return Err(Fault::Origin { checkpoint, origin: opened.origin });
        }
        Ok(opened)
    }
}
