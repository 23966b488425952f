//! Merkle trees of RFC 6962 §2.1 over SHA-256: an entry is hashed as `SHA-256(0x00 ‖ entry)`, a
//! pair of nodes as `SHA-256(0x01 ‖ left ‖ right)`; the left subtree is always the largest full
//! one that leaves something for the right.

mod frontier;
mod late;
mod proof;
#[cfg(test)]
mod tests;

use std::fmt;

use ring::digest::{Context, Digest, SHA256, digest};

pub use frontier::Frontier;
pub use late::late_inclusion;
pub use proof::{
    consistency_proof, inclusion_proof, root_of, verify_consistency, verify_inclusion,
};

/// A node of a tree.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TreeHash(pub [u8; 32]);

/// The hash of a leaf, from the bytes of the record it stands for.
pub fn leaf_hash(entry: &[u8]) -> TreeHash {
    let mut context = Context::new(&SHA256);
    context.update(&[0x00]);
    context.update(entry);
    TreeHash::of(&context.finish())
}

/// The hash of an inner node.
pub fn node_hash(left: &TreeHash, right: &TreeHash) -> TreeHash {
    let mut context = Context::new(&SHA256);
    context.update(&[0x01]);
    context.update(&left.0);
    context.update(&right.0);
    TreeHash::of(&context.finish())
}

/// The root of the tree without leaves.
pub fn empty_root() -> TreeHash {
    TreeHash::of(&digest(&SHA256, b""))
}

impl TreeHash {
    fn of(digest: &Digest) -> TreeHash {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        TreeHash(bytes)
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
