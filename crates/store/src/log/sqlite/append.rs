//! Writing: every write is one immediate transaction of the one writing connection.

use std::sync::atomic::Ordering;

use accord_base::Row;
use rusqlite::{ErrorCode, Transaction, TransactionBehavior, params};

use super::SqliteLog;
use super::read::{container, end};
use super::tables;
use crate::StoreError;
use crate::log::{Epoch, Group, admit};

impl SqliteLog {
    /// Runs `work` in a transaction and commits it, durably.
    ///
    /// If `work` fails, nothing is stored. If the commit fails, the WAL may or may not hold the
    /// transaction, and pages that the system failed to flush count as clean from then on: going
    /// on would build on sand, so the log takes nothing more until it is reopened.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.writer.as_ref().ok_or(StoreError::ReadOnly)?.lock();
        if self.poisoned.load(Ordering::Acquire) {
            return Err(StoreError::Poisoned);
        }
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(container)?;
        let result = work(&transaction)?;
        transaction.commit().map_err(|error| {
            if refused(&error) {
                return StoreError::Refused(error.to_string());
            }
            self.poisoned.store(true, Ordering::Release);
            StoreError::Uncertain(error.to_string())
        })?;
        Ok(result)
    }
}

/// Whether a failed commit is known to have stored nothing: the disk had no room for the frames,
/// or another connection was in the way before the first.
fn refused(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy))
}

pub(super) fn claim(transaction: &Transaction<'_>) -> Result<Epoch, StoreError> {
    let epoch = epoch(transaction)?.0 + 1;
    transaction
        .execute("UPDATE fence SET epoch = ?1", params![epoch.cast_signed()])
        .map_err(container)?;
    Ok(Epoch(epoch))
}

pub(super) fn append(transaction: &Transaction<'_>, group: &Group) -> Result<(), StoreError> {
    admit(group, epoch(transaction)?, end(transaction).map_err(container)?)?;
    tables::put_keys(transaction, &group.keys)?;
    put_records(transaction, group).map_err(container)?;
    let mut insert =
        transaction.prepare_cached("INSERT OR IGNORE INTO marks VALUES (?1)").map_err(container)?;
    for mark in &group.marks {
        insert.execute(params![mark]).map_err(container)?;
    }
    Ok(())
}

fn put_records(transaction: &Transaction<'_>, group: &Group) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached("INSERT INTO log VALUES (?1, ?2)")?;
    let mut row = group.first;
    for record in &group.records {
        insert.execute(params![row.0, record])?;
        row = Row(row.0.wrapping_add(1));
    }
    Ok(())
}

fn epoch(transaction: &Transaction<'_>) -> Result<Epoch, StoreError> {
    transaction
        .prepare_cached("SELECT epoch FROM fence")
        .and_then(|mut select| select.query_row([], |row| row.get::<_, i64>(0)))
        .map(|epoch| Epoch(epoch.cast_unsigned()))
        .map_err(container)
}
