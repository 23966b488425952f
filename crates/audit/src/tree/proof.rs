//! Roots and proofs over all leaf hashes, and their verification.
//!
//! Making: RFC 6962 §2.1, §2.1.1, §2.1.2. Verifying: RFC 9162 §2.1.3.2, §2.1.4.2.

use super::{TreeHash, empty_root, node_hash};

/// The root of the tree over these leaf hashes.
pub fn root_of(leaves: &[TreeHash]) -> TreeHash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root_of(left), &root_of(right))
        }
    }
}

/// The sibling hashes from leaf `index` up to the root; `None` where there is no such leaf.
pub fn inclusion_proof(leaves: &[TreeHash], index: usize) -> Option<Vec<TreeHash>> {
    if index >= leaves.len() {
        return None;
    }
    let mut proof = Vec::new();
    path(leaves, index, &mut proof);
    Some(proof)
}

fn path(leaves: &[TreeHash], index: usize, proof: &mut Vec<TreeHash>) {
    if leaves.len() < 2 {
        return;
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    if index < k {
        path(left, index, proof);
        proof.push(root_of(right));
    } else {
        path(right, index - k, proof);
        proof.push(root_of(left));
    }
}

/// The nodes that show the tree of the first `old_size` leaves to be a prefix of the tree of all;
/// empty for equal sizes and for an empty old tree, `None` where the old tree is the larger one.
pub fn consistency_proof(leaves: &[TreeHash], old_size: usize) -> Option<Vec<TreeHash>> {
    if old_size > leaves.len() {
        return None;
    }
    let mut proof = Vec::new();
    if old_size > 0 {
        subproof(leaves, old_size, true, &mut proof);
    }
    Some(proof)
}

/// `SUBPROOF` of RFC 6962 §2.1.2; `known` tells that the verifier holds the root of this subtree
/// as the old root.
fn subproof(leaves: &[TreeHash], old_size: usize, known: bool, proof: &mut Vec<TreeHash>) {
    if old_size == leaves.len() {
        if !known {
            proof.push(root_of(leaves));
        }
        return;
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    if old_size <= k {
        subproof(left, old_size, known, proof);
        proof.push(root_of(right));
    } else {
        subproof(right, old_size - k, false, proof);
        proof.push(root_of(left));
    }
}

/// The largest power of two smaller than `len`, which is at least 2.
fn split(len: usize) -> usize {
    len.next_power_of_two() / 2
}

/// Whether the leaf stands at `index` in the tree of `size` leaves with this root.
pub fn verify_inclusion(
    leaf: TreeHash,
    index: u64,
    size: u64,
    proof: &[TreeHash],
    root: TreeHash,
) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // A right edge without a sibling on this level belongs to the level above.
            let up = if node & 1 == 0 { node.trailing_zeros().min(63) } else { 0 };
            (node, last) = (node >> up, last >> up);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && hash == root
}

/// Whether the tree of `old_size` leaves with `old_root` is a prefix of the tree of `new_size`
/// leaves with `new_root`.
pub fn verify_consistency(
    (old_size, old_root): (u64, TreeHash),
    (new_size, new_root): (u64, TreeHash),
    proof: &[TreeHash],
) -> bool {
    if old_size == 0 && (!proof.is_empty() || old_root != empty_root()) {
        return false;
    }
    if old_size == 0 || old_size >= new_size {
        let same = proof.is_empty() && old_root == new_root;
        return old_size < new_size || (old_size == new_size && same);
    }
    // A full old tree is itself the first node, which the proof then leaves out.
    let (first, rest) = match proof.split_first() {
        _ if old_size.is_power_of_two() => (old_root, proof),
        Some((first, rest)) => (*first, rest),
        None => return false,
    };
    let full = (old_size - 1).trailing_ones();
    let (mut node, mut last) = ((old_size - 1) >> full, (new_size - 1) >> full);
    let (mut old, mut new) = (first, first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            (old, new) = (node_hash(sibling, &old), node_hash(sibling, &new));
            let up = if node & 1 == 0 { node.trailing_zeros().min(63) } else { 0 };
            (node, last) = (node >> up, last >> up);
        } else {
            new = node_hash(&new, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && old == old_root && new == new_root
}
