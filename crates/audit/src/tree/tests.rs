//! Trees against the published Certificate Transparency vectors and the RFC's definitions.

use proptest::prelude::*;

use super::*;

/// The reference leaves of Certificate Transparency and the roots of the trees of 0 to 8 of them.
const ENTRIES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
/// Leaf index, tree size, path.
const INCLUSION: [(usize, usize, &[&str]); 5] = [
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (0, 1, &[]),
];
/// Old size, new size, proof.
const CONSISTENCY: [(usize, usize, &[&str]); 5] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        6,
        7,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
];

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn hash(text: &str) -> TreeHash {
    TreeHash(unhex(text).try_into().unwrap())
}

fn hashes(texts: &[&str]) -> Vec<TreeHash> {
    texts.iter().map(|text| hash(text)).collect()
}

fn reference_leaves() -> Vec<TreeHash> {
    ENTRIES.iter().map(|entry| leaf_hash(&unhex(entry))).collect()
}

fn leaves(count: usize) -> Vec<TreeHash> {
    (0..count).map(|n| leaf_hash(&n.to_le_bytes())).collect()
}

#[test]
fn roots_are_the_published_ones() {
    let leaves = reference_leaves();
    let mut frontier = Frontier::new();
    for size in 0..=8 {
        assert_eq!(root_of(&leaves[..size]).to_string(), ROOTS[size]);
        assert_eq!(frontier.root().to_string(), ROOTS[size]);
        assert_eq!(frontier.size(), size as u64);
        if size < 8 {
            frontier.append(leaves[size]);
        }
    }
}

#[test]
fn proofs_are_the_published_ones() {
    let leaves = reference_leaves();
    for (index, size, proof) in INCLUSION {
        assert_eq!(inclusion_proof(&leaves[..size], index), Some(hashes(proof)), "{index}/{size}");
        let root = hash(ROOTS[size]);
        assert!(verify_inclusion(leaves[index], index as u64, size as u64, &hashes(proof), root));
    }
    for (old, new, proof) in CONSISTENCY {
        assert_eq!(consistency_proof(&leaves[..new], old), Some(hashes(proof)), "{old}/{new}");
        let heads = [(old as u64, hash(ROOTS[old])), (new as u64, hash(ROOTS[new]))];
        assert!(verify_consistency(heads[0], heads[1], &hashes(proof)));
    }
}

#[test]
fn every_leaf_of_every_small_tree_is_proven_in_its_place_only() {
    for size in 0..=40usize {
        let leaves = leaves(size);
        let root = root_of(&leaves);
        assert_eq!(inclusion_proof(&leaves, size), None);
        for index in 0..size {
            let proof = inclusion_proof(&leaves, index).unwrap();
            for other in 0..size + 2 {
                let holds =
                    verify_inclusion(leaves[index], other as u64, size as u64, &proof, root);
                assert_eq!(holds, other == index, "{index} as {other} of {size}");
            }
        }
    }
}

#[test]
fn every_small_tree_is_proven_a_prefix_of_the_larger() {
    let all = leaves(40);
    for new in 0..=40usize {
        let new_head = (new as u64, root_of(&all[..new]));
        assert_eq!(consistency_proof(&all[..new], new + 1), None);
        for old in 0..=new {
            let proof = consistency_proof(&all[..new], old).unwrap();
            let old_head = (old as u64, root_of(&all[..old]));
            assert!(verify_consistency(old_head, new_head, &proof), "{old} {new}");
            if old != new {
                assert!(!verify_consistency(new_head, old_head, &proof), "{new} {old}");
            }
        }
    }
}

/// Every way to spoil a proof a little.
fn spoiled(proof: &[TreeHash], at: usize, bit: u8) -> Vec<Vec<TreeHash>> {
    let extra = TreeHash([bit; 32]);
    let mut all = vec![[proof, &[extra]].concat(), [&[extra], proof].concat()];
    if !proof.is_empty() {
        let mut changed = proof.to_vec();
        changed[at % proof.len()].0[at % 32] ^= 1 << (bit % 8);
        all.extend([changed, proof[1..].to_vec(), proof[..proof.len() - 1].to_vec()]);
    }
    all
}

proptest! {
    #[test]
    fn frontier_and_definition_agree(size in 0usize..600, kept in 0usize..600) {
        let leaves = leaves(size);
        let mut frontier = Frontier::new();
        for (at, leaf) in leaves.iter().enumerate() {
            if at == kept {
                let again = Frontier::from_parts(frontier.size(), frontier.peaks().to_vec());
                prop_assert_eq!(again.as_ref(), Some(&frontier));
                prop_assert_eq!(frontier.root(), root_of(&leaves[..at]));
            }
            frontier.append(*leaf);
        }
        prop_assert_eq!(frontier.root(), root_of(&leaves));
    }

    #[test]
    fn spoiled_proofs_prove_nothing(
        size in 2usize..300,
        index in any::<prop::sample::Index>(),
        at in 0usize..64,
        bit in any::<u8>(),
    ) {
        let leaves = leaves(size);
        let root = root_of(&leaves);
        let index = index.index(size);
        let proof = inclusion_proof(&leaves, index).unwrap();
        prop_assert!(verify_inclusion(leaves[index], index as u64, size as u64, &proof, root));
        for bad in spoiled(&proof, at, bit) {
            prop_assert!(!verify_inclusion(leaves[index], index as u64, size as u64, &bad, root));
        }
        let old = index + 1;
        let (old_head, new_head) = ((old as u64, root_of(&leaves[..old])), (size as u64, root));
        let proof = consistency_proof(&leaves, old).unwrap();
        prop_assert!(verify_consistency(old_head, new_head, &proof));
        for bad in spoiled(&proof, at, bit) {
            prop_assert!(!verify_consistency(old_head, new_head, &bad));
        }
        let other = (old_head.0, leaves[0]);
        prop_assert_eq!(verify_consistency(other, new_head, &proof), other == old_head);
    }

    #[test]
    fn hostile_numbers_never_panic(
        index in any::<u64>(), size in any::<u64>(), old in any::<u64>(), len in 0usize..70,
    ) {
        let proof = vec![TreeHash([1; 32]); len];
        let hash = TreeHash([2; 32]);
        verify_inclusion(hash, index, size, &proof, hash);
        verify_consistency((old, hash), (size, hash), &proof);
    }
}

#[test]
fn a_frontier_needs_as_many_peaks_as_bits() {
    let peak = TreeHash([0; 32]);
    assert!(Frontier::from_parts(5, vec![peak; 2]).is_some());
    assert!(Frontier::from_parts(5, vec![peak; 1]).is_none());
    assert!(Frontier::from_parts(0, vec![peak; 1]).is_none());
    assert!(Frontier::from_parts(0, vec![]).is_some());
}
