//! Documents by row: from the log, or from a bounded cache of those read last.

use std::sync::Arc;

use accord_base::Row;
use accord_fhir::document::{self, Stamp};
use accord_store::keys::KeyRing;
use accord_store::log::Log;
use accord_store::{StoreError, decode_record};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::mask::Links;

/// Finds documents.
pub(crate) struct Documents {
    log: Arc<dyn Log>,
    keys: Arc<KeyRing>,
    /// As served: a row is one version of one resource, so its text never changes.
    served: Cache<Row, Arc<str>, Bytes>,
    /// What can be taken out of them.
    links: Cache<Row, Arc<Links>, Bytes>,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Row, Arc<str>> for Bytes {
    fn weight(&self, _: &Row, text: &Arc<str>) -> u64 {
        (text.len() + 128) as u64
    }
}

impl Weighter<Row, Arc<Links>> for Bytes {
    fn weight(&self, _: &Row, links: &Arc<Links>) -> u64 {
        (links.size() + 64) as u64
    }
}

impl Documents {
    /// Documents of a log, keeping at most `cache_bytes` of them opened in memory, and an eighth
    /// of that of what can be taken out of them.
    pub fn new(log: Arc<dyn Log>, keys: Arc<KeyRing>, cache_bytes: u64) -> Documents {
        let items = (cache_bytes / 1024).max(16) as usize;
        let served = Cache::with_weighter(items, cache_bytes, Bytes);
        let links = Cache::with_weighter(items, cache_bytes / 8, Bytes);
        Documents { log, keys, served, links }
    }

    /// The resource of a row that has one, as it is served; the stamp is that row's.
    ///
    /// # Errors
    /// If the record is missing, damaged or does not open.
    pub fn fetch(&self, row: Row, stamp: Stamp<'_>) -> Result<Arc<str>, StoreError> {
        if let Some(text) = self.served.get(&row) {
            return Ok(text);
        }
        let text: Arc<str> = self.load(row, stamp)?.into();
        self.served.insert(row, text.clone());
        Ok(text)
    }

    /// What can be taken out of the resource of a row, given as it is served.
    ///
    /// # Errors
    /// If it is not what is served.
    pub fn links(&self, row: Row, served: &str) -> Result<Arc<Links>, StoreError> {
        if let Some(links) = self.links.get(&row) {
            return Ok(links);
        }
        const UNREADABLE: StoreError = StoreError::Damaged("a document is no resource");
        let links = Arc::new(Links::of(served).ok_or(UNREADABLE)?);
        self.links.insert(row, links.clone());
        Ok(links)
    }

    fn load(&self, row: Row, stamp: Stamp<'_>) -> Result<String, StoreError> {
        const MISSING: StoreError = StoreError::Damaged("a record is missing");
        const EDITS: StoreError = StoreError::Damaged("the edits do not fit their document");
        let bytes = self.log.read(row)?.ok_or(MISSING)?;
        let doc = decode_record(&bytes)?.open_doc(&self.keys)?;
        let text = String::from_utf8(doc.bytes).map_err(|_| EDITS)?;
        let edits = document::decode_edits(&doc.edits, &text).ok_or(EDITS)?;
        Ok(document::render(&text, &edits, stamp))
    }
}
