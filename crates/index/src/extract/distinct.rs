//! Values without repeats.

use std::hash::{BuildHasher, Hash, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::value::{Datum, Value};

/// Up to so many values of one parameter, comparing each with each is quicker than hashing.
const FEW: usize = 32;

/// Brings the values of each parameter together, in order of parameters, and removes repeats. The
/// values of one parameter stay in their order.
pub(super) fn distinct(values: Vec<Value>) -> Vec<Value> {
    let mut sorted = values;
    sorted.sort_by_key(|value| value.param);
    let mut kept: Vec<Value> = Vec::with_capacity(sorted.len());
    let mut seen = Seen::default();
    for value in sorted {
        if kept.last().is_none_or(|last| last.param != value.param) {
            seen = Seen { from: kept.len(), ..Seen::default() };
        }
        if seen.is_new(&value, &kept) {
            kept.push(value);
        }
    }
    kept
}

/// The kept values of one parameter.
#[derive(Default)]
struct Seen {
    /// Where they begin.
    from: usize,
    /// Their places by hash, once they are more than a few.
    table: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl Seen {
    /// Whether the value, which would come next, is not among those kept.
    fn is_new(&mut self, value: &Value, kept: &[Value]) -> bool {
        let own = kept.get(self.from..).unwrap_or_default();
        if own.len() < FEW {
            return !own.contains(value);
        }
        let at = |place: &usize| kept.get(*place).map_or(0, |v| hash(v, &self.hasher));
        for place in self.from + self.table.len()..kept.len() {
            self.table.insert_unique(at(&place), place, at);
        }
        let same = |place: &usize| kept.get(*place) == Some(value);
        self.table.find(hash(value, &self.hasher), same).is_none()
    }
}

fn hash(value: &Value, builder: &DefaultHashBuilder) -> u64 {
    let mut state = builder.build_hasher();
    value.param.hash(&mut state);
    match &value.datum {
        Datum::Token { system, code } => (system, code).hash(&mut state),
        Datum::Reference { resource_type, id } => (resource_type, id).hash(&mut state),
        Datum::Url(text) | Datum::Text(text) | Datum::Uri(text) | Datum::Label(text) => {
            text.hash(&mut state);
        }
        Datum::Identifier { system, value } => (system, value).hash(&mut state),
        Datum::OfType { code, value, .. } => (code, value).hash(&mut state),
        Datum::Part { item, component, .. } => (item, component).hash(&mut state),
        Datum::Date { low, high } => (low, high).hash(&mut state),
        Datum::Number { key } => key.hash(&mut state),
        Datum::Quantity { low, high, code, .. } => (low, high, code).hash(&mut state),
    }
    state.finish()
}
