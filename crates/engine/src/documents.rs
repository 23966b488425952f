//! Documents by row: from the log, or from a bounded cache of those read last.

use std::sync::Arc;

use accord_base::Row;
use accord_fhir::document::{self, Edit, Stamp};
use accord_store::keys::KeyRing;
use accord_store::log::Log;
use accord_store::{StoreError, decode_record};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// A document as it was received, with the edits that make it what is served.
pub(crate) struct Document {
    text: String,
    edits: Vec<Edit>,
}

impl Document {
    /// The resource as served.
    pub fn render(&self, stamp: Stamp<'_>) -> String {
        document::render(&self.text, &self.edits, stamp)
    }
}

/// Finds documents.
pub(crate) struct Documents {
    log: Arc<dyn Log>,
    keys: Arc<KeyRing>,
    cache: Cache<Row, Arc<Document>, Bytes>,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Row, Arc<Document>> for Bytes {
    fn weight(&self, _: &Row, document: &Arc<Document>) -> u64 {
        (document.text.len() + document.edits.len() * size_of::<Edit>() + 128) as u64
    }
}

impl Documents {
    /// Documents of a log, keeping at most `cache_bytes` of them opened in memory.
    pub fn new(log: Arc<dyn Log>, keys: Arc<KeyRing>, cache_bytes: u64) -> Documents {
        let items = (cache_bytes / 1024).max(16) as usize;
        Documents { log, keys, cache: Cache::with_weighter(items, cache_bytes, Bytes) }
    }

    /// The document of a row that has one.
    ///
    /// # Errors
    /// If the record is missing, damaged or does not open.
    pub fn fetch(&self, row: Row) -> Result<Arc<Document>, StoreError> {
        if let Some(document) = self.cache.get(&row) {
            return Ok(document);
        }
        let document = Arc::new(self.load(row)?);
        self.cache.insert(row, document.clone());
        Ok(document)
    }

    fn load(&self, row: Row) -> Result<Document, StoreError> {
        const MISSING: StoreError = StoreError::Damaged("a record is missing");
        const EDITS: StoreError = StoreError::Damaged("the edits do not fit their document");
        let bytes = self.log.read(row)?.ok_or(MISSING)?;
        let doc = decode_record(&bytes)?.open_doc(&self.keys)?;
        let text = String::from_utf8(doc.bytes).map_err(|_| EDITS)?;
        let edits = document::decode_edits(&doc.edits, &text).ok_or(EDITS)?;
        Ok(Document { text, edits })
    }
}
