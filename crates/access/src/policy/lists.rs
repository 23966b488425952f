//! Facts that are looked up one by one: agreements, mandates, memberships.

use std::collections::BTreeMap;
use std::hash::Hash;

use accord_base::Row;
use hashbrown::HashMap;

/// The place of a fact: the row that states it, and where there.
pub(super) type Place = (Row, u32);

/// What is stated about each key, by the places of the facts.
#[derive(Clone, Debug)]
pub(super) struct Lists<K, V>(HashMap<K, BTreeMap<Place, V>>);

impl<K, V> Default for Lists<K, V> {
    fn default() -> Lists<K, V> {
        Lists(HashMap::new())
    }
}

impl<K: Eq + Hash, V: Copy> Lists<K, V> {
    /// Takes a fact in, or out.
    pub fn set(&mut self, key: K, at: Place, value: V, holds: bool) {
        if holds {
            self.0.entry(key).or_default().insert(at, value);
        } else if let Some(list) = self.0.get_mut(&key) {
            list.remove(&at);
            if list.is_empty() {
                self.0.remove(&key);
            }
        }
    }

    /// Whether nothing is stated.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is stated about a key, by the rows that state it.
    pub fn of<'a>(&'a self, key: &K) -> impl Iterator<Item = (Row, V)> + use<'a, K, V> {
        let list = self.0.get(key).into_iter().flatten();
        list.map(|((row, _), value)| (*row, *value))
    }
}
