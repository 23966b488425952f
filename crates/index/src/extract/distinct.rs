//! Values without repeats.

use std::hash::{BuildHasher, Hash, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::value::{Datum, Value};

/// Up to here, comparing each with each is quicker than hashing.
const FEW: usize = 48;

/// Removes repeats; the first of equal values stays where it is.
pub(super) fn distinct(values: &mut Vec<Value>) {
    if values.len() <= FEW { among_few(values) } else { among_many(values) }
}

fn among_few(values: &mut Vec<Value>) {
    let mut kept = Vec::with_capacity(values.len());
    for value in values.drain(..) {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    *values = kept;
}

fn among_many(values: &mut Vec<Value>) {
    let hasher = DefaultHashBuilder::default();
    let mut seen: HashTable<usize> = HashTable::with_capacity(values.len());
    let mut kept: Vec<Value> = Vec::with_capacity(values.len());
    for value in values.drain(..) {
        let same = |at: &usize| kept.get(*at) == Some(&value);
        let hash = hash(&value, &hasher);
        if seen.find(hash, same).is_none() {
            // Room for all was reserved, so nothing is hashed again.
            seen.insert_unique(hash, kept.len(), |_| hash);
            kept.push(value);
        }
    }
    *values = kept;
}

fn hash(value: &Value, builder: &DefaultHashBuilder) -> u64 {
    let mut state = builder.build_hasher();
    value.param.hash(&mut state);
    match &value.datum {
        Datum::Token { system, code } => (system, code).hash(&mut state),
        Datum::Reference { resource_type, id } => (resource_type, id).hash(&mut state),
        Datum::Url(text) | Datum::Text(text) | Datum::Uri(text) => text.hash(&mut state),
        Datum::Date { low, high } => (low, high).hash(&mut state),
        Datum::Number { key } => key.hash(&mut state),
        Datum::Quantity { low, high, code, .. } => (low, high, code).hash(&mut state),
    }
    state.finish()
}
