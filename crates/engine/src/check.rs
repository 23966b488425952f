//! Checks a store from end to end: every checksum, and the index against the documents.

use std::path::Path;
use std::sync::Arc;

use accord_base::Row;
use accord_index::{BlockCache, Index, Segment, Values};
use accord_store::log::scrub;
use accord_store::{KeyRing, Log, decode_record};

use crate::own::OwnSearch;
use crate::replay::{extracted, own_values, prepared, replay, served};
use crate::{EngineError, Parts, open};

/// Records read at a time.
const BATCH: usize = 1024;
/// Bytes of segment blocks kept in memory meanwhile.
const CACHE_BYTES: u64 = 32 << 20;

/// What was checked.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Checked {
    /// Records whose checksum was compared.
    pub records: u64,
    /// Documents whose values were compared with the index.
    pub documents: u64,
    /// Segment files whose checksums were compared.
    pub segments: u64,
}

/// Checks the store in a folder, which must not be open elsewhere, and tells every fault.
///
/// # Errors
/// If the store cannot be read so far as to be checked.
pub fn check(folder: &Path, fault: &mut dyn FnMut(String)) -> Result<Checked, EngineError> {
    check_parts(&open::parts(folder)?, crate::CHUNK_ROWS, fault)
}

/// As [`check`], of a store in parts; `chunk_rows` as it was opened with.
///
/// # Errors
/// If the store cannot be read so far as to be checked.
pub fn check_parts(
    parts: &Parts,
    chunk_rows: u32,
    fault: &mut dyn FnMut(String),
) -> Result<Checked, EngineError> {
    let mut checked = Checked::default();
    for line in parts.log.check_container()? {
        fault(line);
    }
    checked.records = scrub(&*parts.log, |found| {
        fault(format!("record {}: {}", found.row, found.error));
    })?;
    // What cannot be read any further is one fault more, not the end of the report.
    if let Err(error) = check_index(parts, chunk_rows, &mut checked, fault) {
        fault(format!("the index cannot be compared with the documents: {error}"));
    }
    if let Err(error) = crate::who::compare(parts, fault) {
        fault(format!("the lists of access records cannot be compared: {error}"));
    }
    Ok(checked)
}

/// Checks segment files, and the index against the documents.
fn check_index(
    parts: &Parts,
    chunk_rows: u32,
    checked: &mut Checked,
    fault: &mut dyn FnMut(String),
) -> Result<(), EngineError> {
    let keys = KeyRing::open(parts.log.clone(), &parts.store_key, parts.rng.clone())?;
    let cache = BlockCache::new(CACHE_BYTES);
    let mut segments = Vec::new();
    for entry in parts.log.segments()? {
        checked.segments += 1;
        let source = crate::segments::source(&parts.disk, &entry.file)?;
        let segment = match Segment::open(source, &cache) {
            Ok(segment) => segment,
            Err(error) => {
                fault(format!("segment file {}: {error}", entry.file));
                continue;
            }
        };
        if let Err(error) = segment.verify() {
            fault(format!("segment file {}: {error}", entry.file));
        }
        segments.push(segment);
    }
    let (index, mut writer) = Index::open(segments, chunk_rows)?;
    index.set_own(OwnSearch::kept(&*parts.log)?);
    replay(&*parts.log, &keys, &mut writer, &index.own())?;
    checked.documents = compare(&*parts.log, &keys, &index, fault)?;
    Ok(())
}

/// Extracts every document anew and compares the index with what it says.
fn compare(
    log: &dyn Log,
    keys: &KeyRing,
    index: &Index,
    fault: &mut dyn FnMut(String),
) -> Result<u64, EngineError> {
    let (mut next, mut verifier, own) = (Row(0), index.verifier(), index.own());
    loop {
        let records = log.scan(next, BATCH)?;
        let Some((last, _)) = records.last() else { break };
        next = last.next();
        for (row, bytes) in &records {
            // A record that does not decode was told of by the scrub.
            let Ok(record) = decode_record(bytes) else { continue };
            let document = match served(&record, keys) {
                Ok(document) => document,
                Err(error) => {
                    fault(format!("record {row}: {error}"));
                    continue;
                }
            };
            let values = Arc::new(extracted(&record, document.as_ref()));
            if let Some(effect) = record.effect(values)? {
                let own = match effect.deleted {
                    true => Values::default(),
                    false => own_values(&record, document.as_ref(), &own),
                };
                verifier.row_with(&effect, &prepared(&effect, document.as_ref()), &own)?;
            }
        }
    }
    let report = verifier.finish()?;
    for difference in &report.differences {
        fault(format!("index row {}: {}", difference.row, difference.what));
    }
    if report.different > report.differences.len() as u64 {
        fault(format!("{} rows of the index differ in all", report.different));
    }
    Ok(report.rows)
}
