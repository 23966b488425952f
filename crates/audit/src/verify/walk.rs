//! One tree, grown leaf by leaf and compared at each size somebody signed.

use super::{Checked, Fault, Items, Tree};
use crate::TreeHead;
use crate::tree::{Frontier, leaf_hash};

pub(super) struct Walk<'a> {
    tree: Tree,
    leaves: Items<'a>,
    frontier: Frontier,
    external: Option<TreeHead>,
    /// Size up to which the leaves are known to be as signed.
    good: u64,
    /// Size in the stored checkpoint before.
    before: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn new(tree: Tree, leaves: Items<'a>, external: Option<TreeHead>) -> Walk<'a> {
        Walk { tree, leaves, frontier: Frontier::new(), external, good: 0, before: 0 }
    }

    pub(super) fn tree(&self) -> Tree {
        self.tree
    }

    /// Grows the tree to the size of a stored checkpoint and compares the root.
    pub(super) fn to(&mut self, checkpoint: Checked, signed: TreeHead) -> Result<(), Fault> {
        if signed.size < self.before {
            let (tree, size, before) = (self.tree, signed.size, self.before);
            return Err(Fault::Backwards { checkpoint, tree, size, before });
        }
        self.before = signed.size;
        self.grow(checkpoint, signed.size)?;
        self.compare(checkpoint, signed)
    }

    /// Reads what no checkpoint covers yet and gives the head over everything.
    pub(super) fn finish(mut self) -> Result<TreeHead, Fault> {
        self.compare_external()?;
        while self.next()? {
            self.compare_external()?;
        }
        match self.external {
            Some(external) => Err(self.short(Checked::External, external.size)),
            None => Ok(TreeHead::from(&self.frontier)),
        }
    }

    fn grow(&mut self, checkpoint: Checked, size: u64) -> Result<(), Fault> {
        self.compare_external()?;
        while self.frontier.size() < size {
            if !self.next()? {
                return Err(self.short(checkpoint, size));
            }
            self.compare_external()?;
        }
        Ok(())
    }

    fn next(&mut self) -> Result<bool, Fault> {
        let (tree, leaf) = (self.tree, self.frontier.size());
        match self.leaves.next() {
            None => Ok(false),
            Some(Err(reason)) => Err(Fault::NoRecord { tree, leaf, reason }),
            Some(Ok(bytes)) => {
                self.frontier.append(leaf_hash(&bytes));
                Ok(true)
            }
        }
    }

    /// Compares with the external checkpoint at the moment its size is reached, then forgets it.
    fn compare_external(&mut self) -> Result<(), Fault> {
        match self.external {
            Some(external) if external.size == self.frontier.size() => {
                self.external = None;
                self.compare(Checked::External, external)
            }
            _ => Ok(()),
        }
    }

    fn compare(&mut self, checkpoint: Checked, signed: TreeHead) -> Result<(), Fault> {
        let (tree, since, size) = (self.tree, self.good, signed.size);
        let (signed, found) = (signed.root, self.frontier.root());
        if signed != found {
            return Err(Fault::Altered { tree, checkpoint, since, size, signed, found });
        }
        self.good = size;
        Ok(())
    }

    fn short(&self, checkpoint: Checked, signed: u64) -> Fault {
        Fault::Short { tree: self.tree, checkpoint, size: self.frontier.size(), signed }
    }
}
