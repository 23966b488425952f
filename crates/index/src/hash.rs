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

/// FNV-1a with 128 bits (draft-eastlake-fnv-17): the tail of keys too long to keep whole.
pub(crate) fn fnv128(bytes: &[u8]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}
