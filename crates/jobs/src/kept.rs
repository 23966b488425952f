//! How far each subscription was told.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use accord_base::{LogTime, Row};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, params};

use crate::state::{Passed, State, Status};

/// Name of the file in the folder of the store.
pub const FILE: &str = "jobs.sqlite";
/// Version of the tables.
const FORMAT: i64 = 2;
/// Events of one subscription whose rows are kept, for replay by number.
const KEPT_EVENTS: u64 = 100_000;
/// How long another process may keep the file to itself.
const BUSY: Duration = Duration::from_secs(5);

/// Reads subscriptions.
const ALL: &str = "SELECT id, at, since, number, attempts, upto, failing_us, next_us, told_us,
    status, error, again, answered_us, greeted FROM subscription";

/// Makes the tables of format 1 those of format 2, at once or not at all. What was attempted then may have arrived, up to
/// where that ended, or if it is not known up to where Subscriptions were followed.
const FROM_1: &str = "
    BEGIN;
    ALTER TABLE subscription ADD COLUMN again INTEGER;
    ALTER TABLE subscription ADD COLUMN answered_us INTEGER;
    ALTER TABLE subscription ADD COLUMN greeted INTEGER NOT NULL DEFAULT 0;
    UPDATE subscription SET again = coalesce(upto, (SELECT at FROM followed), since + 1)
        WHERE attempts > 0;
    UPDATE subscription SET greeted = 1 WHERE status = 'active';
    UPDATE subscription SET answered_us = told_us WHERE number > 0 OR status = 'active';
    PRAGMA user_version = 2;
    COMMIT;";

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeptFault {
    /// SQLite refuses.
    #[error("the file of jobs cannot be used")]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be made.
    #[error("the file of jobs cannot be made")]
    Make(#[from] std::io::Error),
    /// A later release made it.
    #[error("the file of jobs has format {0}, which this release does not know")]
    Format(i64),
}

/// The file.
pub struct Kept(Mutex<Connection>);

type Result<T> = std::result::Result<T, KeptFault>;

impl Kept {
    /// Opens the file of the store in this folder; makes it if it is not there, readable by its
    /// owner alone.
    ///
    /// # Errors
    /// If it cannot be opened, or a later release made it.
    pub fn open(folder: &Path) -> Result<Kept> {
        let path = folder.join(FILE);
        OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
        let connection = Connection::open(&path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // A command may be writing beside the server.
        connection.busy_timeout(BUSY)?;
        let format: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if !(0..=FORMAT).contains(&format) {
            return Err(KeptFault::Format(format));
        }
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS subscription (
                 id TEXT PRIMARY KEY, at INTEGER NOT NULL, since INTEGER NOT NULL,
                 number INTEGER NOT NULL, attempts INTEGER NOT NULL, upto INTEGER,
                 failing_us INTEGER, next_us INTEGER NOT NULL, told_us INTEGER NOT NULL,
                 status TEXT NOT NULL, error TEXT NOT NULL, again INTEGER, answered_us INTEGER,
                 greeted INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS event (
                 id TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,
                 PRIMARY KEY (id, number)) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS asked (id TEXT PRIMARY KEY, event INTEGER) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS followed (one INTEGER PRIMARY KEY CHECK (one = 1),
                 at INTEGER NOT NULL);",
        )?;
        if format == 1 {
            connection.execute_batch(FROM_1)?;
        }
        connection.pragma_update(None, "user_version", FORMAT)?;
        Ok(Kept(Mutex::new(connection)))
    }

    /// Every subscription.
    ///
    /// # Errors
    /// If the file cannot be read; so everywhere.
    pub fn all(&self) -> Result<Vec<(String, State)>> {
        let connection = self.0.lock();
        let mut all = connection.prepare(ALL)?;
        let rows = all.query_map([], |row| Ok((row.get(0)?, state(row)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// One subscription.
    pub fn one(&self, id: &str) -> Result<Option<State>> {
        let connection = self.0.lock();
        let mut one = connection.prepare(&format!("{ALL} WHERE id = ?"))?;
        Ok(one.query_row([id], state).optional()?)
    }

    /// Keeps how a subscription stands, and the rows of events that were acknowledged with it,
    /// numbered up to its number.
    pub fn put(&self, id: &str, state: &State, acknowledged: &[Row]) -> Result<()> {
        let mut connection = self.0.lock();
        let whole = connection.transaction()?;
        whole.execute(
            "INSERT OR REPLACE INTO subscription VALUES
                 (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                id,
                state.row.0,
                state.since.0,
                signed(state.number),
                state.attempts,
                state.window.map(|row| row.0),
                state.failing.map(|at| signed(at.0)),
                signed(state.next.0),
                signed(state.told.0),
                state.status.code(),
                state.error,
                state.again.map(|row| row.0),
                state.answered.map(|at| signed(at.0)),
                state.greeted,
            ],
        )?;
        let first = state.number.saturating_sub(acknowledged.len() as u64) + 1;
        for (number, row) in (first..).zip(acknowledged) {
            let event = params![id, signed(number), row.0];
            whole.execute("INSERT OR REPLACE INTO event VALUES (?, ?, ?)", event)?;
        }
        let oldest = signed(state.number.saturating_sub(KEPT_EVENTS));
        whole.execute("DELETE FROM event WHERE id = ? AND number <= ?", params![id, oldest])?;
        if state.again.is_none() {
            // What was told again has its numbers anew; until all was, those of before hold.
            let last = params![id, signed(state.number)];
            whole.execute("DELETE FROM event WHERE id = ? AND number > ?", last)?;
        }
        Ok(whole.commit()?)
    }

    /// Keeps up to where was looked in vain, of subscriptions that are as they were then.
    pub fn put_passed(&self, passed: &BTreeMap<String, Passed>) -> Result<()> {
        let mut connection = self.0.lock();
        let whole = connection.transaction()?;
        for (id, Passed { row, number, since }) in passed {
            whole.execute(
                "UPDATE subscription SET since = ?4 WHERE id = ?1 AND at = ?2 AND number = ?3
                     AND again IS NULL AND since < ?4",
                params![id, row.0, signed(*number), since.0],
            )?;
        }
        Ok(whole.commit()?)
    }

    /// Forgets a subscription.
    pub fn remove(&self, id: &str) -> Result<()> {
        let connection = self.0.lock();
        connection.execute("DELETE FROM subscription WHERE id = ?", [id])?;
        connection.execute("DELETE FROM event WHERE id = ?", [id])?;
        Ok(())
    }

    /// The row of an event.
    pub fn event(&self, id: &str, number: u64) -> Result<Option<Row>> {
        let connection = self.0.lock();
        let mut found = connection.prepare("SELECT at FROM event WHERE id = ? AND number = ?")?;
        let row = found.query_row(params![id, signed(number)], |row| row.get(0)).optional()?;
        Ok(row.map(Row))
    }

    /// The number of the oldest event that is kept.
    pub fn oldest(&self, id: &str) -> Result<Option<u64>> {
        let connection = self.0.lock();
        let mut found = connection.prepare("SELECT min(number) FROM event WHERE id = ?")?;
        let number: Option<i64> = found.query_row([id], |row| row.get(0))?;
        Ok(number.and_then(|number| u64::try_from(number).ok()))
    }

    /// Events between two numbers, both included, with their rows: the first of them.
    pub fn events(
        &self,
        id: &str,
        (since, until): (u64, u64),
        most: usize,
    ) -> Result<Vec<(u64, Row)>> {
        let connection = self.0.lock();
        let mut found = connection.prepare(
            "SELECT number, at FROM event WHERE id = ? AND number BETWEEN ? AND ?
                 ORDER BY number LIMIT ?",
        )?;
        let asked = params![id, signed(since), signed(until), signed(most as u64)];
        let event = |row: &rusqlite::Row<'_>| {
            let number = u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default();
            Ok((number, Row(row.get(1)?)))
        };
        let rows = found.query_map(asked, event)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Asks the server that has the store open to tell a subscription again, from an event on or
    /// what was given up.
    pub fn ask_replay(&self, id: &str, event: Option<u64>) -> Result<()> {
        let connection = self.0.lock();
        let asked = params![id, event.map(signed)];
        connection.execute("INSERT OR REPLACE INTO asked VALUES (?, ?)", asked)?;
        Ok(())
    }

    /// What is to be told again.
    pub fn asked(&self) -> Result<Vec<(String, Option<u64>)>> {
        let connection = self.0.lock();
        let mut all = connection.prepare_cached("SELECT id, event FROM asked")?;
        let event = |row: &rusqlite::Row<'_>| {
            let number: Option<i64> = row.get(1)?;
            Ok((row.get(0)?, number.and_then(|number| u64::try_from(number).ok())))
        };
        let rows = all.query_map([], event)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Forgets that a subscription was to be told again from an event on, unless something else was
    /// asked for meanwhile.
    pub fn answered(&self, id: &str, event: Option<u64>) -> Result<()> {
        let answered = params![id, event.map(signed)];
        let connection = self.0.lock();
        connection.execute("DELETE FROM asked WHERE id = ? AND event IS ?", answered)?;
        Ok(())
    }

    /// Up to where Subscriptions were looked for in the log.
    pub fn followed(&self) -> Result<Row> {
        let connection = self.0.lock();
        let mut found = connection.prepare("SELECT at FROM followed")?;
        let row = found.query_row([], |row| row.get(0)).optional()?;
        Ok(Row(row.unwrap_or_default()))
    }

    /// Keeps that.
    pub fn put_followed(&self, row: Row) -> Result<()> {
        self.0.lock().execute("INSERT OR REPLACE INTO followed VALUES (1, ?)", [row.0])?;
        Ok(())
    }
}

/// A number as SQLite keeps it.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn state(row: &rusqlite::Row<'_>) -> rusqlite::Result<State> {
    let whole = |at: usize| row.get::<_, i64>(at).map(|n| u64::try_from(n).unwrap_or_default());
    let status: String = row.get(9)?;
    Ok(State {
        row: Row(row.get(1)?),
        since: Row(row.get(2)?),
        number: whole(3)?,
        attempts: row.get(4)?,
        window: row.get::<_, Option<u32>>(5)?.map(Row),
        failing: row.get::<_, Option<i64>>(6)?.and_then(|us| u64::try_from(us).ok()).map(LogTime),
        next: LogTime(whole(7)?),
        told: LogTime(whole(8)?),
        status: Status::from_code(&status),
        error: row.get(10)?,
        again: row.get::<_, Option<u32>>(11)?.map(Row),
        answered: row.get::<_, Option<i64>>(12)?.and_then(|us| u64::try_from(us).ok()).map(LogTime),
        greeted: row.get(13)?,
    })
}
