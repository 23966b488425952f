//! Documents as one asker sees them: without what tells of resources that do not exist for them.
//!
//! **Invariant:** what is left out depends on what exists for the asker alone: a reference to
//! something hidden is told like one to something deleted, or to nothing. Who may know of
//! something and not see it is not told of it by what refers to it either. Whatever may be left out
//! is among the words that `accord_index::extract` keeps apart, so that no search tells of it.

mod links;
mod marks;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use accord_fhir::document::Stamp;
use accord_index::{Found, RowRef, View, marker};

pub(crate) use links::Links;
pub use marks::Marks;

use accord_store::StoreError;

use crate::documents::Documents;
use crate::{Engine, Failure};

impl Engine {
    /// The marker that stands in place of a row for the view's asker.
    pub(crate) fn marker(&self, row: &RowRef<'_>, stamp: Stamp<'_>) -> (Arc<str>, Marks) {
        let policy = row.policy();
        // An earlier version can name nobody, or several: whose it is, the current one tells.
        let patient = match policy.patients[..] {
            [only] => self.patient_name(only),
            _ => None,
        };
        let text = marker::document(row.resource_type(), stamp, patient.as_ref());
        (text.into(), Marks::REDACTED.with(Marks::SEALED))
    }

    /// A row's document, given as it is stored, as the view's asker sees it. Without a scope that
    /// hides anything it is handed on untouched.
    pub(crate) fn seen(
        &self,
        view: &View,
        row: &RowRef<'_>,
        text: Arc<str>,
    ) -> Result<(Arc<str>, Marks), Failure> {
        seen(&self.documents, view, row, text)
            .map_err(|error| self.fault("looking for references in a document", &error))
    }
}

/// A row's document, given as it is stored, as the view's asker sees it.
///
/// # Errors
/// If it is no document.
pub(crate) fn seen(
    documents: &Documents,
    view: &View,
    row: &RowRef<'_>,
    text: Arc<str>,
) -> Result<(Arc<str>, Marks), StoreError> {
    if view.scope().is_unrestricted() {
        return Ok((text, Marks::NONE));
    }
    let links = documents.links(row.row(), &text)?;
    let there = |link: &links::Link| {
        let found = view.read(link.resource_type, link.id.as_str());
        matches!(found, Found::Live(_))
    };
    let seen = links.seen(&text, Marks::owed(view.owed(row)), there);
    Ok(seen.map_or((text, Marks::NONE), |(seen, marks)| (seen.into(), marks)))
}
