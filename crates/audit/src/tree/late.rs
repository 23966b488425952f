//! Proofs for leaves that came after a known frontier, without the leaves before it.

use super::{Frontier, TreeHash, node_hash};

/// The sibling hashes from leaf `index` up to the root of the tree that has the leaves of
/// `before` and then `after`: what [`inclusion_proof`](super::inclusion_proof) gives over all of
/// them. `None` where the leaf is not one of `after`.
pub fn late_inclusion(before: &Frontier, after: &[TreeHash], index: u64) -> Option<Vec<TreeHash>> {
    let tree = Late { before, after };
    let size = before.size().checked_add(u64::try_from(after.len()).ok()?)?;
    if index < before.size() || index >= size {
        return None;
    }
    let (mut start, mut len, mut proof) = (0, size, Vec::new());
    while len > 1 {
        let half = len.next_power_of_two() / 2;
        if index - start < half {
            proof.push(tree.root(start + half, len - half)?);
            len = half;
        } else {
            proof.push(tree.root(start, half)?);
            (start, len) = (start + half, len - half);
        }
    }
    proof.reverse();
    Some(proof)
}

struct Late<'a> {
    before: &'a Frontier,
    after: &'a [TreeHash],
}

impl Late<'_> {
    /// The root of the subtree over `len` leaves from `start` on.
    fn root(&self, start: u64, len: u64) -> Option<TreeHash> {
        if let Some(peak) = self.peak(start, len) {
            return Some(peak);
        }
        if len == 1 {
            let at = start.checked_sub(self.before.size())?;
            return self.after.get(usize::try_from(at).ok()?).copied();
        }
        let half = len.next_power_of_two() / 2;
        Some(node_hash(&self.root(start, half)?, &self.root(start + half, len - half)?))
    }

    /// The same where it is one of the frontier's full subtrees.
    fn peak(&self, start: u64, len: u64) -> Option<TreeHash> {
        let (mut from, size) = (0, self.before.size());
        for (bit, peak) in (0..64).rev().filter(|bit| size >> bit & 1 == 1).zip(self.before.peaks())
        {
            if (from, 1 << bit) == (start, len) {
                return Some(*peak);
            }
            from += 1 << bit;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{inclusion_proof, leaf_hash, root_of, verify_inclusion};

    #[test]
    fn late_proofs_are_those_over_all_leaves() {
        let leaves: Vec<TreeHash> = (0..40u8).map(|n| leaf_hash(&[n])).collect();
        for size in 1..=leaves.len() {
            let root = root_of(&leaves[..size]);
            for known in 0..=size {
                let mut before = Frontier::new();
                leaves[..known].iter().for_each(|leaf| before.append(*leaf));
                for index in 0..size + 2 {
                    let proof = late_inclusion(&before, &leaves[known..size], index as u64);
                    if index < known || index >= size {
                        assert_eq!(proof, None);
                        continue;
                    }
                    let proof = proof.unwrap();
                    assert_eq!(Some(&proof), inclusion_proof(&leaves[..size], index).as_ref());
                    let (at, size) = (index as u64, size as u64);
                    assert!(verify_inclusion(leaves[index], at, size, &proof, root));
                }
            }
        }
    }
}
