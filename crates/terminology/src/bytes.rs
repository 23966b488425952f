//! About how much memory definitions take, for caches that are bounded by it.

use crate::set::Codes;
use crate::{CodeSystem, Compiled, ConceptMap, ValueSet};

/// Fixed parts of a listed thing.
const ITEM: usize = 128;

impl ValueSet {
    /// Bytes in memory, about.
    pub fn bytes(&self) -> usize {
        let rules = self.compose.include.iter().chain(&self.compose.exclude);
        let items = rules.map(|r| r.concepts.len() + r.filters.len() + r.value_sets.len() + 1);
        self.written.len() + items.sum::<usize>() * ITEM
    }
}

impl ConceptMap {
    /// Bytes in memory, about.
    pub fn bytes(&self) -> usize {
        let elements = self.groups.iter().flat_map(|group| &group.elements);
        elements.map(|element| ITEM * (1 + element.targets.len())).sum()
    }
}

impl Compiled {
    /// Bytes in memory, about; code systems are counted on their own.
    pub fn bytes(&self) -> usize {
        let parts = self.set.parts().iter().map(|part| match &part.codes {
            Codes::Table { bits, told, .. } => bits.serialized_size() + told.len() * ITEM,
            Codes::Grammar { except, .. } => except.len() * ITEM,
        });
        parts.sum::<usize>() + self.dependencies.len() * ITEM
    }
}

impl CodeSystem {
    /// Bytes in memory, about.
    pub fn bytes(&self) -> usize {
        self.size_of_columns()
    }
}
