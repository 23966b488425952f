//! The small tables: keys, manifest, named values, checkpoints.

use accord_base::Row;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::read::container;
use crate::StoreError;
use crate::keys::{KeyId, KeyOwner, WrappedKey};
use crate::log::{Checkpoint, SegmentEntry};

/// Stores keys that are not there yet. One that contradicts a stored key is an error: the caller
/// would seal under a key that nobody can look up.
pub(super) fn put_keys(
    transaction: &Transaction<'_>,
    keys: &[WrappedKey],
) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let mut insert = transaction
        .prepare_cached("INSERT INTO keys VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
        .map_err(container)?;
    for wanted in keys {
        let values = params![wanted.id.0.cast_signed(), wanted.owner.to_bytes(), wanted.wrapped];
        let stored = insert.execute(values).map_err(container)?;
        if stored == 0 && key(transaction, wanted.id).map_err(container)?.as_ref() != Some(wanted) {
            return Err(StoreError::KeyConflict(wanted.id));
        }
    }
    Ok(())
}

fn wrapped_key(row: &rusqlite::Row<'_>) -> rusqlite::Result<WrappedKey> {
    let owner = KeyOwner::from_bytes(row.get_ref(1)?.as_blob()?).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(1, Type::Blob, "an unknown key owner".into())
    })?;
    let id = KeyId(row.get::<_, i64>(0)?.cast_unsigned());
    Ok(WrappedKey { id, owner, wrapped: row.get(2)? })
}

pub(super) fn key(connection: &Connection, id: KeyId) -> rusqlite::Result<Option<WrappedKey>> {
    let mut select =
        connection.prepare_cached("SELECT id, owner, wrapped FROM keys WHERE id = ?1")?;
    select.query_row(params![id.0.cast_signed()], wrapped_key).optional()
}

pub(super) fn key_of(
    connection: &Connection,
    owner: &KeyOwner,
) -> rusqlite::Result<Option<WrappedKey>> {
    let mut select =
        connection.prepare_cached("SELECT id, owner, wrapped FROM keys WHERE owner = ?1")?;
    select.query_row(params![owner.to_bytes()], wrapped_key).optional()
}

pub(super) fn keys(
    connection: &Connection,
    after: KeyId,
    limit: usize,
) -> rusqlite::Result<Vec<WrappedKey>> {
    let mut select = connection
        .prepare_cached("SELECT id, owner, wrapped FROM keys WHERE id > ?1 ORDER BY id LIMIT ?2")?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    select.query_map(params![after.0.cast_signed(), limit], wrapped_key)?.collect()
}

pub(super) fn last_key(connection: &Connection) -> rusqlite::Result<KeyId> {
    let mut select = connection.prepare_cached("SELECT max(id) FROM keys")?;
    let last: Option<i64> = select.query_row([], |row| row.get(0))?;
    Ok(KeyId(last.unwrap_or(0).cast_unsigned()))
}

pub(super) fn segments(connection: &Connection) -> rusqlite::Result<Vec<SegmentEntry>> {
    let mut select = connection
        .prepare_cached("SELECT first, end, file, crc, bytes FROM segments ORDER BY first, file")?;
    let entry = |row: &rusqlite::Row<'_>| {
        Ok(SegmentEntry {
            first: Row(row.get(0)?),
            end: Row(row.get(1)?),
            file: row.get(2)?,
            crc: row.get(3)?,
            bytes: row.get::<_, i64>(4)?.cast_unsigned(),
        })
    };
    select.query_map([], entry)?.collect()
}

pub(super) fn put_segments(
    transaction: &Transaction<'_>,
    remove: &[String],
    add: &[SegmentEntry],
) -> Result<(), StoreError> {
    let run = || -> rusqlite::Result<()> {
        let mut delete = transaction.prepare_cached("DELETE FROM segments WHERE file = ?1")?;
        for file in remove {
            delete.execute(params![file])?;
        }
        let mut insert = transaction
            .prepare_cached("INSERT OR REPLACE INTO segments VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for entry in add {
            let (first, end, bytes) = (entry.first.0, entry.end.0, entry.bytes.cast_signed());
            insert.execute(params![entry.file, first, end, entry.crc, bytes])?;
        }
        Ok(())
    };
    run().map_err(container)
}

pub(super) fn meta(connection: &Connection, name: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut select = connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    select.query_row(params![name], |row| row.get(0)).optional()
}

pub(super) fn put_meta(
    transaction: &Transaction<'_>,
    name: &str,
    value: &[u8],
) -> Result<(), StoreError> {
    transaction
        .execute("INSERT OR REPLACE INTO meta VALUES (?1, ?2)", params![name, value])
        .map(drop)
        .map_err(container)
}

pub(super) fn put_checkpoint(
    transaction: &Transaction<'_>,
    checkpoint: &Checkpoint,
) -> Result<(), StoreError> {
    let (log, access) = (checkpoint.size_log.cast_signed(), checkpoint.size_access.cast_signed());
    transaction
        .execute(
            "INSERT INTO checkpoints(size_log, size_access, note) VALUES (?1, ?2, ?3)",
            params![log, access, checkpoint.note],
        )
        .map(drop)
        .map_err(container)
}

fn checkpoint(row: &rusqlite::Row<'_>) -> rusqlite::Result<Checkpoint> {
    Ok(Checkpoint {
        size_log: row.get::<_, i64>(0)?.cast_unsigned(),
        size_access: row.get::<_, i64>(1)?.cast_unsigned(),
        note: row.get(2)?,
    })
}

pub(super) fn last_checkpoint(connection: &Connection) -> rusqlite::Result<Option<Checkpoint>> {
    let mut select = connection.prepare_cached(
        "SELECT size_log, size_access, note FROM checkpoints ORDER BY seq DESC LIMIT 1",
    )?;
    select.query_row([], checkpoint).optional()
}

pub(super) fn checkpoints(connection: &Connection) -> rusqlite::Result<Vec<Checkpoint>> {
    let mut select = connection
        .prepare_cached("SELECT size_log, size_access, note FROM checkpoints ORDER BY seq")?;
    select.query_map([], checkpoint)?.collect()
}
