//! Sets of patients that are cheap to hold and cheap to change.

mod differ;

use std::fmt;
use std::sync::Arc;

use accord_base::PatientOrd;

/// Bits of an ordinal within a chunk: a chunk covers 16,384 patients.
const CHUNK_BITS: u32 = 14;
const CHUNK_WORDS: usize = 1 << (CHUNK_BITS - 6);
/// A chunk with more members than this is a bitmap of 2 KiB, else a sorted list.
const SPARSE_MAX: usize = 128;
/// A bitmap that falls to this many members becomes a list again; well below the other bound, so
/// that a set at the edge does not change form at every write.
const SPARSE_AGAIN: usize = 64;

/// A set of patient ordinals. Cloning takes one reference count; changing a set whose clone is
/// still held copies one chunk and the list of chunks, so a clone is a snapshot.
#[derive(Clone, Default)]
pub struct PatientSet {
    /// `None` while nothing was ever added: most sets that a scope looks at are empty.
    chunks: Option<Arc<Vec<Chunk>>>,
}

#[derive(Clone, Default)]
enum Chunk {
    #[default]
    Empty,
    /// Ascending, without repeats.
    Sparse(Arc<Vec<u16>>),
    Dense(Arc<[u64; CHUNK_WORDS]>),
}

impl PatientSet {
    /// Whether the patient is in the set.
    pub fn contains(&self, patient: PatientOrd) -> bool {
        let Some(chunks) = &self.chunks else { return false };
        let (chunk, low) = split(patient);
        match chunks.get(chunk) {
            None | Some(Chunk::Empty) => false,
            Some(Chunk::Sparse(list)) => list.binary_search(&low).is_ok(),
            Some(Chunk::Dense(words)) => {
                words.get(usize::from(low >> 6)).is_some_and(|word| word >> (low & 63) & 1 == 1)
            }
        }
    }

    /// Adds a patient; whether they were new.
    pub fn insert(&mut self, patient: PatientOrd) -> bool {
        if self.contains(patient) {
            return false;
        }
        let (at, low) = split(patient);
        let chunks = Arc::make_mut(self.chunks.get_or_insert_default());
        if chunks.len() <= at {
            chunks.resize(at + 1, Chunk::Empty);
        }
        if let Some(chunk) = chunks.get_mut(at) {
            chunk.insert(low);
        }
        true
    }

    /// Takes a patient out; whether they were in.
    pub fn remove(&mut self, patient: PatientOrd) -> bool {
        if !self.contains(patient) {
            return false;
        }
        let (at, low) = split(patient);
        let chunks = Arc::make_mut(self.chunks.get_or_insert_default());
        if let Some(chunk) = chunks.get_mut(at) {
            chunk.remove(low);
        }
        true
    }

    /// Whether it is the very set that the other is a clone of, unchanged since. Two sets that
    /// were made apart may have the same members all the same.
    pub fn is_same(&self, other: &PatientSet) -> bool {
        match (&self.chunks, &other.chunks) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }

    /// The members, ascending.
    pub fn iter(&self) -> impl Iterator<Item = PatientOrd> + '_ {
        let chunks = (0u32..).zip(self.chunks());
        chunks.flat_map(|(at, chunk)| {
            chunk
                .members()
                .into_iter()
                .map(move |low| PatientOrd(at << CHUNK_BITS | u32::from(low)))
        })
    }

    fn chunks(&self) -> &[Chunk] {
        self.chunks.as_deref().map(Vec::as_slice).unwrap_or_default()
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.chunks().iter().map(Chunk::len).sum()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.chunks().iter().all(|chunk| chunk.len() == 0)
    }
}

impl Chunk {
    fn insert(&mut self, low: u16) {
        match self {
            Chunk::Empty => *self = Chunk::Sparse(Arc::new(vec![low])),
            Chunk::Sparse(list) if list.len() < SPARSE_MAX => {
                let list = Arc::make_mut(list);
                if let Err(at) = list.binary_search(&low) {
                    list.insert(at, low);
                }
            }
            Chunk::Sparse(list) => {
                let mut words = [0; CHUNK_WORDS];
                for member in list.iter().copied().chain([low]) {
                    set_bit(&mut words, member, true);
                }
                *self = Chunk::Dense(Arc::new(words));
            }
            Chunk::Dense(words) => set_bit(Arc::make_mut(words), low, true),
        }
    }

    fn remove(&mut self, low: u16) {
        match self {
            Chunk::Empty => {}
            Chunk::Sparse(list) => {
                let list = Arc::make_mut(list);
                if let Ok(at) = list.binary_search(&low) {
                    list.remove(at);
                }
                if list.is_empty() {
                    *self = Chunk::Empty;
                }
            }
            Chunk::Dense(words) => {
                set_bit(Arc::make_mut(words), low, false);
                if self.len() <= SPARSE_AGAIN {
                    *self = Chunk::Sparse(Arc::new(self.members()));
                }
            }
        }
    }

    fn members(&self) -> Vec<u16> {
        match self {
            Chunk::Empty => Vec::new(),
            Chunk::Sparse(list) => list.to_vec(),
            Chunk::Dense(words) => {
                let bits = |(at, word): (u16, &u64)| {
                    let word = *word;
                    (0..64u16).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at << 6 | bit)
                };
                (0u16..).zip(words.iter()).flat_map(bits).collect()
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Chunk::Empty => 0,
            Chunk::Sparse(list) => list.len(),
            Chunk::Dense(words) => words.iter().map(|word| word.count_ones() as usize).sum(),
        }
    }
}

impl FromIterator<PatientOrd> for PatientSet {
    fn from_iter<I: IntoIterator<Item = PatientOrd>>(patients: I) -> PatientSet {
        let mut set = PatientSet::default();
        for patient in patients {
            set.insert(patient);
        }
        set
    }
}

impl PartialEq for PatientSet {
    fn eq(&self, other: &PatientSet) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for PatientSet {}

impl fmt::Debug for PatientSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|patient| patient.0)).finish()
    }
}

/// The chunk of a patient and their place in it.
fn split(patient: PatientOrd) -> (usize, u16) {
    let low = patient.0 & ((1 << CHUNK_BITS) - 1);
    ((patient.0 >> CHUNK_BITS) as usize, low as u16)
}

fn set_bit(words: &mut [u64; CHUNK_WORDS], low: u16, on: bool) {
    if let Some(word) = words.get_mut(usize::from(low >> 6)) {
        let bit = 1 << (low & 63);
        *word = if on { *word | bit } else { *word & !bit };
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn behaves_as_a_set_and_clones_are_snapshots(
            // Few chunks and many members, so that both forms and their change are met.
            steps in prop::collection::vec((prop::bool::weighted(0.6), 0u32..400, 0u32..3), 1..900)
        ) {
            let (mut set, mut model) = (PatientSet::default(), BTreeSet::new());
            let mut held: Vec<(PatientSet, BTreeSet<u32>)> = Vec::new();
            for (at, (add, low, chunk)) in steps.into_iter().enumerate() {
                let n = chunk << CHUNK_BITS | low;
                let patient = PatientOrd(n);
                if add {
                    prop_assert_eq!(set.insert(patient), model.insert(n));
                } else {
                    prop_assert_eq!(set.remove(patient), model.remove(&n));
                }
                prop_assert_eq!(set.contains(patient), add);
                if at % 100 == 0 {
                    held.push((set.clone(), model.clone()));
                }
            }
            held.push((set, model));
            for ((one, model), (other, other_model)) in held.iter().zip(held.iter().rev()) {
                let mut whom = PatientSet::default();
                one.differing(other, &mut whom);
                let differ = model.symmetric_difference(other_model).copied();
                prop_assert!(whom.iter().map(|p| p.0).eq(differ));
            }
            for (set, model) in held {
                prop_assert_eq!(set.len(), model.len());
                prop_assert_eq!(set.is_empty(), model.is_empty());
                prop_assert!(set.iter().map(|p| p.0).eq(model.iter().copied()));
                let every = (0..4).flat_map(|c| (0..400).map(move |low| c << CHUNK_BITS | low));
                for n in every {
                    prop_assert_eq!(set.contains(PatientOrd(n)), model.contains(&n));
                }
            }
        }
    }
}
