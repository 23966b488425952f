//! Replaying the log: effects only, nothing is decided again.

use std::sync::Arc;

use accord_base::Row;
use accord_fhir::json::{self, Tape};
use accord_index::extract::{self, Source};
use accord_index::{Own, Prepared, RowEffect, Values, Writer};
use accord_spec::ResourceType;
use accord_store::{KeyRing, Log, Record, StoreError, decode_record};

use crate::EngineError;
use crate::open::End;

/// Records read at a time.
const BATCH: usize = 2048;

/// Applies every record after the sealed segments and publishes them. Each is asked for the store's
/// own search parameters.
pub(crate) fn replay(
    log: &dyn Log,
    keys: &KeyRing,
    index: &mut Writer,
    own: &Own,
) -> Result<End, EngineError> {
    let (mut next, mut last) = (index.next_row(), index.t());
    loop {
        let records = log.scan(next, BATCH)?;
        let Some((end, _)) = records.last() else { break };
        let end = end.next();
        for (_, bytes) in &records {
            let record = decode_record(bytes)?;
            last = last.max(record.header().born);
            apply(&record, keys, index, own)?;
        }
        next = end;
    }
    if next > Row(0) {
        index.publish(next, last);
    }
    Ok((next, last))
}

fn apply(
    record: &Record<'_>,
    keys: &KeyRing,
    index: &mut Writer,
    own: &Own,
) -> Result<(), EngineError> {
    if let Some(changes) = record.changes()? {
        let header = record.header();
        return Ok(index.apply_changes(header.row, header.born, &changes)?);
    }
    let document = served(record, keys)?;
    let values = match record.open_values(keys) {
        Err(StoreError::StaleValues { .. }) => extracted(record, document.as_ref()),
        values => values?,
    };
    let Some(effect) = record.effect(Arc::new(values))? else { return Ok(()) };
    let mut prepared = prepared(&effect, document.as_ref());
    prepared.add(&own_values(record, document.as_ref(), own));
    Ok(index.apply(&effect, &prepared)?)
}

/// The values of a document for the store's own search parameters, which no record keeps.
pub(crate) fn own_values(record: &Record<'_>, document: Option<&Tape>, own: &Own) -> Values {
    let Some(document) = document else { return Values::default() };
    let (resource, resource_type) = (document.root(), ResourceType(record.header().resource_type));
    let source = Source { resource, resource_type, resolve: &|_| None, base: None };
    own.values(&source, |_| true).0
}

/// The keys of an effect whose document is this as it is served.
pub(crate) fn prepared(effect: &RowEffect, document: Option<&Tape>) -> Prepared {
    if effect.deleted {
        return Prepared::default();
    }
    let keys = Prepared::new(effect.resource_type, &effect.values);
    match document {
        Some(document) => keys.with_document(document.root()),
        None => keys,
    }
}

/// The values that a document gives.
pub(crate) fn extracted(record: &Record<'_>, document: Option<&Tape>) -> Values {
    let Some(tape) = document else { return Values::default() };
    let resource_type = ResourceType(record.header().resource_type);
    let mut values = extract::extract(tape.root(), resource_type, &|_| None);
    extract::add_codes(&mut values, tape.root());
    extract::add_links(&mut values, &extract::links(tape.root(), &|_| None));
    values
}

/// The document as it is served; `None` if the record has none.
pub(crate) fn served(record: &Record<'_>, keys: &KeyRing) -> Result<Option<Tape>, EngineError> {
    const DOCUMENT: EngineError = EngineError::Damaged("a document cannot be read");
    if !record.has_doc() {
        return Ok(None);
    }
    let doc = record.open_doc(keys)?;
    let text = String::from_utf8(doc.bytes).map_err(|_| DOCUMENT)?;
    let edits = accord_fhir::document::decode_edits(&doc.edits, &text).ok_or(DOCUMENT)?;
    let header = record.header();
    let id = accord_base::ResourceId::new(record.id()).map_err(|_| DOCUMENT)?;
    let stamp = accord_fhir::document::Stamp {
        id: &id,
        version: header.version,
        last_updated: header.born,
    };
    let served = accord_fhir::document::render(&text, &edits, stamp);
    json::parse(served.as_bytes(), Default::default()).map(Some).map_err(|_| DOCUMENT)
}
