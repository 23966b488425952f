//! Hashes: one seeded function for tables in memory, one fixed function for what goes to disk.

use std::hash::BuildHasher;
use std::sync::LazyLock;

use hashbrown::DefaultHashBuilder;

/// Seeded at start, so that nobody can prepare keys that collide.
static SEED: LazyLock<DefaultHashBuilder> = LazyLock::new(DefaultHashBuilder::default);

/// Hash of a key, the same throughout the process.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    SEED.hash_one(bytes)
}

/// Hash of an id of a resource type.
pub(crate) fn hash_id(resource_type: u8, id: &str) -> u64 {
    SEED.hash_one((resource_type, id))
}

/// Spreads the 32 bits that tables remember of a hash over 64 again.
pub(crate) fn spread(short: u32) -> u64 {
    u64::from(short).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Hash of a key in the filters of segments: FNV-1a with 64 bits (draft-eastlake-fnv-17), finished
/// by the mixing steps of SplitMix64.
pub(crate) fn filter_hash(bytes: &[u8]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    let mut z = bytes.iter().fold(OFFSET, fold);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// FNV-1a with 128 bits (draft-eastlake-fnv-17): the tail of keys too long to keep whole.
pub(crate) fn fnv128(bytes: &[u8]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}
