//! What two sets do not have in common, found by the chunks that they share.

use std::sync::Arc;

use accord_base::PatientOrd;

use super::{CHUNK_BITS, CHUNK_WORDS, Chunk, PatientSet};

impl PatientSet {
    /// Adds to `whom` every patient who is in one of the two sets and not in the other. Costs
    /// what the chunks cost that are not the same in both: sets of which one was made from the
    /// other by a few changes have most in common.
    pub(crate) fn differing(&self, other: &PatientSet, whom: &mut PatientSet) {
        if self.is_same(other) {
            return;
        }
        let (ours, theirs) = (self.chunks(), other.chunks());
        for at in 0..ours.len().max(theirs.len()) {
            let of = |chunks: &[Chunk]| chunks.get(at).cloned().unwrap_or_default();
            let (one, other) = (of(ours), of(theirs));
            if one.is_same(&other) {
                continue;
            }
            for low in one.differing(&other) {
                whom.insert(PatientOrd((at as u32) << CHUNK_BITS | u32::from(low)));
            }
        }
    }
}

impl Chunk {
    fn is_same(&self, other: &Chunk) -> bool {
        match (self, other) {
            (Chunk::Empty, Chunk::Empty) => true,
            (Chunk::Sparse(one), Chunk::Sparse(other)) => Arc::ptr_eq(one, other),
            (Chunk::Dense(one), Chunk::Dense(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }

    fn differing(&self, other: &Chunk) -> Vec<u16> {
        let mut words = [0; CHUNK_WORDS];
        for (word, (one, other)) in words.iter_mut().zip(self.bits().iter().zip(&other.bits())) {
            *word = one ^ other;
        }
        Chunk::Dense(Arc::new(words)).members()
    }

    fn bits(&self) -> [u64; CHUNK_WORDS] {
        match self {
            Chunk::Dense(words) => **words,
            others => {
                let mut words = [0; CHUNK_WORDS];
                others.members().into_iter().for_each(|low| super::set_bit(&mut words, low, true));
                words
            }
        }
    }
}
