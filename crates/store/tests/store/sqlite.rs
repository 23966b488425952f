//! What only the SQLite container can get wrong: its file, its lock, its settings.

use accord_base::Row;
use accord_store::log::{Fault, MemoryLog};
use accord_store::{Log, SqliteLog, StoreError};
use rusqlite::Connection;

use super::grow;

#[test]
fn one_writer_at_a_time_has_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path()).unwrap();
    assert!(matches!(SqliteLog::open(folder.path()), Err(StoreError::Locked)));
    drop(log);
    SqliteLog::open(folder.path()).unwrap();
}

#[test]
fn readers_open_beside_the_writer_and_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(SqliteLog::open_read_only(folder.path()), Err(StoreError::Missing)));
    let writer = SqliteLog::open(folder.path()).unwrap();
    grow(&writer, 3);
    let reader = SqliteLog::open_read_only(folder.path()).unwrap();
    let more = grow(&writer, 2);
    assert_eq!(reader.end().unwrap(), Row(5));
    assert!(matches!(reader.append(&more), Err(StoreError::ReadOnly)));
    assert!(matches!(reader.claim(), Err(StoreError::ReadOnly)));
    assert!(matches!(reader.put_meta("a", b""), Err(StoreError::ReadOnly)));
}

#[test]
fn other_files_are_left_alone() {
    let foreign = [
        "CREATE TABLE other(x)",
        "PRAGMA application_id = 5",
        "PRAGMA application_id = 0x41637264; PRAGMA user_version = 2; CREATE TABLE log(x)",
    ];
    for sql in foreign {
        let folder = tempfile::tempdir().unwrap();
        let path = SqliteLog::path(folder.path());
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let answer = SqliteLog::open(folder.path()).map(drop);
        assert!(matches!(answer, Err(StoreError::Foreign(_))), "{sql}: {answer:?}");
        let answer = SqliteLog::open_read_only(folder.path()).map(drop);
        assert!(matches!(answer, Err(StoreError::Foreign(_))), "{sql}: {answer:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(SqliteLog::path(folder.path()), b"not a database, but long enough for one")
        .unwrap();
    assert!(SqliteLog::open(folder.path()).is_err());
}

#[test]
fn the_file_has_the_promised_settings() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path()).unwrap();
    grow(&log, 1);
    let other = Connection::open(SqliteLog::path(folder.path())).unwrap();
    let pragma = |name| other.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(pragma("page_size"), 4096);
    assert_eq!(pragma("application_id"), i64::from(u32::from_be_bytes(*b"Acrd")));
    assert_eq!(pragma("user_version"), 1);
    let mode = other.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
    assert_eq!(mode.unwrap(), "wal");
    assert!(rusqlite::version_number() >= 3_051_003);
}

#[test]
fn a_damaged_page_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path()).unwrap();
    grow(&log, 300);
    drop(log);
    let path = SqliteLog::path(folder.path());
    let mut bytes = std::fs::read(&path).unwrap();
    let len = bytes.len();
    bytes[len - 4096..len - 3900].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let log = SqliteLog::open(folder.path()).unwrap();
    let container = log.check_container();
    assert!(container.is_err() || container.is_ok_and(|lines| !lines.is_empty()));
}

#[test]
fn closing_moves_the_wal_into_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteLog::open(folder.path()).unwrap();
    grow(&log, 3);
    let wal = SqliteLog::path(folder.path()).with_extension("sqlite-wal");
    assert!(wal.exists());
    drop(log);
    assert!(!wal.exists());
}

#[test]
fn a_log_in_doubt_takes_nothing_until_it_is_reopened() {
    for (fault, kept) in [(Fault::LoseUncertain, 1), (Fault::KeepUncertain, 3)] {
        let log = MemoryLog::new();
        let mut group = grow(&log, 1);
        group.first = Row(1);
        group.records = (1..3).map(|row| super::record(row, 10, 0)).collect();
        log.fail_next(fault);
        assert!(matches!(log.append(&group), Err(StoreError::Uncertain(_))));
        assert!(matches!(log.append(&group), Err(StoreError::Poisoned)));
        assert_eq!(log.reopen().end().unwrap(), Row(kept));
        grow(&log, 1);
    }
}
