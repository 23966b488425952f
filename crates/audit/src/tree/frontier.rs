//! A tree that only grows, held as the roots of its full subtrees.

use super::{TreeHash, empty_root, node_hash};

/// The right edge of a growing tree: enough to append and to tell the root, in 32 bytes for each
/// bit set in the size.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Frontier {
    size: u64,
    /// Roots of the full subtrees, the largest first; one for each bit set in `size`.
    peaks: Vec<TreeHash>,
}

impl Frontier {
    /// The tree without leaves.
    pub fn new() -> Frontier {
        Frontier::default()
    }

    /// A frontier kept earlier. `None` where the number of peaks does not fit the size. That the
    /// peaks are right only a root known from elsewhere can tell.
    pub fn from_parts(size: u64, peaks: Vec<TreeHash>) -> Option<Frontier> {
        (peaks.len() == size.count_ones() as usize).then_some(Frontier { size, peaks })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the full subtrees, the largest first.
    pub fn peaks(&self) -> &[TreeHash] {
        &self.peaks
    }

    /// Appends a leaf by its hash.
    pub fn append(&mut self, leaf: TreeHash) {
        let mut node = leaf;
        // Each full subtree of the new leaf's size, doubling, joins with it: a binary carry.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root of the tree as it stands.
    pub fn root(&self) -> TreeHash {
        let mut from_right = self.peaks.iter().rev();
        match from_right.next() {
            None => empty_root(),
            Some(last) => from_right.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}
