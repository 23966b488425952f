//! A hash table of numbers in shards, so that no reader or writer waits for a whole table to grow.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use parking_lot::RwLock;

use crate::hash::spread;

const SHARDS: usize = 256;

/// Numbers (rows, ordinals) under 64-bit hashes of what they stand for. The owner compares.
pub(crate) struct Sharded {
    shards: Box<[RwLock<HashTable<Slot>>]>,
}

/// 32 bits of the hash and the number.
#[derive(Clone, Copy)]
struct Slot {
    short: u32,
    number: u32,
}

impl Default for Sharded {
    fn default() -> Sharded {
        Sharded { shards: (0..SHARDS).map(|_| RwLock::default()).collect() }
    }
}

impl Sharded {
    fn shard(&self, hash: u64) -> (Option<&RwLock<HashTable<Slot>>>, u32) {
        (self.shards.get((hash >> 56) as usize % SHARDS), hash as u32)
    }

    /// The number under `hash` that `is` accepts.
    pub fn find(&self, hash: u64, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        let (shard, short) = self.shard(hash);
        let table = shard?.read();
        let found = table.find(spread(short), |slot| slot.short == short && is(slot.number));
        found.map(|slot| slot.number)
    }

    /// Puts `number` in the place of the one that `is` accepts, or adds it.
    pub fn put(&self, hash: u64, number: u32, mut is: impl FnMut(u32) -> bool) {
        let (Some(shard), short) = self.shard(hash) else { return };
        let same = |slot: &Slot| slot.short == short && is(slot.number);
        match shard.write().entry(spread(short), same, |slot| spread(slot.short)) {
            Entry::Occupied(mut slot) => slot.get_mut().number = number,
            Entry::Vacant(place) => {
                place.insert(Slot { short, number });
            }
        }
    }

    /// How many numbers it holds.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().allocation_size()).sum()
    }
}
