//! The store from outside: one suite for every log, and what is SQLite's alone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod crash;
mod model;
mod sqlite;
mod suite;

use std::sync::Arc;

use accord_base::{LogTime, Row};
use accord_store::log::MemoryLog;
use accord_store::{Group, KeyId, KeyOwner, Log, SqliteLog, TxPlace, WrappedKey, encode_hole};

/// Where a log lives; opening it again is what a restart does.
pub trait Home {
    /// Opens the log; no other handle on it may be open.
    fn open(&self) -> Arc<dyn Log>;
}

struct InMemory(MemoryLog);

impl Home for InMemory {
    fn open(&self) -> Arc<dyn Log> {
        Arc::new(self.0.reopen())
    }
}

struct InFolder(tempfile::TempDir);

impl Home for InFolder {
    fn open(&self) -> Arc<dyn Log> {
        Arc::new(SqliteLog::open(self.0.path()).unwrap())
    }
}

suite::for_log!(memory, InMemory(MemoryLog::new()));
suite::for_log!(sqlite_file, InFolder(tempfile::tempdir().unwrap()));

/// A valid record of a row, about `len` bytes, different for every row and `salt`.
fn record(row: u32, len: usize, salt: u8) -> Vec<u8> {
    let access: Vec<u8> =
        (0..len).map(|at| (at as u8).wrapping_mul(31) ^ row as u8 ^ salt).collect();
    let place = TxPlace { index: 0, size: 1 };
    encode_hole(Row(row), LogTime(u64::from(row)), place, Some(&access)).unwrap()
}

fn key(id: u64) -> WrappedKey {
    let owner = KeyOwner::Patient(format!("p{id}"));
    WrappedKey { id: KeyId(id), owner, wrapped: vec![id as u8; 61] }
}

fn mark(number: u8) -> [u8; 32] {
    [number; 32]
}

/// Claims the log and appends `count` records at its end.
fn grow(log: &dyn Log, count: u32) -> Group {
    let group = Group {
        epoch: log.claim().unwrap(),
        first: log.end().unwrap(),
        records: (0..count).map(|n| record(log.end().unwrap().0 + n, 100, 0)).collect(),
        keys: vec![],
        marks: vec![],
    };
    log.append(&group).unwrap();
    group
}
