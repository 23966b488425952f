//! Reading: pooled connections, each with its cached statements.

use std::path::PathBuf;

use accord_base::Row;
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, params};

use super::open;
use crate::StoreError;

/// Idle connections kept; more are closed when given back.
const KEPT: usize = 16;

/// Connections for reading, as many as there are readers at once.
pub(super) struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub fn new(path: PathBuf) -> Pool {
        Pool { path, idle: Mutex::new(Vec::new()) }
    }

    /// Runs with a connection of the pool.
    pub fn with<T>(&self, work: impl FnOnce(&Connection) -> T) -> Result<T, StoreError> {
        let idle = self.idle.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open::reader(&self.path).map_err(container)?,
        };
        let result = work(&connection);
        let mut idle = self.idle.lock();
        if idle.len() < KEPT {
            idle.push(connection);
        }
        Ok(result)
    }

    /// As [`Pool::with`], for a query that SQLite may fail.
    pub fn query<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.with(work)?.map_err(container)
    }
}

/// An error of SQLite. Its text names statements and files, never bound values.
pub(super) fn container(error: rusqlite::Error) -> StoreError {
    StoreError::Container(error.to_string())
}

pub(super) fn end(connection: &Connection) -> rusqlite::Result<Row> {
    let mut select = connection.prepare_cached("SELECT max(seq) FROM log")?;
    let last: Option<u32> = select.query_row([], |row| row.get(0))?;
    Ok(last.map_or(Row(0), |last| Row(last).next()))
}

pub(super) fn record(connection: &Connection, row: Row) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut select = connection.prepare_cached("SELECT record FROM log WHERE seq = ?1")?;
    select.query_row(params![row.0], |row| row.get(0)).optional()
}

pub(super) fn scan(
    connection: &Connection,
    from: Row,
    limit: usize,
) -> rusqlite::Result<Vec<(Row, Vec<u8>)>> {
    let mut select = connection
        .prepare_cached("SELECT seq, record FROM log WHERE seq >= ?1 ORDER BY seq LIMIT ?2")?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows =
        select.query_map(params![from.0, limit], |row| Ok((Row(row.get(0)?), row.get(1)?)))?;
    rows.collect()
}

pub(super) fn has_mark(connection: &Connection, mark: &[u8; 32]) -> rusqlite::Result<bool> {
    let mut select = connection.prepare_cached("SELECT 1 FROM marks WHERE mark = ?1")?;
    select.exists(params![mark])
}

/// SQLite's own check of pages, cells and constraints; empty if all is well.
pub(super) fn quick_check(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = connection.prepare("PRAGMA quick_check(100)")?;
    let lines = check.query_map([], |row| row.get::<_, String>(0))?;
    lines.filter(|line| line.as_ref().map_or(true, |line| line != "ok")).collect()
}
