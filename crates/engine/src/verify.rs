//! Verification of what the store vouches for, without opening it for use.

use std::path::Path;
use std::sync::Arc;

use accord_audit::note::SigningKey;
use accord_audit::{Fault, Report, Verifier};
use accord_base::Row;
use accord_store::access::Leaves;
use accord_store::disk::{Disk, RealDisk};
use accord_store::keys::SubKey;
use accord_store::{Log, SqliteLog, StoreKey};

use crate::{EngineError, Parts, open};

/// Records read at a time.
const BATCH: usize = 1024;

/// What a verification found.
pub type Verdict = Result<Report, Fault>;

/// Verifies both trees of the store in a folder against its checkpoints and, if given, against one
/// that was kept elsewhere. Reads everything once; changes nothing.
///
/// # Errors
/// If there is no store or its key cannot be read; faults of the trees are in the verdict.
pub fn verify(folder: &Path, external: Option<&[u8]>) -> Result<Verdict, EngineError> {
    if !SqliteLog::path(folder).exists() {
        return Err(EngineError::Missing);
    }
    let key = StoreKey::open(&open::store_key_path(folder))?;
    let log = SqliteLog::open_read_only(folder)?;
    verify_store(&log, Arc::new(RealDisk::new(folder)), &key, external)
}

/// As [`verify`], of a store in parts.
///
/// # Errors
/// If the store's settings cannot be read; faults of the trees are in the verdict.
pub fn verify_parts(parts: &Parts, external: Option<&[u8]>) -> Result<Verdict, EngineError> {
    verify_store(&*parts.log, parts.disk.clone(), &parts.store_key, external)
}

fn verify_store(
    log: &dyn Log,
    disk: Arc<dyn Disk>,
    key: &StoreKey,
    external: Option<&[u8]>,
) -> Result<Verdict, EngineError> {
    let settings = open::read_settings(log, key)?;
    let signer = SigningKey::from_seed(&settings.origin, &key.derive(SubKey::Checkpoints))?;
    let keys = [signer.verifier().clone()];
    let checkpoints = log.checkpoints()?;
    let floor = checkpoints.last().map_or(0, |checkpoint| checkpoint.size_access);
    let mut notes = checkpoints.into_iter().map(|checkpoint| Ok(checkpoint.note));
    let mut access = Leaves::read(disk, floor).map(|leaf| leaf.map_err(text));
    let verifier = Verifier { origin: &settings.origin, keys: &keys, external };
    Ok(verifier.verify(&mut notes, &mut Records::new(log), &mut access))
}

/// The newest signed checkpoint of the store in a folder, and the key that verifies it.
pub fn last_checkpoint(folder: &Path) -> Result<(Option<Vec<u8>>, String), EngineError> {
    let settings = open::settings(folder)?;
    let key = StoreKey::open(&open::store_key_path(folder))?;
    let signer = SigningKey::from_seed(&settings.origin, &key.derive(SubKey::Checkpoints))?;
    let last = SqliteLog::open_read_only(folder)?.last_checkpoint()?;
    Ok((last.map(|checkpoint| checkpoint.note), signer.verifier().to_string()))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The log's records in order.
struct Records<'a> {
    log: &'a dyn Log,
    next: Row,
    batch: std::vec::IntoIter<(Row, Vec<u8>)>,
}

impl Records<'_> {
    fn new(log: &dyn Log) -> Records<'_> {
        Records { log, next: Row(0), batch: Vec::new().into_iter() }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<u8>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.batch.len() == 0 {
            match self.log.scan(self.next, BATCH) {
                Ok(batch) => self.batch = batch.into_iter(),
                Err(error) => return Some(Err(text(error))),
            }
        }
        let (row, bytes) = self.batch.next()?;
        if row != self.next {
            return Some(Err(format!("record {} is missing", self.next)));
        }
        self.next = row.next();
        Some(Ok(bytes))
    }
}
