//! A filter over the keys of a segment: says at once of most keys that they are not there.
//!
//! A Bloom filter in blocks of one cache line (Putze, Sanders, Singler, "Cache-, Hash- and
//! Space-Efficient Bloom Filters", 2007): a key sets six bits of one block. With ten bits a key it
//! lets about one absent key in sixty pass.

use crate::error::IndexError;

/// 64-bit words of a block.
const BLOCK_WORDS: usize = 8;
/// Bits a key.
const KEY_BITS: usize = 10;
/// Most blocks that become one where a filter turns out too large; a power of two.
const MOST_FOLDS: usize = 8;
/// Bits that a key sets.
const PROBES: u32 = 6;

/// The filter of a segment.
pub(crate) struct Filter(Vec<u64>);

impl Filter {
    /// An empty filter for about this many keys.
    pub fn new(keys: usize) -> Filter {
        let blocks = (keys * KEY_BITS).div_ceil(BLOCK_WORDS * 64).max(1);
        Filter(vec![0; blocks * BLOCK_WORDS])
    }

    /// An empty filter with room for the keys of several.
    pub fn over<'a>(filters: impl Iterator<Item = &'a Filter>) -> Filter {
        let blocks: usize = filters.map(|filter| filter.0.len() / BLOCK_WORDS).sum();
        // A multiple of what it may be folded by.
        Filter(vec![0; blocks.max(1).next_multiple_of(MOST_FOLDS) * BLOCK_WORDS])
    }

    /// The filter made smaller where it has twice as much room as its keys need, or more: keys
    /// that the filters before had in common. A block becomes one with its neighbours, which is
    /// what a filter of fewer blocks would have had, because a key's block is a share of all.
    pub fn folded(self, keys: usize) -> Filter {
        let blocks = self.0.len() / BLOCK_WORDS;
        let needed = (keys * KEY_BITS).div_ceil(BLOCK_WORDS * 64).max(1);
        let mut by = MOST_FOLDS;
        while by > 1 && (!blocks.is_multiple_of(by) || blocks / by < needed) {
            by /= 2;
        }
        let mut words = vec![0; self.0.len() / by];
        for (at, word) in self.0.iter().enumerate() {
            let to = at / BLOCK_WORDS / by * BLOCK_WORDS + at % BLOCK_WORDS;
            if let Some(to) = words.get_mut(to) {
                *to |= word;
            }
        }
        Filter(words)
    }

    /// Reads the section.
    pub fn decode(bytes: &[u8]) -> Result<Filter, IndexError> {
        let (words, rest) = bytes.as_chunks::<8>();
        if words.is_empty() || !rest.is_empty() || words.len() % BLOCK_WORDS != 0 {
            return Err(IndexError::Corrupt("its filter is not one"));
        }
        Ok(Filter(words.iter().map(|word| u64::from_le_bytes(*word)).collect()))
    }

    /// The section.
    pub fn encode(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// The block of a key, and the bits it has there: six times nine of the low 54 bits.
    fn place(&self, hash: u64) -> (usize, impl Iterator<Item = (usize, u64)> + use<>) {
        let blocks = (self.0.len() / BLOCK_WORDS) as u64;
        let block = (((hash >> 32) * blocks) >> 32) as usize;
        let spread = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 10;
        let bits = (0..PROBES).map(move |n| {
            let bit = spread >> (9 * n) & 511;
            ((bit / 64) as usize, 1u64 << (bit % 64))
        });
        (block * BLOCK_WORDS, bits)
    }

    /// Adds a key by its [`filter_hash`].
    pub fn add(&mut self, hash: u64) {
        let (block, bits) = self.place(hash);
        for (word, bit) in bits {
            if let Some(word) = self.0.get_mut(block + word) {
                *word |= bit;
            }
        }
    }

    /// Whether a key may be there.
    pub fn may_hold(&self, hash: u64) -> bool {
        let (block, mut bits) = self.place(hash);
        bits.all(|(word, bit)| self.0.get(block + word).is_some_and(|word| word & bit != 0))
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        self.0.capacity() * 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::filter_hash;

    #[test]
    fn no_key_is_lost_and_few_others_pass() {
        let hash = |n: u32| filter_hash(format!("urn:oid:1.2.3.{n}").as_bytes());
        let mut filter = Filter::new(20_000);
        (0..20_000).for_each(|n| filter.add(hash(n)));
        let filter = Filter::decode(&filter.encode()).unwrap();
        assert!((0..20_000).all(|n| filter.may_hold(hash(n))));
        let passing = (20_000..60_000).filter(|n| filter.may_hold(hash(*n))).count();
        assert!(passing < 40_000 / 40, "{passing} of 40,000 pass");
        assert!(Filter::decode(&[0; 60]).is_err());
    }

    #[test]
    fn a_folded_filter_holds_its_keys_and_little_else() {
        let hash = |n: u32| filter_hash(format!("urn:oid:1.2.3.{n}").as_bytes());
        let inputs: Vec<Filter> = (0..8).map(|_| Filter::new(20_000)).collect();
        for keys in [20_000u32, 30_000, 70_000, 160_000] {
            let mut filter = Filter::over(inputs.iter());
            (0..keys).for_each(|n| filter.add(hash(n)));
            let filter = filter.folded(keys as usize);
            let bits = filter.memory() * 8 / keys as usize;
            assert!((10..=20).contains(&bits), "{bits} bits a key");
            assert!((0..keys).all(|n| filter.may_hold(hash(n))));
            let passing = (keys..keys + 40_000).filter(|n| filter.may_hold(hash(*n))).count();
            assert!(passing < 40_000 / 40, "{passing} of 40,000 pass");
        }
    }
}
