//! Records as what they mean.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Kept, Records, RecordsFault, Table};

/// Something with a table of its own, kept as JSON.
pub(crate) trait Stored: Serialize + DeserializeOwned {
    const TABLE: Table;
    /// The second from which it no longer counts.
    fn until_s(&self) -> Option<u64>;
}

/// Typed access to records.
#[derive(Clone)]
pub(crate) struct Shelf(pub Arc<dyn Records>);

/// How often a change is tried when others change the same record.
const MOST_TRIES: usize = 50;

impl Shelf {
    pub fn get<T: Stored>(&self, key: &str, now_s: u64) -> Kept<Option<T>> {
        let found: Option<T> = self.0.get(T::TABLE, key)?.map(|bytes| read(&bytes)).transpose()?;
        Ok(found.filter(|item| counts(item, now_s)))
    }

    pub fn put<T: Stored>(&self, key: &str, item: &T) -> Kept<()> {
        self.0.put(T::TABLE, key, &write(item)?, item.until_s())
    }

    pub fn add<T: Stored>(&self, key: &str, item: &T) -> Kept<bool> {
        self.0.add(T::TABLE, key, &write(item)?, item.until_s())
    }

    pub fn take<T: Stored>(&self, key: &str, now_s: u64) -> Kept<Option<T>> {
        let found: Option<T> = self.0.take(T::TABLE, key)?.map(|bytes| read(&bytes)).transpose()?;
        Ok(found.filter(|item| counts(item, now_s)))
    }

    /// Changes a record, whoever else changes it at the same time. `change` may run several
    /// times; what it gives is given if it was stored. `None`: there is no such record.
    pub fn change<T: Stored, R>(
        &self,
        key: &str,
        now_s: u64,
        change: impl Fn(&mut T) -> R,
    ) -> Kept<Option<R>> {
        for _ in 0..MOST_TRIES {
            let Some(old) = self.0.get(T::TABLE, key)? else { return Ok(None) };
            let mut item: T = read(&old)?;
            if !counts(&item, now_s) {
                return Ok(None);
            }
            let outcome = change(&mut item);
            if self.0.swap(T::TABLE, key, &old, &write(&item)?, item.until_s())? {
                return Ok(Some(outcome));
            }
        }
        Err(RecordsFault)
    }

    pub fn list<T: Stored>(&self, now_s: u64) -> Kept<Vec<(String, T)>> {
        let mut items = Vec::new();
        for (key, bytes) in self.0.list(T::TABLE)? {
            let item: T = read(&bytes)?;
            if counts(&item, now_s) {
                items.push((key, item));
            }
        }
        Ok(items)
    }
}

fn counts(item: &impl Stored, now_s: u64) -> bool {
    item.until_s().is_none_or(|until| until > now_s)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Kept<T> {
    serde_json::from_slice(bytes).map_err(|_| RecordsFault)
}

fn write(item: &impl Serialize) -> Kept<Vec<u8>> {
    serde_json::to_vec(item).map_err(|_| RecordsFault)
}
