//! Words in documents, as an asker sees them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use accord_base::{Deadline, ResourceId};
use accord_fhir::IssueCode;
use accord_fhir::document::Stamp;
use accord_fhir::json;
use accord_index::{Reader, RowRef, View, extract};
use accord_query::{Query, Words};

use crate::documents::Documents;
use crate::interaction::late::late;
use crate::{Category, Engine, Failure, Request, mask};

/// Reads documents for a search, and remembers whether one could not be read, or not in time.
pub(crate) struct DocumentReader {
    documents: Arc<Documents>,
    deadline: Deadline,
    late: AtomicBool,
    failed: AtomicBool,
}

impl Engine {
    /// The view with what reads documents for it, if a query asks for words.
    pub(crate) fn reading(
        &self,
        request: &Request,
        view: View,
        query: &Query,
    ) -> (View, Option<Arc<DocumentReader>>) {
        if !query.asks_words() {
            return (view, None);
        }
        let (documents, deadline) = (self.documents.clone(), request.deadline.clone());
        let (late, failed) = Default::default();
        let reader = Arc::new(DocumentReader { documents, deadline, late, failed });
        (view.reading(reader.clone()), Some(reader))
    }
}

impl DocumentReader {
    /// Whether every document could be read that had to be.
    ///
    /// # Errors
    /// If one could not: what was found may not be all.
    pub fn check(&self) -> Result<(), Failure> {
        if self.late.load(Ordering::Relaxed) {
            return Err(late());
        }
        if self.failed.load(Ordering::Relaxed) {
            let text = "the server met a fault of its own";
            return Err(Failure::new(Category::Fault, IssueCode::Exception, text));
        }
        Ok(())
    }

    fn read(&self, view: &View, row: &RowRef<'_>) -> Option<Arc<str>> {
        let id = ResourceId::new(&row.id()).ok()?;
        let stamp = Stamp { id: &id, version: row.version(), last_updated: row.born() };
        let stored = self.documents.fetch(row.row(), stamp).ok()?;
        Some(mask::seen(&self.documents, view, row, stored).ok()?.0)
    }
}

impl Reader for DocumentReader {
    fn has_words(&self, view: &View, row: &RowRef<'_>, words: &Words, narrative: bool) -> bool {
        // A document takes as long as a thousand rows: each is a step of the work.
        if self.deadline.has_passed() {
            self.late.store(true, Ordering::Relaxed);
            return false;
        }
        let seen = self.read(view, row);
        let tape = seen.and_then(|text| json::parse(text.as_bytes(), Default::default()).ok());
        let Some(tape) = tape else {
            self.failed.store(true, Ordering::Relaxed);
            tracing::error!(row = row.row().0, "a document cannot be read for its words");
            return false;
        };
        words.hold(&extract::texts(tape.root(), narrative))
    }
}
