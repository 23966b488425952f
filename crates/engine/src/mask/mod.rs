//! Documents as one asker sees them: without what tells of resources that do not exist for them.
//!
//! **Invariant:** what is left out depends on what exists for the asker alone: a reference to
//! something hidden is told like one to something deleted, or to nothing.

mod links;
mod marks;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use accord_index::{Found, RowRef, View};

pub(crate) use links::Links;
pub use marks::Marks;

use crate::{Engine, Failure};

impl Engine {
    /// A row's document, given as it is stored, as the view's asker sees it. Without a scope that
    /// hides anything it is handed on untouched.
    pub(crate) fn seen(
        &self,
        view: &View,
        row: &RowRef<'_>,
        text: Arc<str>,
    ) -> Result<(Arc<str>, Marks), Failure> {
        if view.scope().is_unrestricted() {
            return Ok((text, Marks::NONE));
        }
        let links = self
            .documents
            .links(row.row(), &text)
            .map_err(|error| self.fault("looking for references in a document", &error))?;
        let there = |link: &links::Link| {
            let found = view.read(link.resource_type, link.id.as_str());
            matches!(found, Found::Live(_))
        };
        let seen = links.seen(&text, Marks::owed(view.owed(row)), there);
        Ok(seen.map_or((text, Marks::NONE), |(seen, marks)| (seen.into(), marks)))
    }
}
