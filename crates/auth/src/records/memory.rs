//! Records in memory, for tests.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Kept, Records, Table};

/// Records that end with the process.
#[derive(Default)]
pub struct MemoryRecords(Mutex<Map>);

type Map = BTreeMap<(Table, String), (Vec<u8>, Option<u64>)>;

impl MemoryRecords {
    fn map(&self) -> MutexGuard<'_, Map> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Records for MemoryRecords {
    fn get(&self, table: Table, key: &str) -> Kept<Option<Vec<u8>>> {
        Ok(self.map().get(&(table, key.to_owned())).map(|(value, _)| value.clone()))
    }

    fn put(&self, table: Table, key: &str, value: &[u8], until_s: Option<u64>) -> Kept<()> {
        self.map().insert((table, key.to_owned()), (value.to_vec(), until_s));
        Ok(())
    }

    fn add(&self, table: Table, key: &str, value: &[u8], until_s: Option<u64>) -> Kept<bool> {
        let mut map = self.map();
        let key = (table, key.to_owned());
        let free = !map.contains_key(&key);
        if free {
            map.insert(key, (value.to_vec(), until_s));
        }
        Ok(free)
    }

    fn swap(
        &self,
        table: Table,
        key: &str,
        old: &[u8],
        new: &[u8],
        until_s: Option<u64>,
    ) -> Kept<bool> {
        let mut map = self.map();
        let found = map.get_mut(&(table, key.to_owned())).filter(|(value, _)| value == old);
        Ok(found.is_some_and(|place| {
            *place = (new.to_vec(), until_s);
            true
        }))
    }

    fn take(&self, table: Table, key: &str) -> Kept<Option<Vec<u8>>> {
        Ok(self.map().remove(&(table, key.to_owned())).map(|(value, _)| value))
    }

    fn list(&self, table: Table) -> Kept<Vec<(String, Vec<u8>)>> {
        let map = self.map();
        let of_table = map.iter().filter(|((of, _), _)| *of == table);
        Ok(of_table.map(|((_, key), (value, _))| (key.clone(), value.clone())).collect())
    }

    fn sweep(&self, now_s: u64) -> Kept<()> {
        self.map().retain(|_, (_, until_s)| until_s.is_none_or(|until| until > now_s));
        Ok(())
    }

    fn version(&self) -> Kept<u64> {
        Ok(0)
    }
}
