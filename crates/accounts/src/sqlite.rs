//! The file.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use accord_auth::{Kept, Records, RecordsFault, Table};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, params};

/// Name of the file in the folder of the store.
pub const FILE: &str = "accounts.sqlite";
/// How long another process may hold the file.
const BUSY: Duration = Duration::from_secs(5);
/// Version of the table.
const FORMAT: i64 = 1;

/// Records in SQLite.
pub struct SqliteRecords(Mutex<Connection>);

/// Why the file cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// SQLite refuses.
    #[error("the accounts cannot be opened")]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be made.
    #[error("the file of the accounts cannot be made")]
    Make(#[from] std::io::Error),
    /// A later release made it.
    #[error("the accounts have format {0}, which this release does not know")]
    Format(i64),
}

impl SqliteRecords {
    /// Opens the records of the store in this folder; makes the file if it is not there, readable
    /// by its owner alone.
    ///
    /// # Errors
    /// If it cannot be opened, or a later release made it.
    pub fn open(folder: &Path) -> Result<SqliteRecords, OpenFault> {
        let path = folder.join(FILE);
        // Made before SQLite would: at no moment can others read it.
        OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
        let connection = Connection::open(&path)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", "ON")?;
        let format: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if !matches!(format, 0 | FORMAT) {
            return Err(OpenFault::Format(format));
        }
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS record (
                 kind TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, until_s INTEGER,
                 PRIMARY KEY (kind, name)) WITHOUT ROWID;
             PRAGMA user_version = 1;",
        )?;
        Ok(SqliteRecords(Mutex::new(connection)))
    }

    fn with<T>(&self, what: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Kept<T> {
        what(&self.0.lock()).map_err(|error| {
            tracing::error!(%error, "the records of accounts cannot be used");
            RecordsFault
        })
    }
}

/// Seconds as SQLite keeps them.
fn until(until_s: Option<u64>) -> Option<i64> {
    until_s.map(|until| i64::try_from(until).unwrap_or(i64::MAX))
}

impl Records for SqliteRecords {
    fn get(&self, table: Table, key: &str) -> Kept<Option<Vec<u8>>> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT value FROM record WHERE kind = ? AND name = ?")?
                .query_row(params![table.name(), key], |row| row.get(0))
                .optional()
        })
    }

    fn put(&self, table: Table, key: &str, value: &[u8], until_s: Option<u64>) -> Kept<()> {
        self.with(|connection| {
            connection
                .prepare_cached("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)")?
                .execute(params![table.name(), key, value, until(until_s)])
                .map(drop)
        })
    }

    fn add(&self, table: Table, key: &str, value: &[u8], until_s: Option<u64>) -> Kept<bool> {
        self.with(|connection| {
            connection
                .prepare_cached("INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?)")?
                .execute(params![table.name(), key, value, until(until_s)])
                .map(|rows| rows == 1)
        })
    }

    fn swap(
        &self,
        table: Table,
        key: &str,
        old: &[u8],
        new: &[u8],
        until_s: Option<u64>,
    ) -> Kept<bool> {
        self.with(|connection| {
            connection
                .prepare_cached(
                    "UPDATE record SET value = ?, until_s = ?
                     WHERE kind = ? AND name = ? AND value = ?",
                )?
                .execute(params![new, until(until_s), table.name(), key, old])
                .map(|rows| rows == 1)
        })
    }

    fn take(&self, table: Table, key: &str) -> Kept<Option<Vec<u8>>> {
        self.with(|connection| {
            connection
                .prepare_cached("DELETE FROM record WHERE kind = ? AND name = ? RETURNING value")?
                .query_row(params![table.name(), key], |row| row.get(0))
                .optional()
        })
    }

    fn list(&self, table: Table) -> Kept<Vec<(String, Vec<u8>)>> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT name, value FROM record WHERE kind = ? ORDER BY name")?
                .query_map([table.name()], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    fn sweep(&self, now_s: u64) -> Kept<()> {
        self.with(|connection| {
            connection
                .prepare_cached("DELETE FROM record WHERE until_s <= ?")?
                .execute([until(Some(now_s))])
                .map(drop)
        })
    }

    /// SQLite's own count of what other connections wrote.
    fn version(&self) -> Kept<u64> {
        self.with(|connection| {
            let version: i64 = connection.query_row("PRAGMA data_version", [], |row| row.get(0))?;
            Ok(u64::try_from(version).unwrap_or_default())
        })
    }
}
