//! Opening connections, and what is checked before anything is read.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::read::container;
use crate::StoreError;

/// The first version without the WAL-reset fault (SQLite release notes, 3.51.3).
const LEAST_SQLITE: i32 = 3_051_003;
/// `application_id` of our containers: the letters `Acrd`.
const APPLICATION: i32 = 0x4163_7264;
/// `user_version` of the tables below.
const VERSION: i32 = 1;
/// Bytes of a page. Measured on records of 900 bytes: against 8192, a read costs a fifth less and
/// a small group half as much, because the page at the end is written again with every group.
const PAGE_SIZE: i32 = 4096;
/// Pages in the WAL after which the writer copies them into the file: 64 MiB.
const CHECKPOINT_PAGES: i32 = 16_384;
/// Cache of the writer in KiB, written negative: larger groups spill into the WAL early.
const WRITER_CACHE: i32 = -16_384;
/// Cache of a reader in KiB, written negative: room for the inner pages of two million rows.
const READER_CACHE: i32 = -4096;
/// How long to wait for another connection; only opening and recovery ever make one wait.
const BUSY: Duration = Duration::from_secs(10);

/// The tables; described in `docs/storage.md`.
const TABLES: &str = "
    CREATE TABLE log(seq INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
    CREATE TABLE fence(one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL) STRICT;
    CREATE TABLE keys(id INTEGER PRIMARY KEY, owner BLOB NOT NULL UNIQUE, wrapped BLOB NOT NULL)
        STRICT;
    CREATE TABLE marks(mark BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
    CREATE TABLE segments(file TEXT PRIMARY KEY, first INTEGER NOT NULL, end INTEGER NOT NULL,
        crc INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE checkpoints(seq INTEGER PRIMARY KEY, size_log INTEGER NOT NULL,
        size_access INTEGER NOT NULL, note BLOB NOT NULL) STRICT;
    INSERT INTO fence VALUES (1, 0);
";

/// Takes the lock of the writing process.
pub(super) fn lock(path: &Path) -> Result<File, StoreError> {
    let io = |e| StoreError::io(path, e);
    let mut options = OpenOptions::new();
    let file = options.create(true).truncate(false).write(true).open(path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked),
        Err(TryLockError::Error(e)) => Err(io(e)),
    }
}

/// The one connection that writes. It checkpoints what `backfill` left.
pub(super) fn writer(path: &Path) -> Result<Connection, StoreError> {
    check_version()?;
    let connection = Connection::open(path).map_err(container)?;
    let set = |name, value: i32| connection.pragma_update(None, name, value).map_err(container);
    connection.busy_timeout(BUSY).map_err(container)?;
    set("page_size", PAGE_SIZE)?;
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(container)?;
    if mode != "wal" {
        return Err(StoreError::Foreign(format!("journal mode is {mode}")));
    }
    connection.pragma_update(None, "synchronous", "FULL").map_err(container)?;
    set("mmap_size", 0)?;
    set("wal_autocheckpoint", CHECKPOINT_PAGES)?;
    set("cache_size", WRITER_CACHE)?;
    make_tables(&connection)?;
    check_identity(&connection)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// A connection that checkpoints beside the writer, and never waits for anyone.
pub(super) fn checkpointer(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    Ok(connection)
}

/// A connection that reads. It never checkpoints, not even as the last one to close.
pub(super) fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "cache_size", READER_CACHE)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

pub(super) fn check_version() -> Result<(), StoreError> {
    let version = rusqlite::version_number();
    if version < LEAST_SQLITE {
        let text = format!("SQLite {} is older than 3.51.3", rusqlite::version());
        return Err(StoreError::Foreign(text));
    }
    Ok(())
}

/// Whether the file is a log of a version that this program knows.
pub(super) fn check_identity(connection: &Connection) -> Result<(), StoreError> {
    let (application, version) = identity(connection)?;
    if application != APPLICATION {
        return Err(StoreError::Foreign("it belongs to another program".to_owned()));
    }
    if version != VERSION {
        return Err(StoreError::Foreign(format!("its tables have version {version}")));
    }
    Ok(())
}

fn identity(connection: &Connection) -> Result<(i32, i32), StoreError> {
    let get = |name| connection.pragma_query_value(None, name, |row| row.get(0)).map_err(container);
    Ok((get("application_id")?, get("user_version")?))
}

/// Makes the tables of an empty file, in one transaction with the file's identity.
fn make_tables(connection: &Connection) -> Result<(), StoreError> {
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(container)?;
    if tables > 0 || identity(connection)? != (0, 0) {
        return Ok(());
    }
    let identity =
        format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};");
    let all = format!("BEGIN IMMEDIATE; {TABLES} {identity} COMMIT;");
    connection.execute_batch(&all).map_err(container)
}
